"""The search page: one address for each search, numbers that agree, refusals that keep the form."""

from __future__ import annotations

import gzip
import random
import re
from decimal import Decimal

import pytest
from django.conf import settings
from django.core.cache import caches
from django.http import QueryDict
from django.test import Client
from django.utils.html import strip_tags

from opportunities.models import Edition
from opportunities.search import scheme
from opportunities.search.parameters import FACETS
from opportunities.search.query import Search
from tests.factories import make_edition, make_opportunity
from tests.readings import hooks_of

pytestmark = pytest.mark.django_db


def text_of(answer) -> str:
    return " ".join(strip_tags(answer.content.decode()).split())


def results_of(answer) -> list[str]:
    return hooks_of(answer.content.decode()).references


def links_of(answer) -> list[str]:
    return [link.replace("&amp;", "&") for link in re.findall(r'href="([^"]*)"', answer.content.decode())]


# --- one address ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "canonical"),
    [
        ("sector=food&sector=biomedicine", "?sector=biomedicine&sector=food"),
        ("bracket=10-50&region=metro", "?region=metro&bracket=10-50"),
        ("region=metro&region=metro", "?region=metro"),
        ("investment_min=10.50", "?investment_min=10.5"),
        ("page=1&view=list&sort=-investment&page_size=20&edition=2024-04", ""),
        ("q=%E3%80%80%E7%94%B5%E6%B1%A0++%EF%BC%95G", "?q=%E7%94%B5%E6%B1%A0%205G"),
        ("q=&investment_min=", ""),
        ("q=%E7%94%B5&sort=relevance", "?q=%E7%94%B5"),
        ("region=metro&bracket=10-50&region=northeast", "?region=metro&region=northeast&bracket=10-50"),
        ("bracket=10-50&region=metro&asked=10", "?region=metro&bracket=10-50&asked=10"),
        ("bracket=10-50&region=metro&utm_source=letter", "?region=metro&bracket=10-50"),
    ],
)
@pytest.mark.parametrize("prefix", ["", "/en"])
def test_another_spelling_of_a_search_leads_to_its_canonical_address(
    chongqing: Edition, client: Client, prefix: str, asked: str, canonical: str
) -> None:
    answer = client.get(f"{prefix}/opportunities/?{asked}")
    assert (answer.status_code, answer.headers["Location"]) == (302, f"{prefix}/opportunities/{canonical}")
    assert client.get(answer.headers["Location"]).status_code == 200


@pytest.mark.parametrize(
    "query", ["", "region=metro&bracket=10-50", "region=metro&gclid=1&asked=x", "from=timeline"]
)
def test_a_canonical_address_is_answered_where_it_stands(
    chongqing: Edition, client: Client, query: str
) -> None:
    assert client.get(f"/opportunities/?{query}").status_code == 200


def test_a_range_in_cny_bn_leads_to_the_canonical_parameter(chongqing: Edition, client: Client) -> None:
    answer = client.get("/en/opportunities/?investment_min_bn=1.25&investment_max_bn=10")
    assert answer.headers["Location"] == "/en/opportunities/?investment_min=12.5&investment_max=100"
    page = client.get(answer.headers["Location"]).content.decode()
    assert 'name="investment_min_bn" value="1.25"' in page
    assert 'name="investment_max_bn" value="10"' in page


def test_every_link_to_a_search_is_canonical(chongqing: Edition, client: Client) -> None:
    for path in (
        "/opportunities/?region=metro&bracket=10-50&page=2",
        "/en/opportunities/?view=table",
        "/opportunities/?region=metro&district=500103&view=map",
    ):
        searches = {link.split("#")[0] for link in links_of(client.get(path)) if "/opportunities/?" in link}
        assert len(searches) > 40
        for link in searches:
            pairs = QueryDict(link.partition("?")[2])
            assert Search.from_query(pairs).canonical_query == link.partition("?")[2], link


# --- numbers --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "query", ["", "region=metro&bracket=10-50", "sector=food&district=500102&cycle=13-24&status=open"]
)
@pytest.mark.parametrize("prefix", ["", "/en"])
def test_the_hooks_carry_the_numbers_of_the_search(
    chongqing: Edition, client: Client, prefix: str, query: str
) -> None:
    search = Search.from_query(QueryDict(query))
    hooks = hooks_of(client.get(f"{prefix}/opportunities/?{query}").content.decode())
    assert hooks.counts == [str(search.count)]
    assert hooks.totals == [str(search.total_investment)]
    assert hooks.references == [one.reference for one in search.results[:20]]
    given = [
        (one["data-facet"], one["data-value"], int(one["data-count"]), Decimal(one["data-investment"]))
        for one in hooks.facets
    ]
    expected = [
        (name, one.value, one.count, one.investment) for name in FACETS for one in search.facets.facets[name]
    ]
    assert sorted(given) == sorted(expected)


def test_the_published_totals_stand_on_the_page(chongqing: Edition, client: Client) -> None:
    # Chongqing Daily, 10 April 2024: 160 opportunities; the regions' money adds up to 4972.
    page = client.get("/opportunities/")
    assert 'data-result-count="160" data-total-investment="4972.00"' in page.content.decode()
    assert "160 个机会，合计 4,972.0 亿元" in text_of(page)
    assert "160 opportunities, CNY 497.2 bn" in text_of(client.get("/en/opportunities/"))


@pytest.mark.parametrize("view", ["list", "table"])
def test_a_row_says_what_of_it_lies_in_the_places_searched(db: None, client: Client, view: str) -> None:
    make_edition()
    make_opportunity(reference="BOTH-1", investment=Decimal("45.5"), districts={"1101": "0.6", "2201": "0.4"})
    assert "其中" not in text_of(client.get(f"/opportunities/?view={view}", follow=True))
    page = text_of(client.get(f"/opportunities/?region=east&view={view}", follow=True))
    assert "45.5" in page
    assert re.search(r"其中 27\.3 ?(亿元)?在所选区域", page)


def test_a_facet_link_toggles_its_value_and_keeps_the_rest(chongqing: Edition, client: Client) -> None:
    links = links_of(client.get("/opportunities/?region=metro&bracket=10-50&sort=name&page=2"))
    assert "/opportunities/?bracket=10-50&sort=name#filters" in links
    assert "/opportunities/?region=metro&region=northeast&bracket=10-50&sort=name#filters" in links
    assert "/opportunities/?sector=food&region=metro&bracket=10-50&sort=name#filters" in links


def test_a_cumulative_link_replaces_brackets_and_range(chongqing: Edition, client: Client) -> None:
    for query in ("bracket=10-50", "investment_min=20&investment_max=30"):
        page = client.get(f"/opportunities/?{query}")
        assert "/opportunities/?investment_min=50#filters" in links_of(page)
        # Published: 25 opportunities of 50 亿元 and more.
        assert "50 亿元及以上 25" in text_of(page)


def test_a_long_facet_lists_the_selected_and_then_the_fullest_first(
    chongqing: Edition, client: Client
) -> None:
    page = client.get("/opportunities/?district=500229").content.decode()
    codes = [one["data-value"] for one in hooks_of(page).facets if one["data-facet"] == "district"]
    found = {
        one.value: one.count
        for one in Search.from_query(QueryDict("district=500229")).facets.facets["district"]
    }
    assert codes[0] == "500229"
    fullest = sorted((code for code in found if code != "500229"), key=lambda code: -found[code])[:7]
    assert codes[1:8] == fullest
    assert sorted(codes) == sorted(found)


def test_another_city_counts_by_its_own_brackets_and_places(catalogue: Edition, client: Client) -> None:
    page = client.get("/opportunities/")
    values = {(one["data-facet"], one["data-value"]) for one in hooks_of(page.content.decode()).facets}
    assert {("bracket", "under-5"), ("bracket", "5-20"), ("bracket", "20-plus")} <= values
    assert "青屿产业机会" in text_of(page)
    assert "重庆" not in text_of(page)
    assert "noindex" not in page.content.decode()


def test_the_heads_of_the_table_sort_it(chongqing: Edition, client: Client) -> None:
    def heads(query: str) -> dict[str, tuple[str, str]]:
        page = client.get(f"/opportunities/?{query}").content.decode()
        found = re.findall(r'<th scope="col"([^>]*)><a id="sort-(\w+)" href="([^"]*)"', page)
        return {
            name: (
                link.replace("&amp;", "&").partition("?")[2],
                (re.findall('sort="([^"]*)"', head) or [""])[0],
            )
            for head, name, link in found
        }

    assert heads("view=table&page=2") == {
        "name": ("sort=name&view=table", ""),
        "investment": ("sort=investment&view=table", "descending"),
        "cycle": ("sort=cycle&view=table", ""),
    }
    assert heads("sort=investment&view=table")["investment"] == ("view=table", "ascending")
    assert heads("sort=cycle&view=table")["cycle"] == ("sort=-cycle&view=table", "ascending")
    assert heads("sort=-cycle&view=table")["cycle"] == ("sort=cycle&view=table", "descending")
    assert heads("sort=name&view=table")["name"] == ("sort=name&view=table", "ascending")
    assert {direction for _link, direction in heads("sort=-updated&view=table").values()} == {""}


# --- pages of results -----------------------------------------------------------------------------


def test_following_the_pages_meets_each_result_once(chongqing: Edition, client: Client) -> None:
    shown: list[str] = []
    path = "/opportunities/?sort=name"
    while path:
        page = client.get(path)
        assert page.status_code == 200
        shown += results_of(page)
        following = re.search(r'href="([^"]*)" rel="next"', page.content.decode())
        path = following[1].replace("&amp;", "&") if following else ""
    assert shown == [one.reference for one in Search.from_query(QueryDict("sort=name")).results]


def test_the_pager_leads_to_the_ends_and_to_what_is_near(chongqing: Edition, client: Client) -> None:
    page = client.get("/opportunities/?page=6&page_size=10").content.decode()
    pager = page[page.index('class="pager"') :]
    assert "第 51–60 个，共 160 个" in pager
    links = re.findall(r'href="([^"]*)"[^>]*>(\d+)</a>', pager)
    assert [number for _link, number in links] == ["1", "4", "5", "6", "7", "8", "16"]
    assert links[0][0] == "/opportunities/?page_size=10"
    assert links[2][0] == "/opportunities/?page=5&amp;page_size=10"


def test_a_page_past_the_end_is_a_404_that_names_the_last(chongqing: Edition, client: Client) -> None:
    answer = client.get("/opportunities/?region=metro&page=9")
    assert answer.status_code == 404
    assert "没有第 9 页，最后一页是第 6 页。" in text_of(answer)
    assert "/opportunities/?region=metro&page=6" in links_of(answer)
    assert results_of(answer) == []
    assert "There is no page 9; the last is page 6." in text_of(
        client.get("/en/opportunities/?region=metro&page=9")
    )


def test_an_empty_search_says_what_leaving_out_a_condition_gives(db: None, client: Client) -> None:
    make_edition()
    make_opportunity(reference="GRAIN", sector="grain", districts="1101", investment=Decimal(30))
    make_opportunity(reference="TOOLS", sector="tools", districts="2201", investment=Decimal("12.5"))
    answer = client.get("/opportunities/?sector=tools&region=east")
    assert answer.status_code == 200
    assert 'data-result-count="0" data-total-investment="0.00"' in answer.content.decode()
    assert results_of(answer) == []
    page = text_of(answer)
    assert "没有同时符合这些条件的机会" in page
    assert "去掉“产业：板块tools”1 个机会" in page
    assert "去掉“区域：地区east”1 个机会" in page
    assert {"/opportunities/?region=east", "/opportunities/?sector=tools"} <= set(links_of(answer))
    assert answer.content.decode().index("GRAIN") < answer.content.decode().index("TOOLS")


def test_one_condition_that_nothing_meets_has_no_nearest(chongqing: Edition, client: Client) -> None:
    answer = client.get("/opportunities/?q=zzzzzz")
    assert "没有符合这个条件的机会" in text_of(answer)
    assert 'name="reference"' not in answer.content.decode()


# --- refusals -------------------------------------------------------------------------------------

REFUSED = [
    ("sector=biomedcine", ["产业", "biomedcine", "生物医药"], ["Sector", "biomedcine", "Biomedicine"]),
    ("sectr=food", ["sectr", "sector"], ["sectr", "sector"]),
    ("view=globe", ["globe"], ["globe"]),
    ("fields=full", ["fields"], ["fields"]),
    ("sort=-investment&sort=name", ["sort"], ["sort"]),
    ("investment_min=120&investment_max=100", ["120 亿元", "100 亿元"], ["CNY 12.0 bn", "CNY 10.0 bn"]),
    ("investment_min=1e3", ["1e3"], ["1e3"]),
    ("cycle_min=24&cycle_max=12", ["24 个月", "12 个月"], ["24 months", "12 months"]),
    ("page=501", ["10000"], ["10000"]),
    ("edition=2024-05", ["2024-05", "2024-04"], ["2024-05", "2024-04"]),
    ("q=%3F%3F", ["??"], ["??"]),
    ("q=" + "x" * 201, ["201"], ["201"]),
    ("investment_min=1&investment_min_bn=1", ["亿元"], ["CNY bn"]),
]


@pytest.mark.parametrize(
    ("path", "query", "zh", "en"),
    [
        pytest.param(path, *row, id=f"{path} {row[0][:30]}")
        for path in ("/opportunities/", "/ask/")
        for row in REFUSED
        if not (path == "/ask/" and row[0].startswith("page"))  # asking drops the page
    ],
)
def test_a_refusal_keeps_the_form_and_carries_no_numbers(
    chongqing: Edition, client: Client, path: str, query: str, zh: list[str], en: list[str]
) -> None:
    for prefix, words in (("", zh), ("/en", en)):
        answer = client.get(f"{prefix}{path}?{query}&region=metro&status=open")
        page = answer.content.decode()
        assert answer.status_code == 400
        problem = page[page.index('id="problems"') : page.index('id="dock"')]
        for word in words:
            assert word in strip_tags(problem), word
        hooks = hooks_of(page)
        assert (hooks.counts, hooks.totals, hooks.facets, hooks.references) == ([], [], [], [])
        assert "data-count" not in page
        assert f'href="{prefix}/opportunities/?region=metro&amp;status=open"' in page
        assert '<input type="hidden" name="region" value="metro">' in page


def test_a_suggestion_leads_to_the_search_that_was_meant(chongqing: Edition, client: Client) -> None:
    answer = client.get("/opportunities/?sector=biomedcine&sector=food&region=metro")
    assert "/opportunities/?sector=biomedicine&sector=food&region=metro" in links_of(answer)
    answer = client.get("/opportunities/?regoin=metro&sector=food")
    assert "/opportunities/?sector=food&region=metro" in links_of(answer)
    answer = client.get("/opportunities/?investment_min=120&investment_max=100&sector=food")
    assert "/opportunities/?sector=food&investment_min=100&investment_max=120" in links_of(answer)


def test_what_was_typed_stays_in_the_form(chongqing: Edition, client: Client) -> None:
    page = client.get("/opportunities/?q=%E7%94%B5%E6%B1%A0&investment_min=abc").content.decode()
    assert 'name="q" value="电池"' in page
    assert 'aria-invalid="true" aria-describedby="investment_min-refused" id="investment_min"' in page
    assert 'name="investment_min" value="abc"' in page


def test_what_was_typed_is_shown_as_text(chongqing: Edition, client: Client) -> None:
    for query in ("sector=<script>alert(1)</script>", "<b>=1", "q=%22><script>x</script>"):
        page = client.get(f"/opportunities/?{query}").content.decode()
        assert "<script>" not in page
        assert "<b>=" not in page


# --- asking ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        ("q=DEMO-001", "/opportunities/DEMO-001/"),
        ("q=demo-001", "/opportunities/DEMO-001/"),
        ("q=+%EF%BC%A4emo-001+&sector=food", "/opportunities/DEMO-001/"),
        ("q=demo-999", "/opportunities/?q=demo-999"),
        ("q=%E7%94%B5%E6%B1%A0", "/opportunities/?q=%E7%94%B5%E6%B1%A0"),
        ("q=%E7%94%B5&sector=food&page=3&view=table", "/opportunities/?q=%E7%94%B5&sector=food&view=table"),
        ("q=&region=metro", "/opportunities/?region=metro"),
        ("q=%20%E3%80%80&region=metro", "/opportunities/?region=metro"),
        ("q=", "/opportunities/"),
        ("", "/opportunities/"),
        ("q=%E7%94%B5&page=zzz&utm_source=x", "/opportunities/?q=%E7%94%B5"),
    ],
)
@pytest.mark.parametrize("prefix", ["", "/en"])
def test_asking_leads_to_what_was_meant(
    chongqing: Edition, client: Client, prefix: str, asked: str, answered: str
) -> None:
    answer = client.get(f"{prefix}/ask/?{asked}")
    assert (answer.status_code, answer.headers["Location"]) == (303, prefix + answered)


def test_blanks_alone_are_no_search_and_the_page_says_so(chongqing: Edition, client: Client) -> None:
    for blanks in ("%20%20", "+", "%E3%80%80", "%09"):
        answer = client.get(f"/opportunities/?q={blanks}&region=metro")
        assert answer.status_code == 400
        assert "只有空格。请写上要找的词，或者什么都不写。" in answer.text
        english = client.get(f"/en/opportunities/?q={blanks}")
        assert "Only blanks were sent. Write a word, or nothing at all." in english.text
        [error] = client.get(f"/api/v1/opportunities/?q={blanks}").json()["errors"]
        assert (error["parameter"], error["message"]["zh"]) == (
            "q", "只有空格。请写上要找的词，或者什么都不写。"
        )  # fmt: skip


def test_a_reference_that_was_never_public_is_searched_for(db: None, client: Client) -> None:
    make_opportunity(reference="DRAFT-1", publication="draft")
    make_opportunity(reference="GONE-1", publication="withdrawn")
    assert client.get("/ask/?q=draft-1").headers["Location"] == "/opportunities/?q=draft-1"
    assert client.get("/ask/?q=gone-1").headers["Location"] == "/opportunities/GONE-1/"


# --- the frame ------------------------------------------------------------------------------------


def test_the_language_switch_keeps_the_search(chongqing: Edition, client: Client) -> None:
    query = "region=metro&investment_min=12.5&page=2"
    assert f"/en/opportunities/?{query}" in links_of(client.get(f"/opportunities/?{query}"))
    assert f"/opportunities/?{query}" in links_of(client.get(f"/en/opportunities/?{query}&gclid=1"))


def test_the_page_names_its_address_in_both_languages(chongqing: Edition, client: Client) -> None:
    page = client.get("/en/opportunities/?region=metro&utm_source=x").content.decode()
    for link in (
        f'rel="canonical" href="{settings.SITE_URL}/en/opportunities/?region=metro"',
        f'hreflang="zh-Hans" href="{settings.SITE_URL}/opportunities/?region=metro"',
        f'hreflang="en" href="{settings.SITE_URL}/en/opportunities/?region=metro"',
    ):
        assert link in page


def test_the_title_says_the_search(chongqing: Edition, client: Client) -> None:
    def title(path: str) -> str:
        return re.search(r"<title>(.*?)</title>", client.get(path).content.decode(), re.DOTALL)[1]

    query = "?sector=biomedicine&sector=food&region=metro&investment_min=10&cycle_max=24&page=2"
    assert title("/opportunities/") == "查找招商机会 · 重庆产业机会"
    assert title("/en/opportunities/") == "Find investment opportunities · Chongqing Opportunities"
    assert title(f"/opportunities/{query[:-7]}") == (
        "招商机会：生物医药、食品及农产品加工；主城都市区；10 亿元及以上；不超过 24 个月 · 重庆产业机会"
    )
    assert title("/en/opportunities/?region=metro&bracket=10-50&page=2") == (
        "Opportunities: Chongqing Metropolitan Area; CNY 1–5 bn, page 2 · Chongqing Opportunities"
    )


def test_many_filters_are_not_for_search_engines(catalogue: Edition, client: Client) -> None:
    one = client.get("/opportunities/?region=harbour")
    two = client.get("/opportunities/?sector=tea&region=harbour")
    assert ["noindex" in page.content.decode() for page in (one, two)] == [False, True]


def test_sample_data_says_so_and_is_not_for_search_engines(chongqing: Edition, client: Client) -> None:
    for prefix, notice in (("", chongqing.notice_zh), ("/en", chongqing.notice_en)):
        page = client.get(f"{prefix}/opportunities/").content.decode()
        assert notice in page
        assert '<meta name="robots" content="noindex">' in page
        assert page.count('class="demo"') == 20


@pytest.mark.parametrize(
    "query",
    [
        "page_size=1",
        "page_size=100",
        "view=table&page_size=100",
        "region=metro&page_size=100",
        "q=battery",
        "q=%E7%94%B5%E6%B1%A0&page_size=100",
        "sector=software&region=southeast&bracket=100-plus&cycle=up-to-12&status=signed",
        "sector=nothing",
        "page=99",
    ],
)
def test_a_page_costs_twelve_queries_however_many_rows(
    chongqing: Edition, client: Client, django_assert_max_num_queries, query: str
) -> None:
    with django_assert_max_num_queries(12):
        client.get(f"/opportunities/?{query}")


@pytest.mark.parametrize("query", ["", "page_size=100", "region=metro&bracket=10-50&sort=name"])
def test_a_page_without_words_costs_two_queries_and_rows_not_drawn_yet(
    chongqing: Edition, client: Client, django_assert_max_num_queries, query: str
) -> None:
    client.get("/opportunities/?page_size=99")
    with django_assert_max_num_queries(5):
        client.get(f"/opportunities/?{query}")


@pytest.mark.parametrize("query", ["q=基地", "q=gongchang&page_size=100", "q=battery&view=table", "q=qqqq"])
def test_a_search_for_words_does_too_once_the_vocabulary_is_read(
    chongqing: Edition, client: Client, django_assert_max_num_queries, query: str
) -> None:
    client.get("/opportunities/?q=%E8%8C%B6")
    with django_assert_max_num_queries(12):
        answer = client.get(f"/opportunities/?{query}")
    assert answer.status_code == 200


def test_head_is_answered_as_get_and_nothing_else_is(chongqing: Edition, client: Client) -> None:
    for path in ("/opportunities/?region=metro", "/opportunities/?sector=x", "/ask/?q=demo-001"):
        get, head = client.get(path), client.head(path)
        assert (get.status_code, get.headers.get("Location")) == (
            head.status_code,
            head.headers.get("Location"),
        )
        assert head.content == b""
    for path in ("/opportunities/", "/ask/"):
        answer = client.post(path)
        assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD")


def test_the_page_is_light_and_holds_no_style_or_script_of_its_own(
    chongqing: Edition, client: Client
) -> None:
    for path in ("/opportunities/", "/en/opportunities/?region=metro&view=table"):
        page = client.get(path).content
        assert len(gzip.compress(page)) <= 25_000
        assert b"<style" not in page
        assert b" style=" not in page
        # What JSON-LD holds is data: nothing runs it.
        assert re.findall(rb"<script(?![^>]* src=| type=\"application/ld\+json\">)", page) == []
        sheets = re.findall(rb'<link rel="stylesheet" href="/static/(css/[^".]+)[^"]*"', page)
        assert 0 < len(sheets) <= 6
        css = sum(len(gzip.compress(_static(f"{sheet.decode()}.css"))) for sheet in sheets)
        assert css <= 15_000, "the search page has the most of all"
        scripts = re.findall(rb'<script src="/static/(js/[^".]+)', page)
        assert sum(len(gzip.compress(_static(f"{script.decode()}.js"))) for script in scripts) <= 15_000


def _static(name: str) -> bytes:
    return (settings.BASE_DIR / "static" / name).read_bytes()


def test_what_is_not_built_yet_is_linked_from_nowhere(chongqing: Edition, client: Client) -> None:
    for link in links_of(client.get("/opportunities/")):
        assert not re.search(r"developers|account", link), link


# --- kept pieces ----------------------------------------------------------------------------------

# Neighbours differ by one thing.
ADDRESSES = """

page=2
page=8
page=99
page_size=50
sort=name
sort=name&page=2
view=table
view=map
region=metro
region=metro&page=2
region=metro&sort=cycle
region=metro&view=table
region=nowhere
region=metro&region=northeast
district=500155
district=500155&region=metro
investment_min=10
investment_min=10&page=2
investment_max=10
investment_min=20&investment_max=10
sector=food
sector=food&view=map
sector=food&page=9
sector=food&region=southeast&bracket=100-plus
q=battery
q=battery&sort=name
q=battery&view=table
q=battery&region=metro
q=battery&sector=smart-ev
q=batteries
q=materials
q=%21
q=zzzz
sector=food&asked=food
sector=food&asked=food+please
q=please&sector=food
q=please&sector=food&asked=food+please
edition=2024-04&page=2
utm_source=letter
unknown=1
""".splitlines()[1:]


def test_a_page_of_kept_pieces_is_the_page_drawn_anew(chongqing: Edition, client: Client) -> None:
    addresses = [f"{prefix}/opportunities/?{query}" for prefix in ("", "/en") for query in ADDRESSES]
    random.Random(2024).shuffle(addresses)
    anew = {}
    for address in addresses:
        caches["pieces"].clear()
        scheme._kept.clear()
        anew[address] = client.get(address).content
    for _turn in range(2):
        for address in addresses:
            caches["default"].clear()
            assert client.get(address).content == anew[address], address
