"""Staff keep the plan's ledger. Every rule is in ``reporting``, ``matching``, ``forms`` or the models."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy
from django.views.decorators.http import require_POST

from opportunities.admin import NAMES, PlainFields, PlainPages, QueueItem, ReferenceAdmin
from opportunities.models import Revision
from opportunities.search.scheme import Scheme

from . import history, matching, reporting
from .forms import DatedForm, EntryForm, EvaluationForm, FigureForm, ItemForm, PinForm, ReportForm, RuleForm
from .models import (
    Consequence,
    Entry,
    Evaluation,
    Evidence,
    Figure,
    Indicator,
    Item,
    ItemList,
    Milestone,
    Pin,
    Plan,
    Report,
    Rule,
    System,
    Task,
    Unit,
)
from .models.steps import PROGRESS, quarter_of

PREVIEWED = 20
WITH_ADDRESSES = {**PlainFields.formfield_overrides, models.URLField: {"assume_scheme": "https"}}
TODAY = timezone.localdate


# --- the plan as published ------------------------------------------------------------------------


@admin.register(Plan)
class PlanAdmin(ReferenceAdmin):
    list_display = ("name_zh", "catalogue", "starts_in", "ends_in")
    readonly_fields = ("catalogue", "slug")
    fields = (
        "catalogue", "slug", ("name_zh", "name_en"), ("goal_zh", "goal_en"), ("method_zh", "method_en"),
        ("starts_in", "ends_in"), ("source_zh", "source_en"), "indicators_stated",
        ("system_tasks_stated", "organisation_tasks_stated"),
    )  # fmt: skip

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # the data pack alone brings one


@admin.register(Unit)
class UnitAdmin(ReferenceAdmin):
    formfield_overrides = WITH_ADDRESSES
    list_display = ("name_zh", "name_en", "role", "phone", "website")
    list_filter = ("role",)
    search_fields = ("name_zh", "name_en", "slug")
    fixed = ("plan", "slug")
    fields = ("plan", "slug", ("name_zh", "name_en"), "role", ("phone", "website"), "position")


@admin.register(System)
class SystemAdmin(ReferenceAdmin):
    list_display = ("name_zh", "name_en", "slug", "position")
    fixed = ("plan", "slug")
    fields = ("plan", "slug", ("name_zh", "name_en"), "position")


@admin.register(Task)
class TaskAdmin(ReferenceAdmin):
    list_display = ("name_zh", "name_en", "system", "position")
    list_filter = ("system",)
    fixed = ("plan", "slug")
    fields = ("plan", "slug", ("name_zh", "name_en"), "system", "position")


@admin.register(Indicator)
class IndicatorAdmin(ReferenceAdmin):
    list_display = ("name_zh", "name_en", "measure", "position")
    fixed = ("plan", "slug")
    fields = ("plan", "slug", ("name_zh", "name_en"), "measure", "position")


@admin.register(ItemList)
class ItemListAdmin(ReferenceAdmin):
    list_display = ("name_zh", "name_en", "stated", "position")
    fixed = ("plan", "slug")
    fields = ("plan", "slug", ("name_zh", "name_en"), ("kind_zh", "kind_en"), "stated", "position")


@admin.register(Item)
class ItemAdmin(ReferenceAdmin):
    form = ItemForm
    list_display = ("code", *NAMES, "list", "unit", "is_public", "shown_progress", "shown_next")
    list_filter = ("list", "is_public", "unit", "system")
    list_select_related = ("list", "unit")
    search_fields = ("code", "name_zh", "name_en")
    filter_horizontal = ()
    fixed = ("list", "code")
    fields = (
        "list", "code", ("name_zh", "name_en"), "system", "unit", "partners", ("source_zh", "source_en"),
        "is_public",
    )  # fmt: skip

    def get_fields(self, request: HttpRequest, obj: Item | None = None) -> Any:
        return (*self.fields, "ledger") if obj else self.fields

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return (*super().get_readonly_fields(request, obj), "ledger")

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Item]:
        return super().get_queryset(request).with_progress()  # type: ignore[attr-defined]

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        return super().formfield_for_manytomany(
            db_field, request, **{**kwargs, "widget": forms.CheckboxSelectMultiple}
        )

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        if "partners" in form.changed_data:
            Revision.bump()  # the partners are stored after the item itself

    def queue(self) -> list[QueueItem]:
        """What of the ledger waits for staff, each with the list of exactly those rows."""
        if not Plan.objects.exists():
            return []
        today = TODAY()
        milestones = reverse("admin:financing_milestone_changelist")
        return [
            QueueItem(
                _("to report this quarter"), Milestone.objects.due(today).count(), f"{milestones}?state=due"
            ),
            QueueItem(
                _("overdue reports"), Milestone.objects.overdue(today).count(), f"{milestones}?state=overdue"
            ),
            QueueItem(
                _("reports to evaluate"),
                Report.objects.to_evaluate().count(),
                f"{reverse('admin:financing_report_changelist')}?evaluated=no",
            ),
            QueueItem(
                _("evaluations not published"),
                Evaluation.objects.filter(disclosure=None).count(),
                f"{reverse('admin:financing_evaluation_changelist')}?disclosed=no",
            ),
        ]

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, obj: Any = None, **kwargs: Any
    ) -> HttpResponse:
        if obj:
            # Whom its ledger is shown to, and so which steps it offers.
            obj.viewer = request.user
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    def view_on_site(self, item: Item) -> str | None:
        return item.get_absolute_url() if item.is_public else None

    @admin.display(description=pgettext_lazy("of an item", "progress"))
    def shown_progress(self, item: Any) -> str:
        if not item.progress:
            return str(PROGRESS["not-reported"])
        return f"{PROGRESS[item.progress]} · {item.progress_year} Q{item.progress_quarter}"

    @admin.display(description=gettext_lazy("next step"))
    def shown_next(self, item: Item) -> SafeString:
        return _link("admin:financing_report_add", f"item={item.pk}", _("Report progress"))

    @admin.display(description=gettext_lazy("ledger"))
    def ledger(self, item: Any) -> str:
        evaluator = item.viewer if item.viewer.has_perm("financing.add_evaluation") else None
        return render_to_string(
            "admin/financing/_ledger.html",
            {"item": item, "steps": history.staff_steps(item), "evaluator": evaluator},
        )


# --- the ledger -----------------------------------------------------------------------------------


class EntryAdmin(PlainPages):
    """Rows that are written once: added and looked at, never changed or removed."""

    form = EntryForm

    # What of a row is shown beside the fields that were filled in.
    beside: tuple[str, ...] = ("author", "at")
    # The permission that the next step takes; it is offered to nobody else.
    next_takes = ""
    # What the names of a choice's rows are made of, read along with them.
    named_with: dict[str, str] = {}

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return (*self.fields, *self._offered(request, self.beside)) if obj else self.fields

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self._offered(request, self.beside)

    def get_list_display(self, request: HttpRequest) -> Any:
        return self._offered(request, self.list_display)

    def _offered(self, request: HttpRequest, columns: Any) -> tuple[Any, ...]:
        may = request.user.has_perm(self.next_takes)
        return tuple(column for column in columns if column != "shown_next" or may)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        year, quarter = quarter_of(TODAY())
        return {"year": year, "quarter": quarter, **super().get_changeform_initial_data(request)}

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        form.author = request.user
        return form

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name in self.named_with:
            related = db_field.related_model._default_manager
            kwargs["queryset"] = related.select_related(self.named_with[db_field.name])
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        try:
            return super().add_view(request, form_url, extra_context)
        except reporting.Refused as refusal:
            # What the form could not know yet, such as the same step sent twice at once.
            self.message_user(request, str(refusal), messages.ERROR)
            return redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")

    def save_model(self, request: HttpRequest, obj: Entry, form: Any, change: bool) -> None:
        self.enter(obj, request.user)

    def enter(self, entry: Any, author: Any) -> None:
        raise NotImplementedError


def _link(name: str, query: str, words: object) -> SafeString:
    return format_html('<a href="{}?{}">{}</a>', reverse(name), query, words)


class StateFilter(admin.SimpleListFilter):
    """Of a list's rows those that wait for somebody; ``states`` by value with their words."""

    states: tuple[tuple[str, Any], ...] = ()

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return self.states

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        choose = {value: getattr(self, f"of_{value}") for value, _words in self.states}
        return choose[self.value()](queryset) if self.value() in choose else queryset


class DueFilter(StateFilter):
    title = gettext_lazy("state")
    parameter_name = "state"
    states = (
        ("due", gettext_lazy("to report this quarter")),
        ("overdue", gettext_lazy("overdue")),
    )

    def of_due(self, queryset: Any) -> Any:
        return queryset.filter(pk__in=Milestone.objects.due(TODAY()).values("pk"))

    def of_overdue(self, queryset: Any) -> Any:
        return queryset.filter(pk__in=Milestone.objects.overdue(TODAY()).values("pk"))


class EvaluatedFilter(StateFilter):
    title = gettext_lazy("evaluated")
    parameter_name = "evaluated"
    states = (("no", gettext_lazy("not yet")),)

    def of_no(self, queryset: Any) -> Any:
        return queryset.filter(pk__in=Report.objects.to_evaluate().values("pk"))


class DisclosedFilter(StateFilter):
    title = pgettext_lazy("evaluation", "published")
    parameter_name = "disclosed"
    states = (("no", gettext_lazy("not yet")),)

    def of_no(self, queryset: Any) -> Any:
        return queryset.filter(disclosure=None)


class Disclosing(EntryAdmin):
    """Rows that staff may make public with an action."""

    def has_disclose_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("financing.add_disclosure")

    def disclose_each(
        self, request: HttpRequest, queryset: Any, operation: Callable[[Any, Any], bool]
    ) -> None:
        done = 0
        for row in queryset:
            try:
                done += operation(row, request.user)
            except reporting.Refused as refusal:
                self.message_user(request, str(refusal), messages.WARNING)
        message = ngettext("%(count)s is now public.", "%(count)s are now public.", done) % {"count": done}
        self.message_user(request, message, messages.SUCCESS if done else messages.INFO)


@admin.register(Milestone)
class MilestoneAdmin(Disclosing):
    next_takes = "financing.add_report"
    form = DatedForm
    list_display = ("item", "shown_quarter", "text_zh", "author", "at", "shown_next")
    list_filter = (DueFilter, "year", "quarter")
    list_select_related = ("item", "author")
    search_fields = ("item__code", "item__name_zh", "text_zh")
    fields = ("item", ("year", "quarter"), ("text_zh", "text_en"))
    actions = ("disclose_selected",)

    def enter(self, entry: Milestone, author: Any) -> None:
        reporting.set_milestone(entry, author)

    @admin.display(description=gettext_lazy("quarter"), ordering="year")
    def shown_quarter(self, row: Milestone) -> str:
        return f"{row.year} Q{row.quarter}"

    @admin.display(description=gettext_lazy("next step"))
    def shown_next(self, row: Milestone) -> SafeString:
        query = f"item={row.item_id}&year={row.year}&quarter={row.quarter}"
        return _link("admin:financing_report_add", query, _("Report progress"))

    @admin.action(description=gettext_lazy("Publish as overdue"), permissions=["disclose"])
    def disclose_selected(self, request: HttpRequest, queryset: Any) -> None:
        self.disclose_each(request, queryset.select_related("item"), reporting.disclose_overdue)


class EvidenceInline(PlainFields, admin.StackedInline):
    model = Evidence
    formfield_overrides = WITH_ADDRESSES
    fields = ("title", "url")
    extra = 1

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Report)
class ReportAdmin(EntryAdmin):
    next_takes = "financing.add_evaluation"
    form = ReportForm
    inlines = (EvidenceInline,)
    list_display = ("item", "shown_quarter", "progress", "author", "at", "shown_evaluations", "shown_next")
    list_filter = (EvaluatedFilter, "progress", "year", "quarter", "item__list")
    list_select_related = ("item", "author")
    search_fields = ("item__code", "item__name_zh", "summary_zh")
    fields = ("item", ("year", "quarter"), "progress", ("summary_zh", "summary_en"))
    beside = ("author", "at", "shown_evaluations", "shown_next")

    def enter(self, entry: Report, author: Any) -> None:
        reporting.report_progress(entry, author)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        for evidence in formset.save(commit=False):
            reporting.add_evidence(evidence, request.user)

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Report]:
        is_own = Coalesce(
            models.ExpressionWrapper(models.Q(author=request.user.pk), models.BooleanField()), False
        )
        return super().get_queryset(request).prefetch_related("evaluations").annotate(is_own=is_own)

    @admin.display(description=gettext_lazy("quarter"), ordering="year")
    def shown_quarter(self, row: Report) -> str:
        return f"{row.year} Q{row.quarter}"

    @admin.display(description=gettext_lazy("evaluations"))
    def shown_evaluations(self, row: Report) -> SafeString | str:
        links = (
            (reverse("admin:financing_evaluation_change", args=[one.pk]), one.get_result_display())
            for one in row.evaluations.all()
        )
        return format_html_join(SafeString("<br>"), '<a href="{}">{}</a>', links) or _("not yet")

    @admin.display(description=gettext_lazy("next step"))
    def shown_next(self, row: Any) -> SafeString | str:
        if row.is_own:
            return _("another reviewer evaluates it")
        return _link("admin:financing_evaluation_add", f"report={row.pk}", _("Evaluate"))


@admin.register(Evaluation)
class EvaluationAdmin(Disclosing):
    next_takes = "financing.add_consequence"
    form = EvaluationForm
    list_display = ("report", "result", "author", "at", "shown_disclosed", "shown_next")
    list_filter = (DisclosedFilter, "result")
    list_select_related = ("report__item", "author", "disclosure")
    fields = ("report", "result", ("remark_zh", "remark_en"))
    named_with = {"report": "item"}
    beside = ("author", "at", "shown_disclosed", "shown_consequences", "shown_next")
    actions = ("disclose_selected",)

    def enter(self, entry: Evaluation, author: Any) -> None:
        reporting.evaluate(entry, author)

    @admin.display(description=pgettext_lazy("evaluation", "published"))
    def shown_disclosed(self, row: Evaluation) -> str:
        found = getattr(row, "disclosure", None)
        return f"{timezone.localtime(found.at):%Y-%m-%d}" if found else _("not yet")

    @admin.display(description=gettext_lazy("what followed"))
    def shown_consequences(self, row: Evaluation) -> SafeString | str:
        texts = ((one.text_zh,) for one in row.consequences.all())
        return format_html_join(SafeString("<br>"), "{}", texts) or _("nothing yet")

    @admin.display(description=gettext_lazy("next step"))
    def shown_next(self, row: Evaluation) -> SafeString:
        return _link("admin:financing_consequence_add", f"evaluation={row.pk}", _("Note what followed"))

    @admin.action(description=gettext_lazy("Publish the evaluations"), permissions=["disclose"])
    def disclose_selected(self, request: HttpRequest, queryset: Any) -> None:
        self.disclose_each(request, queryset.select_related("report"), reporting.disclose_evaluation)


@admin.register(Consequence)
class ConsequenceAdmin(EntryAdmin):
    list_display = ("evaluation", "text_zh", "author", "at")
    list_select_related = ("evaluation__report__item", "author")
    fields = ("evaluation", ("text_zh", "text_en"))
    named_with = {"evaluation": "report__item"}

    def enter(self, entry: Consequence, author: Any) -> None:
        reporting.draw_consequence(entry, author)


@admin.register(Figure)
class FigureAdmin(EntryAdmin):
    form = FigureForm
    list_display = (
        "indicator",
        "kind",
        "year",
        "quarter",
        "value",
        "comparison",
        "source_zh",
        "author",
        "at",
    )
    list_filter = ("indicator", "kind", "year")
    list_select_related = ("indicator", "author")
    fields = ("indicator", "kind", ("year", "quarter"), "value", "comparison", ("source_zh", "source_en"))

    def enter(self, entry: Figure, author: Any) -> None:
        reporting.record_figure(entry, author)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        given = super().get_changeform_initial_data(request)
        return {**given, "quarter": request.GET.get("quarter", "")}


# --- matching -------------------------------------------------------------------------------------


@admin.register(Rule)
class RuleAdmin(ReferenceAdmin):
    form = RuleForm
    list_display = ("item", "basis_zh", "is_sample", "is_active", "valid_from", "valid_to")
    list_filter = ("is_active", "is_sample", "item__list")
    list_select_related = ("item__list__plan",)
    fields = (
        "item", "sectors", "regions", "districts", ("investment_min", "investment_max"), "cooperation",
        ("valid_from", "valid_to"), ("basis_zh", "basis_en"), "is_sample", "is_active",
    )  # fmt: skip

    def get_urls(self) -> list[URLPattern]:
        preview = path(
            "preview/", self.admin_site.admin_view(self.preview_view), name="financing_rule_preview"
        )
        return [preview, *super().get_urls()]

    @method_decorator(require_POST)
    def preview_view(self, request: HttpRequest) -> HttpResponse:
        """What the rule in the form would match; nothing is stored."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = RuleForm(request.POST, instance=Rule())
        context = {**self.admin_site.each_context(request), "title": _("What the rule matches"), "form": form}
        if form.is_valid():
            rule, today = form.instance, TODAY()
            matched = matching.opportunities_by(rule, today)
            rows = matched.order_by("-investment", "reference").for_results()[:PREVIEWED]
            context |= {
                "count": matched.count(),
                "rule": rule,
                "options": Scheme.of().options,
                "rows": [(row, matching.reasons_of(rule, row, today)) for row in rows],
            }
        return render(request, "admin/financing/rule/preview.html", context)


@admin.register(Pin)
class PinAdmin(ReferenceAdmin):
    form = PinForm
    list_display = ("item", "opportunity", "kind", "reason_zh", "author", "at")
    list_filter = ("kind", "item")
    list_select_related = ("item", "opportunity", "author")
    fixed = ("item", "opportunity")
    fields = ("item", "opportunity", "kind", ("reason_zh", "reason_en"))

    def save_model(self, request: HttpRequest, obj: Pin, form: Any, change: bool) -> None:
        obj.author, obj.at = request.user, timezone.now()
        super().save_model(request, obj, form, change)
