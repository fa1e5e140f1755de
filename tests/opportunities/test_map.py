"""The schematic of districts wherever it stands: its numbers, its links, and what is marked."""

from __future__ import annotations

import gzip
import re
from dataclasses import dataclass
from decimal import Decimal
from html import unescape

import pytest
from django.http import QueryDict
from django.test import Client
from django.utils import translation

from opportunities.charts import district_map, hexagons
from opportunities.charts.district_map import whole_figure
from opportunities.models import District, Edition
from opportunities.search.query import Search
from tests.factories import make_edition, make_opportunity
from tests.readings import hooks_of

pytestmark = pytest.mark.django_db

KB = 1024


@dataclass
class Tile:
    """A tile as a page draws it."""

    code: str
    tint: str
    query: str
    is_selected: bool
    title: str
    shape: str
    figure: str


TILE = re.compile(
    r'<a id="tile-(?P<code>[^"]+)" class="(?P<tint>\w+)"'
    r' href="(?:/en)?/opportunities/(?:\?(?P<query>[^"]*))?"'
    r'(?P<selected> aria-current="true")?><title>(?P<title>[^<]+)</title><path d="(?P<shape>[^"]+)"/>'
    r'.*?<text class="v"[^>]*>(?P<figure>[^<]+)</text></a>'
)


def tiles_of(page: str) -> list[Tile]:
    return [
        Tile(
            found["code"],
            found["tint"],
            unescape(found["query"] or ""),
            bool(found["selected"]),
            unescape(found["title"]),
            found["shape"],
            found["figure"],
        )
        for found in TILE.finditer(page)
    ]


def tiles(client: Client, path: str) -> dict[str, Tile]:
    return {tile.code: tile for tile in tiles_of(client.get(path).text)}


def table_of(page: str) -> list[tuple[str, str, int, Decimal, str]]:
    """District, region, count, amount and address of each row."""
    rows = re.findall(r"<tr(?: class=\"on\")?>\s*<th scope=\"row\">(.*?)</tr>", page, re.S)
    found = []
    for row in rows:
        address = unescape(re.search(r'href="([^"]+)"', row)[1])
        name = re.search(r">([^<]+)</a>", row)[1]
        region, count, amount = (
            re.sub(r"<span class=\"pad\".*?</span>|<[^>]+>", "", cell)
            for cell in re.findall(r"<td.*?</td>", row)
        )
        found.append((name, region, int(count), Decimal(amount.replace(",", "")), address))
    return found


def without_positions() -> None:
    District.objects.update(map_row=None, map_column=None)


# --- on the search page ---------------------------------------------------------------------------


@pytest.mark.parametrize("query", ["view=map", "sector=food&cycle=13-24&view=map"])
def test_a_tile_shows_the_count_that_stands_behind_it(chongqing: Edition, client: Client, query: str) -> None:
    found = {one.value: one for one in Search.from_query(QueryDict(query)).facets.facets["district"]}
    drawn = tiles(client, f"/opportunities/?{query}")
    assert set(drawn) == set(found)
    assert len(drawn) == 41
    for code, tile in drawn.items():
        assert tile.figure == (str(found[code].count) if found[code].count else "–")
        assert (tile.tint == "e0") == (found[code].investment == 0)
        behind = Search.from_query(QueryDict(tile.query))
        assert (behind.count, behind.total_investment) == (found[code].count, found[code].investment)
        assert behind.canonical_query == tile.query


def test_more_money_is_never_a_lower_tint(chongqing: Edition, client: Client) -> None:
    drawn = tiles(client, "/opportunities/?view=map")
    found = sorted(Search.everything().facets.facets["district"], key=lambda one: one.investment)
    tints = [drawn[one.value].tint for one in found]
    assert tints == sorted(tints)
    assert {"e1", "e5"} <= set(tints)


@pytest.mark.parametrize("prefix", ["", "/en"])
def test_a_tile_says_its_district_count_and_money(chongqing: Edition, client: Client, prefix: str) -> None:
    found = next(one for one in Search.everything().facets.facets["district"] if one.value == "500155")
    tile = tiles(client, f"{prefix}/opportunities/?view=map")["500155"]
    if prefix:
        assert tile.title == f"Liangping District: {found.count} opportunities, CNY 19.551 bn"
    else:
        assert tile.title == f"梁平区：{found.count} 个机会，195.51 亿元"


def test_a_tile_toggles_its_district_and_stays_on_the_map(chongqing: Edition, client: Client) -> None:
    drawn = tiles(client, "/opportunities/?region=metro&district=500103&sort=name&view=map")
    assert drawn["500103"].query == "region=metro&sort=name&view=map"
    assert drawn["500108"].query == "region=metro&district=500103&district=500108&sort=name&view=map"
    assert [code for code, tile in drawn.items() if tile.is_selected] == ["500103"]
    assert drawn["500103"].title.endswith("（已选）")


def test_selected_tiles_are_outlined_above_all_others(chongqing: Edition, client: Client) -> None:
    page = client.get("/opportunities/?district=500103&district=500108&view=map").text
    rings = re.findall(r'<path class="sel" d="([^"]+)"/>', page)
    places = [District.objects.get(code=code) for code in ("500103", "500108")]
    assert rings == [hexagons.cell(hexagons.centre(one.map_row, one.map_column)) for one in places]
    assert page.index('class="sel"') > page.rindex('class="riv')
    assert 'class="sel"' not in client.get("/opportunities/?view=map").text


def test_districts_of_another_region_are_plain_and_lead_to_it(chongqing: Edition, client: Client) -> None:
    page = client.get("/opportunities/?region=metro&bracket=10-50&view=map")
    drawn = {tile.code: tile for tile in tiles_of(page.text)}
    plain = {code for code, tile in drawn.items() if tile.tint == "off"}
    assert plain == set(District.objects.exclude(region__slug="metro").values_list("code", flat=True))
    assert drawn["500155"].title == "梁平区：渝东北三峡库区未选"
    assert drawn["500155"].figure == "–"
    assert drawn["500155"].query == "region=metro&region=northeast&bracket=10-50&view=map"
    labels = re.findall(
        r'<text class="rl"[^>]*>([^<]+)</text><text class="rs"[^>]*>([^<]+)</text>', page.text
    )
    metro = Search.from_query(QueryDict("region=metro&bracket=10-50"))
    assert labels == [
        ("主城都市区", f"{metro.count} 个 · {metro.total_investment:,} 亿元"),
        ("渝东北三峡库区", "未选"),
        ("渝东南武陵山区", "未选"),
    ]


def test_the_regions_labels_carry_the_published_figures(chongqing: Edition, client: Client) -> None:
    # Chongqing Daily, 10 April 2024: 105, 39 and 17 opportunities; 3528, 1034 and 410 亿元.
    page = client.get("/").text
    assert re.findall(r'<text class="rs"[^>]*>([^<]+)</text>', page) == [
        "105 个 · 3,528 亿元",
        "39 个 · 1,034 亿元",
        "17 个 · 410 亿元",
    ]
    page = client.get("/en/").text
    assert re.findall(r'<text class="rs"[^>]*>([^<]+)</text>', page)[0] == "105 · CNY 352.8 bn"


def test_the_table_has_the_same_numbers_and_leads_to_the_lists(chongqing: Edition, client: Client) -> None:
    query = "region=metro&bracket=10-50"
    search = Search.from_query(QueryDict(query))
    page = client.get(f"/opportunities/?{query}&view=map").text
    rows = table_of(page)
    expected = [one for one in search.facets.facets["district"] if one.count]
    assert sorted(row[:4] for row in rows) == sorted(
        (str(one.label), "主城都市区", one.count, one.investment) for one in expected
    )
    assert [row[3] for row in rows] == sorted((row[3] for row in rows), reverse=True)
    assert f"{len(expected)} 个区县有符合条件的机会" in page
    for name, _region, count, amount, address in rows:
        assert "view=" not in address
        behind = Search.from_query(QueryDict(address.partition("?")[2]))
        assert (behind.count, behind.total_investment) == (count, amount), name
    behind = hooks_of(client.get(address).text)
    assert behind.counts == [str(len(behind.references))] == [str(count)]


def test_the_map_lists_no_rows_and_keeps_the_frame_of_the_search(chongqing: Edition, client: Client) -> None:
    shown = client.get("/opportunities/?sector=food&sort=name&view=map").text
    listed = client.get("/opportunities/?sector=food&sort=name").text
    on_map, on_list = hooks_of(shown), hooks_of(listed)
    assert on_map.references == [] and 'name="reference"' not in shown
    assert (on_map.counts, on_map.totals) == (on_list.counts, on_list.totals)
    without_links = [{k: v for k, v in one.items() if k != "href"} for one in on_map.facets]
    assert without_links == [{k: v for k, v in one.items() if k != "href"} for one in on_list.facets]
    assert all("view=map" in one["href"] for one in on_map.facets)
    assert 'href="/opportunities/?sector=food&amp;sort=name" aria-current' not in shown
    assert 'href="/opportunities/?sector=food&amp;sort=name&amp;view=map" aria-current="true">地图' in shown
    assert 'href="/opportunities/?sort=name&amp;view=map"' in shown, "the chip keeps the view"


def test_the_map_has_the_pages_of_the_list(chongqing: Edition, client: Client) -> None:
    assert client.get("/opportunities/?view=map&page=8").status_code == 200
    missing = client.get("/opportunities/?view=map&page=9")
    assert missing.status_code == 404
    assert 'href="/opportunities/?view=map&amp;page=8"' in missing.text


def test_where_nothing_is_found_the_map_says_what_the_list_says(db: None, client: Client) -> None:
    make_edition()
    make_opportunity(sector="grain", districts="1101")
    query = "sector=tools&region=east"
    on_map = client.get(f"/opportunities/?{query}&view=map").text
    assert "没有同时符合这些条件的机会" in on_map
    assert 'href="/opportunities/?region=east&amp;view=map"' in on_map
    assert "<figure" not in on_map and "区县有符合条件" not in on_map


def test_the_api_has_no_map(chongqing: Edition, client: Client) -> None:
    assert client.get("/api/v1/opportunities/?view=map").status_code == 400


@pytest.mark.parametrize("path", ["/opportunities/?view=map", "/en/opportunities/?view=map", "/", "/en/"])
def test_a_page_with_the_map_is_light(chongqing: Edition, client: Client, path: str) -> None:
    assert len(gzip.compress(client.get(path).content)) <= 25 * KB


def test_the_map_asks_as_many_questions_for_many_opportunities_as_for_few(
    chongqing: Edition, client: Client, django_assert_num_queries
) -> None:
    search = Search.from_query(QueryDict("view=map"))
    assert search.facets.count == 160
    with django_assert_num_queries(0):
        district_map.of_search(search)
        district_map.table(search)


# --- on the home page -----------------------------------------------------------------------------


@pytest.mark.parametrize("prefix", ["", "/en"])
def test_a_tile_of_the_home_page_shows_the_money_that_stands_behind_it(
    chongqing: Edition, client: Client, prefix: str
) -> None:
    drawn = tiles(client, f"{prefix}/")
    assert len(drawn) == 41
    for code, tile in drawn.items():
        assert tile.query == f"district={code}"
        behind = Search.from_query(QueryDict(tile.query))
        with translation.override("en" if prefix else "zh-hans"):
            assert tile.figure == whole_figure(behind.total_investment)


@pytest.mark.parametrize(
    ("amount", "zh", "en"),
    [
        ("0", "–", "–"),
        ("0.4", "0.4", "0.04"),
        ("0.5", "1", "0.1"),
        ("512.89", "513", "51.3"),
        ("12345", "12,345", "1,234.5"),
    ],
)
def test_money_on_a_tile_is_short_and_never_nothing(amount: str, zh: str, en: str) -> None:
    for language, figure in (("zh-hans", zh), ("en", en)):
        with translation.override(language):
            assert whole_figure(Decimal(amount)) == figure


def test_the_regions_beside_the_map_lead_to_their_searches(chongqing: Edition, client: Client) -> None:
    page = client.get("/").text
    ledger = page[page.index('<ul class="regs">') :].partition("</ul>")[0]
    links = re.findall(r'href="([^"]+)"', ledger)
    assert links == [f"/opportunities/?region={region}" for region in ("metro", "northeast", "southeast")]
    figures = re.findall(r"<dd>(.*?)</dd>", ledger)
    assert [re.sub(r"<[^>]+>|\s", "", figure) for figure in figures] == [
        "105个", "3,528亿元", "39个", "1,034亿元", "17个", "410亿元",
    ]  # fmt: skip


# --- rivers, borders, zones -----------------------------------------------------------------------


def test_the_rivers_meet_at_the_corner_of_yuzhong(chongqing: Edition, client: Client) -> None:
    page = client.get("/opportunities/?view=map").text
    first, second = re.findall(r'<path class="riv (\w+)" stroke-width="4.5" d="([^"]+)"/>', page)
    assert (first[0], second[0]) == ("first", "second")
    yuzhong = District.objects.get(code="500103")
    x, y = hexagons.point(hexagons.corner(yuzhong.map_row, yuzhong.map_column, "ne"))
    assert first[1].endswith(f"L{x} {y}")
    assert f"L{x} {y}M{x} {y}" in second[1]
    assert re.findall(r'<li class="key \w+">([^<]+)</li>', page) == ["嘉陵江", "长江"]


def test_zones_have_an_inner_line_that_the_caption_explains(chongqing: Edition, client: Client) -> None:
    page = client.get("/opportunities/?view=map").text
    assert page.count('class="zone"') == District.objects.filter(kind="functional-zone").count() == 3
    assert "虚线框为功能区。" in page
    assert "示意图：六边形表示位置，不表示面积。" in page


def test_regions_are_parted_by_the_edges_between_their_tiles(catalogue: Edition, client: Client) -> None:
    """Two tiles above, two below shifted to the right: the border is a zigzag of three edges."""
    page = client.get("/opportunities/?view=map").text
    [border] = re.findall(r'<path class="bd" d="([^"]+)"/>', page)
    edges = {frozenset(edge) for edge in re.findall(r"M(-?\d+ -?\d+)L(-?\d+ -?\d+)", border)}
    assert edges == {frozenset(edge) for edge in [("0 30", "26 15"), ("26 15", "52 30"), ("52 30", "78 15")]}


# --- another city ---------------------------------------------------------------------------------


@pytest.mark.parametrize("prefix", ["", "/en"])
def test_another_city_has_its_own_map_without_rivers(catalogue: Edition, client: Client, prefix: str) -> None:
    page = client.get(f"{prefix}/opportunities/?view=map").text
    found = {one.value: one for one in Search.everything().facets.facets["district"]}
    assert {tile.code: tile.figure for tile in tiles_of(page)} == {
        code: str(one.count) if one.count else "–" for code, one in found.items()
    }
    assert 'class="riv' not in page[page.index("<figure") : page.index("</figure>")]
    assert "示例" not in page and "Sample" not in page


def test_where_no_district_has_a_position_no_map_stands_anywhere_and_the_table_does(
    catalogue: Edition, client: Client
) -> None:
    without_positions()
    page = client.get("/opportunities/?view=map").text
    assert 'class="hex' not in page and "地图" in page
    assert len(table_of(page)) == sum(one.count > 0 for one in Search.everything().facets.facets["district"])
    home = client.get("/").text
    assert 'class="hex' not in home and '<ul class="regs">' in home
    paths = ("/opportunities/QY-004/", "/compare/?reference=QY-004", "/districts/990101/")
    for path in paths:
        page = client.get(path).text
        assert 'class="locator"' not in page and "示意图" not in page, path


def test_a_district_without_a_position_stands_in_the_table_alone(catalogue: Edition, client: Client) -> None:
    District.objects.filter(code="990201").update(map_row=None, map_column=None)
    page = client.get("/opportunities/?view=map").text
    assert "990201" not in {tile.code for tile in tiles_of(page)}
    assert "云岭县" in {row[0] for row in table_of(page)}


# --- positions ------------------------------------------------------------------------------------


def marks(page: str) -> list[dict[str, set[str]]]:
    """The districts of each locator of a page, by how they are drawn."""
    by_shape = {
        hexagons.outline(hexagons.centre(one.map_row, one.map_column)): one.code
        for one in District.objects.exclude(map_row=None)
    }
    return [
        {
            kind: {by_shape[f"M{shape}"] for shape in path.split("M")[1:]}
            for kind, path in re.findall(r'<path class="(dim|reg|here)" d="([^"]*)"/>', drawing)
        }
        for drawing in re.findall(r'<svg class="locator".*?</svg>', page, re.S)
    ]


def test_a_locator_marks_the_districts_of_an_opportunity_and_lightly_their_regions(
    catalogue: Edition, client: Client
) -> None:
    make_opportunity(reference="ONE-1", districts="990101")
    assert marks(client.get("/opportunities/ONE-1/").text) == [
        {"here": {"990101"}, "reg": {"990102"}, "dim": {"990201", "free-zone"}}
    ]
    page = client.get("/opportunities/QY-004/").text
    assert marks(page) == [{"here": {"990101", "990201"}, "reg": {"990102", "free-zone"}, "dim": set()}]
    assert 'role="img" aria-label="在示意图上的位置：东港区、云岭县"' in page
    assert 'aria-label="Position on the schematic: ' in client.get("/en/opportunities/QY-004/").text


def test_each_column_of_a_comparison_has_its_position(chongqing: Edition, client: Client) -> None:
    page = client.get("/compare/?reference=DEMO-051&reference=DEMO-049").text
    assert [one["here"] for one in marks(page)] == [{"500155"}, {"500102", "500156"}]


def test_a_district_page_shows_its_position_and_what_lies_beside_it(
    chongqing: Edition, client: Client
) -> None:
    page = client.get("/districts/500155/").text
    assert [one["here"] for one in marks(page)] == [{"500155"}]
    panel = page[page.index("相邻（按示意图）：") :].partition("</p>")[0]
    beside = re.findall(r'href="/districts/(\w+)/">[^<]+</a> <span class="num">\((\d+)\)', panel)
    found = {one.value: one.count for one in Search.everything().facets.facets["district"]}
    # To the right, and the two below; the rows above begin further to the right.
    assert [code for code, _count in beside] == ["500101", "500233", "500231"]
    assert all(int(count) == found[code] for code, count in beside)


def test_a_position_is_that_of_the_opportunitys_own_edition(catalogue: Edition, client: Client) -> None:
    newer = make_edition("2026-spring", places={"east": ["1101"]})
    newer.districts.update(map_row=0, map_column=5)
    page = client.get("/opportunities/QY-004/").text
    assert 'class="locator"' in page
    drawn = re.search(r'<path class="here" d="([^"]+)"', page)[1]
    old = catalogue.districts.get(code="990101")
    assert hexagons.outline(hexagons.centre(old.map_row, old.map_column)) in drawn
