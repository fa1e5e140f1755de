"""The closed loop: set a milestone, report progress, evaluate, draw a consequence, make it public.

Each is one transaction that adds a row with its author and moves the revision where the public sees it.
Admin and commands call these; none of them holds a rule of its own.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from opportunities.models import Revision

from .models import (
    Consequence,
    Disclosure,
    Entry,
    Evaluation,
    Evidence,
    Figure,
    Item,
    Milestone,
    Plan,
    Report,
)
from .models.steps import quarter_of


class Refused(ValueError):
    """A step that the ledger does not take, in words for whoever tried it."""


def reasons_not_to_date(plan: Plan, year: int) -> list[str]:
    """Why a step cannot be of this year; empty when it can."""
    if plan.starts_in <= year <= plan.ends_in:
        return []
    return [_("The plan runs from %(first)s to %(last)s.") % {"first": plan.starts_in, "last": plan.ends_in}]


def reasons_not_to_report(plan: Plan, year: int, quarter: int | None) -> list[str]:
    """Why nobody can say yet how a quarter went; empty when it has begun."""
    this = quarter_of(_today(plan))
    if (year, quarter or 1) <= this:
        return []
    return [
        _("A report is of the current quarter, %(year)s Q%(quarter)s, or of an earlier one.")
        % {"year": this[0], "quarter": this[1]}
    ]


def reasons_not_to_record(figure: Figure) -> dict[str, str]:
    """Why the ledger does not take a figure, by the field that is wrong; empty when it does."""
    reasons = {}
    this = quarter_of(_today(figure.indicator.plan))
    if figure.kind != Figure.Kind.TARGET and (figure.year, figure.quarter or 1) > this:
        reasons["year" if figure.year > this[0] else "quarter"] = _(
            "Only a target lies in the future; another figure is of %(year)s Q%(quarter)s or earlier."
        ) % {"year": this[0], "quarter": this[1]}
    value, highest = Decimal(figure.value), figure.highest
    if highest is not None and not 0 <= value <= highest:
        reasons["value"] = _("In per cent a value is from 0 to %(highest)s.") % {"highest": highest}
    elif value < 0:
        reasons["value"] = _("A value is 0 or more.")
    return reasons


def _today(plan: Plan) -> date:
    return plan.catalogue.day_of(timezone.now())


# What a step is about: of the steps about the same the last entered counts.
ABOUT: dict[type[Entry], tuple[str, ...]] = {
    Milestone: ("item", "year", "quarter"),
    Report: ("item", "year", "quarter"),
    Evaluation: ("report",),
    Consequence: ("evaluation",),
    Figure: ("indicator", "kind", "year", "quarter"),
}


def reasons_not_to_repeat(entry: Entry, author: Any) -> list[str]:
    """Why the same person does not enter the same again, directly after itself; empty when it differs."""
    about = {name: getattr(entry, name) for name in ABOUT[type(entry)]}
    last = type(entry)._base_manager.filter(**about).order_by("-pk").first()
    if last is None or last.author_id != author.pk:
        return []
    given = (field for field in entry._meta.concrete_fields if field.name not in ("id", "author", "at"))
    if any(getattr(last, one.attname) != one.to_python(getattr(entry, one.attname)) for one in given):
        return []
    return [
        _("You entered exactly this on %(at)s already; it is in the ledger once.")
        % {"at": date_format(timezone.localtime(last.at), "Y-m-d H:i")}
    ]


def reasons_not_to_evaluate(report: Report, author: Any) -> list[str]:
    """Why this person cannot evaluate this report; empty when they can."""
    if report.author_id is not None and report.author_id == author.pk:
        return [_("Whoever wrote a report does not evaluate it; another reviewer does.")]
    return []


@transaction.atomic
def set_milestone(milestone: Milestone, author: Any) -> None:
    """Set what an item is to reach by the end of a quarter. Raises Refused."""
    _refuse(reasons_not_to_date(milestone.item.list.plan, milestone.year))
    _refuse_a_repeat(milestone, author)
    _enter(milestone, author, is_public=milestone.item.is_public)


@transaction.atomic
def report_progress(report: Report, author: Any, evidence: Iterable[Evidence] = ()) -> None:
    """Report how far an item came in a quarter, with what shows it. Raises Refused."""
    plan = report.item.list.plan
    _refuse(
        reasons_not_to_date(plan, report.year) or reasons_not_to_report(plan, report.year, report.quarter)
    )
    _refuse_a_repeat(report, author)
    _enter(report, author, is_public=report.item.is_public)
    for one in evidence:
        one.report = report
        add_evidence(one, author)


@transaction.atomic
def add_evidence(evidence: Evidence, author: Any) -> None:
    _enter(evidence, author, is_public=evidence.report.item.is_public)


@transaction.atomic
def evaluate(evaluation: Evaluation, author: Any) -> None:
    """Evaluate a report; only staff see it until it is disclosed. Raises Refused."""
    _refuse(reasons_not_to_evaluate(evaluation.report, author))
    _refuse_a_repeat(evaluation, author)
    _enter(evaluation, author, is_public=False)


@transaction.atomic
def draw_consequence(consequence: Consequence, author: Any) -> None:
    """Note what follows from an evaluation; it is as public as the evaluation. Raises Refused."""
    is_public = Disclosure.objects.filter(evaluation=consequence.evaluation).exists()
    _refuse_a_repeat(consequence, author)
    _enter(consequence, author, is_public=is_public)


@transaction.atomic
def disclose_evaluation(evaluation: Evaluation, author: Any) -> bool:
    """Make an evaluation public with what followed. Returns whether it was not public already."""
    Item.objects.select_for_update().get(pk=evaluation.report.item_id)
    if Disclosure.objects.filter(evaluation=evaluation).exists():
        return False
    _enter(Disclosure(evaluation=evaluation), author, is_public=True)
    return True


@transaction.atomic
def disclose_overdue(milestone: Milestone, author: Any) -> bool:
    """Make public that a milestone is overdue. Returns whether it was not public already. Raises Refused."""
    Item.objects.select_for_update().get(pk=milestone.item_id)
    if Disclosure.objects.filter(milestone=milestone).exists():
        return False
    if not Milestone.objects.overdue(timezone.localdate()).filter(pk=milestone.pk).exists():
        raise Refused(_("%(milestone)s is not overdue.") % {"milestone": milestone})
    _enter(Disclosure(milestone=milestone), author, is_public=True)
    return True


@transaction.atomic
def record_figure(figure: Figure, author: Any) -> None:
    """Note a value of an indicator with its source; a correction is noted the same way. Raises Refused."""
    _refuse(list(reasons_not_to_record(figure).values()))
    _refuse_a_repeat(figure, author)
    _enter(figure, author, is_public=True)


def _refuse_a_repeat(entry: Entry, author: Any) -> None:
    # Of two that come at once the second waits for the first, and then sees it.
    subject = getattr(entry, ABOUT[type(entry)][0])
    type(subject)._base_manager.select_for_update().only("pk").get(pk=subject.pk)
    _refuse(reasons_not_to_repeat(entry, author))


def _refuse(reasons: list[str]) -> None:
    if reasons:
        raise Refused(" ".join(reasons))


def _enter(entry: Entry, author: Any, *, is_public: bool) -> None:
    entry.author = author
    entry.save()
    if is_public:
        Revision.bump()
