"""What a search counts by, as sets: read for each question, or once a revision and kept.

A set is a whole number. Its bit ``i`` stands for the ``i``-th part, which is what of one opportunity lies in
one district: places are asked of parts, all else of each part alike. What is in two sets at once is one
``&``. Money is kept by its binary digits, a set for each (O'Neil and Quass, “Improved Query Performance with
Variant Indexes”, SIGMOD 1997: a bit-sliced index), so that a sum takes some fifteen counts of bits.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import reduce
from itertools import groupby
from operator import neg, or_
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet

from ..amounts import cents
from ..models import Location, Opportunity

if TYPE_CHECKING:
    from .scheme import Scheme

LOCATED = ("pk", "district_id", "investment", "opportunity__cooperation_forms__form")
WHOLE = (
    "opportunity_id",
    "opportunity__sector_id",
    "opportunity__investment",
    "opportunity__cycle_months",
    "opportunity__status",
)


@dataclass(slots=True)
class Tally:
    """Distinct opportunities and their money in hundredths of 亿元."""

    count: int
    money: int


@dataclass(frozen=True)
class Entries:
    """The parts of some opportunities, the largest opportunity first and then by reference.

    ``keys`` and ``investments`` (亿元) are those of the opportunity of each part, ``having`` the parts of
    each value of each facet, ``steps`` of each step of the histogram, ``periods`` of each construction
    period (months), ``digits`` of each binary digit of their money (hundredths of 亿元). ``again`` has for a
    distance the parts whose opportunity has another so many parts before.
    """

    keys: Sequence[int]
    investments: Sequence[Decimal]
    having: Mapping[str, Mapping[str, int]]
    steps: Sequence[int]
    periods: Mapping[int, int]
    digits: Mapping[int, int]
    again: Mapping[int, int]

    def of_any(self, facet: str, values: Iterable[str]) -> int:
        """The parts with any of some values of a facet."""
        return _joined(self.having[facet].get(value, 0) for value in values)

    def between(self, lower: Decimal | None, upper: Decimal | None) -> int:
        """The parts of opportunities of an investment (亿元), the bounds included."""
        start = 0 if upper is None else bisect_left(self.investments, -upper, key=neg)
        end = len(self.keys) if lower is None else bisect_right(self.investments, -lower, key=neg)
        return (1 << end) - (1 << start) if start < end else 0

    def lasting(self, least: int | None, most: int | None) -> int:
        """The parts of opportunities with a construction period of so many months, the bounds included."""
        return _joined(
            found
            for months, found in self.periods.items()
            if (least is None or months >= least) and (most is None or months <= most)
        )

    def of_keys(self, keys: Collection[int]) -> int:
        """The parts of some opportunities."""
        return _set((place for place, key in enumerate(self.keys) if key in keys), len(self.keys))

    def count(self, found: int) -> int:
        """How many opportunities some parts are of."""
        again = _joined((found << distance) & later for distance, later in self.again.items())
        return (found & ~again).bit_count()

    def tally(self, found: int) -> Tally:
        """The opportunities of some parts, each once, and the money of these parts."""
        money = sum((found & ones).bit_count() << digit for digit, ones in self.digits.items())
        return Tally(self.count(found), money)

    def keys_of(self, found: int) -> list[int]:
        """The keys of the opportunities of some parts, each once, in order."""
        bits = reversed(f"{found:b}")
        return list(dict.fromkeys(key for key, bit in zip(self.keys, bits, strict=False) if bit == "1"))


def read(opportunities: QuerySet[Opportunity], scheme: Scheme) -> Entries:
    """Some opportunities of a scheme's edition.

    Those of places and sectors that came later than the scheme was read are left out. One query.
    """
    keys: list[int] = []
    investments: list[Decimal] = []
    parts: dict[tuple[str, Any], list[int]] = defaultdict(list)
    lower_bounds = [step.lower for step in scheme.steps]
    for (key, sector, investment, months, status), located, forms in _read(opportunities, scheme):
        of_all = [
            ("sector", scheme.sector_slugs[sector]),
            ("bracket", scheme.bracket_of(investment)),
            ("cycle", scheme.cycle_of(months)),
            ("status", status),
            *(("cooperation", form) for form in forms),
            ("step", bisect_right(lower_bounds, investment) - 1),
            ("months", months),
        ]
        for number, (district, money) in enumerate(located):
            code, region = scheme.places[district]
            digits = (("digit", digit) for digit in range(money.bit_length()) if money >> digit & 1)
            again = (("again", distance) for distance in range(1, number + 1))
            for one in (*of_all, ("district", code), ("region", region), *digits, *again):
                parts[one].append(len(keys))
            keys.append(key)
            investments.append(investment)
    sets: dict[str, dict[Any, int]] = defaultdict(dict)
    for (kind, value), places in parts.items():
        sets[kind][value] = _set(places, len(keys))
    return Entries(
        keys,
        investments,
        having={
            facet: {value: sets[facet].get(value, 0) for value in options}
            for facet, options in scheme.options.items()
        },
        steps=[sets["step"].get(number, 0) for number in range(len(scheme.steps))],
        periods=sets["months"],
        digits=sets["digit"],
        again=sets["again"],
    )


Read = tuple[tuple[Any, ...], Collection[tuple[int, int]], set[str]]


def _read(opportunities: QuerySet[Opportunity], scheme: Scheme) -> Iterator[Read]:
    """Of each opportunity, in order: the columns of ``WHOLE``, its districts' keys with their money
    (hundredths of 亿元), and its forms of cooperation."""
    located = Location.objects.filter(opportunity__in=opportunities)
    in_order = located.order_by("-opportunity__investment", "opportunity__reference", "position")
    rows = in_order.values_list(*WHOLE, *LOCATED)
    for whole, own in groupby(rows, key=lambda row: row[: len(WHOLE)]):
        _key, sector, *_others = whole
        locations, forms = {}, set()
        # A location comes once for each form of cooperation.
        for *_whole, location, district, money, form in own:
            if sector in scheme.sector_slugs and district in scheme.places:
                locations[location] = (district, cents(money))
                if form:
                    forms.add(form)
        if locations:
            yield whole, locations.values(), forms


def _set(places: Iterable[int], size: int) -> int:
    """The set of these of ``size`` parts."""
    bits = bytearray(size // 8 + 1)
    for place in places:
        bits[place >> 3] |= 1 << (place & 7)
    return int.from_bytes(bits, "little")


def _joined(sets: Iterable[int]) -> int:
    return reduce(or_, sets, 0)
