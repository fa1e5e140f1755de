"""When nothing meets every condition: what leaving out one of them would give."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import reduce
from itertools import groupby
from operator import attrgetter, or_
from typing import Any

from django.db.models import Aggregate, Count, Q, QuerySet, Sum

from .. import amounts
from ..models import Location, Opportunity
from .query import Search
from .saying import either

NEAREST_MAX = 4


@dataclass(frozen=True)
class Relaxation:
    """One parameter left out: ``investment`` in 亿元 of the matching locations, and the search's query."""

    parameter: str
    name: object
    label: str
    count: int
    investment: Decimal
    query: str


def relaxations(search: Search) -> list[Relaxation]:
    """For each parameter that narrows the search, what the search gives without it. One query."""
    named = {
        name: list(conditions) for name, conditions in groupby(search.conditions, attrgetter("parameter"))
    }
    if not named:
        return []
    sums: dict[str, Aggregate] = {}
    for name in named:
        matching = Q(opportunity__in=_without(search, name)) & search.filterset.places(without={name})
        sums[f"count_{name}"] = Count("opportunity", distinct=True, filter=matching)
        sums[f"sum_{name}"] = Sum("investment", filter=matching)
    found = Location.objects.aggregate(**sums)
    return [
        Relaxation(
            parameter=name,
            name=conditions[0].name,
            label=either(condition.label for condition in conditions),
            count=found[f"count_{name}"],
            investment=amounts.two_places(found[f"sum_{name}"]),
            query=search.query_with(**{name: None}),
        )
        for name, conditions in named.items()
    ]


def nearest(search: Search) -> list[Opportunity]:
    """Opportunities that miss one condition of several, the largest first."""
    names = list(dict.fromkeys(condition.parameter for condition in search.conditions))
    if len(names) < 2:
        return []
    missing_one = reduce(or_, (Q(pk__in=_without(search, name)) for name in names))
    near = search.filterset.queryset.filter(missing_one).order_by("-investment", "reference")
    return list(near.for_results()[:NEAREST_MAX])


def _without(search: Search, name: str) -> QuerySet[Opportunity, dict[str, Any]]:
    return search.filterset.filter_queryset(search.filterset.queryset, without={name}).values("pk")
