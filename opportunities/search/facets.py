"""What is counted and summed, for each value of each facet, in one pass over the rows.

Facets are disjunctive: a facet applies every filter but its own. The numbers beside a value are what
the search gives when that value alone is selected in its facet (contract, “Facets and totals”). Of large
lists the same is read off what is kept ready (``ready``).
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

from ..amounts import Band, cents, from_cents
from ..models import Cooperation, Location
from .parameters import FACETS, OpportunityFilterSet
from .scheme import Scheme, cycle_of

# These set no facet of their own but stand in the way of the thresholds and the steps.
RANGE = ("investment_min", "investment_max")
_REPLACED_BY_AN_AMOUNT = {"bracket", "range"}


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


@dataclass
class Tally:
    """Distinct opportunities and their money in hundredths of 亿元."""

    count: int = 0
    money: int = 0

    def add(self, money: int) -> None:
        self.count += 1
        self.money += money


class _Part(NamedTuple):
    """What of an opportunity lies in one district, in hundredths of 亿元."""

    money: int
    district: str
    region: str


@dataclass
class Counts:
    """What is found of a search, before it is in the order and the words of its scheme."""

    total: Tally = field(default_factory=Tally)
    values: dict[tuple[str, str], Tally] = field(default_factory=lambda: defaultdict(Tally))
    at_least: dict[Decimal, Tally] = field(default_factory=lambda: defaultdict(Tally))
    # Opportunities by number of their step: all that it leads to, and those that the search finds.
    steps: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    found: dict[int, int] = field(default_factory=lambda: defaultdict(int))


def count(filterset: OpportunityFilterSet) -> Facets:
    """Count and sum a valid search, in two queries: locations and forms of cooperation."""
    cleaned = filterset.form.cleaned_data
    scheme = filterset.scheme
    selected = {name: set(cleaned[name]) for name in FACETS}
    counts = Counts()
    bounds = [step.lower for step in scheme.steps]
    for investment, values, parts in _opportunities(filterset):
        step = bisect_right(bounds, investment) - 1
        _fold(counts, investment, values, parts, selected, cleaned, scheme.thresholds, step)
    return of_counts(counts, scheme, cleaned)


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


def _opportunities(
    filterset: OpportunityFilterSet,
) -> Iterator[tuple[Decimal, dict[str, set[str]], list[_Part]]]:
    """Each opportunity that meets all but the facets and the range.

    Its investment in 亿元, its facet values, and its locations.
    """
    scheme = filterset.scheme
    base = filterset.filter_queryset(filterset.queryset, without={*FACETS, *RANGE})
    offers: dict[int, set[str]] = defaultdict(set)
    offered = Cooperation.objects.filter(opportunity__in=base).order_by()
    for opportunity, form in offered.values_list("opportunity_id", "form"):
        offers[opportunity].add(form)
    located = (
        Location.objects.filter(opportunity__in=base)
        .order_by()
        .values_list(
            "opportunity_id",
            "investment",
            "district_id",
            "opportunity__sector_id",
            "opportunity__investment",
            "opportunity__cycle_months",
            "opportunity__status",
        )
    )
    parts: dict[int, list[_Part]] = defaultdict(list)
    whole: dict[int, list[Any]] = {}
    for opportunity, money, district, *of_the_whole in located:
        parts[opportunity].append(_Part(cents(money), *scheme.places[district]))
        whole[opportunity] = of_the_whole
    for opportunity, (sector, investment, cycle_months, status) in whole.items():
        yield (
            investment,
            {
                "sector": {scheme.sector_slugs[sector]},
                "bracket": {scheme.bracket_of(investment)},
                "cycle": {cycle_of(cycle_months)},
                "cooperation": offers[opportunity],
                "status": {status},
            },
            parts[opportunity],
        )


def _fold(
    counts: Counts,
    investment: Decimal,
    values: dict[str, set[str]],
    parts: Sequence[_Part],
    selected: dict[str, set[str]],
    cleaned: dict[str, Decimal | None],
    thresholds: Sequence[Decimal],
    step: int,
) -> None:
    """Add one opportunity wherever it counts: everywhere, or only in the one facet it fails."""
    failed = {name for name, own in values.items() if selected[name] and selected[name].isdisjoint(own)}
    lower, upper = cleaned["investment_min"], cleaned["investment_max"]
    if (lower is not None and investment < lower) or (upper is not None and investment > upper):
        failed.add("range")
    regions, districts = selected["region"], selected["district"]
    in_region = [part for part in parts if part.region in regions] if regions else parts
    in_district = [part for part in parts if part.district in districts] if districts else parts
    matching = [part for part in in_region if part.district in districts] if districts else in_region
    money = sum(part.money for part in matching)

    if matching and failed <= _REPLACED_BY_AN_AMOUNT:
        for threshold in thresholds:
            if investment >= threshold:
                counts.at_least[threshold].add(money)
        counts.steps[step] += 1
    if "range" in failed:
        return
    if matching and len(failed) <= 1:
        for name in failed or values:
            for value in values[name]:
                counts.values[name, value].add(money)
    if failed:
        return
    if matching:
        counts.total.add(money)
        counts.found[step] += 1
    for name, places in (("region", in_district), ("district", in_region)):
        by_place: dict[str, int] = defaultdict(int)
        for part in places:
            by_place[getattr(part, name)] += part.money
        for place, part_money in by_place.items():
            counts.values[name, place].add(part_money)
