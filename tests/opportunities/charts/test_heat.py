"""Sectors by regions: each cell is a search of its own, and the totals are those of the facets."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.http import QueryDict

from opportunities.charts.heat import heat, step
from opportunities.search.query import Search
from tests.factories import make_edition, make_opportunity


@pytest.fixture
def edition(db):
    return make_edition(sectors=["grain", "tools"], places={"east": ["1101", "1102"], "west": ["2201"]})


def table(search):
    """Count and money of each cell by sector and region."""
    return {
        (row.sector.slug, cell.region.slug): (cell.count, cell.investment)
        for row in heat(search).rows
        for cell in row.cells
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
    assert [(region.slug, total.count) for region, total in found.totals] == [("east", 2), ("west", 1)]
    assert (found.in_regions, found.count) == (3, 2)


@pytest.mark.parametrize("city", ["chongqing", "catalogue"])
def test_a_cell_is_what_its_search_finds_and_rows_and_columns_add_up_to_the_facets(request, city):
    request.getfixturevalue(city)
    search = Search.everything()
    found = heat(search)
    for row in found.rows:
        for cell in row.cells:
            behind = Search.from_query(QueryDict(cell.query))
            assert (cell.count, cell.investment) == (behind.count, behind.total_investment)
        assert sum(cell.investment for cell in row.cells) == row.total.investment
    for column, (region, total) in enumerate(found.totals):
        cells = [row.cells[column] for row in found.rows]
        assert {cell.region for cell in cells} == {region}
        assert sum(cell.investment for cell in cells) == total.investment
        assert sum(cell.count for cell in cells) == total.count
    assert [row.total for row in found.rows] == search.facets.facets["sector"]
    assert found.investment == sum(total.investment for _region, total in found.totals)


def test_chongqings_columns_add_up_to_161(chongqing):
    found = heat(Search.everything())
    assert [(total.count, total.investment) for _region, total in found.totals] == [
        (105, Decimal(3528)), (39, Decimal(1034)), (17, Decimal(410)),
    ]  # fmt: skip
    assert (found.in_regions, found.count, found.investment) == (161, 160, Decimal(4972))


def test_it_costs_one_query_beside_the_facets_however_many_opportunities(edition, django_assert_num_queries):
    for sector in ("grain", "tools"):
        for district in ("1101", "2201"):
            make_opportunity(sector=sector, districts=district)
    search = Search.everything()
    assert search.facets.count == 4
    with django_assert_num_queries(1):
        assert sum(count for count, _investment in table(search).values()) == 4


@pytest.mark.parametrize(
    ("investment", "expected"),
    [("0", 0), ("0.01", 1), ("4", 1), ("4.01", 2), ("16", 2), ("36", 3), ("64", 4), ("64.01", 5), ("100", 5)],
)
def test_the_steps_are_equal_in_square_roots(investment, expected):
    assert step(Decimal(investment), Decimal(100)) == expected
