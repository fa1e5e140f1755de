"""The plan as published: who drew it up, its indicators, systems, tasks and lists, and what is not told.

What the source states but does not name is a number here (``stated``); rows are only what it names.
"""

from __future__ import annotations

from typing import Any

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import OuterRef, Q, Subquery
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from simple_history.models import HistoricalRecords

from opportunities.models import Catalogue
from opportunities.models.fields import CodeField
from opportunities.models.texts import TextPair

from .entries import Entry, in_quarters, quarter_field, year_field

CODE_PATTERN = r"[a-z]+(?:-[a-z]+)*-[0-9]{2}"


class Plan(models.Model):
    """One finance plan of a catalogue's city, kept as a ledger by year and quarter."""

    catalogue = models.OneToOneField(
        Catalogue, models.CASCADE, related_name="finance_plan", verbose_name=_("catalogue")
    )
    slug = CodeField(_("slug"), max_length=40, unique=True)
    name_zh = models.CharField(_("name (Chinese)"), max_length=120)
    name_en = models.CharField(_("name (English)"), max_length=160)
    goal_zh = models.CharField(_("goal (Chinese)"), max_length=200)
    goal_en = models.CharField(_("goal (English)"), max_length=300)
    method_zh = models.TextField(_("how it is kept (Chinese)"), blank=True)
    method_en = models.TextField(_("how it is kept (English)"), blank=True)
    starts_in = models.PositiveSmallIntegerField(_("first year"))
    ends_in = models.PositiveSmallIntegerField(_("last year"))
    source_zh = models.CharField(_("source (Chinese)"), max_length=300)
    source_en = models.CharField(_("source (English)"), max_length=400)
    indicators_stated = models.PositiveSmallIntegerField(
        _("indicators stated"), help_text=_("How many the source says there are.")
    )
    system_tasks_stated = models.PositiveSmallIntegerField(
        _("tasks in systems stated"), help_text=_("How many the source says there are.")
    )
    organisation_tasks_stated = models.PositiveSmallIntegerField(
        _("tasks of organisation stated"), help_text=_("How many the source says there are.")
    )

    name = TextPair()
    goal = TextPair()
    method = TextPair()
    source = TextPair()

    class Meta:
        verbose_name = _("plan")
        verbose_name_plural = _("plans")
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_in__gte=models.F("starts_in")),
                name="plan_ends_later",
                violation_error_message=_("The last year is the first year or later."),
            ),
            models.CheckConstraint(condition=~Q(source_zh=""), name="plan_has_a_source"),
        ]

    def __str__(self) -> str:
        return str(self.name)

    @property
    def tasks_stated(self) -> int:
        return self.system_tasks_stated + self.organisation_tasks_stated


class Unit(models.Model):
    """An office of the plan: who drew it up, who is responsible for an item, who takes part."""

    class Role(models.TextChoices):
        LEAD = "lead", _("lead office of the plan")
        TOGETHER = "together", _("drew up the plan with the lead office")
        OTHER = "other", pgettext_lazy("role of a unit", "other")

    plan = models.ForeignKey(Plan, models.CASCADE, related_name="units", verbose_name=_("plan"))
    slug = CodeField(_("slug"), max_length=40)
    name_zh = models.CharField(_("name (Chinese)"), max_length=120)
    name_en = models.CharField(_("name (English)"), max_length=160)
    role = models.CharField(_("role"), max_length=10, choices=Role, default=Role.OTHER)
    phone = models.CharField(_("office phone"), max_length=40, blank=True, help_text=_("Public."))
    website = models.URLField(_("website"), blank=True, help_text=_("Public."))
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    name = TextPair()

    class Meta:
        verbose_name = _("unit of the plan")
        verbose_name_plural = _("units of the plan")
        ordering = ["plan", "position", "slug"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "slug"], name="unit_once_per_plan"),
            models.UniqueConstraint(
                fields=["plan"],
                condition=Q(role="lead"),
                name="one_lead_office",
                violation_error_message=_("The plan has its lead office already; there is one."),
            ),
            models.CheckConstraint(
                condition=Q(role__in=["lead", "together", "other"]), name="unit_role_known"
            ),
        ]

    def __str__(self) -> str:
        return str(self.name)


class System(models.Model):
    """One of the plan's systems (体系), which its tasks are grouped in."""

    plan = models.ForeignKey(Plan, models.CASCADE, related_name="systems", verbose_name=_("plan"))
    slug = CodeField(_("slug"), max_length=40)
    name_zh = models.CharField(_("name (Chinese)"), max_length=80)
    name_en = models.CharField(_("name (English)"), max_length=120)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    name = TextPair()

    class Meta:
        verbose_name = _("system")
        verbose_name_plural = _("systems")
        ordering = ["plan", "position", "slug"]
        constraints = [models.UniqueConstraint(fields=["plan", "slug"], name="system_once_per_plan")]

    def __str__(self) -> str:
        return str(self.name)


class Task(models.Model):
    """A task that the source names; without a system it is one of organisation (组织保障)."""

    plan = models.ForeignKey(Plan, models.CASCADE, related_name="tasks", verbose_name=_("plan"))
    slug = CodeField(_("slug"), max_length=40)
    name_zh = models.CharField(_("name (Chinese)"), max_length=120)
    name_en = models.CharField(_("name (English)"), max_length=160)
    system = models.ForeignKey(
        System, models.PROTECT, null=True, blank=True, related_name="tasks", verbose_name=_("system")
    )
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    name = TextPair()

    class Meta:
        verbose_name = _("task")
        verbose_name_plural = _("tasks")
        ordering = ["plan", "position", "slug"]
        constraints = [models.UniqueConstraint(fields=["plan", "slug"], name="task_once_per_plan")]

    def __str__(self) -> str:
        return str(self.name)


# --- indicators -----------------------------------------------------------------------------------


class Comparison(models.TextChoices):
    EXACTLY = "exactly", _("as stated")
    MORE_THAN = "more-than", _("more than")


class Indicator(models.Model):
    """One figure that the plan is measured by. Its values are rows of ``Figure``."""

    class Measure(models.TextChoices):
        YI = "100-million-cny", _("CNY 100 million")
        TRILLION = "trillion-cny", _("CNY trillion")
        PERCENT = "percent", _("per cent")
        COMPANIES = "companies", _("companies")

        @property
        def is_money(self) -> bool:
            return self in (self.YI, self.TRILLION)

    plan = models.ForeignKey(Plan, models.CASCADE, related_name="indicators", verbose_name=_("plan"))
    slug = CodeField(_("slug"), max_length=40)
    name_zh = models.CharField(_("name (Chinese)"), max_length=80)
    name_en = models.CharField(_("name (English)"), max_length=120)
    measure = models.CharField(_("unit"), max_length=20, choices=Measure)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    name = TextPair()

    class Meta:
        verbose_name = _("indicator")
        verbose_name_plural = _("indicators")
        ordering = ["plan", "position", "slug"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "slug"], name="indicator_once_per_plan"),
            models.CheckConstraint(
                condition=Q(measure__in=["100-million-cny", "trillion-cny", "percent", "companies"]),
                name="indicator_measure_known",
            ),
        ]

    def __str__(self) -> str:
        return str(self.name)

    @property
    def is_money(self) -> bool:
        return self.Measure(self.measure).is_money


class Figure(Entry):
    """One value of an indicator for a year, or a quarter of it; the last entered counts."""

    class Kind(models.TextChoices):
        ACTUAL = "actual", pgettext_lazy("kind of a figure", "actual")
        TARGET = "target", pgettext_lazy("kind of a figure", "target")
        GROWTH = "growth", _("growth in the year, per cent")
        ADDED = "added", _("added in the year")

    indicator = models.ForeignKey(
        Indicator, models.PROTECT, related_name="figures", verbose_name=_("indicator")
    )
    kind = models.CharField(pgettext_lazy("of a figure", "kind"), max_length=10, choices=Kind)
    year = year_field()
    quarter = quarter_field(null=True, blank=True, help_text=_("Empty: the whole year."))
    value = models.DecimalField(
        _("value"), max_digits=14, decimal_places=3, help_text=_("In the indicator's unit.")
    )
    comparison = models.CharField(
        _("comparison"), max_length=10, choices=Comparison, default=Comparison.EXACTLY
    )
    source_zh = models.CharField(_("source (Chinese)"), max_length=300)
    source_en = models.CharField(_("source (English)"), max_length=400, blank=True)

    source = TextPair()

    class Meta:
        verbose_name = _("figure of an indicator")
        verbose_name_plural = _("figures of indicators")
        ordering = ["indicator", "year", "quarter", "pk"]
        constraints = [
            in_quarters("figure_in_a_quarter"),
            models.CheckConstraint(
                condition=Q(kind__in=["actual", "target", "growth", "added"]), name="figure_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(comparison__in=["exactly", "more-than"]), name="figure_comparison_known"
            ),
            models.CheckConstraint(condition=~Q(source_zh=""), name="figure_has_a_source"),
        ]

    def __str__(self) -> str:
        quarter = f" Q{self.quarter}" if self.quarter else ""
        return f"{self.indicator} {self.year}{quarter} {self.get_kind_display()}"

    @property
    def highest(self) -> int | None:
        """What a value in per cent does not exceed: a part of the whole 100, a growth ten times as much."""
        if self.kind == self.Kind.GROWTH:
            return 1000
        return 100 if self.indicator.measure == Indicator.Measure.PERCENT else None


# --- lists and their items ------------------------------------------------------------------------


class ItemList(models.Model):
    """One of the plan's lists (重大改革 …): ``stated`` items by the source, not all of them named."""

    plan = models.ForeignKey(Plan, models.CASCADE, related_name="lists", verbose_name=_("plan"))
    slug = CodeField(_("slug"), max_length=20)
    name_zh = models.CharField(_("name (Chinese)"), max_length=40)
    name_en = models.CharField(_("name (English)"), max_length=60)
    kind_zh = models.CharField(_("one of it (Chinese)"), max_length=20)
    kind_en = models.CharField(_("one of it (English)"), max_length=40)
    stated = models.PositiveSmallIntegerField(
        _("items stated"), help_text=_("How many the source says there are.")
    )
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    name = TextPair()
    kind = TextPair()

    class Meta:
        verbose_name = _("list of the plan")
        verbose_name_plural = _("lists of the plan")
        ordering = ["plan", "position", "slug"]
        constraints = [models.UniqueConstraint(fields=["plan", "slug"], name="list_once_per_plan")]

    def __str__(self) -> str:
        return str(self.name)


class ItemQuerySet(models.QuerySet["Item"]):
    def public(self) -> ItemQuerySet:
        """Those that the source names, or staff have published with their source."""
        return self.filter(is_public=True)

    def of(self, plan: Plan) -> ItemQuerySet:
        return self.filter(list__plan=plan)

    def with_progress(self) -> ItemQuerySet:
        """With ``progress``, ``progress_year`` and ``progress_quarter`` of the last quarter reported."""
        from .steps import Report

        reports = Report.objects.filter(item=OuterRef("pk")).order_by("-year", "-quarter", "-pk")
        return self.annotate(
            progress=Subquery(reports.values("progress")[:1]),
            progress_year=Subquery(reports.values("year")[:1]),
            progress_quarter=Subquery(reports.values("quarter")[:1]),
        )

    def for_pages(self) -> ItemQuerySet:
        """With all that a page prints of an item, in the lists' order."""
        return (
            self.with_progress()
            .select_related("list__plan", "system", "unit")
            .prefetch_related("partners")
            .order_by("list__position", "code")
        )


class ItemRecords(HistoricalRecords):
    """The history of an item with its partners; a fixture brings its own, so loading one writes none."""

    def post_save(self, instance: Item, created: bool, using: str | None = None, **kwargs: Any) -> None:
        if kwargs.get("raw"):
            # The fixture's partners are set on this very instance, after it is saved.
            instance.skip_history_when_saving = True  # type: ignore[attr-defined]
        super().post_save(instance, created, using=using, **kwargs)


class Item(models.Model):
    """One item of a list, by its name. Never an opportunity, and never counted as one."""

    list = models.ForeignKey(ItemList, models.PROTECT, related_name="items", verbose_name=_("list"))
    code = CodeField(
        _("code"),
        max_length=30,
        validators=[RegexValidator(rf"^{CODE_PATTERN}\Z", _("Like reforms-04."))],
        help_text=_("The list's slug and two digits, such as reforms-04; its lasting public name."),
    )
    name_zh = models.CharField(_("name (Chinese)"), max_length=120)
    name_en = models.CharField(_("name (English)"), max_length=200, blank=True)
    system = models.ForeignKey(
        System,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="items",
        verbose_name=_("system"),
        help_text=_("Empty: not published."),
    )
    unit = models.ForeignKey(
        Unit,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="items",
        verbose_name=_("responsible unit"),
        help_text=_("Empty: not published; people are then sent to the plan's lead office."),
    )
    partners = models.ManyToManyField(
        Unit, blank=True, related_name="items_taken_part_in", verbose_name=_("partners")
    )
    source_zh = models.CharField(
        _("source (Chinese)"), max_length=300, blank=True, help_text=_("Where its name was published.")
    )
    source_en = models.CharField(_("source (English)"), max_length=400, blank=True)
    is_public = models.BooleanField(
        pgettext_lazy("item of the plan", "published"),
        default=False,
        help_text=_("Shown to everybody. An item without a source is not."),
    )

    name = TextPair()
    source = TextPair()
    objects = ItemQuerySet.as_manager()
    history = ItemRecords(m2m_fields=[partners])

    class Meta:
        verbose_name = _("item of the plan")
        verbose_name_plural = _("items of the plan")
        ordering = ["list", "code"]
        constraints = [
            models.UniqueConstraint(fields=["list", "code"], name="item_once_per_list"),
            models.CheckConstraint(
                condition=Q(is_public=False) | ~Q(source_zh=""), name="public_item_has_a_source"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    def get_absolute_url(self) -> str:
        return reverse("financing:item", args=[self.code])
