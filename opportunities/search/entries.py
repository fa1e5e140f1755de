"""What of each opportunity a search counts by: read for each question, or once a revision and kept."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

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


class Part(NamedTuple):
    """What of an opportunity lies in one district, in hundredths of 亿元."""

    money: int
    district: str
    region: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One opportunity: its investment in 亿元, its construction period, the step of the histogram and the
    thresholds that it reaches, its values of each facet but places, and its parts."""

    investment: Decimal
    cycle_months: int
    step: int
    reached: Sequence[Decimal]
    values: Mapping[str, Collection[str]]
    parts: tuple[Part, ...]


def read(opportunities: QuerySet[Opportunity], scheme: Scheme) -> dict[int, Entry]:
    """Some opportunities of a scheme's edition by key, the largest first and then by reference.

    Those of places and sectors that came later than the scheme was read are left out. One query.
    """
    offers: dict[int, set[str]] = defaultdict(set)
    parts: dict[int, dict[int, Part]] = defaultdict(dict)
    whole: dict[int, Any] = {}
    located = Location.objects.filter(opportunity__in=opportunities)
    in_order = located.order_by("-opportunity__investment", "opportunity__reference", "position")
    # A location comes once for each form of cooperation.
    for location, district, money, form, key, *own in in_order.values_list(*LOCATED, *WHOLE):
        if district not in scheme.places or own[0] not in scheme.sector_slugs:
            continue
        if location not in parts[key]:
            parts[key][location] = Part(cents(money), *scheme.places[district])
        if form:
            offers[key].add(form)
        whole[key] = own
    return {key: _entry(scheme, offers[key], parts[key].values(), *own) for key, own in whole.items()}


def _entry(
    scheme: Scheme,
    offers: Iterable[str],
    parts: Iterable[Part],
    sector: int,
    investment: Decimal,
    cycle_months: int,
    status: str,
) -> Entry:
    return Entry(
        investment=investment,
        cycle_months=cycle_months,
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
