"""What happened to items of the plan, step by step: all of it for staff, what is public for everybody."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import models
from django.utils import timezone

from .models import Consequence, Disclosure, Evaluation, Evidence, Item, Milestone, Plan, Report

RECENT = 5


class Kind(models.TextChoices):
    MILESTONE = "milestone"
    REPORT = "report"
    EVALUATION = "evaluation"
    CONSEQUENCE = "consequence"
    OVERDUE = "overdue"


@dataclass(frozen=True)
class Step:
    """One row of the ledger. ``row`` is of the model that ``kind`` names; ``overdue`` tells of a milestone.

    ``at`` is when everybody could see it first, for staff when it was entered.
    """

    kind: str
    at: datetime
    item: Item
    row: models.Model
    author: object = None
    evidence: list[Evidence] = field(default_factory=list)
    is_public: bool = True

    @property
    def on(self) -> date:
        return timezone.localdate(self.at)


def public_steps(item: Item) -> list[Step]:
    """What everybody may see of an item's ledger, the latest first."""
    return _ordered(_public(models.Q(item=item)))


def recent_steps(plan: Plan) -> list[Step]:
    """What changed last in a plan's ledger, for everybody."""
    of_plan = models.Q(item__list__plan=plan, item__is_public=True)
    return _ordered(_public(of_plan, RECENT))[:RECENT]


def staff_steps(item: Item) -> list[Step]:
    """All of an item's ledger with its authors, the latest first."""
    disclosed = {(one.evaluation_id, one.milestone_id) for one in Disclosure.objects.filter(_disclosed(item))}
    steps = [
        Step(Kind.MILESTONE, one.at, item, one, one.author)
        for one in Milestone.objects.filter(item=item).select_related("author")
    ]
    for report in Report.objects.filter(item=item).select_related("author").prefetch_related("evidence"):
        steps.append(Step(Kind.REPORT, report.at, item, report, report.author, list(report.evidence.all())))
    for one in Evaluation.objects.filter(report__item=item).select_related("report", "author"):
        is_public = (one.pk, None) in disclosed
        steps.append(Step(Kind.EVALUATION, one.at, item, one, one.author, is_public=is_public))
    for what in Consequence.objects.filter(evaluation__report__item=item).select_related("author"):
        is_public = (what.evaluation_id, None) in disclosed
        steps.append(Step(Kind.CONSEQUENCE, what.at, item, what, what.author, is_public=is_public))
    for said in Disclosure.objects.filter(milestone__item=item).select_related("milestone", "author"):
        steps.append(Step(Kind.OVERDUE, said.at, item, said.milestone, said.author))
    return _ordered(steps)


def _disclosed(item: Item) -> models.Q:
    return models.Q(evaluation__report__item=item) | models.Q(milestone__item=item)


def _public(where: models.Q, limit: int | None = None) -> Iterable[Step]:
    """Public steps of the items that meet a condition on rows with an ``item``; of each kind the last."""
    for milestone in Milestone.objects.filter(where).select_related("item").order_by("-pk")[:limit]:
        yield Step(Kind.MILESTONE, milestone.at, milestone.item, milestone)
    reports = Report.objects.filter(where).select_related("item").prefetch_related("evidence")
    for report in reports.order_by("-pk")[:limit]:
        yield Step(Kind.REPORT, report.at, report.item, report, evidence=list(report.evidence.all()))
    disclosures = Disclosure.objects.select_related(
        "evaluation__report__item", "milestone__item"
    ).prefetch_related("evaluation__consequences")
    of_reports = Report.objects.filter(where).values("pk")
    for said in disclosures.filter(evaluation__report__in=of_reports).order_by("-pk")[:limit]:
        evaluation = said.evaluation
        yield Step(Kind.EVALUATION, said.at, evaluation.report.item, evaluation)
        for what in evaluation.consequences.all():
            at = max(what.at, said.at)
            yield Step(Kind.CONSEQUENCE, at, evaluation.report.item, what)
    of_milestones = Milestone.objects.filter(where).values("pk")
    for said in disclosures.filter(milestone__in=of_milestones).order_by("-pk")[:limit]:
        yield Step(Kind.OVERDUE, said.at, said.milestone.item, said.milestone)


def _ordered(steps: Iterable[Step]) -> list[Step]:
    """The latest first; what closes the loop stands above what it follows from."""
    order = list(Kind)
    return sorted(steps, key=lambda step: (step.at, order.index(Kind(step.kind))), reverse=True)
