"""Staff edit entries and what entries refer to. Every rule is in ``publishing``, ``forms`` or the models."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any, NamedTuple

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.admin.views.main import ChangeList
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst, format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from . import amounts, publishing, timeline
from .forms import (
    ContactForm,
    ContactFormSet,
    DistrictForm,
    FactFormSet,
    LocationForm,
    LocationFormSet,
    LongTextField,
    OpportunityForm,
    PublishedFigureForm,
    attribute,
    choices_of,
    code_validator,
)
from .models import (
    Catalogue,
    Contact,
    District,
    Edition,
    Fact,
    FactKind,
    Location,
    Opportunity,
    PublishedFigure,
    Region,
    Sector,
    VocabularyTerm,
)
from .models.catalogue import ATTRIBUTE_COUNT, CONFIRMED_FOR
from .search import text

# How many entries a bulk action takes at once; each has a transaction of its own.
AT_ONCE_MAX = 500
# How many it passes over by name before it only counts the rest.
NAMED_MAX = 20
TODAY = timezone.localdate

DATE = {"widget": forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})}
AMOUNT = {"widget": forms.TextInput(attrs={"inputmode": "decimal", "class": "vAmountField"})}
LONG_TEXT = {
    "form_class": LongTextField,
    "widget": forms.Textarea(attrs={"rows": 4, "class": "vLargeTextField"}),
}


# References of entries that an operation leaves as they are, by the reason why.
Stayed = dict[str, list[str]]


class QueueItem(NamedTuple):
    """A count that the administration opens with, and the list of exactly those entries."""

    label: str
    count: int
    url: str


def _language_of(column: str) -> str:
    """The language that a column's text is in, by its name; empty for one that has none."""
    return {"zh": "zh-Hans", "en": "en"}.get(column.rpartition("_")[2], "")


class PlainFields:
    """Fields as staff need them: native dates, amounts as typed, no links beside a choice."""

    formfield_overrides = {
        models.DateField: DATE,
        models.DecimalField: AMOUNT,
        models.TextField: LONG_TEXT,
    }

    def formfield_for_dbfield(
        self, db_field: models.Field, request: HttpRequest, **kwargs: Any
    ) -> forms.Field | None:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)  # type: ignore[misc]
        if field and isinstance(field.widget, RelatedFieldWidgetWrapper):
            field.widget = field.widget.widget
        language = _language_of(db_field.name)
        if field and language:
            field.widget.attrs["lang"] = language
        return field  # type: ignore[no-any-return]


class PlainPages(PlainFields, admin.ModelAdmin):
    """Pages headed by what they show: the rows by their kind, one row by its name."""

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        title = capfirst(self.opts.verbose_name_plural)
        return super().changelist_view(request, {"title": title, **(extra_context or {})})

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, obj: Any = None, **kwargs: Any
    ) -> HttpResponse:
        if obj:
            context.update(title=self.heading(obj), subtitle=None)
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    def heading(self, obj: Any) -> str:
        return str(obj)


# --- filters --------------------------------------------------------------------------------------


class EditionFilter(admin.SimpleListFilter):
    title = gettext_lazy("edition")
    parameter_name = "edition"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(edition.code, edition.code) for edition in Edition.objects.all()]

    def queryset(self, request: HttpRequest, queryset: models.QuerySet) -> models.QuerySet:
        return queryset.filter(edition__code=self.value()) if self.value() else queryset


class _InEdition(admin.SimpleListFilter):
    """Values of the edition filtered by, of the current one otherwise."""

    model: type[models.Model]
    code: str
    condition: str

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        code = request.GET.get(EditionFilter.parameter_name)
        edition = {"edition__code": code} if code else {"edition__is_current": True}
        rows = self.model._default_manager.filter(**edition)
        return [(getattr(row, self.code), str(row.short)) for row in rows]  # type: ignore[attr-defined]

    def queryset(self, request: HttpRequest, queryset: models.QuerySet) -> models.QuerySet:
        return queryset.filter(self.matching(self.value())) if self.value() else queryset

    def matching(self, value: str | None) -> models.Q:
        locations = Location.objects.filter(**{self.condition: value})
        return models.Q(pk__in=locations.values("opportunity"))


class SectorFilter(_InEdition):
    title = gettext_lazy("sector")
    parameter_name = "sector"
    model, code = Sector, "slug"

    def matching(self, value: str | None) -> models.Q:
        return models.Q(sector__slug=value)


class RegionFilter(_InEdition):
    title = gettext_lazy("region")
    parameter_name = "region"
    model, code, condition = Region, "slug", "district__region__slug"


class DistrictFilter(_InEdition):
    title = pgettext_lazy("place", "district")
    parameter_name = "district"
    model, code, condition = District, "code", "district__code"


class ConfirmedFilter(admin.SimpleListFilter):
    title = gettext_lazy("last confirmed on")
    parameter_name = "confirmed"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("due", gettext_lazy("to confirm")),
            ("within-30", gettext_lazy("within 30 days")),
            ("31-120", gettext_lazy("31 to 120 days ago")),
            ("over-120", gettext_lazy("over 120 days ago")),
            ("never", gettext_lazy("never")),
        ]

    def queryset(self, request: HttpRequest, queryset: Any) -> models.QuerySet:
        today = TODAY()
        month_ago, too_long_ago = today - timedelta(days=30), today - CONFIRMED_FOR
        match self.value():
            case "due":
                return queryset.to_confirm(today)  # type: ignore[no-any-return]
            case "within-30":
                condition = {"last_confirmed_on__gte": month_ago}
            case "31-120":
                condition = {"last_confirmed_on__lt": month_ago, "last_confirmed_on__gte": too_long_ago}
            case "over-120":
                condition = {"last_confirmed_on__lt": too_long_ago}
            case "never":
                condition = {"last_confirmed_on": None}
            case _:
                condition = {}
        return queryset.filter(**condition)  # type: ignore[no-any-return]


class CompleteFilter(admin.SimpleListFilter):
    title = gettext_lazy("completeness")
    parameter_name = "complete"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", gettext_lazy("all 12")), ("no", gettext_lazy("fewer than 12"))]

    def queryset(self, request: HttpRequest, queryset: models.QuerySet) -> models.QuerySet:
        match self.value():
            case "yes":
                return queryset.filter(completeness=ATTRIBUTE_COUNT)
            case "no":
                return queryset.filter(completeness__lt=ATTRIBUTE_COUNT)
            case _:
                return queryset


# --- parts of an entry ----------------------------------------------------------------------------


def _edition_of(request: HttpRequest, opportunity: Opportunity | None) -> Edition | None:
    """The edition of an entry, or the one chosen for a new entry; the current one at first."""
    if opportunity is not None:
        return opportunity.edition
    chosen = request.POST.get("edition") or request.GET.get("edition") or ""
    if chosen.isdecimal():
        return Edition.objects.filter(pk=chosen).first()
    return Edition.objects.filter(is_current=True).first()


class PartInline(PlainFields):
    """Parts of an entry, with empty rows at the end: for a new entry, and for who asks by ``rows``.

    A script adds rows as they are needed; a link asks for them where there is none.
    """

    rows_for_new = 0

    def get_extra(self, request: HttpRequest, obj: Opportunity | None = None, **kwargs: Any) -> int:
        asked = request.GET.get("rows", "")
        return int(asked) if re.fullmatch(r"[1-9]", asked) else 0 if obj else self.rows_for_new


class LocationInline(PartInline, admin.TabularInline):
    model = Location
    form = LocationForm
    formset = LocationFormSet
    rows_for_new = 1
    verbose_name_plural = attribute("locations")

    def get_queryset(self, request: HttpRequest) -> models.QuerySet:
        return super().get_queryset(request).select_related("district")

    def get_formset(self, request: HttpRequest, obj: Opportunity | None = None, **kwargs: Any) -> Any:
        formset = super().get_formset(request, obj, **kwargs)
        edition = _edition_of(request, obj)
        districts = District.objects.filter(edition=edition)
        field = formset.form.base_fields.get("district")
        if field:
            field.queryset = districts
            field.choices = choices_of(districts, "name")
        return formset


class ContactInline(PartInline, admin.StackedInline):
    model = Contact
    form = ContactForm
    formset = ContactFormSet
    rows_for_new = 1
    verbose_name_plural = format_lazy("{} · {}", attribute("contact"), attribute("phone"))
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("unit_zh", "unit_en"),
                    ("office_phone", "office_email"),
                    ("name", "phone"),
                    ("post_zh", "post_en"),
                    "position",
                )
            },
        ),
    )


class FactInline(PartInline, admin.TabularInline):
    model = Fact
    formset = FactFormSet
    verbose_name_plural = gettext_lazy(
        "Further facts (not part of the published list; empty ones are not shown)"
    )
    fields = ("kind", "value_zh", "value_en", "number", "unit", "state", "verified_on")

    def get_queryset(self, request: HttpRequest) -> models.QuerySet:
        return super().get_queryset(request).select_related("kind")

    def get_formset(self, request: HttpRequest, obj: Opportunity | None = None, **kwargs: Any) -> Any:
        formset = super().get_formset(request, obj, **kwargs)
        edition = _edition_of(request, obj)
        kinds = FactKind.objects.filter(catalogue=edition.catalogue_id if edition else None)
        field = formset.form.base_fields.get("kind")
        if field:
            field.queryset = kinds
            field.choices = choices_of(kinds, "label")
        return formset


# --- entries --------------------------------------------------------------------------------------


class EntryList(ChangeList):
    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> models.QuerySet:
        locations = models.Prefetch("locations", Location.objects.select_related("district__region"))
        return super().get_queryset(request, exclude_parameters).prefetch_related(locations)


@admin.register(Opportunity)
class OpportunityAdmin(PlainPages):
    form = OpportunityForm
    inlines = (LocationInline, ContactInline, FactInline)
    list_display = (
        "shown_reference", "shown_name", "shown_sector", "shown_places", "shown_investment",
        "shown_publication", "shown_confirmed", "shown_completeness",
    )  # fmt: skip
    list_display_links = ("shown_reference", "shown_name")
    list_filter = (
        "publication", "status", ConfirmedFilter, CompleteFilter, SectorFilter, RegionFilter, DistrictFilter,
        EditionFilter,
    )  # fmt: skip
    list_select_related = ("sector",)
    list_per_page = 50
    show_full_result_count = False
    ordering = ("reference",)
    search_fields = ("searched__text",)
    search_help_text = gettext_lazy("Reference, name, district, unit or any word of the entry")
    actions = ("publish_selected", "withdraw_selected", "confirm_selected")
    fieldsets = (
        (None, {"fields": (("reference", "edition"),)}),
        (
            gettext_lazy("The 12 attributes"),
            {
                "fields": (
                    ("name_zh", "name_en"),
                    ("summary_zh", "summary_en"),
                    "sector",
                    "investment",
                    ("content_zh", "content_en"),
                    "cycle_months",
                    ("expected_benefit_zh", "expected_benefit_en"),
                    ("annual_output", "annual_tax", "jobs"),
                    ("advantages_zh", "advantages_en"),
                    "cooperation",
                    ("conditions_zh", "conditions_en"),
                )
            },
        ),
        (gettext_lazy("Deal and source"), {"fields": ("status", "source", "predecessor")}),
    )

    # -- who may what

    def has_publish_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("opportunities.publish_opportunity")

    def has_delete_permission(self, request: HttpRequest, obj: Opportunity | None = None) -> bool:
        """Drafts only: the reference of what was public once is never issued again."""
        was_public = obj is not None and obj.first_published_at is not None
        return not was_public and super().has_delete_permission(request, obj)

    def get_readonly_fields(self, request: HttpRequest, obj: Opportunity | None = None) -> tuple[str, ...]:
        return ("reference", "edition") if obj else ()

    # -- the list

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).with_completeness()

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return EntryList

    def get_search_results(
        self, request: HttpRequest, queryset: Any, search_term: str
    ) -> tuple[models.QuerySet, bool]:
        """Words are compared as on the public pages: width, case and script do not matter."""
        if not search_term.strip():
            return queryset, False
        words = text.words(search_term)
        if not words or len(words) > text.WORDS_MAX:
            self.message_user(
                request,
                _("“%(q)s” cannot be searched: use 1 to %(limit)s words of Chinese, letters or digits.")
                % {"q": search_term[:80], "limit": text.WORDS_MAX},
                messages.ERROR,
            )
            return queryset.none(), False
        return queryset.filter(text.containing(search_term)), False

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    def queue(self) -> list[QueueItem]:
        entries = Opportunity.objects.all()
        address = reverse("admin:opportunities_opportunity_changelist")
        return [
            QueueItem(
                _("drafts"),
                entries.filter(publication=Opportunity.Publication.DRAFT).count(),
                f"{address}?publication__exact=draft",
            ),
            QueueItem(_("published"), entries.public().count(), f"{address}?publication__exact=published"),
            QueueItem(_("to confirm"), entries.to_confirm(TODAY()).count(), f"{address}?confirmed=due"),
            QueueItem(
                _("with fewer than 12 attributes"), entries.incomplete().count(), f"{address}?complete=no"
            ),
        ]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return super().changelist_view(request, {"queue": self.queue(), **(extra_context or {})})

    @admin.display(description=gettext_lazy("reference"), ordering="reference")
    def shown_reference(self, entry: Opportunity) -> SafeString:
        if not entry.is_sample:
            return format_html("{}", entry.reference)
        return format_html('{} <span class="demo">{}</span>', entry.reference, _("Sample"))

    @admin.display(description=gettext_lazy("name"), ordering="name_key")
    def shown_name(self, entry: Opportunity) -> str:
        return entry.name.marked

    @admin.display(description=gettext_lazy("sector"), ordering="sector__position")
    def shown_sector(self, entry: Opportunity) -> SafeString:
        return format_html(
            '<span class="seal seal-{}" aria-hidden="true">{}</span> {}',
            entry.sector.colour, entry.sector.seal, entry.sector.short,
        )  # fmt: skip

    @admin.display(description=pgettext_lazy("place", "district"))
    def shown_places(self, entry: Opportunity) -> SafeString:
        return format_html_join(
            SafeString("<br>"),
            '{}<br><span class="quiet">{}</span>',
            ((place.district.short, place.district.region.short) for place in entry.locations.all()),
        )

    @admin.display(description=gettext_lazy("CNY 100 m"), ordering="investment")
    def shown_investment(self, entry: Opportunity) -> str:
        return amounts.format_zh(entry.investment)

    @admin.display(description=gettext_lazy("publication"), ordering="publication")
    def shown_publication(self, entry: Opportunity) -> SafeString:
        return format_html('{}<br><span class="quiet">{}</span>', _state(entry), entry.get_status_display())

    @admin.display(description=gettext_lazy("last confirmed on"), ordering="last_confirmed_on")
    def shown_confirmed(self, entry: Opportunity) -> SafeString:
        day = entry.last_confirmed_on
        shown = day.isoformat() if day else "–"
        if entry.is_public and (day is None or TODAY() - day > CONFIRMED_FOR):
            return format_html('{}<br><span class="quiet">{}</span>', shown, _("to confirm"))
        return format_html("{}", shown)

    @admin.display(description=gettext_lazy("completeness"), ordering="completeness")
    def shown_completeness(self, entry: Any) -> SafeString:
        bars = format_html_join(
            "",
            '<rect class="{}" x="{}" y="0" width="3" height="6"/>',
            (("on" if n < entry.completeness else "off", n * 4) for n in range(ATTRIBUTE_COUNT)),
        )
        return format_html(
            '{}/{} <svg class="completeness" viewBox="0 0 48 6" aria-hidden="true">{}</svg>',
            entry.completeness, ATTRIBUTE_COUNT, bars,
        )  # fmt: skip

    # -- bulk actions

    @admin.action(description=gettext_lazy("Publish"), permissions=["publish"])
    def publish_selected(self, request: HttpRequest, queryset: models.QuerySet) -> None:
        def published_already(entry: Opportunity) -> str:
            return _("It is published already.")

        if self._few_enough(request, queryset):
            done, stayed = self._each(
                request, queryset, publishing.publish, published_already, _("Published.")
            )
            message = ngettext("%(count)s opportunity published.", "%(count)s opportunities published.", done)
            self._report(request, message, done, stayed)

    @admin.action(description=gettext_lazy("Withdraw …"), permissions=["publish"])
    def withdraw_selected(self, request: HttpRequest, queryset: models.QuerySet) -> HttpResponse | None:
        if not self._few_enough(request, queryset):
            return None
        if "_withdraw" not in request.POST:
            entries = list(queryset.order_by("reference"))
            if any(entry.is_public for entry in entries):
                return self._ask_to_withdraw(request, entries)
        done, stayed = self._each(
            request, queryset, publishing.withdraw, publishing.reason_not_to_withdraw, _("Withdrawn.")
        )
        message = ngettext("%(count)s opportunity withdrawn.", "%(count)s opportunities withdrawn.", done)
        self._report(request, message, done, stayed)
        return None

    @admin.action(description=gettext_lazy("Confirm as still true"), permissions=["change"])
    def confirm_selected(self, request: HttpRequest, queryset: models.QuerySet) -> None:
        def confirmed_today(entry: Opportunity) -> str:
            return _("It was confirmed today already.")

        if self._few_enough(request, queryset):
            done, stayed = self._each(request, queryset, publishing.confirm, confirmed_today, _("Confirmed."))
            message = ngettext("%(count)s opportunity confirmed.", "%(count)s opportunities confirmed.", done)
            self._report(request, message, done, stayed)

    def _few_enough(self, request: HttpRequest, queryset: models.QuerySet) -> bool:
        count = queryset.count()
        if count > AT_ONCE_MAX:
            refusal = _("%(count)s are selected; at most %(limit)s at once. Nothing was changed.")
            self.message_user(request, refusal % {"count": count, "limit": AT_ONCE_MAX}, messages.ERROR)
        return count <= AT_ONCE_MAX

    def _each(
        self,
        request: HttpRequest,
        queryset: models.QuerySet,
        operation: Callable[[Opportunity], bool],
        reason_unchanged: Callable[[Opportunity], str],
        note: str,
    ) -> tuple[int, Stayed]:
        """How many were changed, each in a transaction of its own, and those that stay as they are."""
        done, stayed = 0, defaultdict(list)
        for entry in queryset.order_by("reference"):
            try:
                with transaction.atomic():
                    if operation(entry):
                        done += 1
                        self.log_change(request, entry, note)
                    else:
                        stayed[reason_unchanged(entry)].append(entry.reference)
            except publishing.CannotPublish as refusal:
                stayed[" ".join(refusal.reasons)].append(entry.reference)
        return done, stayed

    def _report(self, request: HttpRequest, message: str, count: int, stayed: Stayed) -> None:
        self.message_user(request, message % {"count": count}, messages.SUCCESS if count else messages.INFO)
        for reason, references in stayed.items():
            passed_over = _("Passed over: %(count)s (%(references)s). %(reason)s") % {
                "count": len(references), "references": _named(references), "reason": reason,
            }  # fmt: skip
            self.message_user(request, passed_over, messages.WARNING)

    def _ask_to_withdraw(
        self, request: HttpRequest, entries: list[Opportunity], **context: Any
    ) -> TemplateResponse:
        """What goes, what stays and why, and what the public will see; nothing is changed yet."""
        going = [entry for entry in entries if entry.is_public]
        stayed: Stayed = defaultdict(list)
        for entry in entries:
            if not entry.is_public:
                stayed[publishing.reason_not_to_withdraw(entry)].append(entry.reference)
        title = ngettext("Withdraw %(count)s opportunity?", "Withdraw %(count)s opportunities?", len(going))
        return TemplateResponse(
            request,
            "admin/opportunities/opportunity/withdraw.html",
            {
                **self.admin_site.each_context(request),
                "title": title % {"count": len(going)},
                "opts": self.opts,
                "going": going,
                "stayed": {reason: _named(references) for reason, references in stayed.items()},
                **context,
            },
        )

    # -- one entry

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path(
                "<path:object_id>/confirm/", view(self.confirm_view), name="opportunities_opportunity_confirm"
            ),
            path(
                "<path:object_id>/withdraw/",
                view(self.withdraw_view),
                name="opportunities_opportunity_withdraw",
            ),
            *super().get_urls(),
        ]

    def view_on_site(self, entry: Opportunity) -> str | None:
        return entry.get_absolute_url() if entry.is_public else None

    def get_form(
        self, request: HttpRequest, obj: Opportunity | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        field = form.base_fields.get("sector")
        if field:
            sectors = Sector.objects.filter(edition=_edition_of(request, obj))
            field.queryset = sectors
            field.choices = choices_of(sectors, "name")
        return form

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        edition = _edition_of(request, None)
        given = super().get_changeform_initial_data(request)
        return {"edition": edition, "source": edition.source_zh, **given} if edition else given

    def save_model(self, request: HttpRequest, obj: Opportunity, form: Any, change: bool) -> None:
        # An entry that exists is stored once, after its parts: ``save_related``.
        if not change:
            obj.updated_at = timezone.now()
            obj.is_sample = obj.edition.catalogue.is_sample
            super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Iterable[Any], change: bool) -> None:
        super().save_related(request, form, formsets, change)
        form.save_cooperation()
        if not change:
            publishing.record_addition(form.instance)
        elif form.has_changed() or any(formset.has_changed() for formset in formsets):
            publishing.record_change(form.instance)

    def response_add(
        self, request: HttpRequest, obj: Opportunity, post_url_continue: str | None = None
    ) -> HttpResponse:
        return self._published(request, obj) or super().response_add(request, obj, post_url_continue)

    def response_change(self, request: HttpRequest, obj: Opportunity) -> HttpResponse:
        return self._published(request, obj) or super().response_change(request, obj)

    def _published(self, request: HttpRequest, entry: Opportunity) -> HttpResponse | None:
        """After “save and publish”: what was entered is kept even when it is not enough to publish."""
        if "_publish" not in request.POST or not self.has_publish_permission(request):
            return None
        try:
            if publishing.publish(entry):
                self.log_change(request, entry, _("Published."))
            self.message_user(
                request,
                _("%(reference)s is saved and published.") % {"reference": entry.reference},
                messages.SUCCESS,
            )
        except publishing.CannotPublish as refusal:
            self.message_user(request, _("%(reference)s is saved.") % {"reference": entry.reference})
            not_published = _("%(reference)s is not published: %(reasons)s")
            reasons = {"reference": entry.reference, "reasons": " ".join(refusal.reasons)}
            self.message_user(request, not_published % reasons, messages.WARNING)
        return HttpResponseRedirect(_change_address(entry))

    @method_decorator(require_POST)
    def confirm_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        allowed = self.has_change_permission(request)
        return self._one(request, object_id, publishing.confirm, allowed, _("Confirmed."))

    @method_decorator(require_http_methods(["GET", "HEAD", "POST"]))
    def withdraw_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Asks first; what it shows is withdrawn only as long as nobody changes it meanwhile."""
        allowed = self.has_publish_permission(request)
        if request.method == "POST":
            return self._one(request, object_id, publishing.withdraw, allowed, _("Withdrawn."))
        if not allowed:
            raise PermissionDenied
        entry = self.get_object(request, unquote(object_id))
        if entry is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        reason = publishing.reason_not_to_withdraw(entry)
        if reason:
            self.message_user(request, f"{entry.reference}: {reason}", messages.WARNING)
            return HttpResponseRedirect(_change_address(entry))
        return self._ask_to_withdraw(request, [entry], original=entry, version=publishing.version(entry))

    def _one(
        self,
        request: HttpRequest,
        object_id: str,
        operation: Callable[[Opportunity], bool],
        allowed: bool,
        note: str,
    ) -> HttpResponse:
        if not allowed:
            raise PermissionDenied
        entry = self.get_object(request, unquote(object_id))
        if entry is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        with transaction.atomic():
            publishing.hold(entry)
            if request.POST.get("version") != publishing.version(entry):
                unseen = _("Somebody else changed this entry while you had it open. Look at it again first.")
                self.message_user(request, unseen, messages.ERROR)
            elif operation(entry):
                self.log_change(request, entry, note)
                self.message_user(request, f"{entry.reference}: {note}", messages.SUCCESS)
        return HttpResponseRedirect(_change_address(entry))

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        entry = self.get_object(request, unquote(object_id))
        if entry and entry.first_published_at and self.has_view_permission(request, entry):
            refusal = _(
                "%(reference)s was public and cannot be deleted: its reference is never issued again. "
                "Withdraw it instead."
            )
            self.message_user(request, refusal % {"reference": entry.reference}, messages.ERROR)
            return HttpResponseRedirect(_change_address(entry))
        return super().delete_view(request, object_id, extra_context)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        entry = self.get_object(request, unquote(object_id))
        steps = timeline.steps(entry) if entry else []
        return super().history_view(request, object_id, {"steps": steps, **(extra_context or {})})

    def heading(self, obj: Opportunity) -> str:
        return str(obj.name)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, obj: Any = None, **kwargs: Any
    ) -> HttpResponse:
        form = context["adminform"].form
        context["mistakes"] = [bound for bound in form if bound.errors]
        context["may_publish"] = self.has_publish_permission(request)
        if obj:
            context["state"] = _state(obj)
            context["completeness"] = self.shown_completeness(obj)
            context["confirmed"] = self.shown_confirmed(obj)
            context["version"] = publishing.version(obj)
            if form.changed_meanwhile:
                context["meanwhile"] = timeline.steps_since(obj, form.version_posted)
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)


def _state(entry: Opportunity) -> SafeString:
    return format_html(
        '<span class="tag tag-{}">{}</span>', entry.publication, entry.get_publication_display()
    )


def _named(references: list[str]) -> str:
    """References one by one; of many the first, and how many more there are."""
    named = pgettext("between the items of a list", ", ").join(references[:NAMED_MAX])
    rest = len(references) - NAMED_MAX
    return _("%(names)s and %(count)s more") % {"names": named, "count": rest} if rest > 0 else named


def _change_address(entry: Opportunity) -> str:
    return reverse("admin:opportunities_opportunity_change", args=[entry.pk])


# --- what entries refer to ------------------------------------------------------------------------


def in_its_language(column: str, description: Any) -> Callable[[models.Model], SafeString]:
    """A column of a list that shows one language's text, marked as such."""

    @admin.display(description=description, ordering=column)
    def shown(row: models.Model) -> SafeString:
        return format_html('<span lang="{}">{}</span>', _language_of(column), getattr(row, column))

    return shown


NAMES = (
    in_its_language("name_zh", gettext_lazy("name (Chinese)")),
    in_its_language("name_en", gettext_lazy("name (English)")),
)


class ReferenceAdmin(PlainPages):
    """Rows that opportunities refer to: a change reaches search text and pages with its revision."""

    # What addresses and other rows name this one by; given once.
    fixed: tuple[str, ...] = ()
    object_history_template = "admin/opportunities/object_history.html"
    list_select_related = True

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        given = tuple(super().get_readonly_fields(request, obj))
        return (*given, *self.fixed) if obj else given

    def formfield_for_dbfield(
        self, db_field: models.Field, request: HttpRequest, **kwargs: Any
    ) -> forms.Field | None:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field and db_field.name in ("slug", "code", "key"):
            field.validators.append(code_validator)
        return field

    def save_model(self, request: HttpRequest, obj: models.Model, form: Any, change: bool) -> None:
        if not change or form.has_changed():
            super().save_model(request, obj, form, change)
            publishing.record_reference_change(obj)

    def delete_model(self, request: HttpRequest, obj: models.Model) -> None:
        super().delete_model(request, obj)
        publishing.record_reference_change(obj)

    def delete_queryset(self, request: HttpRequest, queryset: models.QuerySet) -> None:
        with transaction.atomic():
            for row in queryset:
                self.delete_model(request, row)

    def construct_change_message(
        self, request: HttpRequest, form: Any, formsets: Any, add: bool = False
    ) -> Any:
        """What it was and what it became, so that the history answers both."""
        if add:
            return super().construct_change_message(request, form, formsets, add)
        changes = ((name, form.initial.get(name), form.cleaned_data[name]) for name in form.changed_data)
        return timeline.change_message(self.model, changes)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        row = self.get_object(request, unquote(object_id))
        steps = timeline.reference_steps(row) if row else []
        return super().history_view(request, object_id, {"steps": steps, **(extra_context or {})})


@admin.register(Sector)
class SectorAdmin(ReferenceAdmin):
    list_display = (*NAMES, "edition", "slug", "seal_zh", "seal_en", "position")
    list_filter = ("edition",)
    search_fields = ("name_zh", "name_en", "slug")
    fixed = ("edition", "slug")
    fields = (
        "edition", "slug", ("name_zh", "name_en"), ("short_zh", "short_en"), "name_assumed",
        ("seal_zh", "seal_en"), "colour", "position",
    )  # fmt: skip


@admin.register(District)
class DistrictAdmin(ReferenceAdmin):
    form = DistrictForm
    list_display = (*NAMES, "code", "kind", "region", "edition")
    list_filter = ("edition", "region", "kind")
    search_fields = ("name_zh", "name_en", "code")
    fixed = ("edition", "code")
    fields = (
        "edition", "code", ("name_zh", "name_en"), ("short_zh", "short_en"), "kind", "region", "subregion",
        "aliases", ("map_row", "map_column"), ("valid_from", "valid_to"), "successors", "position",
    )  # fmt: skip


@admin.register(Region)
class RegionAdmin(ReferenceAdmin):
    list_display = (*NAMES, "slug", "edition", "position")
    list_filter = ("edition",)
    fixed = ("edition", "slug")
    fields = ("edition", "slug", ("name_zh", "name_en"), ("short_zh", "short_en"), "position")


@admin.register(VocabularyTerm)
class VocabularyTermAdmin(ReferenceAdmin):
    list_display = ("term", "parameter", "value", "language", "edition")
    list_filter = ("edition", "parameter", "language")
    search_fields = ("term", "value")
    fixed = ("edition",)
    fields = ("edition", "term", "parameter", "value", "language")


@admin.register(PublishedFigure)
class PublishedFigureAdmin(ReferenceAdmin):
    form = PublishedFigureForm
    list_display = ("claim", "value", "published", "is_rounded", "edition")
    list_filter = ("edition", "claim")
    fixed = ("edition",)
    fields = (
        "edition", "claim", "value", "published", "is_rounded", ("explanation_zh", "explanation_en"),
        ("source_zh", "source_en"), "position",
    )  # fmt: skip


@admin.register(Edition)
class EditionAdmin(ReferenceAdmin):
    list_display = ("code", "catalogue", "released_on", "is_current")
    fixed = ("catalogue", "code")
    readonly_fields = ("is_current",)
    fields = (
        "catalogue",
        "code",
        "released_on",
        "is_current",
        ("source_zh", "source_en"),
        ("notice_zh", "notice_en"),
    )
    actions = ("make_current",)

    @admin.action(description=gettext_lazy("Show as the current edition"), permissions=["change"])
    def make_current(self, request: HttpRequest, queryset: models.QuerySet) -> None:
        if queryset.count() != 1:
            self.message_user(request, _("Choose one edition."), messages.ERROR)
            return
        edition = queryset.get()
        publishing.make_current(edition)
        self.log_change(request, edition, timeline.change_message(Edition, [("is_current", False, True)]))
        self.message_user(
            request, _("%(edition)s is the current edition.") % {"edition": edition}, messages.SUCCESS
        )


@admin.register(Catalogue)
class CatalogueAdmin(ReferenceAdmin):
    list_display = (
        in_its_language("title_zh", gettext_lazy("title (Chinese)")),
        in_its_language("title_en", gettext_lazy("title (English)")),
        "is_sample",
    )
    # What the data pack alone decides.
    readonly_fields = ("slug", "time_zone", "bracket_thresholds", "is_sample")
    fields = (
        "slug", ("title_zh", "title_en"), ("issuer_zh", "issuer_en"), ("place_zh", "place_en"), "time_zone",
        "bracket_thresholds", "is_sample",
    )  # fmt: skip

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False


@admin.register(FactKind)
class FactKindAdmin(ReferenceAdmin):
    list_display = (
        in_its_language("label_zh", gettext_lazy("label (Chinese)")),
        in_its_language("label_en", gettext_lazy("label (English)")),
        "unit", "key", "position",
    )  # fmt: skip
    search_fields = ("label_zh", "label_en", "key")
    fixed = ("catalogue", "key")
    fields = ("catalogue", "key", ("label_zh", "label_en"), "unit", "position")
