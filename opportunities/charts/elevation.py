"""The six tints of the elevation scale: more money is higher, and the steps follow the amounts shown."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from ..amounts import in_cny_bn, shortest

STEPS = 5
# Bounds that are easy to say, in each power of ten.
_ROUND = [Decimal(one) for one in ("1", "1.5", "2", "2.5", "3", "4", "5", "6", "8", "10")]


@dataclass(frozen=True)
class Step:
    """One tint of the legend: ``level`` 0…5, and what amounts have it, in the page's unit."""

    level: int
    label: str


@dataclass(frozen=True)
class Scale:
    """Bounds in 亿元, rising; each belongs to the step above it. Level 0 is no money at all."""

    bounds: Sequence[Decimal]

    def level(self, amount: Decimal) -> int:
        return 1 + bisect_right(self.bounds, amount) if amount > 0 else 0

    @property
    def steps(self) -> list[Step]:
        """The legend, from nothing upwards."""
        return [Step(0, _("none")), *(Step(level, label) for level, label in enumerate(self._labels, 1))]

    @property
    def _labels(self) -> list[str]:
        if not self.bounds:
            return [_("some")]
        written = [shortest(in_cny_bn(one) if get_language() == "en" else one) for one in self.bounds]
        return [
            _("under %(bound)s") % {"bound": written[0]},
            *(f"{lower}–{upper}" for lower, upper in zip(written, written[1:], strict=False)),
            _("%(bound)s or more") % {"bound": written[-1]},
        ]


def scale(amounts: Iterable[Decimal]) -> Scale:
    """A scale for these amounts (亿元): about as many of them in each step, between round bounds."""
    given = sorted(amount for amount in amounts if amount > 0)
    if not given:
        return Scale([])
    parting = {_rounded(given[len(given) * step // STEPS]) for step in range(1, STEPS)}
    return Scale(sorted(bound for bound in parting if given[0] < bound <= given[-1]))


def _rounded(amount: Decimal) -> Decimal:
    """The round bound nearest to an amount."""
    power = Decimal(1).scaleb(amount.adjusted())
    return min((one * power for one in _ROUND), key=lambda bound: abs(bound - amount))
