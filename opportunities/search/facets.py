"""What is counted and summed, for each value of each facet, in one pass over the rows.

Facets are disjunctive: a facet applies every filter but its own. The numbers beside a value are what
the search gives when that value alone is selected in its facet (contract, “Facets and totals”). Of large
lists the same is read off what is kept ready (``ready``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from ..amounts import Band, from_cents
from . import entries, text
from .entries import Entry
from .parameters import FACETS, MONTHS, PLACES, RANGE, OpportunityFilterSet
from .scheme import Scheme

# The range sets no facet of its own but stands in the way of the thresholds and the steps.
_REPLACED_BY_AN_AMOUNT = frozenset({"bracket", "range"})


@dataclass(frozen=True)
class FacetValue:
    """One value of a facet: ``investment`` in 亿元 of the matching locations."""

    value: str
    label: object
    count: int
    investment: Decimal
    selected: bool


@dataclass(frozen=True)
class AtLeast:
    """The published way of counting: opportunities of a threshold (亿元) and more."""

    threshold: Decimal
    count: int
    investment: Decimal


@dataclass(frozen=True)
class Step:
    """One step of the histogram of investments, in place of brackets and range.

    ``count`` opportunities have an investment in ``band``; ``found`` of them are in the search as it is.
    """

    band: Band
    count: int
    found: int


@dataclass(frozen=True)
class Facets:
    count: int
    total_investment: Decimal
    facets: dict[str, list[FacetValue]]
    investment_at_least: list[AtLeast]
    investment_steps: list[Step]


@dataclass(slots=True)
class Tally:
    """Distinct opportunities and their money in hundredths of 亿元."""

    count: int = 0
    money: int = 0

    def add(self, money: int) -> None:
        self.count += 1
        self.money += money


@dataclass
class Counts:
    """What is found of a search, before it is in the order and the words of its scheme."""

    total: Tally = field(default_factory=Tally)
    # Those found, the most relevant first, then the largest, then by reference; of large lists they are
    # asked for apart.
    keys: list[int] = field(default_factory=list)
    values: dict[tuple[str, str], Tally] = field(default_factory=lambda: defaultdict(Tally))
    at_least: dict[Decimal, Tally] = field(default_factory=lambda: defaultdict(Tally))
    # Opportunities by number of their step: all that it leads to, and those that the search finds.
    steps: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    found: dict[int, int] = field(default_factory=lambda: defaultdict(int))


def count(filterset: OpportunityFilterSet) -> Counts:
    """Count and sum a valid search, opportunity by opportunity."""
    cleaned = filterset.form.cleaned_data
    selected = {name: set(cleaned[name]) for name in FACETS if cleaned[name]}
    regions, districts = (selected.pop(name, None) for name in PLACES)
    bounds = [cleaned[name] for name in RANGE]
    counts = Counts()
    for key, entry in _meeting_the_rest(filterset):
        failed = [name for name, chosen in selected.items() if chosen.isdisjoint(entry.values[name])]
        if not _is_within(entry.investment, *bounds):
            failed.append("range")
        _fold(counts, key, entry, failed, regions, districts)
    return counts


def of_counts(counts: Counts, scheme: Scheme, selected: Mapping[str, Collection[str]]) -> Facets:
    """Every value of every facet of a scheme with what was counted, in the catalogue's order."""
    return Facets(
        count=counts.total.count,
        total_investment=from_cents(counts.total.money),
        facets={
            name: [
                _value(counts.values.get((name, value)), value, label, value in selected[name])
                for value, label in options.items()
            ]
            for name, options in _ordered(scheme)
        },
        investment_at_least=[
            AtLeast(threshold, counts.at_least[threshold].count, from_cents(counts.at_least[threshold].money))
            for threshold in scheme.thresholds
        ],
        investment_steps=[
            Step(band, counts.steps[number], counts.found[number]) for number, band in enumerate(scheme.steps)
        ],
    )


def _ordered(scheme: Scheme) -> list[tuple[str, dict[str, object]]]:
    return [(name, scheme.options[name]) for name in FACETS]


def _value(tally: Tally | None, value: str, label: object, selected: bool) -> FacetValue:
    tally = tally or Tally()
    return FacetValue(value, label, tally.count, from_cents(tally.money), selected)


def _meeting_the_rest(filterset: OpportunityFilterSet) -> Iterable[tuple[int, Entry]]:
    """The opportunities that meet all but the facets and the range, in the order of the search's keys."""
    scheme, cleaned = filterset.scheme, filterset.form.cleaned_data
    if scheme.is_large:
        # Counted here by whoever checks what is kept ready; nothing to keep in memory.
        without = {*FACETS, *RANGE}
        return entries.read(filterset.filter_queryset(filterset.queryset, without=without), scheme).items()
    found: Iterable[tuple[int, Entry]] = scheme.entries.items()
    if cleaned["q"]:
        meeting = filterset.filter_queryset(filterset.queryset, without={*FACETS, *RANGE, *MONTHS})
        tiers = dict(meeting.order_by().values_list("pk", text.relevance(cleaned["q"])))
        found = sorted((one for one in found if one[0] in tiers), key=lambda one: tiers[one[0]])
    months = [cleaned[name] for name in MONTHS]
    if any(months):
        found = [(key, entry) for key, entry in found if _is_within(entry.cycle_months, *months)]
    return found


def _is_within(value: Decimal | int, lower: Decimal | int | None, upper: Decimal | int | None) -> bool:
    return (lower is None or value >= lower) and (upper is None or value <= upper)


def _fold(
    counts: Counts,
    key: int,
    entry: Entry,
    failed: Collection[str],
    regions: Collection[str] | None,
    districts: Collection[str] | None,
) -> None:
    """Add one opportunity wherever it counts: everywhere, or only in the one facet it fails."""
    parts = entry.parts
    in_region = [part for part in parts if part.region in regions] if regions else parts
    in_district = [part for part in parts if part.district in districts] if districts else parts
    matching = [part for part in in_region if part.district in districts] if districts else in_region
    money = sum(part.money for part in matching)
    if matching and _REPLACED_BY_AN_AMOUNT.issuperset(failed):
        for threshold in entry.reached:
            counts.at_least[threshold].add(money)
        counts.steps[entry.step] += 1
    if matching and len(failed) <= 1 and "range" not in failed:
        for name in failed or entry.values:
            for value in entry.values[name]:
                counts.values[name, value].add(money)
    if failed:
        return
    if matching:
        counts.total.add(money)
        counts.keys.append(key)
        counts.found[entry.step] += 1
    for place, part_money in _by_place([(part.region, part.money) for part in in_district]):
        counts.values["region", place].add(part_money)
    for place, part_money in _by_place([(part.district, part.money) for part in in_region]):
        counts.values["district", place].add(part_money)


def _by_place(parts: Sequence[tuple[str, int]]) -> Iterable[tuple[str, int]]:
    """What of an opportunity lies in each place, which has it once."""
    if len(parts) < 2:
        return parts
    found: dict[str, int] = {}
    for place, money in parts:
        found[place] = found.get(place, 0) + money
    return found.items()
