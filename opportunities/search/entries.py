"""What of each opportunity a search counts by: read for each question, or once a revision and kept."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db.models import QuerySet

from ..amounts import cents
from ..models import Cooperation, Location, Opportunity

if TYPE_CHECKING:
    from .scheme import Scheme

WHOLE = (
    "opportunity_id",
    "opportunity__sector_id",
    "opportunity__investment",
    "opportunity__cycle_months",
    "opportunity__status",
)


class Part(NamedTuple):
    """What of an opportunity lies in one district, in hundredths of 亿元."""

    money: int
    district: str
    region: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One opportunity: its investment in 亿元, the step of the histogram and the thresholds that it reaches,
    its values of each facet but places, and its parts."""

    investment: Decimal
    step: int
    reached: Sequence[Decimal]
    values: Mapping[str, Collection[str]]
    parts: tuple[Part, ...]


def read(opportunities: QuerySet[Opportunity], scheme: Scheme) -> dict[int, Entry]:
    """Some opportunities of a scheme's edition by key, the largest first and then by reference.

    Those of places and sectors that came later than the scheme was read are left out. Two queries.
    """
    offers: dict[int, set[str]] = defaultdict(set)
    offered = Cooperation.objects.filter(opportunity__in=opportunities).order_by()
    for key, form in offered.values_list("opportunity_id", "form"):
        offers[key].add(form)
    parts: dict[int, list[Part]] = defaultdict(list)
    whole: dict[int, Any] = {}
    located = Location.objects.filter(opportunity__in=opportunities)
    in_order = located.order_by("-opportunity__investment", "opportunity__reference", "position")
    for district, money, key, *own in in_order.values_list("district_id", "investment", *WHOLE):
        if district in scheme.places and own[0] in scheme.sector_slugs:
            parts[key].append(Part(cents(money), *scheme.places[district]))
            whole[key] = own
    return {key: _entry(scheme, offers[key], parts[key], *own) for key, own in whole.items()}


def _entry(
    scheme: Scheme,
    offers: set[str],
    parts: list[Part],
    sector: int,
    investment: Decimal,
    cycle_months: int,
    status: str,
) -> Entry:
    return Entry(
        investment=investment,
        step=bisect_right([step.lower for step in scheme.steps], investment) - 1,
        reached=scheme.thresholds[: bisect_right(scheme.thresholds, investment)],
        values={
            "sector": (scheme.sector_slugs[sector],),
            "bracket": (scheme.bracket_of(investment),),
            "cycle": (scheme.cycle_of(cycle_months),),
            "cooperation": tuple(offers),
            "status": (status,),
        },
        parts=tuple(parts),
    )
