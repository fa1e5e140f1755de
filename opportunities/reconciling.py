"""Published figures beside the figures that our rows give, each found by the search itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from django.http import QueryDict

from . import amounts
from .attributes import ATTRIBUTES
from .models import Edition, PublishedFigure
from .search.query import Search

Figure = int | Decimal
Claim = PublishedFigure.Claim


class Result(StrEnum):
    """What comparing a published with a computed figure gives."""

    AGREES = "agrees"
    ROUNDED = "rounded"
    DIFFERS = "differs"
    NOT_PUBLISHED = "not-published"


@dataclass(frozen=True)
class Reconciled:
    """A computed figure beside the published one: whole numbers, or money in 亿元.

    ``published`` is None where the source states none. ``query`` is the canonical query of the search
    behind the computed figure, None where it is not one of opportunities. ``figure`` is the claim, None
    where there is no single one: for a sum, or for what is not published.
    """

    published: Figure | None
    computed: Figure
    query: str | None
    is_rounded: bool = False
    figure: PublishedFigure | None = None

    @property
    def is_money(self) -> bool:
        return isinstance(self.computed, Decimal)

    @property
    def difference(self) -> Figure:
        """Computed less published, also where the published figure is rounded; 0 where there is none."""
        return 0 if self.published is None else self.computed - self.published

    @property
    def result(self) -> Result:
        """A figure that the source itself calls “about” never differs."""
        if self.published is None:
            return Result.NOT_PUBLISHED
        if not self.difference:
            return Result.AGREES
        return Result.ROUNDED if self.is_rounded else Result.DIFFERS


class Numbers(NamedTuple):
    """Opportunities and their money in 亿元."""

    count: int
    investment: Decimal


NONE = Numbers(0, Decimal("0.00"))

# What a claim speaks of: opportunities that its value selects in a parameter of the search, "" all of
# them, each as a count and as money; None where no claim is made of money.
SUBJECTS: dict[str, tuple[Claim, Claim | None]] = {
    "": (Claim.OPPORTUNITIES, Claim.INVESTMENT),
    "investment_min": (Claim.OPPORTUNITIES_AT_LEAST, None),
    "region": (Claim.REGION_OPPORTUNITIES, Claim.REGION_INVESTMENT),
    "sector": (Claim.SECTOR_OPPORTUNITIES, Claim.SECTOR_INVESTMENT),
}
_PARAMETER = {claim: parameter for parameter, claims in SUBJECTS.items() for claim in claims if claim}

# Claims of something else than opportunities.
OTHERS: dict[Claim, Callable[[Search], int]] = {
    Claim.SECTORS: lambda search: len(search.scheme.sectors),
    Claim.ATTRIBUTES: lambda search: len(ATTRIBUTES),
}


class Reconciliation:
    """What was published of an edition beside what its opportunities give."""

    def __init__(self, edition: Edition) -> None:
        self.search = Search.from_query(QueryDict(f"edition={edition.code}"), accepts=("edition",))
        self.figures = {(figure.claim, figure.value): figure for figure in edition.published_figures.all()}

    def claims(self) -> Iterator[Reconciled]:
        """Every published figure with its computed one, in the order of the source."""
        for figure in self.figures.values():
            claim = Claim(figure.claim)
            if claim in OTHERS:
                yield self.other(claim)
            else:
                count, money = self.subject(_PARAMETER[claim], figure.value)
                yield money if claim.is_money else count

    def subject(self, parameter: str, value: str = "") -> tuple[Reconciled, Reconciled]:
        """Count and money of what a value selects, each beside what was published of it."""
        numbers, query = self._computed(parameter, value)
        count, money = SUBJECTS[parameter]
        return (
            self._beside(self.figures.get((count, value)), numbers.count, query),
            self._beside(self.figures.get((money, value)) if money else None, numbers.investment, query),
        )

    def other(self, claim: Claim) -> Reconciled:
        return self._beside(self.figures.get((claim, "")), OTHERS[claim](self.search), None)

    def values(self, parameter: str) -> list[str]:
        """The values of a parameter of which anything was published, in the order of the source."""
        return list(dict.fromkeys(value for claim, value in self.figures if claim in SUBJECTS[parameter]))

    def _computed(self, parameter: str, value: str) -> tuple[Numbers, str | None]:
        """The numbers of what a value selects with its query; None of what the edition does not have."""
        search = self.search
        if not parameter:
            return Numbers(search.facets.count, search.facets.total_investment), search.query_with()
        if parameter == "investment_min":
            return self._at_least(value)
        for found in search.facets.facets[parameter]:
            if found.value == value:
                return Numbers(found.count, found.investment), search.query_with(**{parameter: [value]})
        return NONE, None

    def _at_least(self, value: str) -> tuple[Numbers, str | None]:
        try:
            threshold = amounts.parse(value)
        except ValueError:
            return NONE, None
        query = self.search.query_with(investment_min=threshold)
        for found in self.search.facets.investment_at_least:
            if found.threshold == threshold:
                return Numbers(found.count, found.investment), query
        # A source may count from an amount that is none of the catalogue's thresholds.
        search = Search.from_query(QueryDict(query))
        return Numbers(search.count, search.total_investment), query

    @staticmethod
    def _beside(figure: PublishedFigure | None, computed: Figure, query: str | None) -> Reconciled:
        if figure is None:
            return Reconciled(None, computed, query)
        published = figure.published if isinstance(computed, Decimal) else int(figure.published)
        return Reconciled(published, computed, query, figure.is_rounded, figure)


def reconcile(edition: Edition) -> list[Reconciled]:
    """Every published figure of an edition with its computed one, in the order of the source."""
    return list(Reconciliation(edition).claims())
