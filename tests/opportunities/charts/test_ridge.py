"""The ridge chart: a step for each opportunity of each region, as high as its investment."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from django.utils import translation

from opportunities.charts import ridge as module
from opportunities.charts.ridge import PLOT, ridge
from tests.factories import make_edition, make_opportunity
from tests.opportunities.search.asking import search

pytestmark = pytest.mark.django_db


@pytest.fixture
def rows(db):
    make_edition(places={"east": ["1101", "1102"], "west": ["2201"]})
    for reference, investment, districts in (
        ("ROW-1", "100", "1101"),
        ("ROW-2", "1000", ["1101", "1102"]),
        ("ROW-3", "10", {"1102": "0.4", "2201": "0.6"}),
        ("ROW-4", "0.5", "2201"),
        ("ROW-5", "31.62", "2201"),
    ):
        make_opportunity(reference=reference, investment=Decimal(investment), districts=districts)


def steps(path: str) -> list[int]:
    """The heights of a stair's steps above the base line, in pixels."""
    start, stairs = re.fullmatch(r"M\d+ (\d+)((?:v-?\d+h\d+)+)V\1z", path).groups()
    found, y = [], int(start)
    for move, run in re.findall(r"v(-?\d+)h(\d+)", stairs):
        y += int(move)
        found += [PLOT - y] * int(run)
    return found


def skyline(massif) -> list[int]:
    """The upper edge of a region: the highest band of each step."""
    edges: list[int] = []
    for band in massif.bands:
        for number, top in enumerate(steps(band.path)):
            edges[number : number + 1] = [top]
    return edges


def test_a_step_is_an_opportunity_and_its_height_the_logarithm_of_its_investment(rows):
    east, west = ridge(search()).massifs
    # 1000 is the whole height of 272 pixels, each decade a third; in two places of a region it stands once.
    assert skyline(east) == [272, 181, 91]
    # The whole investment stands in each region; what is below 1 亿元 stays under the base line.
    assert skyline(west) == [136, 91]
    assert [band.level for band in east.bands] == [1, 2, 3, 4]
    assert [steps(band.path) for band in east.bands] == [[91] * 3, [154] * 2, [181] * 2, [272]]


def test_regions_carry_the_numbers_of_the_search(rows):
    found = ridge(search())
    assert [(m.region.slug, m.value.count, m.value.investment) for m in found.massifs] == [
        ("east", 3, Decimal("1104.00")),
        ("west", 3, Decimal("38.12")),
    ]
    assert [m.peak.opportunity.reference for m in found.massifs] == ["ROW-2", "ROW-5"]
    assert [(str(line.label), line.at_least and line.at_least.count) for line in found.lines] == [
        ("1 亿元", None), ("10 亿元", 4), ("50 亿元", 2), ("100 亿元", 2),
    ]  # fmt: skip
    assert found.is_repeated


def test_it_costs_two_queries_beside_the_facets(rows, django_assert_num_queries):
    one = search()
    assert one.facets.count == 5
    with django_assert_num_queries(2):
        ridge(one)


def test_of_a_huge_catalogue_a_step_is_several_and_shows_the_largest(rows, monkeypatch, client):
    monkeypatch.setattr(module, "STEPS_MAX", 3)
    found = ridge(search())
    assert found.each == 2
    assert [skyline(massif) for massif in found.massifs] == [[272, 91], [136]]
    page = client.get("/").text
    assert "每一级台阶代表 2 个机会" in page


def test_a_region_without_opportunities_keeps_its_place(rows):
    found = ridge(search("q=ROW-1"))
    assert [massif.peak is None for massif in found.massifs] == [False, True]


def test_another_city_has_its_own_regions_and_marks(catalogue):
    with translation.override("en"):
        found = ridge(search())
        assert [str(massif.name) for massif in found.massifs] == ["Harbour", "Upland"]
        assert [str(line.label) for line in found.lines] == ["CNY 0.1 bn", "CNY 0.5 bn", "CNY 2 bn"]


def test_it_stands_on_the_home_page_marked_as_a_sample(chongqing, client):
    page = client.get("/").text
    figure = page[page.index('<figure class="ridge"') : page.index("</figure>")]
    assert figure.count("（示例）") == 3
    # Published: 105, 39 and 17 opportunities by region, 109 of 10 亿元 and more, 25 of 50, 15 of 100.
    numbers = [int(n) for n in re.findall(r'<tspan class="tn">(\d+)</tspan> 个', figure)]
    assert numbers == [109, 25, 15, 105, 39, 17]
    assert re.findall(r'href="([^"]+)"', figure) == [
        *(f"/opportunities/?region={region}" for region in ("metro", "northeast", "southeast")),
        "/opportunities/?view=table",
    ]
    drawn = sum(len(skyline(massif)) for massif in ridge(search()).massifs)
    assert drawn == sum(value.count for value in search("investment_min=1").facets.facets["region"]) - equal()


def equal() -> int:
    """Opportunities of exactly 1 亿元 have no height."""
    return sum(value.count for value in search("investment_min=1&investment_max=1").facets.facets["region"])
