"""Sectors by regions: what of a search's money lies where, tinted on the six steps of the elevation scale."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

from django.db.models import Count, Sum

from .. import amounts
from ..models import Region, Sector
from ..search.facets import FacetValue
from ..search.query import Search

STEPS = 5


@dataclass(frozen=True)
class Cell:
    """One sector in one region: ``investment`` is what lies there, in 亿元; ``step`` is 0 without any."""

    region: Region
    count: int
    investment: Decimal
    step: int
    query: str


@dataclass(frozen=True)
class Row:
    """One sector in every region, and in all of them together."""

    sector: Sector
    cells: list[Cell]
    total: FacetValue


@dataclass(frozen=True)
class Heat:
    """The whole table. ``totals`` are the regions', whose counts may add up to more than ``count``."""

    regions: list[Region]
    rows: list[Row]
    totals: list[tuple[Region, FacetValue]]
    count: int
    investment: Decimal

    @property
    def in_regions(self) -> int:
        """The regions' counts together: an opportunity in two regions counts in each."""
        return sum(total.count for _region, total in self.totals)


def heat(search: Search) -> Heat:
    """The table of a search, in one query beside those of its facets, whose numbers are the totals."""
    found = {
        (sector, region): (count, amounts.two_places(investment))
        for sector, region, count, investment in search.matched_locations.values_list(
            "opportunity__sector__slug", "district__region__slug"
        ).annotate(Count("opportunity", distinct=True), Sum("investment"))
    }
    most = max((investment for _count, investment in found.values()), default=Decimal(0))
    scheme, facets = search.scheme, search.facets

    def cell(sector: Sector, region: Region) -> Cell:
        count, investment = found.get((sector.slug, region.slug), (0, Decimal("0.00")))
        query = search.query_with(sector=[sector.slug], region=[region.slug])
        return Cell(region, count, investment, step(investment, most), query)

    return Heat(
        regions=scheme.regions,
        rows=[
            Row(sector, [cell(sector, region) for region in scheme.regions], total)
            for sector, total in zip(scheme.sectors, facets.facets["sector"], strict=True)
        ],
        totals=list(zip(scheme.regions, facets.facets["region"], strict=True)),
        count=facets.count,
        investment=facets.total_investment,
    )


def step(investment: Decimal, most: Decimal) -> int:
    """The step of an amount on the scale that ends at ``most``: 0 for nothing, then 1 to 5.

    By square roots, as a few large sums would leave all the others on the lowest step.
    """
    if not investment:
        return 0
    return int((STEPS * (investment / most).sqrt()).to_integral_value(ROUND_CEILING))
