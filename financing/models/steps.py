"""The closed loop of an item: milestone, progress report with evidence, evaluation, consequence.

Each is an ``Entry``. Evaluations and overdue marks are for staff until a ``Disclosure`` says otherwise.
"""

from __future__ import annotations

from datetime import date, timedelta

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from opportunities.models.texts import TextPair

from .entries import Entry, EntryQuerySet, in_quarters, quarter_field, year_field
from .plan import Item


class Progress(models.TextChoices):
    ON_TRACK = "on-track", pgettext_lazy("progress", "on track")
    BEHIND = "behind", pgettext_lazy("progress", "behind")
    DONE = "done", pgettext_lazy("progress", "done")


NOT_REPORTED = "not-reported"
# What the filter ``progress`` takes: an item without any report has a value of its own.
PROGRESS = {NOT_REPORTED: pgettext_lazy("progress", "not reported"), **dict(Progress.choices)}


def quarter_of(day: date) -> tuple[int, int]:
    """The year and quarter that a day lies in."""
    return day.year, (day.month - 1) // 3 + 1


def last_day_of(year: int, quarter: int) -> date:
    following = date(year + quarter // 4, quarter % 4 * 3 + 1, 1)
    return following - timedelta(days=1)


class MilestoneQuerySet(EntryQuerySet):
    def open(self) -> models.QuerySet[Milestone]:
        """The last word on each quarter that is set, of public items, where nobody has reported yet."""
        later = Milestone.objects.filter(
            pk__gt=OuterRef("pk"),
            item=OuterRef("item"),
            year=OuterRef("year"),
            quarter=OuterRef("quarter"),
        )
        reports = Report.objects.filter(
            item=OuterRef("item"), year=OuterRef("year"), quarter=OuterRef("quarter")
        )
        return self.filter(~Exists(later), ~Exists(reports), item__is_public=True)

    def due(self, today: date) -> models.QuerySet[Milestone]:
        """Open ones of the current quarter."""
        year, quarter = quarter_of(today)
        return self.open().filter(year=year, quarter=quarter)

    def overdue(self, today: date) -> models.QuerySet[Milestone]:
        """Open ones of quarters that are over."""
        year, quarter = quarter_of(today)
        return self.open().filter(Q(year__lt=year) | Q(year=year, quarter__lt=quarter))


class Milestone(Entry):
    """What an item is to reach by the end of a quarter; the last entered for a quarter counts."""

    item = models.ForeignKey(Item, models.PROTECT, related_name="milestones", verbose_name=_("item"))
    year = year_field()
    quarter = quarter_field()
    text_zh = models.CharField(_("to be reached (Chinese)"), max_length=300)
    text_en = models.CharField(_("to be reached (English)"), max_length=400, blank=True)

    text = TextPair()
    objects = MilestoneQuerySet.as_manager()

    class Meta:
        verbose_name = _("milestone")
        verbose_name_plural = _("milestones")
        ordering = ["item", "year", "quarter", "pk"]
        indexes = [models.Index(fields=["item", "year", "quarter"], name="milestone_by_quarter")]
        constraints = [in_quarters("milestone_in_a_quarter")]

    def __str__(self) -> str:
        return f"{self.item.code} {self.year} Q{self.quarter}"


class ReportQuerySet(EntryQuerySet):
    def to_evaluate(self) -> models.QuerySet[Report]:
        return self.filter(~Exists(Evaluation.objects.filter(report=OuterRef("pk"))))


class Report(Entry):
    """How far an item came in a quarter, as its unit reports; the last entered for a quarter counts."""

    item = models.ForeignKey(Item, models.PROTECT, related_name="reports", verbose_name=_("item"))
    year = year_field()
    quarter = quarter_field()
    progress = models.CharField(pgettext_lazy("of an item", "progress"), max_length=10, choices=Progress)
    summary_zh = models.TextField(_("what was done (Chinese)"), max_length=2000)
    summary_en = models.TextField(_("what was done (English)"), max_length=4000, blank=True)

    summary = TextPair()
    objects = ReportQuerySet.as_manager()

    class Meta:
        verbose_name = _("progress report")
        verbose_name_plural = _("progress reports")
        ordering = ["-year", "-quarter", "-pk"]
        indexes = [models.Index(fields=["item", "-year", "-quarter"], name="report_by_quarter")]
        constraints = [
            in_quarters("report_in_a_quarter"),
            models.CheckConstraint(
                condition=Q(progress__in=["on-track", "behind", "done"]), name="progress_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item.code} {self.year} Q{self.quarter} · {self.get_progress_display()}"


class Evidence(Entry):
    """What shows that a report is true: a document by its title, and where it stands."""

    report = models.ForeignKey(
        Report, models.PROTECT, related_name="evidence", verbose_name=_("progress report")
    )
    title = models.CharField(_("title"), max_length=200)
    url = models.URLField(_("address"), blank=True)

    class Meta:
        verbose_name = _("evidence")
        verbose_name_plural = pgettext_lazy("plural", "evidence")
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.title


class Evaluation(Entry):
    """What a reviewer, not the author, found of a report."""

    class Result(models.TextChoices):
        MET = "met", _("milestone met")
        PARTLY = "partly", _("partly met")
        NOT_MET = "not-met", _("not met")

    report = models.ForeignKey(
        Report, models.PROTECT, related_name="evaluations", verbose_name=_("progress report")
    )
    result = models.CharField(_("result"), max_length=10, choices=Result)
    remark_zh = models.TextField(_("remark (Chinese)"), max_length=2000, blank=True)
    remark_en = models.TextField(_("remark (English)"), max_length=4000, blank=True)

    remark = TextPair()

    class Meta:
        verbose_name = _("evaluation")
        verbose_name_plural = _("evaluations")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(result__in=["met", "partly", "not-met"]), name="evaluation_result_known"
            )
        ]

    def __str__(self) -> str:
        return f"{self.report} → {self.get_result_display()}"


class Consequence(Entry):
    """What followed from an evaluation: its use, which closes the loop."""

    evaluation = models.ForeignKey(
        Evaluation, models.PROTECT, related_name="consequences", verbose_name=_("evaluation")
    )
    text_zh = models.TextField(_("what followed (Chinese)"), max_length=2000)
    text_en = models.TextField(_("what followed (English)"), max_length=4000, blank=True)

    text = TextPair()

    class Meta:
        verbose_name = _("consequence")
        verbose_name_plural = _("consequences")
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.text_zh[:60]


class Disclosure(Entry):
    """Staff make public an evaluation with what followed, or that a milestone is overdue."""

    evaluation = models.OneToOneField(
        Evaluation,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="disclosure",
        verbose_name=_("evaluation"),
    )
    milestone = models.OneToOneField(
        Milestone,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="disclosure",
        verbose_name=_("milestone"),
    )

    class Meta:
        verbose_name = _("disclosure")
        verbose_name_plural = _("disclosures")
        constraints = [
            models.CheckConstraint(
                condition=Q(evaluation__isnull=False, milestone__isnull=True)
                | Q(evaluation__isnull=True, milestone__isnull=False),
                name="disclosure_of_one_thing",
            )
        ]

    def __str__(self) -> str:
        return str(self.evaluation or self.milestone)
