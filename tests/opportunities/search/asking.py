"""Short ways to ask the search in tests."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import QueryDict

from opportunities.search.parameters import PAGE
from opportunities.search.query import Search
from opportunities.search.refusals import Refusal, SearchRefused


def search(query: str = "", accepts: Sequence[str] = PAGE) -> Search:
    return Search.from_query(QueryDict(query), accepts)


def references(query: str = "") -> list[str]:
    """The references that a query string finds, in order."""
    return [opportunity.reference for opportunity in search(query).results]


def found(**values: str) -> list[str] | str:
    """The references found by single values, in order, or ``refused``."""
    query = QueryDict(mutable=True)
    for name, value in values.items():
        query[name] = value
    try:
        return [opportunity.reference for opportunity in Search.from_query(query).results]
    except SearchRefused:
        return "refused"


def refusals(query: str, accepts: Sequence[str] = PAGE) -> list[Refusal]:
    """Why a query string is refused, in order; empty when it is not."""
    try:
        search(query, accepts)
    except SearchRefused as refused:
        return refused.refusals
    return []
