"""Sectors by regions: each cell is a search of its own, and the totals are those of the facets."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.http import QueryDict

from opportunities.charts.heat import heat
from opportunities.search.query import Search
from tests.factories import make_edition, make_opportunity


@pytest.fixture
def edition(db):
    return make_edition(sectors=["grain", "tools"], places={"east": ["1101", "1102"], "west": ["2201"]})


def table(search):
    """Count and money of each cell by sector and region."""
    return {
        (row.sector.slug, region.slug): (cell.count, cell.investment)
        for row in heat(search).rows
        for region, cell in zip(search.scheme.regions, row.cells, strict=True)
    }


def test_an_opportunity_counts_in_each_of_its_regions_with_the_part_that_lies_there(edition):
    make_opportunity(sector="grain", investment=Decimal("10.01"), districts={"1101": "0.5", "2201": "0.5"})
    make_opportunity(sector="grain", investment=Decimal(4), districts=["1101", "1102"])
    make_opportunity(sector="tools", investment=Decimal(7), districts="2201", publication="withdrawn")
    found = heat(Search.everything())
    assert table(Search.everything()) == {
        ("grain", "east"): (2, Decimal("9.01")),
        ("grain", "west"): (1, Decimal("5.00")),
        ("tools", "east"): (0, Decimal("0.00")),
        ("tools", "west"): (0, Decimal("0.00")),
    }
    assert [(row.total.count, row.total.investment) for row in found.rows] == [(2, Decimal("14.01")), (0, 0)]
    assert [total.count for total in found.totals] == [2, 1]
    assert (found.in_regions, found.whole.count) == (3, 2)


@pytest.mark.parametrize("city", ["chongqing", "catalogue"])
def test_a_cell_is_what_its_search_finds_and_rows_and_columns_add_up_to_the_facets(request, city):
    request.getfixturevalue(city)
    search = Search.everything()
    found = heat(search)
    totals = [row.total for row in found.rows] + found.totals + [found.whole]
    for row in found.rows:
        for cell in [*row.cells, *totals]:
            behind = Search.from_query(QueryDict(cell.query))
            assert (cell.count, cell.investment) == (behind.count, behind.total_investment)
        assert sum(cell.investment for cell in row.cells) == row.total.investment
    for column, total in enumerate(found.totals):
        cells = [row.cells[column] for row in found.rows]
        assert sum(cell.investment for cell in cells) == total.investment
        assert sum(cell.count for cell in cells) == total.count
    for name, cells in (("sector", [row.total for row in found.rows]), ("region", found.totals)):
        facet = search.facets.facets[name]
        assert [(c.count, c.investment) for c in cells] == [(v.count, v.investment) for v in facet]
    assert found.whole.investment == sum(total.investment for total in found.totals)


def test_chongqings_columns_add_up_to_161(chongqing):
    found = heat(Search.everything())
    assert [(total.count, total.investment) for total in found.totals] == [
        (105, Decimal(3528)), (39, Decimal(1034)), (17, Decimal(410)),
    ]  # fmt: skip
    assert (found.in_regions, found.whole.count, found.whole.investment) == (161, 160, Decimal(4972))


def test_it_costs_one_query_beside_the_facets_however_many_opportunities(edition, django_assert_num_queries):
    for sector in ("grain", "tools"):
        for district in ("1101", "2201"):
            make_opportunity(sector=sector, districts=district)
    search = Search.everything()
    assert search.facets.count == 4
    with django_assert_num_queries(1):
        assert sum(count for count, _investment in table(search).values()) == 4


def test_more_money_has_a_stronger_tint_and_none_has_none(edition):
    for investment, sector, district in (
        ("1", "grain", "1101"),
        ("40", "grain", "2201"),
        ("200", "tools", "1101"),
    ):
        make_opportunity(sector=sector, investment=Decimal(investment), districts=district)
    cells = [cell for row in heat(Search.everything()).rows for cell in row.cells]
    by_money = sorted(cells, key=lambda cell: cell.investment)
    levels = [cell.level for cell in by_money]
    assert levels[0] == 0 and levels == sorted(set(levels)), (
        "none first, then each higher than the one before"
    )
    assert heat(Search.everything()).whole.level is None
