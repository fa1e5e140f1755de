"""The page of one opportunity: its 12 attributes, who answers for it, what is like it, and its end."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from html.parser import HTMLParser

import pytest

from opportunities import publishing
from opportunities.models import Contact, Fact, FactKind
from tests.factories import make_edition, make_opportunity

UNKNOWN = "/opportunities/NEVER-1/"


class Attributes(HTMLParser):
    """The text of each ``data-attribute`` of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: dict[str, str] = {}
        self.depth = 0
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        number = dict(attrs).get("data-attribute")
        if tag == "div" and (number or self.depth):
            self.depth += 1
        if number:
            self.current = number
            self.found[number] = ""

    def handle_endtag(self, tag):
        if tag == "div" and self.depth:
            self.depth -= 1

    def handle_data(self, data):
        if self.depth:
            self.found[self.current] = " ".join(f"{self.found[self.current]} {data}".split())


@pytest.fixture
def opportunity(db):
    make_edition(sectors=["grain", "tools"], places={"east": ["1101", "1102"], "west": ["2201"]})
    return make_opportunity(
        reference="TEST-ALL",
        name_zh="磨坊", name_en="Mill",
        sector="grain",
        districts={"1101": "0.6", "2201": "0.4"},
        investment=Decimal("18.25"),
        content_zh="建磨坊一座", content_en="One mill",
        cycle_months=30,
        expected_benefit_zh="达产后见效", expected_benefit_en="Pays once it runs",
        annual_output=Decimal("24.00"), jobs=2700,
        advantages_zh="近水\n近路", advantages_en="Near water\nNear the road",
        cooperation=["joint-venture", "sole-investment"],
        conditions_zh="通水通电", conditions_en="Water and power",
        last_confirmed_on=date(2024, 9, 18),
    )  # fmt: skip


def test_the_twelve_attributes_stand_in_the_lists_order(client, opportunity):
    shown = Attributes(client.get("/opportunities/TEST-ALL/").text).found
    assert list(shown) == [str(number) for number in range(1, 13)]
    expected = [
        "项目名称 磨坊",
        "所属产业 板块grain",
        "所在区县 地区east · 区1101 占投资额 60 %，10.95 亿元 地区west · 区2201 占投资额 40 %，7.3 亿元",
        "投资规模 18.25 亿元",
        "建设内容 建磨坊一座",
        "建设周期 30 个月",
        "预期效益 达产后见效 年产值 24.0 亿元 年税收 未公布 就业 2,700 人",
        "项目优势 近水 近路",
        "合作方式 独资、合资",
        "建设条件与要素保障 通水通电",
        "联系人 测试市招商服务中心 姓名与直线电话： 显示联系人",
        "联系电话 000-0000 0001",
    ]
    assert [re.sub(r"^\d\d ", "", text) for text in shown.values()] == expected


def test_the_english_page_says_the_same_in_english(client, opportunity):
    shown = Attributes(client.get("/en/opportunities/TEST-ALL/").text).found
    assert shown["4"] == "04 Amount CNY 1.825 bn"
    assert shown["7"].endswith("Annual output CNY 2.4 bn Annual tax Not stated Jobs 2,700 people")
    assert shown["9"] == "09 Cooperation Wholly owned, Joint venture"


def test_what_has_no_english_stands_in_chinese_and_says_so(client, db):
    make_opportunity(reference="TEST-ZH", name_en="", content_zh="只有中文", content_en="")
    page = client.get("/en/opportunities/TEST-ZH/").text
    assert '<span lang="zh-Hans">只有中文</span>' in page
    assert re.search(r"<h1><span lang=\"zh-Hans\">测试机会", page)


def test_what_is_missing_is_said_to_be_not_published(client, db):
    make_opportunity(reference="TEST-BARE")
    shown = Attributes(client.get("/opportunities/TEST-BARE/").text).found
    assert [number for number, text in shown.items() if "未公布" in text] == ["5", "7", "8", "10"]


def test_the_office_phone_can_be_dialled_and_no_person_is_named(client, opportunity):
    page = client.get("/opportunities/TEST-ALL/").text
    contact = opportunity.main_contact
    assert 'href="tel:00000000001"' in page
    assert 'href="/opportunities/TEST-ALL/contact/"' in page
    for secret in (contact.name, contact.post_zh, contact.phone):
        assert secret not in page


def test_every_unit_is_shown_with_its_phone(client, opportunity):
    Contact.objects.create(
        opportunity=opportunity, position=1, unit_zh="西区招商中心", office_phone="000-0000 0002"
    )
    shown = Attributes(client.get("/opportunities/TEST-ALL/").text).found
    assert "西区招商中心" in shown["11"] and shown["12"].endswith("000-0000 0001 000-0000 0002")


def test_an_opportunity_without_contact_says_so(client, opportunity):
    Contact.objects.all().delete()
    shown = Attributes(client.get("/opportunities/TEST-ALL/").text).found
    assert shown["11"].endswith("未公布") and shown["12"].endswith("未公布")


def test_further_facts_show_value_state_and_day(client, opportunity):
    catalogue = opportunity.edition.catalogue
    land = FactKind.objects.create(
        catalogue=catalogue, key="land", label_zh="用地", label_en="Land", unit="亩", position=1
    )
    empty = FactKind.objects.create(
        catalogue=catalogue, key="gas", label_zh="供气", label_en="Gas", position=2
    )
    Fact.objects.create(
        opportunity=opportunity, kind=land, number=1200, unit="亩", value_zh="已平整", value_en="Levelled",
        state="under-construction", verified_on=date(2024, 6, 27),
    )  # fmt: skip
    Fact.objects.create(opportunity=opportunity, kind=empty)
    page = client.get("/opportunities/TEST-ALL/").text
    for shown in ("用地", "1,200 亩", "已平整", "在建", "2024-06-27"):
        assert shown in page
    assert "供气" not in page
    assert "1,200 mu (80.0 ha)" in client.get("/en/opportunities/TEST-ALL/").text


def test_a_district_links_to_its_other_opportunities(client, opportunity):
    make_opportunity(districts="1101")
    make_opportunity(districts="1101")
    page = client.get("/opportunities/TEST-ALL/").text
    assert re.search(r'href="/opportunities/\?district=1101">\s*区内另有 2 个机会', page)
    assert "区内没有其他机会" in page


def test_similar_ones_come_with_the_reason_the_most_alike_first(client, opportunity):
    far = make_opportunity(sector="grain", districts="1102", investment=Decimal(900))
    twin = make_opportunity(sector="grain", districts="1101", investment=Decimal(20))
    near = make_opportunity(sector="tools", districts="1101", investment=Decimal(19))
    make_opportunity(sector="tools", districts="1102", investment=Decimal("18.25"))
    make_opportunity(sector="grain", districts="1101", status="signed")
    make_opportunity(sector="grain", districts="1101", publication="draft")
    page = client.get("/opportunities/TEST-ALL/").text
    rows = re.findall(r'data-reference="([^"]+)".*?class="why">([^<]+)<', page, re.S)
    assert rows == [
        (twin.reference, "同产业、同区县、投资规模接近"),
        (near.reference, "同区县、投资规模接近"),
        (far.reference, "同产业、同区域"),
    ]


def test_its_address_can_be_copied_by_hand_and_the_buttons_wait_for_a_script(client, opportunity, settings):
    settings.SITE_URL = "https://invest.test"
    page = client.get("/en/opportunities/TEST-ALL/").text
    assert '<p class="address">https://invest.test/en/opportunities/TEST-ALL/</p>' in page
    buttons = re.findall(r'<button[^>]*data-does="(\w+)"([^>]*)>', page)
    assert buttons == [("print", " hidden"), ("copy", " hidden"), ("share", " hidden")]


def test_its_address_stays_below_the_path_that_the_portal_is_mounted_under(client, opportunity, settings):
    settings.SITE_URL = "https://city.test/invest"
    page = client.get("/opportunities/TEST-ALL/", SCRIPT_NAME="/invest").text
    assert '<p class="address">https://city.test/invest/opportunities/TEST-ALL/</p>' in page


def test_it_says_of_which_day_its_content_is(client, opportunity):
    assert '内容更新于 <span class="num nb">2024-04-10</span>' in client.get("/opportunities/TEST-ALL/").text


def test_it_can_be_taken_into_a_comparison(client, opportunity):
    assert 'href="/compare/?reference=TEST-ALL"' in client.get("/opportunities/TEST-ALL/").text


@pytest.mark.parametrize("path", ["", "contact/"])
@pytest.mark.parametrize("publication", ["draft", "in-review"])
def test_what_was_never_public_cannot_be_told_from_what_never_was(client, db, publication, path):
    make_opportunity(reference="TEST-NEW", publication=publication, name_zh="未公开的机会")
    hidden = client.get(f"/opportunities/TEST-NEW/{path}")
    missing = client.get(f"{UNKNOWN}{path}")
    assert hidden.status_code == missing.status_code == 404
    assert hidden.text.replace("TEST-NEW", "NEVER-1") == missing.text


def test_a_day_is_that_of_the_catalogues_zone(client, db, clock):
    clock.now = datetime(2024, 9, 19, 17, 0, tzinfo=UTC)
    edition = make_edition()
    make_opportunity(reference="TEST-GONE", publication="withdrawn")
    assert "2024 年 9 月 20 日" in client.get("/opportunities/TEST-GONE/").text
    edition.catalogue.time_zone = "Europe/Lisbon"
    edition.catalogue.save()
    assert "2024 年 9 月 19 日" in client.get("/opportunities/TEST-GONE/").text


@pytest.mark.parametrize("publication", ["withdrawn", "archived"])
def test_a_withdrawn_one_answers_410_with_its_date_and_nothing_of_its_content(client, db, clock, publication):
    clock.now = datetime(2024, 9, 20, 9, 0, tzinfo=UTC)
    other = make_opportunity()
    gone = make_opportunity(
        reference="TEST-GONE", publication=publication, name_zh="撤下的机会", name_en="Withdrawn thing",
        summary_zh="摘要", content_zh="内容", investment=Decimal("77.77"), contact={"unit_zh": "撤下的单位"},
    )  # fmt: skip
    page = client.get("/opportunities/TEST-GONE/")
    assert page.status_code == 410
    assert "2024 年 9 月 20 日" in page.text and other.reference in page.text
    for content in (gone.name_zh, gone.name_en, "摘要", "77.77", "撤下的单位"):
        assert content not in page.text
    assert "20 September 2024" in client.get("/en/opportunities/TEST-GONE/").text


def test_one_that_was_public_and_is_a_draft_again_is_gone_too(client, opportunity):
    publishing.withdraw(opportunity)
    opportunity.publication = "draft"
    publishing.record_change(opportunity)
    assert client.get("/opportunities/TEST-ALL/").status_code == 410


def test_published_again_it_is_back_at_once(client, opportunity):
    assert client.get("/opportunities/TEST-ALL/").status_code == 200
    publishing.withdraw(opportunity)
    assert client.get("/opportunities/TEST-ALL/").status_code == 410
    publishing.publish(opportunity)
    assert client.get("/opportunities/TEST-ALL/").status_code == 200


def test_a_sample_is_marked_and_carries_a_watermark_for_paper(client, db):
    make_edition(is_sample=True)
    make_opportunity(reference="TEST-DEMO", is_sample=True)
    make_opportunity(reference="TEST-REAL")
    page = client.get("/opportunities/TEST-DEMO/").text
    assert 'class="wm"' in page and 'class="demo"' in page
    real = client.get("/opportunities/TEST-REAL/").text
    assert 'class="wm"' not in real


def test_an_opportunity_of_an_old_edition_leads_to_searches_of_its_own_edition(client, db):
    old = make_edition("2019-01", current=False)
    make_edition("2020-01")
    make_opportunity(edition=old, reference="TEST-OLD", districts="1101")
    make_opportunity(edition=old, districts="1101")
    page = client.get("/opportunities/TEST-OLD/").text
    assert "/opportunities/?district=1101&amp;edition=2019-01" in page
    assert "/districts/1101/" not in page and "/sectors/grain/" not in page


def test_a_page_costs_the_same_whatever_its_length(client, opportunity, django_assert_max_num_queries):
    for _each in range(12):
        make_opportunity(sector="grain", districts="1101")
    with django_assert_max_num_queries(40):
        client.get("/opportunities/TEST-ALL/")


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
@pytest.mark.parametrize(
    "path", ["/opportunities/TEST-ALL/", "/compare/", "/sectors/grain/", "/districts/1101/"]
)
def test_pages_are_read_and_nothing_else(client, opportunity, method, path):
    answer = getattr(client, method)(path)
    assert answer.status_code == 405
    assert answer.headers["Allow"] == "GET, HEAD"


def test_head_is_as_get(client, opportunity):
    got, head = client.get("/opportunities/TEST-ALL/"), client.head("/opportunities/TEST-ALL/")
    assert head.status_code == 200 and not head.content
    assert head.headers["ETag"] == got.headers["ETag"]
