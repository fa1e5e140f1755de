"""The page of a sector and the page of a district: figures, list, breakdown, and whom to call."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

import pytest

from opportunities.models import Contact
from tests.factories import make_edition, make_opportunity


@pytest.fixture
def edition(db):
    edition = make_edition(sectors=["grain", "tools"], places={"east": ["1101", "1102"], "west": ["2201"]})
    make_opportunity(reference="TEST-1", sector="grain", districts="1101", investment=Decimal(10))
    make_opportunity(
        reference="TEST-2", sector="grain", districts={"1101": "0.6", "2201": "0.4"}, investment=Decimal(100)
    )
    make_opportunity(
        reference="TEST-3", sector="tools", districts="1101", investment=Decimal(30), status="signed"
    )
    make_opportunity(reference="TEST-4", sector="tools", districts="2201", investment=Decimal(7))
    make_opportunity(sector="grain", districts="1101", publication="withdrawn")
    make_opportunity(sector="grain", districts="1101", publication="draft")
    return edition


def listed(page):
    return re.findall(r'data-reference="([^"]+)"', page.text)


def figures(page):
    block = page.text[page.text.index('<dl class="facts">') :]
    block = re.sub(r"<dt>.*?</dt>", "", block[: block.index("</dl>")], flags=re.S)
    return re.sub(r"<[^>]+>", " ", block).split()


def breakdown(page):
    """Label, count, amount and address of each line."""
    lines = re.findall(r'<li><a href="([^"]+)"[^>]*>(.*?)</a></li>', page.text, re.S)
    return [
        (*re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text)).strip().split(" "), address)
        for address, text in lines
        if 'class="nm"' in text
    ]


def test_a_sector_counts_lists_and_breaks_down_its_opportunities(client, edition):
    page = client.get("/sectors/grain/")
    assert page.status_code == 200
    assert figures(page) == ["2", "个", "2", "个", "110.0", "亿元"]
    assert listed(page) == ["TEST-2", "TEST-1"]
    search = "/opportunities/?sector=grain"
    assert breakdown(page) == [
        ("地区east", "2", "个", "70.0", "亿元", f"{search}&amp;region=east"),
        ("地区west", "1", "个", "40.0", "亿元", f"{search}&amp;region=west"),
        ("10", "亿元以下", "0", "个", "0.0", "亿元", f"{search}&amp;bracket=under-10"),
        ("10–50", "亿元", "1", "个", "10.0", "亿元", f"{search}&amp;bracket=10-50"),
        ("50–100", "亿元", "0", "个", "0.0", "亿元", f"{search}&amp;bracket=50-100"),
        ("100", "亿元及以上", "1", "个", "100.0", "亿元", f"{search}&amp;bracket=100-plus"),
        ("区1101", "2", "个", "70.0", "亿元", f"{search}&amp;district=1101"),
        ("区2201", "1", "个", "40.0", "亿元", f"{search}&amp;district=2201"),
    ]


def test_a_district_counts_only_the_money_that_lies_there(client, edition):
    page = client.get("/districts/1101/")
    assert figures(page) == ["3", "个", "2", "个", "100.0", "亿元"]
    assert listed(page) == ["TEST-2", "TEST-3", "TEST-1"]
    search = "/opportunities/?"
    assert breakdown(page) == [
        ("板", "板块grain", "2", "个", "70.0", "亿元", f"{search}sector=grain&amp;district=1101"),
        ("板", "板块tools", "1", "个", "30.0", "亿元", f"{search}sector=tools&amp;district=1101"),
    ]
    assert "其中 60.0 亿元在所选区域" in re.sub(r"<[^>]+>", "", page.text)


@pytest.mark.parametrize("address", ["/sectors/grain/", "/districts/1101/"])
def test_the_figures_are_those_of_the_search_behind_them(client, edition, address):
    lines = breakdown(client.get(address))
    assert lines
    for *_label, count, _word, amount, _unit, search in lines:
        page = client.get(search.replace("&amp;", "&"))
        assert found(page) == (count, Decimal(amount)), search


def found(page):
    count = re.search(r'data-result-count="(\d+)"', page.text)
    total = re.search(r'data-total-investment="([\d.]+)"', page.text)
    return count.group(1), Decimal(total.group(1))


def test_a_long_list_ends_with_a_link_to_all_of_it(client, edition):
    for _each in range(22):
        make_opportunity(sector="tools", districts="1102")
    page = client.get("/sectors/tools/")
    assert len(listed(page)) == 20
    assert re.search(r'href="/opportunities/\?sector=tools">查看 24 个机会<', page.text)


def test_a_district_names_each_unit_once_the_one_with_most_first(client, edition):
    Contact.objects.filter(opportunity__reference="TEST-1").update(unit_zh="少的单位")
    page = client.get("/districts/1101/").text
    panel = page[page.index("<aside") :]
    assert re.findall(r'class="unit">([^<]+)<', panel) == ["测试市招商服务中心", "少的单位"]


def test_a_district_without_opportunities_says_so(client, edition):
    page = client.get("/districts/1102/")
    assert page.status_code == 200
    assert figures(page) == ["0", "个", "0", "个", "0.0", "亿元"]
    assert "目前没有。" in page.text and "<aside" not in page.text


def test_an_abolished_district_keeps_its_record_and_leads_to_its_successor(client, edition):
    edition.districts.filter(code="1101").update(valid_to=date(2025, 11, 6), successors=["1102"])
    page = client.get("/districts/1101/").text
    assert "2025 年 11 月 6 日" in page and 'href="/districts/1102/"' in page
    assert "6 November 2025" in client.get("/en/districts/1101/").text


def test_a_sector_whose_name_is_assumed_says_so(client, edition):
    edition.sectors.filter(slug="tools").update(name_assumed=True)
    assert "名称为推定" in client.get("/sectors/tools/").text
    assert "名称为推定" not in client.get("/sectors/grain/").text


@pytest.mark.parametrize(
    "address",
    ["/sectors/none/", "/districts/9999/", "/en/sectors/none/", "/sectors/1101/", "/districts/grain/"],
)
def test_what_the_edition_does_not_have_has_no_page(client, edition, address):
    assert client.get(address).status_code == 404


@pytest.mark.parametrize("address", ["/sectors/grain/", "/districts/1101/"])
def test_the_query_string_is_not_looked_at(client, edition, address):
    plain = client.get(address)
    asked = client.get(f"{address}?sector=nonsense&page=9")
    assert asked.status_code == 200
    assert asked.text == plain.text


def test_another_citys_sectors_and_zones_have_pages_too(client, catalogue):
    for sector in catalogue.sectors.all():
        assert str(sector.name) in client.get(f"/sectors/{sector.slug}/").text
    for district in catalogue.districts.all():
        assert str(district.name) in client.get(f"/districts/{district.code}/").text


def test_the_sample_districts_agree_with_the_search(client, chongqing):
    count, _word, *_available, amount, _unit = figures(client.get("/districts/500102/"))
    assert found(client.get("/opportunities/?district=500102")) == (count, Decimal(amount))
