"""The investment histogram: every bar is the search behind it, and together they are all there is."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import pytest
from django.test import Client
from django.utils import translation

from opportunities.charts.histogram import histogram, narrow_histogram
from tests.factories import make_edition, make_opportunity
from tests.opportunities.search.asking import search
from tests.oracle import CHONGQING, SECOND_CITY, Oracle, Questions, query_string

pytestmark = pytest.mark.django_db


@pytest.fixture
def rows(db):
    make_edition()
    for investment in ("0", "0.99", "1", "10", "12.58", "12.59", "49.99", "50", "50.11", "398.10", "398.11"):
        make_opportunity(
            investment=Decimal(investment),
            districts="2201" if investment.startswith(("49", "50")) else "1101",
        )


def bars(drawing) -> dict[str, int]:
    return {bar.query: bar.count for bar in drawing.bars}


def compare(pack: Path, searches: int) -> None:
    ask = Questions(Oracle.of(pack), f"histogram of {pack.name}")
    for _ in range(searches):
        one = search(query_string(ask()))
        everything = search(one.query_with(bracket=None, investment_min=None, investment_max=None))
        for drawing in histogram(one).drawings:
            assert sum(bar.count for bar in drawing.bars) == everything.count, one.canonical_query
            for bar in drawing.bars:
                assert bar.count == search(bar.query).count, f"?{one.canonical_query} bar {bar.label}"
        assert sum(step.found for step in one.facets.investment_steps) == one.count, one.canonical_query


def test_bars_are_the_searches_behind_them_and_add_up(chongqing):
    compare(CHONGQING, 40)


def test_bars_of_another_city_do_too(catalogue):
    compare(SECOND_CITY, 40)


def test_an_amount_stands_in_the_step_whose_lower_bound_it_reaches(rows):
    wide, narrow = histogram(search()).drawings
    assert bars(wide) == {
        "investment_max=0.99": 2,
        "investment_min=1&investment_max=1.25": 1,
        "investment_min=10&investment_max=12.58": 2,
        "investment_min=12.59&investment_max=15.84": 1,
        "investment_min=39.81&investment_max=49.99": 1,
        "investment_min=50&investment_max=63.09": 2,
        "investment_min=316.23&investment_max=398.1": 1,
        "investment_min=398.11": 1,
    }
    assert bars(narrow) == {
        "investment_max=0.99": 2,
        "investment_min=1&investment_max=1.57": 1,
        "investment_min=10&investment_max=15.84": 3,
        "investment_min=39.81&investment_max=63.09": 3,
        "investment_min=251.19&investment_max=398.1": 1,
        "investment_min=398.11": 1,
    }


def test_a_bar_replaces_bracket_and_range_and_keeps_the_rest(rows):
    for replaced in ("bracket=10-50", "investment_min=20&investment_max=30"):
        drawing = narrow_histogram(search(f"region=west&sort=name&{replaced}")).drawings[0]
        assert bars(drawing)["region=west&investment_min=39.81&investment_max=63.09&sort=name"] == 3


def test_the_full_part_of_a_bar_is_what_the_search_finds(rows):
    drawing = narrow_histogram(search("bracket=10-50")).drawings[0]
    heights = {bar.query: (height(bar.whole), height(bar.found)) for bar in drawing.bars}
    assert heights["investment_min=10&investment_max=15.84"] == (94, 94)
    # Of 49.99, 50 and 50.11 one is in the bracket.
    assert heights["investment_min=39.81&investment_max=63.09"] == (94, pytest.approx(94 / 3, abs=0.1))
    assert heights["investment_max=0.99"][1] == 0
    with translation.override("zh-hans"):
        drawing = narrow_histogram(search("bracket=10-50")).drawings[0]
        named = {bar.query: bar.name for bar in drawing.bars}
    assert named["investment_min=10&investment_max=15.84"] == "10–15.84 亿元：3 个机会"
    assert named["investment_min=39.81&investment_max=63.09"] == (
        "39.81–63.09 亿元：3 个机会，其中 1 个符合当前条件"
    )


def height(path: str) -> float:
    top, base = re.fullmatch(r"M[\d.]+ ([\d.]+)h[\d.]+V([\d.]+)h-[\d.]+z", path).groups()
    return float(base) - float(top)


def test_english_labels_are_in_cny_bn(rows):
    with translation.override("en"):
        drawing = histogram(search()).drawings[0]
        assert [mark.label for mark in drawing.marks] == [
            "CNY 0.1 bn", "0.25", "0.5", "1", "2.5", "5", "10", "25",
        ]  # fmt: skip
        assert drawing.bars[2].name == "CNY 1.0–1.258 bn: 2 opportunities"
    with translation.override("zh-hans"):
        marks = histogram(search()).drawings[0].marks
        assert [mark.label for mark in marks] == ["1 亿元", "2.5", "5", "10", "25", "50", "100", "250"]


def test_the_page_has_it_above_the_range_and_its_links_keep_the_sheet_open(rows, client: Client):
    page = client.get("/opportunities/?region=west").text
    panel = page[page.index('class="hist narrow"') : page.index('id="investment_min"')]
    link = "/opportunities/?region=west&amp;investment_min=39.81&amp;investment_max=63.09#filters"
    assert re.findall(r'<a id="[^"]+" href="([^"]+)"><title>', panel) == [link]
    # Where the amount alone finds nothing, it shows where there is something.
    assert 'class="hist' in client.get("/opportunities/?region=west&bracket=under-10").text
    for nothing in ("region=nowhere", "page=99", "q=zzzz"):
        assert 'class="hist' not in client.get(f"/opportunities/?{nothing}").text


def test_an_empty_list_has_no_bars(db):
    make_edition()
    assert histogram(search()).drawings[0].bars == []
