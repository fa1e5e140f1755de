"""Published figures beside the figures that our rows give, each found by the search itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from django.http import QueryDict

from .attributes import ATTRIBUTES
from .models import Edition, PublishedFigure
from .search.query import Search

Figure = int | Decimal
Claim = PublishedFigure.Claim


@dataclass(frozen=True)
class Reconciled:
    """A published figure and the computed one: whole numbers, or money in 亿元.

    ``query`` is the canonical query of the search behind the computed figure, None where it is not
    one of opportunities.
    """

    figure: PublishedFigure
    computed: Figure
    query: str | None

    @property
    def is_money(self) -> bool:
        return Claim(self.figure.claim).is_money

    @property
    def published(self) -> Figure:
        return self.figure.published if self.is_money else int(self.figure.published)

    @property
    def difference(self) -> Figure:
        """Computed less published, also where the published figure is rounded."""
        return self.computed - self.published

    @property
    def needs_a_look(self) -> bool:
        """Whether the figures differ and the source does not call its own “about”."""
        return bool(self.difference) and not self.figure.is_rounded


def reconcile(edition: Edition) -> list[Reconciled]:
    """Every published figure of an edition with its computed one, in the order of the source."""
    search = Search.from_query(QueryDict(f"edition={edition.code}"), accepts=("edition",))
    return [_reconciled(figure, search) for figure in edition.published_figures.all()]


def _reconciled(figure: PublishedFigure, search: Search) -> Reconciled:
    computed, parameter = _COMPUTED[Claim(figure.claim)]
    query = None
    if parameter is not None:
        query = search.query_with(**{parameter: _selected(figure)} if parameter else {})
    return Reconciled(figure, computed(search, figure.value), query)


def _selected(figure: PublishedFigure) -> list[str] | Decimal:
    return Decimal(figure.value) if figure.claim == Claim.OPPORTUNITIES_AT_LEAST else [figure.value]


def _count_of(facet: str) -> Callable[[Search, str], Figure]:
    return lambda search, value: next((v.count for v in search.facets.facets[facet] if v.value == value), 0)


def _money_of(facet: str) -> Callable[[Search, str], Figure]:
    return lambda search, value: next(
        (v.investment for v in search.facets.facets[facet] if v.value == value), Decimal("0.00")
    )


def _count_at_least(search: Search, value: str) -> int:
    threshold = Decimal(value)
    for at_least in search.facets.investment_at_least:
        if at_least.threshold == threshold:
            return at_least.count
    # A source may count from an amount that is none of the catalogue's thresholds.
    return Search.from_query(QueryDict(search.query_with(investment_min=threshold))).count


# How each claim is computed, and the parameter that its value selects: "" selects the whole edition.
_COMPUTED: dict[PublishedFigure.Claim, tuple[Callable[[Search, str], Figure], str | None]] = {
    Claim.OPPORTUNITIES: (lambda search, _: search.facets.count, ""),
    Claim.INVESTMENT: (lambda search, _: search.facets.total_investment, ""),
    Claim.SECTORS: (lambda search, _: len(search.scheme.sectors), None),
    Claim.ATTRIBUTES: (lambda search, _: len(ATTRIBUTES), None),
    Claim.OPPORTUNITIES_AT_LEAST: (_count_at_least, "investment_min"),
    Claim.REGION_OPPORTUNITIES: (_count_of("region"), "region"),
    Claim.REGION_INVESTMENT: (_money_of("region"), "region"),
    Claim.SECTOR_OPPORTUNITIES: (_count_of("sector"), "sector"),
    Claim.SECTOR_INVESTMENT: (_money_of("sector"), "sector"),
}
