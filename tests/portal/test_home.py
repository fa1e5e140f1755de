"""The home page and what the portal says about itself."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import make_edition, make_opportunity


@pytest.fixture
def edition(db):
    edition = make_edition(sectors=["grain", "tools"], places={"east": ["1101", "1102"], "west": ["2201"]})
    for day, (reference, amount, status) in enumerate(
        [("TEST-1", 10, "open"), ("TEST-2", 100, "signed"), ("TEST-3", 30, "negotiating")], start=1
    ):
        make_opportunity(
            reference=reference, investment=Decimal(amount), status=status, districts="1101",
            updated_at=datetime(2024, 5, day, tzinfo=UTC),
        )  # fmt: skip
    make_opportunity(
        reference="TEST-4", investment=Decimal(5), districts={"1101": "0.6", "2201": "0.4"}, sector="tools",
        updated_at=datetime(2024, 5, 9, tzinfo=UTC),
    )  # fmt: skip
    make_opportunity(investment=Decimal(999), publication="withdrawn")
    return edition


def text_of(html):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).strip()


def part(page, start, end):
    begin = page.text.index(start)
    return page.text[begin : page.text.index(end, begin)]


def lists(page):
    return [
        re.findall(r'data-reference="([^"]+)"', one) for one in re.findall(r"<ol.*?</ol>", page.text, re.S)
    ]


def test_published_and_available_stand_side_by_side(client, chongqing):
    page = client.get("/")
    numbers = text_of(part(page, '<dl class="nums">', "</dl>"))
    available = re.search(
        r'data-result-count="(\d+)"', client.get("/opportunities/?status=negotiating&status=open").text
    )
    assert numbers == f"公布 160 个 现可对接 {available.group(1)} 个 示例"
    assert "约 5,000 亿元" in text_of(page.text)


def test_the_sample_regions_are_the_published_ones(client, chongqing):
    regions = text_of(part(client.get("/"), '<ul class="rr"', "</ul>"))
    assert regions == (
        "主城都市区 105 个 3,528 亿元 渝东北三峡库区 39 个 1,034 亿元 渝东南武陵山区 17 个 410 亿元"
    )


def test_largest_and_latest_hold_only_what_can_still_be_taken_up(client, edition):
    assert lists(client.get("/")) == [["TEST-3", "TEST-1", "TEST-4"], ["TEST-4", "TEST-3", "TEST-1"]]


def test_regions_are_ways_in_with_count_money_and_bar(client, edition):
    regions = part(client.get("/"), '<ul class="rr"', "</ul>")
    assert text_of(regions) == "地区east 4 个 143 亿元 地区west 1 个 2 亿元"
    assert re.findall(r'href="([^"]+)"', regions) == [
        "/opportunities/?region=east",
        "/opportunities/?region=west",
    ]
    assert re.findall(r'width="([\d.]+)"', regions) == ["100.0", "1.4"]


def test_the_stair_has_a_step_for_each_bracket(client, edition):
    stair = part(client.get("/"), '<ul class="stairs">', "</ul>")
    assert re.findall(r'href="([^"]+)"', stair) == [
        f"/opportunities/?bracket={bracket}" for bracket in ("under-10", "10-50", "50-100", "100-plus")
    ]
    assert re.findall(r'class="big">(\d+)', stair) == ["1", "2", "0", "1"]


def test_another_city_has_its_own_brackets_and_regions(client, catalogue):
    page = client.get("/")
    stair = part(page, '<ul class="stairs">', "</ul>")
    assert re.findall(r"bracket=([^\"]+)", stair) == ["under-5", "5-20", "20-plus"]
    assert re.findall(r"region=([^\"]+)", part(page, '<ul class="rr"', "</ul>")) == ["harbour", "upland"]
    assert "重庆" not in page.text


def test_amounts_that_the_source_does_not_state_are_marked_as_sample(client, chongqing):
    assert '<span class="demo">Sample</span>' in part(client.get("/en/"), ">By amount<", "</section>")


def test_every_sector_has_its_line(client, edition):
    page = client.get("/")
    assert re.findall(r'<li><a href="(/sectors/[^"]+)"', page.text) == ["/sectors/grain/", "/sectors/tools/"]


@pytest.mark.parametrize("prefix", ["", "/en"])
def test_every_link_of_the_home_page_leads_to_a_page(client, chongqing, prefix):
    page = client.get(f"{prefix}/")
    links = set(re.findall(r'<a [^>]*href="(/[^"]*)"', page.text))
    assert len(links) > 30
    for link in links:
        if not re.search(r"/export\.|/feed\.", link):  # files have tests of their own
            assert client.get(link.replace("&amp;", "&")).status_code == 200, link


def test_the_search_box_asks(client, edition):
    page = client.get("/en/")
    form = part(page, '<form class="find"', "</form>")
    assert 'action="/en/ask/"' in form and 'method="get"' in form and 'name="q"' in form


def test_a_list_without_published_figures_shows_its_own_alone(client, edition):
    numbers = text_of(part(client.get("/"), '<dl class="nums">', "</dl>"))
    assert numbers == "现可对接 3 个"


def test_the_home_page_costs_the_same_queries_however_many_opportunities(client, edition):
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get("/").status_code == 200
        return len(captured)

    before = queries()
    for _ in range(20):
        make_opportunity(districts="2201")
    assert queries() == before <= 24


def test_an_empty_list_has_a_home_page(client, db):
    make_edition()
    page = client.get("/")
    assert page.status_code == 200
    assert page.text.count("目前没有。") == 2


def test_a_change_shows_at_once(client, edition):
    assert "TEST-9" not in client.get("/").text
    make_opportunity(reference="TEST-9", investment=Decimal(400))
    assert lists(client.get("/"))[0][0] == "TEST-9"


@pytest.mark.parametrize("address", ["/", "/en/", "/about/", "/privacy/", "/accessibility/"])
def test_pages_without_parameters_do_not_look_at_the_query_string(client, edition, address):
    plain, asked = client.get(address), client.get(f"{address}?sector=nonsense&page=9")
    assert asked.status_code == 200 and asked.text == plain.text


@pytest.mark.parametrize("address", ["/", "/about/", "/en/privacy/", "/accessibility/"])
def test_public_pages_set_no_cookie_and_can_be_revalidated(client, edition, address):
    page = client.get(address)
    assert not page.cookies
    again = client.get(address, headers={"If-None-Match": page.headers["ETag"]})
    assert again.status_code == 304
    refused = client.post(address)
    assert refused.status_code == 405 and refused.headers["Allow"] == "GET, HEAD"


# --- about ----------------------------------------------------------------------------------------


def test_the_about_page_leads_to_the_figures_and_does_not_repeat_them(client, chongqing):
    page = client.get("/about/").text
    assert 'href="/insights/">公布数据与逐项核算</a>' in page
    assert "data-claim" not in page


def test_the_about_page_says_why_the_regions_add_up_to_one_more(client, chongqing):
    assert "因此各区域相加为 161 个，总数为 160 个。" in client.get("/about/").text


def test_what_is_assumed_is_said_to_be(client, chongqing):
    page = client.get("/about/")
    rows = re.findall(r'<td class="num">(\d\d)</td>.*?<td>(.*?)</td>', page.text, re.S)
    assert [number for number, source in rows if source == "推定"] == ["01", "02", "03", "09", "10"]
    names = [sector.name_zh for sector in chongqing.sectors.filter(name_assumed=True)]
    assert len(names) == 4
    assert re.findall(r"<li>([^<]+)</li>", part(page, 'id="sectors"', "</section>")) == names


def test_a_list_that_is_no_sample_does_not_call_itself_one(client, catalogue):
    assert "示例" not in client.get("/about/").text
    assert "示例" not in client.get("/privacy/").text


def test_the_operator_named_by_the_pack_is_responsible(client, edition):
    edition.catalogue.site = {"responsible_unit_zh": "某某局", "complaint_phone": "000-12345"}
    edition.catalogue.save()
    for address in ("/privacy/", "/accessibility/"):
        page = client.get(address).text
        assert "某某局" in page and "000-12345" in page
