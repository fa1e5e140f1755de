"""Where a search finds nothing, the ways on are the smallest there are, each with its true number."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from decimal import Decimal
from itertools import combinations, pairwise
from urllib.parse import parse_qs, urlencode

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from opportunities.models import Edition, VocabularyTerm
from opportunities.search.relaxing import LEFT_OUT, SAID_ALONE, Relaxation, relaxations
from tests.factories import make_edition, make_opportunity
from tests.oracle import CHONGQING, Oracle, Params, Questions, hundredths, query_string

from .asking import search

BOUNDS = ("investment_min", "investment_max", "cycle_min", "cycle_max")


def without_results(oracle: Oracle, number: int) -> Iterator[Params]:
    """Random searches that find nothing, without words that are nowhere at all."""
    ask = Questions(oracle, "relaxing")
    while number:
        params = {name: values for name, values in ask().items() if name != "edition"}
        if oracle.search(params).count == 0:
            number -= 1
            yield params


def less(params: Params, **changes: list[str]) -> Params:
    return {name: values for name, values in {**params, **changes}.items() if values}


def single(oracle: Oracle, params: Params) -> dict[str, int]:
    """Every single way on that finds something, worked out plainly: its query and its number."""
    ways = [less(params, **{name: []}) for name in params if name != "sort"]
    for name in BOUNDS:
        if name not in params:
            continue
        rest = set(oracle.search(less(params, **{name: []})).references)
        inside = [entry for entry in oracle.entries if entry.reference in rest]
        values = [entry.money if name.startswith("investment") else entry.months for entry in inside]
        if values:
            near = max(values) if name.endswith("min") else min(values)
            written = f"{(Decimal(near) / 100).normalize():f}" if name.startswith("inv") else str(near)
            ways.append(less(params, **{name: [written]}))
    for name in ("bracket", "cycle"):
        bands = list(oracle.values[name])
        chosen = [band for band in bands if band in params.get(name, ())]
        if chosen:
            low, high = bands.index(chosen[0]), bands.index(chosen[-1])
            ways += [less(params, **{name: bands[at:low] + chosen}) for at in range(low)]
            above = range(high + 1, len(bands))
            ways += [less(params, **{name: chosen + bands[high + 1 : at + 1]}) for at in above]
    if "district" in params:
        regions = sorted({oracle.districts[code]["region"] for code in params["district"]})
        if "region" not in params or set(regions) < set(params["region"]):
            ways.append(less(params, district=[], region=regions))
    words = re.findall(r"[^\W_]+", unicodedata.normalize("NFKC", params.get("q", [""])[0]))
    rests = [" ".join(one for one in words if one != word) for word in words]
    ways += [less(params, q=[rest]) for rest in rests if rest]
    if len(words) > 2:
        ways += [less(params, q=[word]) for word in words]
    numbers = {search(query_string(way)).canonical_query: oracle.search(way).count for way in ways}
    return {query: number for query, number in numbers.items() if number}


def as_params(relaxation: Relaxation) -> Params:
    return parse_qs(relaxation.query)


@pytest.mark.parametrize("chunk", range(2))
def test_each_way_on_is_true_and_none_smaller_was_passed_over(chongqing: Edition, chunk: int) -> None:
    oracle = Oracle.of(CHONGQING)
    seen = {"single": 0, "pair": 0, "alone": 0, "none": 0}
    for number, params in enumerate(without_results(oracle, 160)):
        if number % 2 != chunk:
            continue
        where = query_string(params)
        found = relaxations(search(where))
        assert len(found) <= 4, where
        efforts = [sum(change.effort for change in one.changes) for one in found]
        assert all(one <= other for one, other in pairwise(efforts)), where
        for one in found:
            assert one.count == oracle.search(as_params(one)).count > 0, (where, one.query)
            assert one.count == search(one.query).count
        expected = single(oracle, params)
        respelled = [one for one in found if one.changes[0].does.startswith(("respelled", "reworded"))]
        said = [one for one in found if one.changes[0].does == SAID_ALONE]
        plain = [one for one in found if one not in [*respelled, *said]]
        if expected or respelled:
            seen["single"] += 1
            assert {one.query for one in plain} <= set(expected), where
            left_out = [one for one in plain if one.changes[0].effort == LEFT_OUT]
            assert left_out or len(found) == 4 or len(plain) > 0, where
        else:
            two = [
                less(params, **{name: [], other: []})
                for name, other in combinations([name for name in params if name != "sort"], 2)
            ]
            possible = any(oracle.search(way).count for way in two)
            alone = [{name: params[name]} for name in params if name != "sort"]
            is_any = any(oracle.search(way).count for way in [*two, *alone])
            assert is_any or [set(as_params(one)) <= {"sort"} for one in found if one not in said] in (
                [],
                [True],
            )
            assert all(len(one.changes) == (2 if possible else 1) for one in found), where
            if not possible:
                assert {len(as_params(one).keys() - {"sort"}) for one in plain} <= ({1} if is_any else {0}), (
                    where
                )
            seen["pair" if possible else "alone" if is_any else "none"] += 1
        for one in plain:
            _no_nearer_bound_finds_anything(oracle, params, one)
    print(seen)
    assert seen["single"] > 20
    assert seen["pair"] > 5


def _no_nearer_bound_finds_anything(oracle: Oracle, params: Params, one: Relaxation) -> None:
    """A bound that moved could not have moved less, by a hundredth or by a month."""
    relaxed = as_params(one)
    for name in BOUNDS:
        if name in params and name in relaxed and params[name] != relaxed[name]:
            back = 1 if name.endswith("min") else -1
            if name.startswith("investment"):
                nearer = f"{Decimal(hundredths(relaxed[name][0]) + back) / 100:f}"
            else:
                nearer = str(int(relaxed[name][0]) + back)
            assert oracle.search({**relaxed, name: [nearer]}).count == 0, one.query


@pytest.fixture
def places(db: None) -> Edition:
    edition = make_edition(places={"east": ["1101", "1102"], "west": ["2201"]})
    for reference, sector, district, investment, months in (
        ("A-1", "grain", "1101", "8", 12),
        ("A-2", "grain", "1102", "9.87", 24),
        ("A-3", "tools", "2201", "60", 40),
    ):
        make_opportunity(
            reference=reference,
            sector=sector,
            districts=district,
            investment=Decimal(investment),
            cycle_months=months,
        )
    return edition


def said(query: str) -> list[tuple[str, int, str]]:
    return [(one.label, one.count, one.query) for one in relaxations(search(query))]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (
            "sector=grain&investment_min=10",
            [
                ("放宽到“9.87 亿元及以上”", 1, "sector=grain&investment_min=9.87"),
                ("去掉“产业：板块grain”", 1, "investment_min=10"),
                ("去掉“投资规模：10 亿元及以上”", 2, "sector=grain"),
            ],
        ),
        (
            "district=1101&cycle_min=20",
            [
                ("放宽到“12 个月及以上”", 1, "district=1101&cycle_min=12"),
                ("放宽到“地区east”", 1, "region=east&cycle_min=20"),
                ("去掉“区县：区1101”", 2, "cycle_min=20"),
            ],
        ),
        (
            "sector=tools&bracket=10-50",
            [
                ("放宽到“10–50 亿元、50–100 亿元”", 1, "sector=tools&bracket=10-50&bracket=50-100"),
            ],
        ),
    ],
)
def test_the_smallest_change_stands_first_and_says_what_it_does(
    places: Edition, query: str, expected: list[tuple[str, int, str]]
) -> None:
    assert said(query) == expected


def test_where_no_single_change_helps_two_do(places: Edition) -> None:
    found = relaxations(search("sector=tools&region=east&investment_min=100"))
    assert {len(one.changes) for one in found} == {2}
    assert found[0].query == "sector=tools&investment_min=60"
    assert found[0].label == "放宽到“60 亿元及以上”，同时去掉“区域：地区east”"


def test_where_no_two_changes_help_one_condition_is_kept_alone(chongqing: Edition) -> None:
    query = "sector=food&region=southeast&district=500102&bracket=100-plus&cycle=over-36&cooperation=leasing"
    found = said(f"{query}&status=signed")
    assert 0 < len(found) <= 4
    assert all(label.startswith("只看“") for label, _count, _query in found)
    counts = [count for _label, count, _query in found]
    assert counts == sorted(counts, reverse=True)
    assert counts[-1] > 0
    with translation.override("en"):
        assert said(f"{query}&status=signed")[0][0] == "Only “Cooperation: Leased factory”"


def test_a_district_is_not_widened_to_a_region_that_was_not_asked_for(chongqing: Edition) -> None:
    found = said("region=northeast&district=500102")
    assert [query for _label, _count, query in found] == ["district=500102", "region=northeast"]


def test_a_word_put_right_stands_beside_what_was_chosen(chongqing: Edition) -> None:
    [first, *_rest] = said("q=semiconducter&sector=food")
    assert first[0] == "“新一代电子信息制造业、食品及农产品加工”代替“semiconducter”"
    assert first[2] == "sector=electronics&sector=food"


def test_one_word_of_several_is_left_out_and_a_mistyped_one_put_right(chongqing: Edition) -> None:
    found = [(label, query) for label, _count, query in said("q=%E7%94%B5%E6%B1%A0+zzzz&sector=food")]
    assert ("去掉“关键词：zzzz”", "q=%E7%94%B5%E6%B1%A0") not in found, "it would find nothing either"
    assert ("去掉“关键词：电池 zzzz”", "sector=food") in found
    [first, *_rest] = said("q=%E7%94%B5%E6%B1%A0+zzzz")
    assert (first[0], first[2]) == ("去掉“关键词：zzzz”", "q=%E7%94%B5%E6%B1%A0")
    [first, *_rest] = said("q=liangpin&sector=food")
    assert first[0] == "“梁平区”代替“liangpin”"
    assert first[2] == "sector=food&district=500155"
    with translation.override("en"):
        assert said("q=liangpin")[0][0] == "“Liangping District” instead of “liangpin”"


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("请问有没有榨菜的项目", ["榨菜"]),
        ("疫苗厂", ["疫苗"]),
        ("重庆哪里适合投资疫苗厂", ["疫苗"]),
        ("人工智能", ["人工", "智能"]),
        ("主营无人机", ["无人机"]),
        ("半導體製造業", ["半導體"]),
        ("77GHz雷达厂", ["77GHz雷达"]),
        ("榨菜2024", ["榨菜"]),
        ("有没有生产线", ["生产线"]),
        ("where can I find vaccine projects", ["vaccine"]),
        ("liquors", ["liquor"]),
        ("炸菜", ["榨菜"]),
        ("传敢器", ["传感器"]),
        ("vacine", ["vaccine"]),
        ("vaccnie", ["vaccine"]),
        ("aluminum", ["aluminium"]),
    ],
)
def test_words_without_what_connects_them_mistyped_or_a_little_longer_lead_to_what_is_near(
    chongqing: Edition, typed: str, expected: list[str]
) -> None:
    found = relaxations(search(urlencode({"q": typed})))
    assert [parse_qs(one.query)["q"][0] for one in found[:-1]] == expected
    assert [one.label for one in found[:-1]] == [f"“{words}”代替“{typed}”" for words in expected]
    assert found[-1].query == "", "all words left out"


@pytest.mark.parametrize("typed", ["榨菜 疫苗", "疫苗 榨菜"])
def test_either_of_two_words_is_offered_in_whatever_order(chongqing: Edition, typed: str) -> None:
    found = relaxations(search(urlencode({"q": typed})))
    assert {parse_qs(one.query).get("q", [""])[0]: one.count for one in found} == {
        "疫苗": 9,
        "榨菜": 2,
        "": 160,
    }


def test_of_three_words_that_do_not_go_together_one_alone_is_offered(chongqing: Edition) -> None:
    [first, last] = said(urlencode({"q": "vaccine blockchain casino"}))
    assert first == ("只看“关键词：vaccine”", 9, "q=vaccine")
    assert last[2] == ""


def test_a_mistyped_word_is_put_right_beyond_the_other_conditions_as_well(chongqing: Edition) -> None:
    assert said("q=vaccne&region=southeast") == [
        ("去掉“关键词：vaccne”", 17, "region=southeast"),
        ("只看“关键词：vaccine”", 9, "q=vaccine"),
    ]


def test_a_long_word_a_character_shorter_does_not_say_the_same(places: Edition) -> None:
    make_opportunity(sector="grain", content_zh="甲乙丙丁戊己庚辛壬癸子")
    ways = relaxations(search(urlencode({"q": "甲乙丙丁戊己庚辛壬癸子丑", "sector": "tools"})))
    assert [one.query for one in ways] == ["sector=tools"]
    [shorter, _without] = relaxations(search(urlencode({"q": "甲乙丙丁戊己庚辛壬癸子丑"})))
    assert parse_qs(shorter.query) == {"q": ["甲乙丙丁戊己庚辛壬癸子"]}


def test_where_nothing_else_helps_all_is_cleared(chongqing: Edition) -> None:
    assert said("q=xyzzy&investment_max=0.01&cycle_max=1") == [("清除全部", 160, "")]


def test_a_plural_that_is_none_keeps_its_end(chongqing: Edition) -> None:
    queries = [query for _label, _count, query in said(urlencode({"q": "port lens"}))]
    assert queries == ["q=lens", "q=port", ""]


def test_connecting_words_alone_lead_to_no_shorter_ones(chongqing: Edition) -> None:
    assert [query for _label, _count, query in said(urlencode({"q": "是什么项目"}))] == [""]


def test_ten_words_do_not_become_more_without_what_connects_them(places: Edition) -> None:
    VocabularyTerm.objects.create(edition=places, term="的")
    make_opportunity(content_zh="疫苗设备" + " ".join("bcdefghjk"))
    [one] = relaxations(search(urlencode({"q": "疫苗的设备 b c d e f g h j"})))[:-1]
    assert parse_qs(one.query) == {"q": ["疫苗 设备 b c d e f g h j"]}
    found = relaxations(search(urlencode({"q": "疫苗的设备 b c d e f g h j k"})))
    assert all(search(one.query).count for one in found), "a link to eleven words would be refused"


def test_a_page_without_results_leads_on_by_true_numbers(chongqing: Edition, client: Client) -> None:
    for prefix in ("", "/en"):
        page = client.get(f"{prefix}/opportunities/?sector=software&region=southeast&bracket=100-plus")
        for one in page.context["relaxations"]:
            link = f"{prefix}/opportunities/?{one.query}"
            assert f'href="{link.replace("&", "&amp;")}"' in page.content.decode()
            there = client.get(link)
            assert f'data-result-count="{one.count}"' in there.content.decode()


@pytest.mark.parametrize(
    "query",
    [
        "q=zzzz",
        "q=liangpin+zzzz",
        "q=请问有没有锂离子动力电池隔膜的疫苗厂+zzzz",
        "sector=software&region=southeast&bracket=100-plus&cycle=up-to-12&status=signed",
        "q=zzzzzz&sector=food&district=500155&bracket=100-plus&investment_min=1000&investment_max=2000"
        "&cycle=over-36&cycle_min=100&cycle_max=200&cooperation=leasing&status=signed",
    ],
)
def test_the_ways_on_cost_four_queries_at_most(chongqing: Edition, query: str) -> None:
    asked = search(query)
    asked.scheme.vocabulary.nearest("x")
    assert asked.scheme.latin_words
    with CaptureQueriesContext(connection) as queries:
        relaxations(asked)
    assert len(queries) <= 4
