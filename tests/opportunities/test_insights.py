"""The page of published and computed figures: every claim, its result, and the opportunities behind it.

Chongqing's figures are literals from the Chongqing Daily's report of 10 April 2024.
"""

from __future__ import annotations

import re
from decimal import Decimal
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from opportunities.models import Opportunity, PublishedFigure
from opportunities.publishing import withdraw
from opportunities.search.query import Search
from tests.factories import claimed, make_edition, make_opportunity
from tests.readings import hooks_of

PAGE = "/insights/"
NAMED_SECTORS = ["smart-ev", "biomedicine", "smart-equipment", "culture-commerce-consumer"]


def text_of(html):
    return unescape(re.sub(r"\s+", " ", re.sub(r"<span class=\"pad\".*?</span>|<[^>]+>", " ", html))).strip()


class Cell:
    """A figure of the sheet: published, computed and result as they are read, and the address linked."""

    def __init__(self, cells):
        self.words = [text_of(cell) for _attributes, cell in cells]
        link = re.search(r'href="([^"]+)"', cells[1][1])
        self.address = unescape(link[1]) if link else None
        claim = re.search(r'data-claim="([^"]+)" data-value="([^"]*)"', cells[1][0])
        self.claim = claim.groups() if claim else None


def sheet(page):
    """The rows of the sheet by group and name: count, money where there is any, and the note."""
    table = re.search(r'<table class="sheet">.*?</table>', page.text, re.S)
    groups = {}
    for body in re.findall(r"<tbody>(.*?)</tbody>", table[0], re.S) if table else ():
        head, *rows = re.findall(r"<tr.*?</tr>", body, re.S)
        groups[text_of(head)] = {}
        for row in rows:
            name = text_of(re.search(r'<th scope="row">(.*?)</th>', row, re.S)[1])
            cells = re.findall(r"<td([^>]*)>(.*?)</td>", row, re.S)
            figures = [Cell(cells[:3]), *([Cell(cells[3:6])] if len(cells) == 7 else [])]
            groups[text_of(head)][name] = (*figures, text_of(cells[-1][1]))
    return groups


def cells_of(page):
    return [
        cell
        for group in sheet(page).values()
        for row in group.values()
        for cell in row
        if isinstance(cell, Cell)
    ]


def words_of(group):
    """The rows of a group in words."""
    return {
        name: [cell.words if isinstance(cell, Cell) else cell for cell in row][:-1]
        for name, row in group.items()
    }


# --- the sheet ------------------------------------------------------------------------------------


def test_every_published_figure_stands_beside_its_computed_one(client, chongqing):
    groups = sheet(client.get(PAGE))
    assert list(groups) == ["合计", "按投资规模（累计）", "按区域", "按产业"]
    assert words_of(groups["合计"]) == {
        "机会与投资额": [["160 个", "160 个", "一致"], ["约 5,000 亿元", "4,972 亿元", "公布为约数"]],
        "产业": [["9 个", "9 个", "一致"]],
        "每个机会的信息项数": [["12 个", "12 个", "一致"]],
    }
    amounts = words_of(groups["按投资规模（累计）"])
    assert list(amounts) == ["100 亿元及以上", "50 亿元及以上", "10 亿元及以上", "10 亿元以下"]
    assert [count for count, _money in amounts.values()] == [
        ["15 个", "15 个", "一致"],
        ["25 个", "25 个", "一致"],
        ["109 个", "109 个", "一致"],
        ["–", "51 个", "未公布"],
    ]
    assert all(money[0] == "–" and money[2] == "未公布" for _count, money in amounts.values())
    assert words_of(groups["按区域"]) == {
        "主城都市区": [["105 个", "105 个", "一致"], ["3,528 亿元", "3,528 亿元", "一致"]],
        "渝东北三峡库区": [["39 个", "39 个", "一致"], ["1,034 亿元", "1,034 亿元", "一致"]],
        "渝东南武陵山区": [["17 个", "17 个", "一致"], ["410 亿元", "410 亿元", "一致"]],
        "以上 3 个区域相加": [["161 个", "161 个", "一致"], ["4,972 亿元", "4,972 亿元", "一致"]],
    }
    assert words_of(groups["按产业"]) == {
        "智能网联新能源汽车": [["35 个", "35 个", "一致"], ["1,008 亿元", "1,008 亿元", "一致"]],
        "生物医药": [["36 个", "36 个", "一致"], ["1,093 亿元", "1,093 亿元", "一致"]],
        "智能装备及智能制造": [["20 个", "20 个", "一致"], ["898 亿元", "898 亿元", "一致"]],
        "文旅商贸、消费品等": [["18 个", "18 个", "一致"], ["928 亿元", "928 亿元", "一致"]],
        "以上 4 个产业相加": [["109 个", "109 个", "一致"], ["3,927 亿元", "3,927 亿元", "一致"]],
        "其余 5 个产业": [["–", "51 个", "未公布"], ["–", "1,045 亿元", "未公布"]],
    }


def test_each_claim_of_the_source_stands_once(client, chongqing):
    claims = [cell.claim for cell in cells_of(client.get(PAGE)) if cell.claim]
    assert len(claims) == 21
    assert sorted(claims) == sorted((f.claim, f.value) for f in PublishedFigure.objects.all())
    assert "公布值 21 项 · 20 项一致 · 1 项公布为约数" in text_of(client.get(PAGE).text)


@pytest.mark.parametrize("prefix", ["", "/en"])
@pytest.mark.parametrize("city", ["chongqing", "catalogue"])
def test_a_computed_figure_leads_to_exactly_the_opportunities_it_counts(client, request, city, prefix):
    request.getfixturevalue(city)
    linked = [cell for cell in cells_of(client.get(prefix + PAGE)) if cell.address]
    assert linked
    for cell in linked:
        answer = client.get(cell.address)
        assert answer.status_code == 200, f"{cell.address} is not canonical"
        hooks = hooks_of(answer.text)
        number = Decimal(re.sub(r"[^\d.]", "", cell.words[1].removesuffix("bn")))
        if "亿元" in cell.words[1] or "CNY" in cell.words[1]:
            found = Decimal(hooks.totals[0]) / (10 if prefix else 1)
        else:
            found = Decimal(hooks.counts[0])
        assert number == found, cell.address


def test_all_but_161_and_what_is_no_opportunity_is_linked(client, chongqing):
    """No search gives 161: the one in two regions is one opportunity."""
    unlinked = [cell.words[1] for cell in cells_of(client.get(PAGE)) if not cell.address]
    assert unlinked == ["9 个", "12 个", "161 个"]


def behind(client, cell):
    """The references of the opportunities that a figure leads to."""
    answer = client.get("/api/v1/opportunities/?page_size=100&" + cell.address.partition("?")[2]).json()
    assert answer["count"] == int(cell.words[1].split()[0])
    references = {item["reference"] for item in answer["results"]}
    while answer["next"]:
        answer = client.get(answer["next"]).json()
        references |= {item["reference"] for item in answer["results"]}
    return references


def test_109_and_51_each_mean_two_things_that_are_not_swapped(client, chongqing):
    groups = sheet(client.get(PAGE))
    amounts, sectors = groups["按投资规模（累计）"], groups["按产业"]
    rows = Opportunity.objects.public()
    for row, expected in (
        (amounts["10 亿元及以上"], rows.filter(investment__gte=10)),
        (amounts["10 亿元以下"], rows.filter(investment__lt=10)),
        (sectors["以上 4 个产业相加"], rows.filter(sector__slug__in=NAMED_SECTORS)),
        (sectors["其余 5 个产业"], rows.exclude(sector__slug__in=NAMED_SECTORS)),
    ):
        assert behind(client, row[0]) == set(expected.values_list("reference", flat=True))
    assert behind(client, amounts["10 亿元及以上"][0]) != behind(client, sectors["以上 4 个产业相加"][0])


def test_what_was_not_published_follows_from_what_was(client, chongqing):
    groups = sheet(client.get(PAGE))
    assert groups["按投资规模（累计）"]["10 亿元以下"][-1] == "由公布值相减： 160 − 109 = 51"
    assert groups["按产业"]["其余 5 个产业"][-1] == "由公布值相减： 160 − 109 = 51 、 4,972 − 3,927 = 1,045"
    english = sheet(client.get("/en" + PAGE))["By sector"]
    assert english["The other 5 sectors"][-1].endswith("160 − 109 = 51 , 497.2 − 392.7 = 104.5")


def test_every_explanation_of_the_data_stands_beside_its_figure_and_is_called_ours(client, chongqing):
    for prefix, language in (("", "zh"), ("/en", "en")):
        page = client.get(prefix + PAGE)
        notes = " ".join(row[-1] for group in sheet(page).values() for row in group.values())
        for figure in PublishedFigure.objects.exclude(explanation_zh=""):
            assert getattr(figure.explanation, language) in notes
        assert ("说明为本站所加，非来源原文。" if language == "zh" else "Explanations are ours") in page.text
    assert PublishedFigure.objects.first().source_zh in client.get(PAGE).text


def test_an_unexplained_difference_is_shown_with_its_sign_and_nothing_else_is(client, chongqing):
    PublishedFigure.objects.filter(claim="opportunities").update(published=161)
    PublishedFigure.objects.filter(claim="region-investment", value="metro").update(published=3500)
    page = client.get(PAGE)
    groups = sheet(page)
    assert words_of(groups["合计"])["机会与投资额"][0] == ["161 个", "160 个", "−1"]
    regions = words_of(groups["按区域"])
    assert regions["主城都市区"][1] == ["3,500 亿元", "3,528 亿元", "+28"]
    assert regions["以上 3 个区域相加"][1] == ["4,944 亿元", "4,972 亿元", "+28"]
    assert "2 项不一致" in page.text
    assert re.findall(r'<span class="gap">(.*?)</span>', page.text) == ["−1", "+28", "+28"]


def test_a_figure_published_as_about_is_never_called_wrong(client, chongqing):
    PublishedFigure.objects.filter(claim="sector-investment").update(is_rounded=True, published=1000)
    page = client.get(PAGE)
    sectors = words_of(sheet(page)["按产业"])
    assert sectors["生物医药"][1] == ["约 1,000 亿元", "1,093 亿元", "公布为约数"]
    assert sectors["以上 4 个产业相加"][1] == ["约 4,000 亿元", "3,927 亿元", "公布为约数"]
    assert 'class="gap"' not in page.text
    # Nothing is worked out from “about” so much.
    assert sheet(page)["按产业"]["其余 5 个产业"][-1] == "由公布值相减： 160 − 109 = 51"


# --- what explains them ---------------------------------------------------------------------------


def why(page):
    return re.search(r'<aside class="why".*?</aside>', page.text, re.S)[0]


def test_161_is_explained_by_the_opportunity_in_two_regions(client, chongqing):
    [shared] = [
        opportunity
        for opportunity in Opportunity.objects.public().for_results()
        if len({location.district.region_id for location in opportunity.locations.all()}) > 1
    ]
    explained = why(client.get(PAGE))
    assert "3 个区域相加为 161" in explained
    assert f'<a href="/opportunities/{shared.reference}/">{shared.reference}</a>' in explained
    words = text_of(explained)
    for location in shared.locations.all():
        assert f"{location.district.name_zh} {location.investment:f}".rstrip("0") in words
    assert "公布材料没有说明原因，这是本站的解释。" in words
    assert "示例" in words


def test_about_5000_and_cumulative_amounts_are_explained(client, chongqing):
    words = text_of(why(client.get(PAGE)))
    assert "“约 5,000 亿元 ”与 4,972 亿元" in words
    assert "各区域的公布值相加为 4,972 亿元 ，与逐条核算一致。" in words
    assert "“X 亿元以上”" in words


def test_without_anything_to_explain_nothing_is_explained(client, db):
    make_edition()
    make_opportunity(districts="1101")
    assert text_of(why(client.get(PAGE))) == ""


def test_of_many_opportunities_in_several_regions_the_first_are_named(client, db):
    make_edition(places={"east": ["1101"], "west": ["2201"]})
    for number in range(5):
        make_opportunity(reference=f"BOTH-{number}", districts=["1101", "2201"])
    make_opportunity(reference="ONE-1", districts="1101")
    explained = why(client.get(PAGE))
    assert re.findall(r">(BOTH-\d|ONE-\d)<", explained) == ["BOTH-0", "BOTH-1", "BOTH-2"]
    assert "另有 2 个" in explained


# --- other editions -------------------------------------------------------------------------------


def test_the_second_city_has_its_own_regions_thresholds_and_fewer_claims(client, catalogue):
    page = client.get(PAGE)
    assert list(sheet(page)) == ["合计"]
    assert words_of(sheet(page)["合计"]) == {
        "机会与投资额": [["8 个", "8 个", "一致"], ["约 91 亿元", "91 亿元", "一致"]],
        "产业": [["3 个", "3 个", "一致"]],
        "每个机会的信息项数": [["12 个", "12 个", "一致"]],
    }
    words = text_of(page.text)
    assert "20 亿元及以上" in words and "海湾片区" in words
    assert "示例" not in words and "重庆" not in words


def test_claims_of_one_region_and_of_other_thresholds_stand_by_themselves(client, catalogue):
    PublishedFigure.objects.all().delete()
    claimed(
        catalogue,
        ("opportunities", "", 8),
        ("opportunities-at-least", "7.5", 4),
        ("opportunities-at-least", "5", 6),
        ("region-opportunities", "upland", 5),
        ("sector-investment", "tea", 10),
    )
    groups = sheet(client.get(PAGE))
    assert words_of(groups["合计"])["机会与投资额"][1] == ["–", "91 亿元", "未公布"]
    assert words_of(groups["按投资规模（累计）"]) == {
        "7.5 亿元及以上": [["4 个", "4 个", "一致"], ["–", "81 亿元", "未公布"]],
        "5 亿元及以上": [["6 个", "5 个", "−1"], ["–", "86 亿元", "未公布"]],
        "5 亿元以下": [["–", "3 个", "未公布"], ["–", "5 亿元", "未公布"]],
    }
    assert list(groups["按区域"]) == ["山地片区"]
    assert list(groups["按产业"]) == ["茶叶与食品"]
    for cell in cells_of(client.get(PAGE)):
        if cell.claim and cell.address:
            assert client.get(cell.address).status_code == 200


def test_an_edition_of_which_nothing_was_published_says_so(client, db):
    make_edition()
    make_opportunity(districts=["1101", "2201"])
    page = client.get(PAGE)
    assert sheet(page) == {}
    assert "来源没有公布这份清单的数字" in page.text
    words = text_of(why(page))
    assert "2 个区域相加为 2" in words
    assert "公布材料没有说明原因" not in words, "the source states no sum"


def test_an_empty_edition_has_its_page(client, db):
    make_edition()
    assert client.get(PAGE).status_code == client.get("/en" + PAGE).status_code == 200


# --- the other sections ---------------------------------------------------------------------------


def part(page, start, end="</section>"):
    begin = page.text.index(start)
    return page.text[begin : page.text.index(end, begin)]


def test_both_ways_of_counting_amounts_stand_side_by_side(client, chongqing):
    ways = part(client.get(PAGE), 'id="amounts"', "产业与区域")
    lines = [text_of(line) for line in re.findall(r"<li>(.*?)</li>", ways, re.S)]
    assert [re.sub(r" 个.*", "", line) for line in lines] == [
        "全部 = 51 + 84 + 10 + 15 160",
        "10 亿元及以上 = 84 + 10 + 15 109",
        "50 亿元及以上 = 10 + 15 25",
        "100 亿元及以上 15",
        "10 亿元以下 51",
        "10–50 亿元 84",
        "50–100 亿元 10",
        "100 亿元及以上 15",
    ]


def test_the_table_of_sectors_and_regions_links_each_cell_to_its_opportunities(client, catalogue):
    page = client.get(PAGE)
    cells = re.findall(r'<a href="([^"]+)" data-count="(\d+)" data-investment="([\d.]+)"', page.text)
    assert len(cells) == (3 + 1) * (2 + 1)
    for address, count, investment in cells:
        hooks = hooks_of(client.get(unescape(address)).text)
        assert (hooks.counts, hooks.totals) == ([count], [investment])


def test_why_forms_of_cooperation_add_up_to_more_is_said(client, catalogue):
    assert "一个机会可以提供多种合作方式，各计一次，所以相加为 11，总数为 8。" in client.get(PAGE).text


def test_the_districts_with_the_most_money_stand_beside_the_map(client, chongqing):
    page = client.get(PAGE)
    assert page.text.count('id="tile-') == 41
    ranking = re.search(r'<table class="rows places">.*?</table>', page.text, re.S)[0]
    codes = re.findall(r"district=(\w[\w-]*)", ranking)
    districts = Search.everything().facets.facets["district"]
    by_money = sorted(districts, key=lambda value: -value.investment)
    assert codes == [value.value for value in by_money[:10]]


def test_without_positions_there_is_no_map_and_without_opportunities_no_ranking(client, db):
    make_edition()
    assert "区域分布" not in client.get(PAGE).text
    make_opportunity(districts="2201")
    page = client.get(PAGE).text
    assert "区域分布" in page and "hexmap" not in page and "区2201" in page


def test_the_histogram_counts_every_opportunity(client, catalogue):
    wide = re.search(r'<svg class="hist wide".*?</svg>', client.get(PAGE).text, re.S)[0]
    assert sum(int(count) for count in re.findall(r'class="v"[^>]*>(\d+)<', wide)) == 8


def test_period_cooperation_and_status_are_named_and_linked(client, catalogue):
    page = client.get(PAGE).text
    for label, query in (
        ("12 个月以内", "cycle=up-to-12"),
        ("股权合作", "cooperation=equity"),
        ("洽谈中", "status=negotiating"),
    ):
        link = page[page.index(f'href="/opportunities/?{query}"') :]
        assert text_of(link[link.index(">") + 1 : link.index("</a>")]).startswith(label)


# --- the page among the others --------------------------------------------------------------------


@pytest.mark.parametrize("prefix", ["", "/en"])
def test_it_is_in_the_navigation_and_leads_to_how_we_count_and_to_json(client, chongqing, prefix):
    page = client.get(prefix + PAGE).text
    name = "Figures" if prefix else "数据"
    assert f'<a href="{prefix}/insights/" aria-current="page">{name}</a>' in page
    assert f'href="{prefix}/about/"' in page and 'href="/api/v1/editions/"' in page


def test_it_does_not_look_at_the_query_string_and_can_be_revalidated(client, catalogue):
    plain, asked = client.get(PAGE), client.get(f"{PAGE}?edition=none&region=nonsense")
    assert asked.status_code == 200 and asked.text == plain.text
    assert client.get(PAGE, headers={"If-None-Match": plain.headers["ETag"]}).status_code == 304


def test_a_withdrawal_shows_at_once(client, catalogue):
    client.get(PAGE)
    withdraw(Opportunity.objects.get(reference="QY-006"))
    assert words_of(sheet(client.get(PAGE))["合计"])["机会与投资额"][0] == ["8 个", "7 个", "−1"]


def test_it_costs_the_same_however_many_opportunities(client, chongqing):
    costs = []
    for number in (2, 20):
        for _ in range(number):
            make_opportunity(sector="food", districts=["500102", "500156"])
        with CaptureQueriesContext(connection) as queries:
            client.get(PAGE)
        costs.append(len(queries))
    assert len(set(costs)) == 1 and costs[0] <= 24, costs


# --- as JSON --------------------------------------------------------------------------------------


def test_the_api_gives_the_source_and_the_addresses_behind_each_figure(client, chongqing, settings):
    settings.SITE_URL = "http://portal.test"
    [edition] = client.get("/api/v1/editions/").json()
    by_claim = {(f["claim"], f["value"]): f for f in edition["published_figures"]}
    assert len(by_claim) == 21
    metro = by_claim["region-investment", "metro"]
    assert metro["url"] == "http://portal.test/opportunities/?region=metro"
    assert metro["api_url"] == "http://portal.test/api/v1/opportunities/?region=metro"
    assert metro["source"]["zh"].startswith("重庆日报") and metro["source"]["en"].startswith(
        "Chongqing Daily"
    )
    for claim in ("sectors", "attributes"):
        assert by_claim[claim, ""]["url"] is None and by_claim[claim, ""]["api_url"] is None
    assert by_claim["opportunities", ""]["url"] == "http://portal.test/opportunities/"


def test_the_addresses_of_the_api_give_exactly_the_figures(client, chongqing):
    [edition] = client.get("/api/v1/editions/").json()
    linked = [figure for figure in edition["published_figures"] if figure["url"]]
    assert len(linked) == 19
    for figure in linked:
        answer = client.get(figure["api_url"]).json()
        assert figure["computed"] in (answer["count"], answer["total_investment"]), figure
        page = client.get(figure["url"])
        assert page.status_code == 200, "canonical"
        hooks = hooks_of(page.text)
        assert str(figure["computed"]) in (hooks.counts[0], hooks.totals[0])
