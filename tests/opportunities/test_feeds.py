"""The feed of a search: valid Atom, the newest first, the same identifiers wherever it is served."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import quote
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import pytest
from django.http import QueryDict
from django.test import Client

from opportunities import publishing
from opportunities.feeds import ENTRIES_MAX
from opportunities.models import Revision
from opportunities.search.query import Search
from tests.factories import make_edition, make_opportunity

pytestmark = pytest.mark.django_db

FEED = "/opportunities/feed.atom"
ATOM = "{http://www.w3.org/2005/Atom}"
LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
SITE = "http://127.0.0.1:8000"


def read(client: Client, path: str = FEED) -> Element:
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
    return ElementTree.fromstring(answer.content)


def text(element: Element, name: str) -> str:
    """The text of the one child of this name."""
    found = element.findall(ATOM + name)
    assert len(found) == 1, f"{len(found)} {name}"
    return found[0].text or ""


def link(element: Element, rel: str) -> str:
    found = [one.get("href", "") for one in element.findall(f"{ATOM}link") if one.get("rel") == rel]
    assert len(found) == 1, f"{len(found)} {rel}"
    return found[0]


def entries(feed: Element) -> list[Element]:
    return feed.findall(f"{ATOM}entry")


def references(feed: Element) -> list[str]:
    return [link(entry, "alternate").rstrip("/").rpartition("/")[2] for entry in entries(feed)]


@pytest.mark.parametrize(("prefix", "language"), [("", "zh-Hans-CN"), ("/en", "en")])
def test_a_feed_holds_what_atom_requires(chongqing, client, prefix, language):
    feed = read(client, f"{prefix}{FEED}?region=metro&bracket=10-50")
    assert feed.tag == f"{ATOM}feed"
    assert feed.get(LANGUAGE) == language
    assert text(feed, "title") == (
        "Opportunities: Chongqing Metropolitan Area; CNY 1–5 bn"
        if prefix
        else "招商机会：主城都市区；10–50 亿元"
    )
    assert link(feed, "self") == f"{SITE}{prefix}{FEED}?region=metro&bracket=10-50"
    page = link(feed, "alternate")
    assert page == f"{SITE}{prefix}/opportunities/?region=metro&bracket=10-50&sort=-updated"
    assert client.get(page.removeprefix(SITE)).status_code == 200
    assert text(feed.find(f"{ATOM}author"), "name")
    assert ("Sample data" if prefix else "示例数据") in text(feed, "subtitle")
    assert text(feed, "rights") == "Apache-2.0"
    identifiers = [text(feed, "id")]
    moments = []
    for entry in entries(feed):
        identifiers.append(text(entry, "id"))
        assert text(entry, "title").startswith("[Sample] " if prefix else "〔示例〕")
        assert text(entry, "summary")
        assert datetime.fromisoformat(text(entry, "published")).tzinfo
        moments.append(datetime.fromisoformat(text(entry, "updated")))
        assert link(entry, "alternate").startswith(f"{SITE}{prefix}/opportunities/DEMO-")
    assert len(identifiers) == len(set(identifiers)) == ENTRIES_MAX + 1
    assert all(identifier.startswith("urn:uuid:") for identifier in identifiers)
    assert moments == sorted(moments, reverse=True)
    assert datetime.fromisoformat(text(feed, "updated")) == moments[0]


def test_a_feed_is_the_newest_fifty_of_its_search(chongqing, client):
    for query in ("", "q=%E5%9F%BA%E5%9C%B0", "sector=food&status=open"):
        newest = Search.from_query(QueryDict(f"{query}&sort=-updated")).results[:50]
        assert references(read(client, f"{FEED}?{query}")) == [one.reference for one in newest]


def test_an_entry_says_summary_sector_districts_and_amount(client):
    make_edition(is_sample=True)
    make_opportunity(
        summary_zh="一句<话>",
        districts=["1101", "2201"],
        investment="45.50",
        is_sample=True,
        reference="TWO-1",
    )
    summary = text(entries(read(client))[0], "summary")
    for said in ("一句&lt;话&gt;", "板块grain", "区1101、区2201", "45.5 亿元", "招商中", "TWO-1", "示例"):
        assert said in summary
    english = text(entries(read(client, f"/en{FEED}"))[0], "summary")
    for said in ('<div lang="en">', '<span lang="zh-Hans">一句&lt;话&gt;</span>', "CNY 4.55 bn", "Sample"):
        assert said in english


def test_a_name_without_its_english_is_marked_as_chinese(client):
    make_opportunity(name_zh="只有中文", name_en="", reference="ZH-1")
    make_opportunity(name_en="In English", reference="EN-1")
    for entry in entries(read(client, f"/en{FEED}")):
        is_chinese = "ZH-1" in link(entry, "alternate")
        assert text(entry, "title") == ("只有中文 (in Chinese)" if is_chinese else "In English")
        assert entry.get(LANGUAGE) == ("zh-Hans-CN" if is_chinese else None)
    assert [entry.get(LANGUAGE) for entry in entries(read(client))] == [None, None]


def test_identifiers_outlast_another_host_and_a_change(client, settings):
    opportunity = make_opportunity(reference="KEPT-1")
    before = read(client)
    settings.SITE_URL = "https://elsewhere.example"
    opportunity.investment += 1
    publishing.record_change(opportunity)
    publishing.publish(opportunity)
    after = read(client)
    assert link(entries(after)[0], "alternate") == "https://elsewhere.example/opportunities/KEPT-1/"
    assert text(entries(after)[0], "id") == text(entries(before)[0], "id")
    assert text(after, "id") == text(before, "id")
    assert text(entries(read(client, f"/en{FEED}"))[0], "id") != text(entries(before)[0], "id")


def test_links_never_come_from_the_request(client, settings):
    make_opportunity()
    settings.ALLOWED_HOSTS = ["*"]
    body = client.get(FEED, HTTP_HOST="evil.example", HTTP_X_FORWARDED_HOST="evil.example").content
    assert b"evil.example" not in body


def test_what_is_hidden_or_withdrawn_is_in_no_feed(client):
    for publication in ("draft", "in-review", "withdrawn", "archived"):
        make_opportunity(publication=publication)
    shown = make_opportunity(reference="SEEN-1")
    assert references(read(client)) == ["SEEN-1"]
    publishing.withdraw(shown)
    assert references(read(client)) == []


def test_an_empty_feed_is_dated_by_its_data(client):
    make_edition()
    assert text(read(client), "updated") == "2020-01-15T00:00:00+08:00"
    at = datetime(2024, 5, 6, 7, 8, tzinfo=UTC)
    make_opportunity(updated_at=at)
    feed = read(client, f"{FEED}?q=zzz")
    assert entries(feed) == []
    assert datetime.fromisoformat(text(feed, "updated")) == at


def test_what_xml_cannot_hold_is_left_out(client):
    make_opportunity(name_zh="a\x01b\ufffec<&>", summary_zh="d\x0be\uffff", reference="CTRL-1")
    feed = read(client, f"{FEED}?q={quote('a' + chr(0xFFFE))}")
    assert text(feed, "title") == "招商机会：a"
    assert text(entries(feed)[0], "title") == "abc<&>"
    assert "de" in text(entries(feed)[0], "summary")


def test_another_city_has_its_feed(catalogue, client):
    Revision.bump()
    feed = read(client, f"{FEED}?region=harbour")
    assert references(feed) == [
        one.reference for one in Search.from_query(QueryDict("region=harbour&sort=-updated")).results
    ]
    assert text(entries(feed)[0], "title")
    assert "rights" not in [child.tag.removeprefix(ATOM) for child in feed]


def test_the_newest_change_comes_first(client):
    start = datetime(2024, 1, 1, tzinfo=UTC)
    for number in range(ENTRIES_MAX + 2):
        make_opportunity(reference=f"DAY-{number:03d}", updated_at=start + timedelta(days=number))
    assert references(read(client)) == [f"DAY-{number:03d}" for number in range(ENTRIES_MAX + 1, 1, -1)]
