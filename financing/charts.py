"""What pages draw of the plan, worked out: places on an indicator's track, cells of a list, quarters."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from django.utils import timezone

from .models import Figure, Item, ItemList, Milestone, Plan, Report
from .models.steps import quarter_of
from .outlook import Values

# An indicator's track is drawn in these units; it ends where its largest figure stands.
TRACK = 560
# As wide is the label of a figure, and so far does it stand out over its mark.
LABEL = 120
BESIDE = 6
# A cell of a list's strip with the gap after it.
CELL = 20


# --- indicators -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Mark:
    """A figure at its place; its label ends there, or begins there where there is no room before it."""

    figure: Figure
    at: Decimal

    @property
    def anchor(self) -> str:
        return "e" if self.at >= LABEL else "b"

    @property
    def text_at(self) -> Decimal:
        return self.at + BESIDE if self.at >= LABEL else self.at - BESIDE


@dataclass(frozen=True)
class Track:
    """An indicator from 0 to its largest figure; each figure that has a place on it."""

    actual: Mark | None
    quarterly: list[Mark]
    between: list[Mark]
    goal: Mark


def track_of(values: Values) -> Track | None:
    """None where the indicator has no target to go to."""
    goal = values.goal
    if goal is None:
        return None
    actual = values.actual
    shown = [goal, *values.targets, *values.quarterly, *([actual] if actual else [])]
    largest = max(figure.value for figure in shown) or Decimal(1)

    def mark(figure: Figure) -> Mark:
        return Mark(figure, (TRACK * figure.value / largest).quantize(Decimal("0.1")))

    return Track(
        actual=mark(actual) if actual else None,
        quarterly=[mark(figure) for figure in values.quarterly if not actual or figure.year > actual.year],
        between=[mark(figure) for figure in values.targets[:-1]],
        goal=mark(goal),
    )


# --- lists ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Cell:
    """One item of a list's strip: ``state`` its progress, ``named`` before a report, ``unnamed``."""

    x: int
    state: str


@dataclass(frozen=True)
class Strip:
    """A list with its items that are shown, and a cell for each that the source counts.

    ``width`` is that of the longest list, so that the cells of all are alike.
    """

    list: ItemList
    width: int
    published: int
    items: list[Item]
    cells: list[Cell]

    @property
    def unpublished(self) -> int:
        return max(self.list.stated - self.published, 0)


def strips_of(lists: Iterable[ItemList], everything: Iterable[Item], shown: Iterable[Item]) -> list[Strip]:
    """A strip for each list; ``everything`` are all its public items, ``shown`` those to name."""
    public, named, found = list(everything), list(shown), list(lists)
    width = CELL * max((one.stated for one in found), default=0)
    return [_strip(one, width, public, named) for one in found]


def _strip(one: ItemList, width: int, public: list[Item], shown: list[Item]) -> Strip:
    own = [item for item in public if item.list_id == one.pk]
    states = [item.progress or "named" for item in own]  # type: ignore[attr-defined]
    states += ["unnamed"] * (one.stated - len(own))
    cells = [Cell(CELL * number + 1, state) for number, state in enumerate(states)]
    return Strip(one, width, len(own), [item for item in shown if item.list_id == one.pk], cells)


# --- quarters -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Quarter:
    """A quarter of the plan in one item's ledger: what was set, and what was reported last."""

    year: int
    quarter: int
    x: int
    milestone: Milestone | None
    report: Report | None
    evaluation: object
    is_overdue: bool
    is_current: bool

    @property
    def state(self) -> str:
        if self.report:
            return self.report.progress
        if self.is_overdue:
            return "overdue"
        return "set" if self.milestone else "none"


def quarters_of(item: Item) -> list[Quarter]:
    """All quarters of the plan. Evaluations and overdue marks are there once disclosed."""
    milestones = _last(item.milestones.select_related("disclosure"))
    reports = _last(item.reports.prefetch_related("evaluations__disclosure"))
    today = quarter_of(timezone.localdate())
    return [
        Quarter(
            year,
            quarter,
            CELL * number + 1,
            milestones.get((year, quarter)),
            reports.get((year, quarter)),
            _disclosed_evaluation(reports.get((year, quarter))),
            _is_said_overdue(milestones.get((year, quarter))),
            (year, quarter) == today,
        )
        for number, (year, quarter) in enumerate(_quarters(item.list.plan))
    ]


def _quarters(plan: Plan) -> Iterator[tuple[int, int]]:
    for year in range(plan.starts_in, plan.ends_in + 1):
        for quarter in (1, 2, 3, 4):
            yield year, quarter


def _last(rows: Iterable[Milestone | Report]) -> dict[tuple[int, int], Milestone | Report]:
    return {(row.year, row.quarter): row for row in sorted(rows, key=lambda one: one.pk)}


def _disclosed_evaluation(report: Report | None) -> object:
    if report is None:
        return None
    return next((one for one in report.evaluations.all() if hasattr(one, "disclosure")), None)


def _is_said_overdue(milestone: Milestone | None) -> bool:
    return milestone is not None and hasattr(milestone, "disclosure")
