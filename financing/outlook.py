"""What is still needed to reach a target, and the yearly growth that takes. Never a share of it reached."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from .models import Comparison, Figure, Indicator

TENTH = Decimal("0.1")
Kind = Figure.Kind


@dataclass(frozen=True)
class Outlook:
    """The way from ``base`` (the last yearly actual, else an earlier target) to ``goal``, the last target.

    ``needed`` is in the indicator's unit and 0 where the target is reached; ``growth`` in per cent a
    year, None for ratios, which do not grow, and where nothing is needed.
    """

    base: Figure
    goal: Figure
    needed: Decimal
    growth: Decimal | None

    @property
    def is_from_a_target(self) -> bool:
        """Whether nothing actual is published to start from."""
        return self.base.kind == Kind.TARGET

    @property
    def is_more_than(self) -> bool:
        return self.goal.comparison == Comparison.MORE_THAN


class Values:
    """The figures of one indicator that count: of each kind, year and quarter the last entered."""

    def __init__(self, indicator: Indicator, figures: Iterable[Figure]) -> None:
        self.indicator = indicator
        last: dict[tuple[str, int, int], Figure] = {}
        for figure in sorted(figures, key=lambda one: one.pk):
            last[figure.kind, figure.year, figure.quarter or 0] = figure
        self.figures = sorted(last.values(), key=lambda one: (one.year, one.quarter or 5, one.kind))

    def of(self, kind: str) -> list[Figure]:
        """The yearly figures of a kind, by year."""
        return [figure for figure in self.figures if figure.kind == kind and figure.quarter is None]

    @property
    def quarterly(self) -> list[Figure]:
        """Actual figures of quarters, by quarter."""
        return [figure for figure in self.figures if figure.kind == Kind.ACTUAL and figure.quarter]

    @property
    def actual(self) -> Figure | None:
        """The last yearly actual."""
        return next(reversed(self.of(Kind.ACTUAL)), None)

    @property
    def targets(self) -> list[Figure]:
        return self.of(Kind.TARGET)

    @property
    def goal(self) -> Figure | None:
        return next(reversed(self.targets), None)

    @property
    def outlook(self) -> Outlook | None:
        """None where no target is published, or nothing earlier to start from."""
        goal = self.goal
        base = self.actual or next(iter(self.targets), None)
        if goal is None or base is None or base.year >= goal.year:
            return None
        needed = max(goal.value - base.value, Decimal(0))
        is_ratio = self.indicator.measure == Indicator.Measure.PERCENT
        growth = None if is_ratio or not needed or not base.value else yearly_growth(base, goal)
        return Outlook(base, goal, needed, growth)


def yearly_growth(base: Figure, goal: Figure) -> Decimal:
    """Per cent a year, to one decimal, that lead from one figure to a later one."""
    factor = (goal.value / base.value) ** (Decimal(1) / (goal.year - base.year))
    return ((factor - 1) * 100).quantize(TENTH, ROUND_HALF_UP)


def values_of(indicators: Iterable[Indicator]) -> list[Values]:
    """For each indicator, with its figures prefetched, the values that count."""
    return [Values(indicator, indicator.figures.all()) for indicator in indicators]
