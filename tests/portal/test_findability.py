"""What search engines, crawlers and those who share an address are told of each page."""

from __future__ import annotations

import json
import re
import struct
from datetime import UTC, datetime
from html import unescape
from typing import Any
from xml.etree import ElementTree

import pytest
from django.conf import settings
from django.template import RequestContext, Template
from django.test import Client, RequestFactory
from django.utils import translation

from opportunities import publishing
from opportunities.models import Catalogue, Edition, Opportunity, Revision
from opportunities.templatetags.findable import _json_ld
from portal import finding
from tests.browser.pages import PUBLIC, WITHOUT_LANGUAGE
from tests.factories import make_edition, make_opportunity
from tests.routes import pages

SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
XHTML = "{http://www.w3.org/1999/xhtml}"
SITE = settings.SITE_URL


class Head:
    """The head of a page: its title, its meta by name or property, its links and its JSON-LD."""

    def __init__(self, html: str) -> None:
        self.title = unescape(re.search(r"<title>(.*?)</title>", html, re.S)[1])
        self.meta: dict[str, str] = {}
        for name, content in re.findall(r'<meta (?:name|property)="([^"]+)" content="([^"]*)"', html):
            if name != "theme-color":
                assert name not in self.meta, f"{name} stands twice"
                self.meta[name] = unescape(content)
        self.links = {
            hreflang or rel: unescape(href)
            for rel, hreflang, href in re.findall(
                r'<link rel="(canonical|alternate)"(?: hreflang="([^"]+)")? href="([^"]*)">', html
            )
        }
        self.data = {
            one["@type"]: one
            for one in map(
                json.loads, re.findall(r'<script type="application/ld\+json">(.*?)</script>', html)
            )
        }


def head(client: Client, path: str) -> Head:
    return Head(client.get(path).text)


# --- titles and descriptions ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", [name for name in PUBLIC if "refused" not in name and "not-found" not in name]
)
def test_every_kind_of_page_has_a_title_and_most_a_description_of_their_own(
    client: Client, chongqing: Edition, name: str
) -> None:
    for prefix in ("", "/en"):
        if prefix and PUBLIC[name].startswith(WITHOUT_LANGUAGE):
            continue
        found = head(client, prefix + PUBLIC[name])
        assert found.title.strip(" ·")
        if name in ("contact", "search-past-the-end"):
            continue
        described = found.meta["description"]
        assert "<" not in described and "  " not in described
        assert described.endswith(chongqing.notice_en if prefix else chongqing.notice_zh), "samples say so"


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/", "青屿市投资机会清单 · 青屿 8 个招商机会，合计 91.0 亿元。"),
        ("/en/", "Qingyu Investment List · 8 investment opportunities in Qingyu, CNY 9.1 bn in all."),
        ("/opportunities/?sector=tea", "青屿 3 个招商机会，合计 10.0 亿元：茶叶与食品。"),
        ("/en/opportunities/?q=nothing", "0 investment opportunities in Qingyu, CNY 0.0 bn in all: nothing."),
        ("/en/sectors/tea/", "3 investment opportunities in Qingyu, CNY 1.0 bn in all: Tea and food."),
        ("/districts/990101/", "青屿 4 个招商机会，合计 25.34 亿元：东港区。"),
    ],
)
def test_a_description_says_how_many_and_for_how_much(
    client: Client, catalogue: Edition, path: str, words: str
) -> None:
    assert head(client, path).meta["description"] == words


def test_titles_of_sectors_and_districts_say_what_is_there(client: Client, catalogue: Edition) -> None:
    assert head(client, "/sectors/tea/").title == "茶叶与食品招商机会 · 青屿产业机会"
    assert head(client, "/en/districts/990101/").title == (
        "Donggang District: investment opportunities · Qingyu Opportunities"
    )


def test_data_say_of_when_they_are_in_the_zone_of_the_catalogue(client: Client, db: None) -> None:
    edition = make_edition("2024-01")
    Catalogue.objects.update(time_zone="Asia/Tokyo")
    make_opportunity(reference="NEW-1", updated_at=datetime(2024, 5, 9, 16, tzinfo=UTC))
    Revision.bump()
    assert "数据截至 2024 年 5 月 10 日。" in client.get("/").text
    assert "Data as of 10 May 2024." in client.get("/en/about/").text
    make_edition("2025-01")
    make_opportunity(reference="NEW-2", updated_at=datetime(2025, 5, 9, tzinfo=UTC))
    assert "Data as of 9 May 2025." in client.get("/en/opportunities/").text
    assert "Data as of 10 May 2024." in client.get(f"/en/opportunities/?edition={edition.code}").text


# --- addresses ------------------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["testserver", "evil.example"])
def test_a_page_names_its_address_in_both_languages_whatever_the_host(
    client: Client, catalogue: Edition, settings: Any, host: str
) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    for path in (
        "/",
        "/opportunities/?region=harbour&page_size=3",
        "/sectors/tea/",
        "/opportunities/QY-001/",
    ):
        for prefix in ("", "/en"):
            answer = client.get(prefix + path, headers={"host": host})
            assert Head(answer.text).links == {
                "canonical": SITE + prefix + path,
                "zh-Hans": SITE + path,
                "en": f"{SITE}/en{path}",
                "x-default": f"{SITE}/en{path}",
            }
            assert host not in answer.text


def test_the_page_of_the_api_has_one_address(client: Client, catalogue: Edition) -> None:
    assert head(client, "/api/docs/").links == {"canonical": f"{SITE}/api/docs/"}


@pytest.mark.parametrize(
    "path",
    [
        "/nowhere/",
        "/opportunities/?sector=x",
        "/opportunities/?page=99",
        "/compare/",
        "/opportunities/QY-001/",
    ],
)
def test_what_is_not_there_names_no_address(client: Client, catalogue: Edition, path: str) -> None:
    publishing.withdraw(Opportunity.objects.get(reference="QY-001"))
    answer = client.get(path)
    assert answer.status_code in (400, 404, 410)
    found = Head(answer.text)
    assert found.links == {}
    assert "og:url" not in found.meta


# --- what is not for search engines ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "is_listed"),
    [
        ("", True),
        ("region=harbour", True),
        ("sector=tea", True),
        ("status=open", True),
        ("page_size=2", False),
        ("page=2", True),
        ("sector=tea&region=harbour", False),
        ("sector=shipping&sector=tea", False),
        ("q=%E6%B8%AF", False),
        ("investment_min=5", False),
        ("cycle_max=24", False),
        ("sort=name", False),
        ("view=table", False),
        ("sector=tea&sort=name", False),
        ("cooperation=leasing&status=signed", False),
    ],
)
def test_one_filter_is_for_search_engines_and_combinations_are_not(
    client: Client, catalogue: Edition, query: str, is_listed: bool
) -> None:
    for number in range(20):
        make_opportunity(reference=f"MORE-{number}")
    for prefix in ("", "/en"):
        found = head(client, f"{prefix}/opportunities/?{query}")
        assert ("noindex" not in found.meta.get("robots", "")) is is_listed


def test_a_search_that_finds_nothing_is_not_for_search_engines(client: Client, db: None) -> None:
    make_edition(sectors=["grain", "tools"])
    make_opportunity(sector="grain")
    assert "robots" not in head(client, "/opportunities/?sector=grain").meta
    assert head(client, "/opportunities/?sector=tools").meta["robots"] == "noindex"


@pytest.mark.parametrize("name", PUBLIC)
def test_samples_are_kept_out_of_search_engines_everywhere(
    client: Client, chongqing: Edition, name: str
) -> None:
    answer = client.get(PUBLIC[name])
    if name != "export-refused" or answer.headers["Content-Type"].startswith("text/html"):
        assert Head(answer.text).meta["robots"] == "noindex"
    assert answer.headers["X-Robots-Tag"] == "noindex"


# --- robots.txt -----------------------------------------------------------------------------------


def test_robots_names_the_sitemap_under_the_configured_host(
    client: Client, catalogue: Edition, settings: Any
) -> None:
    settings.SITE_URL = "https://opportunities.example"
    answer = client.get("/robots.txt")
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.text.splitlines()[0] == "User-agent: *"
    assert answer.text.splitlines()[-1] == "Sitemap: https://opportunities.example/sitemap.xml"


def barred(client: Client) -> list[re.Pattern[str]]:
    rules = re.findall(r"^Disallow: (.+)$", client.get("/robots.txt").text, re.M)
    return [re.compile(re.escape(rule).replace(r"\*", ".*")) for rule in rules]


@pytest.mark.parametrize(
    ("path", "is_barred"),
    [
        ("/", False),
        ("/opportunities/", False),
        ("/opportunities/?region=harbour", False),
        ("/opportunities/?region=harbour&sector=tea", True),
        ("/opportunities/QY-001/", False),
        ("/opportunities/QY-001/contact/", True),
        ("/ask/?q=a", True),
        ("/compare/?reference=QY-001", True),
        ("/admin/", True),
        ("/sectors/tea/", False),
        ("/api/docs/", False),
        ("/static/share.png", False),
    ],
)
def test_robots_bars_what_a_crawler_need_not_walk(
    client: Client, catalogue: Edition, path: str, is_barred: bool
) -> None:
    for prefix in ("", "/en"):
        assert any(rule.match(prefix + path) for rule in barred(client)) is (is_barred), prefix + path


def test_robots_lets_crawlers_see_that_samples_are_not_for_them(client: Client, catalogue: Edition) -> None:
    rules = barred(client)
    Catalogue.objects.update(is_sample=True)
    Revision.bump()
    assert client.get("/robots.txt").text.startswith("# Sample data: every page says noindex.")
    assert barred(client) == rules


# --- sitemap.xml ----------------------------------------------------------------------------------


def listed(client: Client, path: str = "/sitemap.xml") -> dict[str, Any]:
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/xml; charset=utf-8"
    found = {}
    for url in ElementTree.fromstring(answer.text):
        alternates = {one.get("hreflang"): one.get("href") for one in url.findall(f"{XHTML}link")}
        location = url.findtext(f"{SITEMAP}loc")
        assert location not in found
        found[location] = (url.findtext(f"{SITEMAP}lastmod"), alternates)
    return found


def test_the_sitemap_lists_every_public_page_in_both_languages(client: Client, catalogue: Edition) -> None:
    withdrawn = Opportunity.objects.get(reference="QY-002")
    publishing.withdraw(withdrawn)
    make_opportunity(reference="DRAFT-1", publication="draft")
    found = listed(client)
    paths = {location.removeprefix(SITE) for location in found}
    fixed = {
        route
        for route in pages()
        if "<" not in route
        and not route.startswith("/admin")
        and route not in ("/ask/", "/compare/")
        and not route.startswith(("/opportunities/export", "/opportunities/feed"))
        and route != "/financing/"  # this city has no finance plan
    }
    assert fixed <= paths, "a new page: name it in portal/finding.py"
    assert {"/sectors/tea/", "/en/districts/990101/", "/en/opportunities/QY-001/", "/api/docs/"} <= paths
    assert len(paths) == 2 * (len(fixed) + 3 + 4 + 7) + 1, "sectors, districts, what is public, the API"
    assert not {"/opportunities/QY-002/", "/opportunities/DRAFT-1/"} & paths
    for path in paths:
        assert client.get(path).status_code == 200, path


def test_the_sitemap_says_when_an_opportunity_changed_and_where_its_languages_are(
    client: Client, db: None
) -> None:
    make_opportunity(reference="NEW-1", updated_at=datetime(2024, 5, 9, 16, 30, tzinfo=UTC))
    zh, en = f"{SITE}/opportunities/NEW-1/", f"{SITE}/en/opportunities/NEW-1/"
    found = listed(client)
    assert (
        found[zh]
        == found[en]
        == (
            "2024-05-09T16:30:00+00:00",
            {"zh-Hans": zh, "en": en, "x-default": en},
        )
    )
    assert found[f"{SITE}/"][0] == "2024-05-10", "the day of the newest, in the catalogue's zone"
    assert found[f"{SITE}/about/"][0] is None


def test_an_older_edition_is_not_in_the_sitemap(client: Client, db: None) -> None:
    make_edition("2024-01")
    make_opportunity(reference="OLD-1")
    make_edition("2025-01")
    make_opportunity(reference="NEW-1")
    paths = {location.removeprefix(SITE) for location in listed(client)}
    assert "/opportunities/NEW-1/" in paths
    assert "/opportunities/OLD-1/" not in paths


def test_a_long_sitemap_is_split_and_no_file_reads_more_than_it_holds(
    client: Client, catalogue: Edition, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = listed(client)
    monkeypatch.setattr(finding, "PER_FILE", 3)
    Revision.bump()
    index = ElementTree.fromstring(client.get("/sitemap.xml").text)
    files = [one.findtext(f"{SITEMAP}loc").removeprefix(SITE) for one in index]
    assert files == ["/sitemap-pages.xml", *(f"/sitemap-opportunities-{number}.xml" for number in (1, 2, 3))]
    parts = [listed(client, file) for file in files]
    assert [len(part) for part in parts[1:]] == [6, 6, 4]
    assert {location: told for part in parts for location, told in part.items()} == whole
    for missing in ("0", "4", "9" * 40):
        assert client.get(f"/sitemap-opportunities-{missing}.xml").status_code == 404


def test_a_sitemap_is_kept_until_something_public_changes(
    client: Client, catalogue: Edition, django_assert_num_queries: Any
) -> None:
    etag = client.get("/sitemap.xml").headers["ETag"]
    with django_assert_num_queries(1):
        assert client.get("/sitemap.xml", headers={"if-none-match": etag}).status_code == 304
    publishing.withdraw(Opportunity.objects.get(reference="QY-002"))
    assert f"{SITE}/opportunities/QY-002/" not in listed(client)


def test_a_sitemap_costs_the_same_however_long_it_is(
    client: Client, catalogue: Edition, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(12):
        client.get("/sitemap.xml")
    for number in range(30):
        make_opportunity(reference=f"MORE-{number}")
    with django_assert_max_num_queries(12):
        assert len(listed(client)) > 60


# --- JSON-LD --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "steps"),
    [
        (
            "/opportunities/QY-001/",
            [("全部机会", "/opportunities/"), ("航运物流", "/sectors/shipping/"), ("QY-001", None)],
        ),
        ("/en/sectors/tea/", [("All opportunities", "/en/opportunities/"), ("Tea and food", None)]),
        (
            "/en/districts/990101/",
            [
                ("All opportunities", "/en/opportunities/"),
                ("Harbour Area", "/en/opportunities/?region=harbour"),
                ("Donggang District", None),
            ],
        ),
        (
            "/en/opportunities/?sector=tea",
            [("All opportunities", "/en/opportunities/"), ("Opportunities: Tea and food", None)],
        ),
    ],
)
def test_a_page_tells_the_way_to_it(client: Client, catalogue: Edition, path: str, steps: list[Any]) -> None:
    trail = head(client, path).data["BreadcrumbList"]["itemListElement"]
    assert [one["position"] for one in trail] == list(range(1, len(steps) + 1))
    assert [(one["name"], one.get("item")) for one in trail] == [
        (name, target and SITE + target) for name, target in steps
    ]
    shown = re.search(r'<nav class="crumb".*?</nav>', client.get(path).text, re.S)
    if shown:
        assert [label for label in re.findall(r">([^<>/]+)<", shown[0]) if label.strip()] == [
            name for name, _target in steps
        ]


def test_the_home_page_is_the_site_and_how_it_is_searched(client: Client, catalogue: Edition) -> None:
    site = head(client, "/en/").data["WebSite"]
    assert (site["name"], site["alternateName"]) == ("Qingyu Opportunities", "青屿产业机会")
    search = site["potentialAction"]["target"]["urlTemplate"].replace("{words}", "tea")
    assert client.get(search.removeprefix(SITE)).status_code == 200


def dataset(language: str) -> dict[str, Any]:
    request = RequestFactory().get("/insights/")
    with translation.override(language):
        html = Template("{% load findable %}{% dataset %}").render(RequestContext(request, {}))
    return json.loads(re.search(r">(.*)<", html)[1])


def test_a_list_is_a_data_set_of_whoever_issued_it(catalogue: Edition) -> None:
    told = dataset("en")
    assert told["name"] == "Qingyu Investment List"
    assert told["creator"] == {"@type": "Organization", "name": "Qingyu Investment Promotion Bureau"}
    assert (told["datePublished"], told["url"]) == ("2025-03-01", f"{SITE}/insights/")
    assert len(told["variableMeasured"]) == 12
    assert "license" not in told
    assert told["distribution"][0]["contentUrl"] == f"{SITE}/api/v1/opportunities/"


def test_samples_are_a_data_set_of_nobody_and_say_what_they_are(chongqing: Edition) -> None:
    told = dataset("zh-hans")
    assert told["name"].endswith("（示例数据）")
    assert told["description"].endswith(chongqing.notice_zh)
    assert told["license"] == {"@type": "CreativeWork", "name": "Apache-2.0"}
    assert not {"creator", "publisher", "datePublished"} & set(told)


def test_nothing_in_the_data_ends_a_data_block() -> None:
    hostile = "</script><!-- <script>&"
    html = _json_ld({"name": hostile})
    inside = html.removeprefix('<script type="application/ld+json">').removesuffix("</script>")
    assert not set("<>&") & set(inside)
    assert json.loads(inside) == {"name": hostile}


def test_hostile_names_stay_text_in_the_head(client: Client, db: None) -> None:
    name = '"><script>alert(1)</script><!--'
    make_opportunity(reference="EVIL-1", name_zh=name, summary_zh=name)
    html = client.get("/opportunities/EVIL-1/").text
    assert "<script>alert" not in html
    assert Head(html).meta["og:title"] == Head(html).meta["ArticleTitle"] == name


# --- sharing, and what government sites carry -----------------------------------------------------


def test_a_shared_page_has_its_title_its_words_and_the_picture(
    client: Client, catalogue: Edition, settings: Any
) -> None:
    meta = head(client, "/en/opportunities/QY-001/").meta
    assert meta["og:title"] == "Cold-chain wharf in Donggang"
    assert meta["og:description"] == meta["description"] == "Two new cold-chain berths."
    assert (meta["og:type"], meta["og:locale"], meta["og:locale:alternate"]) == ("article", "en_GB", "zh_CN")
    assert meta["og:url"] == f"{SITE}/en/opportunities/QY-001/"
    assert meta["og:site_name"] == "Qingyu Opportunities"
    picture = (settings.BASE_DIR / "static" / meta["og:image"].removeprefix(f"{SITE}/static/")).read_bytes()
    assert picture.startswith(b"\x89PNG")
    size = struct.unpack(">II", picture[16:24])
    assert size == (int(meta["og:image:width"]), int(meta["og:image:height"])) == (1200, 630)
    assert len(picture) < 150 * 1024


def test_pages_carry_what_government_sites_carry(client: Client, catalogue: Edition, settings: Any) -> None:
    settings.SITE_URL = "https://opportunities.example:8443/invest"
    Catalogue.objects.update(site={"site_identifier": "9900000001"})
    Revision.bump()
    site = {"SiteName": "青屿产业机会", "SiteDomain": "opportunities.example", "SiteIDCode": "9900000001"}
    column = head(client, "/sectors/tea/").meta
    assert (
        column.items()
        >= {
            **site,
            "ColumnName": "招商机会",
            "ColumnType": "数据发布",
            "ColumnDescription": "青屿 3 个招商机会，合计 10.0 亿元：茶叶与食品。",
            "ColumnKeywords": "青屿、航运物流、茶叶与食品、集成电路",
        }.items()
    )
    article = head(client, "/opportunities/QY-001/").meta
    assert (
        article.items()
        >= {
            **site,
            "ArticleTitle": "东港冷链码头",
            "PubDate": "2025-02-28 00:00",
            "ContentSource": "青屿市投资促进局",
            "Keywords": "航运物流、东港区、海湾片区",
        }.items()
    )
    assert head(client, "/").meta["ColumnType"] == "首页"
    assert head(client, "/privacy/").meta["ColumnName"] == "隐私"


def test_what_the_pack_does_not_give_is_not_said(client: Client, catalogue: Edition) -> None:
    assert "SiteIDCode" not in head(client, "/").meta


def test_a_sample_names_no_source_but_what_it_is(client: Client, chongqing: Edition) -> None:
    meta = head(client, "/en/opportunities/DEMO-051/").meta
    assert meta["ContentSource"] == chongqing.notice_en
    assert meta["ArticleTitle"].endswith(" · Sample")
    assert meta["og:title"].endswith(" · Sample")
