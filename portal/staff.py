"""The administration as staff see it: its frame, and the counts it opens with."""

from __future__ import annotations

from collections import defaultdict
from typing import Any, NamedTuple

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.models import LogEntry
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse, translate_url
from django.utils.translation import get_language, gettext, gettext_noop
from django.utils.translation import gettext_lazy as _

from accounts.forms import SignInForm
from financing.models import Item
from opportunities.models import Opportunity
from opportunities.search.refusals import shown

# What staff work on first comes first; what is not named here follows by name.
ORDER = (
    "Opportunity", "Sector", "District", "Region", "PublishedFigure", "Edition", "Catalogue", "FactKind",
    "Item", "Milestone", "Report", "Evaluation", "Consequence", "Figure", "Rule", "Pin", "Unit", "Indicator",
)  # fmt: skip


class KnownKeys(admin.ModelAdmin):
    """Rows are chosen for an action by what can be a key at all; else nothing is done, and it says so."""

    def response_action(self, request: HttpRequest, queryset: QuerySet) -> HttpResponse | None:
        key = self.opts.pk
        for value in request.POST.getlist(ACTION_CHECKBOX_NAME):
            try:
                key.run_validators(key.to_python(value))
            except ValidationError:
                refusal = gettext("“%(value)s” is no row of this list. Nothing was changed.")
                self.message_user(request, refusal % {"value": shown(value)}, messages.ERROR)
                return HttpResponseRedirect(request.get_full_path())
        return super().response_action(request, queryset)


class StaffSite(admin.AdminSite):
    """``/admin/`` in Chinese, ``/en/admin/`` in English."""

    site_title = _("Opportunity administration")
    site_header = _("Opportunity administration")
    index_title = _("Overview")
    login_form = SignInForm

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        other = "zh-hans" if get_language() == "en" else "en"
        return {
            **super().each_context(request),
            "site_url": reverse("home"),
            "environment": settings.ENVIRONMENT,
            "other_language": other,
            "other_language_url": translate_url(request.get_full_path(), other),
        }

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """With ``KnownKeys`` for whatever is administered, packages' own included."""
        given = admin_class or admin.ModelAdmin
        kept = type(given.__name__, (KnownKeys, given), {"__module__": given.__module__})
        super().register(model_or_iterable, kept, **options)

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        entries: Any = self.get_model_admin(Opportunity)
        queue = entries.queue() if entries.has_view_permission(request) else []
        items: Any = self.get_model_admin(Item)
        ledger = items.queue() if items.has_view_permission(request) else []
        context = {"queue": queue, "ledger": ledger, "recent": _recent(request.user.pk)}
        return super().index(request, {**context, **(extra_context or {})})

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[dict[str, Any]]:
        apps = super().get_app_list(request, app_label)
        for app in apps:
            app["models"].sort(key=lambda model: _place(model["object_name"]))
        return sorted(apps, key=lambda app: _place(app["models"][0]["object_name"]))


class Recent(NamedTuple):
    """Something that somebody did: what it is called now, in the page's language, and where it is."""

    entry: LogEntry
    name: str
    url: str | None


def _recent(user_id: int) -> list[Recent]:
    """The last ten things a user did. Names are read anew: the log keeps those of its day and language."""
    entries = list(LogEntry.objects.filter(user_id=user_id).select_related("content_type")[:10])
    keys = defaultdict(set)
    for entry in entries:
        keys[entry.content_type].add(entry.object_id)
    rows = {
        (kind, str(row.pk)): row
        for kind, ids in keys.items()
        if kind and (model := kind.model_class())
        for row in model._base_manager.filter(pk__in=ids)
    }
    found = []
    for entry in entries:
        row = rows.get((entry.content_type, entry.object_id))
        found.append(Recent(entry, str(row or entry.object_repr), entry.get_admin_url() if row else None))
    return found


def _place(name: str) -> int:
    return ORDER.index(name) if name in ORDER else len(ORDER)


# Words of Django's own that the catalogue in locale/ says in the portal's terms, or that Django's lacks;
# named here so that collecting messages keeps them.
OWN_WORDS = [
    gettext_noop(":"),
    gettext_noop("Action:"),
    gettext_noop("Add link"),
    gettext_noop("After you’ve created a user, you’ll be able to edit more user options."),
    gettext_noop("Change or view list link"),
    gettext_noop("Delete?"),
    gettext_noop("Filter"),
    gettext_noop("Hide counts"),
    gettext_noop("History"),
    gettext_noop("Home"),
    gettext_noop("Model name"),
    gettext_noop("My actions"),
    gettext_noop("None available"),
    gettext_noop("Recent actions"),
    gettext_noop("Show counts"),
    gettext_noop("View on site"),
]
