"""What is counted and summed, for each value of each facet.

Facets are disjunctive: a facet applies every filter but its own. The numbers beside a value are what
the search gives when that value alone is selected in its facet (contract, “Facets and totals”). Of large
lists the same is read off what is kept ready (``ready``).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import reduce
from operator import and_

from ..amounts import Band, from_cents
from . import text
from .entries import Entries, Tally, read
from .parameters import FACETS, MONTHS, RANGE, OpportunityFilterSet
from .scheme import Scheme

# The range sets no facet of its own but stands in the way of the thresholds and the steps.
_REPLACED_BY_AN_AMOUNT = ("bracket", "range")


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


@dataclass(frozen=True)
class Counts:
    """What is found of a search, before it is in the words of its scheme: values, thresholds and steps as
    they follow one another there."""

    total: Tally
    # Those found, the most relevant first, then the largest, then by reference; of large lists they are
    # asked for apart.
    keys: list[int]
    values: Mapping[str, Sequence[Tally]]
    at_least: Sequence[Tally]
    # Opportunities of each step: all that it leads to, and those that the search finds.
    steps: Sequence[int]
    found: Sequence[int]


def count(filterset: OpportunityFilterSet) -> Counts:
    """Count and sum a valid search."""
    cleaned, scheme = filterset.form.cleaned_data, filterset.scheme
    entries, tiers = _entries(filterset)
    meeting = {name: entries.of_any(name, cleaned[name]) for name in FACETS if cleaned[name]}
    meeting["range"] = entries.between(*(cleaned[name] for name in RANGE))
    rest = entries.lasting(*(cleaned[name] for name in MONTHS))
    if tiers is not None:
        rest &= entries.of_keys(tiers)

    def but(*names: str) -> int:
        return reduce(and_, (found for name, found in meeting.items() if name not in names), rest)

    found, of_any_amount = but(), but(*_REPLACED_BY_AN_AMOUNT)
    keys = entries.keys_of(found)
    return Counts(
        total=entries.tally(found),
        keys=keys if tiers is None else sorted(keys, key=tiers.__getitem__),
        values={
            name: [entries.tally(own & having) for having in entries.having[name].values()]
            for name, own in ((name, but(name)) for name in FACETS)
        },
        at_least=[entries.tally(of_any_amount & entries.between(t, None)) for t in scheme.thresholds],
        steps=[entries.count(of_any_amount & step) for step in entries.steps],
        found=[entries.count(found & step) for step in entries.steps],
    )


def _entries(filterset: OpportunityFilterSet) -> tuple[Entries, Mapping[int, int] | None]:
    """Opportunities of an edition, and of those that have the words how well they answer; None where
    nothing else is among them."""
    scheme, words = filterset.scheme, filterset.form.cleaned_data["q"]
    if not words and not scheme.is_large:
        return scheme.entries, None
    meeting = filterset.filter_queryset(filterset.queryset, without={*FACETS, *RANGE, *MONTHS})
    if scheme.is_large:
        # Counted here by whoever checks what is kept ready; nothing to keep in memory.
        return read(meeting, scheme), None
    return scheme.entries, dict(meeting.order_by().values_list("pk", text.relevance(words)))


def of_counts(counts: Counts, scheme: Scheme, selected: Mapping[str, Collection[str]]) -> Facets:
    """Every value of every facet of a scheme with what was counted, in the catalogue's order."""
    return Facets(
        count=counts.total.count,
        total_investment=from_cents(counts.total.money),
        facets={
            name: [
                FacetValue(value, label, tally.count, from_cents(tally.money), value in selected[name])
                for (value, label), tally in zip(
                    scheme.options[name].items(), counts.values[name], strict=True
                )
            ]
            for name in FACETS
        },
        investment_at_least=[
            AtLeast(threshold, tally.count, from_cents(tally.money))
            for threshold, tally in zip(scheme.thresholds, counts.at_least, strict=True)
        ],
        investment_steps=[Step(*one) for one in zip(scheme.steps, counts.steps, counts.found, strict=True)],
    )
