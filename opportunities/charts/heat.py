"""Sectors by regions: how much of a search's money lies where, tinted on the elevation scale."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, Sum
from django.utils.translation import gettext_lazy as _

from .. import amounts
from ..models import Region, Sector
from ..search.facets import FacetValue
from ..search.query import Search
from .district_map import whole_figure
from .elevation import Step, scale

IN_ALL = _("In all")


@dataclass(frozen=True)
class Cell:
    """What was found in one place of the table, ``investment`` in 亿元; a total has no ``level``."""

    label: object
    count: int
    investment: Decimal
    query: str
    level: int | None = None

    @property
    def figure(self) -> str:
        """The money as it stands in the cell: whole 亿元, in English tenths of CNY bn."""
        return whole_figure(self.investment)


@dataclass(frozen=True)
class Row:
    """One sector in every region, and in all of them together."""

    sector: Sector
    cells: list[Cell]
    total: Cell


@dataclass(frozen=True)
class Heat:
    """The whole table. ``totals`` are the regions', whose counts may add up to more than ``whole`` has."""

    regions: list[Region]
    rows: list[Row]
    totals: list[Cell]
    whole: Cell
    steps: list[Step]

    @property
    def in_regions(self) -> int:
        """The regions' counts together: an opportunity in two regions counts in each."""
        return sum(total.count for total in self.totals)


def heat(search: Search) -> Heat:
    """The table of a search that selects neither: one query beside those of its facets, which total it."""
    found = search.ready.by_sector_and_region() if search.ready else _counted(search)
    tint = scale(investment for _count, investment in found.values())
    scheme, facets = search.scheme, search.facets

    def cell(sector: Sector, region: Region) -> Cell:
        count, investment = found.get((sector.slug, region.slug), (0, Decimal("0.00")))
        query = search.query_with(sector=[sector.slug], region=[region.slug])
        return Cell(region.short, count, investment, query, tint.level(investment))

    def total(label: object, value: FacetValue, name: str) -> Cell:
        return Cell(label, value.count, value.investment, search.query_with(**{name: [value.value]}))

    return Heat(
        regions=scheme.regions,
        rows=[
            Row(sector, [cell(sector, region) for region in scheme.regions], total(IN_ALL, value, "sector"))
            for sector, value in zip(scheme.sectors, facets.facets["sector"], strict=True)
        ],
        totals=[
            total(region.short, value, "region")
            for region, value in zip(scheme.regions, facets.facets["region"], strict=True)
        ],
        whole=Cell(IN_ALL, facets.count, facets.total_investment, search.canonical_query),
        steps=tint.steps,
    )


def _counted(search: Search) -> dict[tuple[str, str], tuple[int, Decimal]]:
    """How many opportunities and how much money (亿元) lie in each sector and region, both by slug."""
    cells = search.matched_locations.values_list("opportunity__sector__slug", "district__region__slug")
    return {
        (sector, region): (count, amounts.two_places(investment))
        for sector, region, count, investment in cells.annotate(
            Count("opportunity", distinct=True), Sum("investment")
        )
    }
