"""What is typed finds what it may become, and each number is that of the search it leads to."""

from __future__ import annotations

import csv
import random
from typing import Any

import pytest
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext
from opencc import OpenCC
from pypinyin import lazy_pinyin

from opportunities.models import Edition, VocabularyTerm
from opportunities.search.naming import Name
from opportunities.search.refusals import SearchRefused
from opportunities.search.scheme import Scheme
from opportunities.search.suggesting import Suggested, suggest
from tests.oracle import CHONGQING, Oracle, Questions, query_string

SUGGEST = "/api/v1/suggest/"


def query(typed: str, **filters: str) -> QueryDict:
    made = QueryDict(mutable=True)
    made.update({"q": typed, **filters})
    return made


def suggested(typed: str, **filters: str) -> list[Suggested]:
    return suggest(query(typed, **filters)).suggestions


def first(typed: str) -> tuple[str, str]:
    """The kind and the label of the best suggestion."""
    [best, *_rest] = suggested(typed)
    return best.kind, best.label.zh


@pytest.mark.parametrize(
    ("typed", "label"),
    [
        ("梁平", "梁平区"),
        ("平区", "梁平区"),
        ("涪陵區", "涪陵区"),
        ("liangp", "梁平区"),
        ("LiangPing", "梁平区"),
        ("liang pingqu", "梁平区"),
        ("lpq", "梁平区"),
        ("ljxq", "两江新区"),
        ("gaoxinqu", "重庆高新区"),
        ("Liangjiang New", "两江新区"),
        ("nan'an", "南岸区"),
        ("万盛", "万盛经开区"),
        ("yubei", "渝北区"),
        ("zhongx", "忠县"),
    ],
)
def test_a_place_is_found_by_any_spelling(chongqing: Edition, typed: str, label: str) -> None:
    assert first(typed) == ("place", label)


@pytest.mark.parametrize(
    ("typed", "kind", "label", "parameters"),
    [
        ("生物", "sector", "生物医药", {"sector": ["biomedicine"]}),
        ("swyy", "sector", "生物医药", {"sector": ["biomedicine"]}),
        ("new en", "sector", "新能源及新型储能", {"sector": ["new-energy"]}),
        ("wenlü", "sector", "文旅商贸、消费品等", {"sector": ["culture-commerce-consumer"]}),
        ("芯", "term", "芯片", {"sector": ["electronics"]}),
        ("芯片", "term", "芯片", {"sector": ["electronics"]}),
        ("biotech", "term", "biotech", {"sector": ["biomedicine"]}),
        ("三峡", "place", "渝东北三峡库区", {"region": ["northeast"]}),
        ("合资", "term", "合资", {"cooperation": ["joint-venture"]}),
        ("洽谈", "term", "洽谈", {"status": ["negotiating"]}),
        ("10亿", "bound", "10亿以上", {"investment_min": "10"}),
        ("两年", "bound", "两年以上", {"cycle_min": "24"}),
        ("CNY 500m", "bound", "CNY 500m or more", {"investment_min": "5"}),
    ],
)
def test_what_a_search_can_ask_for_is_found(
    chongqing: Edition, typed: str, kind: str, label: str, parameters: dict[str, Any]
) -> None:
    best = suggested(typed)[0]
    assert (best.kind, best.label.zh, best.parameters) == (kind, label, parameters)


def test_the_last_words_are_completed_and_the_others_stay(chongqing: Edition) -> None:
    [best, *_rest] = suggested("电池 liangp")
    assert best.question == ("电池 梁平区", "电池 Liangping District")
    [best, *_rest] = suggested("梁平芯")
    assert best.question == ("梁平芯片", "梁平芯片")
    [best, *_rest] = suggested("梁平 10亿")
    assert best.question.zh == "梁平 10亿以上"
    assert best.query == "district=500155&investment_min=10"


@pytest.mark.parametrize(
    "typed", ["demo-05", "DEMO-051", "jiefangbei", "jfb", "解放碑 百货", "department st"]
)
def test_an_opportunity_is_found_by_reference_name_and_pinyin(chongqing: Edition, typed: str) -> None:
    found = [one.opportunity.reference for one in suggested(typed) if one.opportunity]
    assert found[0] == ("DEMO-051" if "demo" in typed.lower() else "DEMO-001")


@pytest.mark.parametrize(
    "typed", ["over 1 bn", "1 bn", "under 2 bn", "food 1 bn", "12 mo", "under 5 billion yuan"]
)
def test_the_unit_of_an_amount_is_nobodys_beginning(chongqing: Edition, typed: str) -> None:
    assert {one.kind for one in suggested(typed)} <= {"bound"}


def test_what_would_be_read_as_a_name_is_not_suggested(chongqing: Edition, client: Client) -> None:
    typed = "Dadukou: microfluidic ch"
    for one in suggested(typed):
        if one.kind != "opportunity":
            page = client.get("/en/ask/", {"q": one.question.en}, follow=True).content.decode()
            assert f'data-result-count="{one.count}"' in page
    assert any(one.opportunity for one in suggested(typed))


def test_a_word_behind_a_year_is_completed(chongqing: Edition) -> None:
    assert {"sector": ["culture-commerce-consumer"]} in [one.parameters for one in suggested("2025 touri")]


def test_the_piece_that_was_typed_is_named_as_it_is_written() -> None:
    name = Name("Nan'an：重庆两江新区ABC")
    for typed, piece in {
        "nana": "Nan'a",
        "两江": "两江",
        "liangjiangx": "两江新",
        "ljx": "两江新",
        "chongq": "重庆",
        "新区a": "新区A",
    }.items():
        found = name.find(typed)
        assert found is not None, typed
        assert name.piece(found) == piece
    assert name.find("iang") is None


# --- numbers --------------------------------------------------------------------------------------


def beginnings(number: int) -> list[str]:
    """What people may have typed so far: the beginning of a name, in a script of their own."""
    chance = random.Random(20240410)
    oracle = Oracle.of(CHONGQING)
    names = [
        row[f"{kind}_{language}"]
        for table in (oracle.districts, oracle.sectors, oracle.regions)
        for row in table.values()
        for kind in ("name", "short")
        for language in ("zh", "en")
    ]
    with (CHONGQING / "vocabulary.csv").open(encoding="utf-8-sig", newline="") as file:
        names += [row["term"] for row in csv.DictReader(file) if row["value"]]
    names += [row["name_zh"] for row in oracle.rows]
    fronts = ["", "", "", "电池 ", "10亿以上 ", "两江 ", "food ", "三年内", "不要", "梁平"]
    made = []
    for _ in range(number):
        name = chance.choice(names)
        written = chance.choice([name, "".join(lazy_pinyin(name)), OpenCC("s2t").convert(name), name.upper()])
        made.append(chance.choice(fronts) + written[: chance.randint(1, len(written))])
    return made


def test_each_number_is_that_of_the_search_the_question_leads_to(chongqing: Edition, client: Client) -> None:
    """Every suggestion is asked as a reader would follow it, in both languages, the filters kept."""
    ask = Questions(Oracle.of(CHONGQING), "suggest")
    asked = 0
    for typed in beginnings(90):
        filters = {name: values for name, values in ask().items() if name not in ("q", "sort", "edition")}
        carried = query_string(filters)
        try:
            found = suggest(QueryDict(f"{query_string({'q': [typed]})}&{carried}")).suggestions
        except SearchRefused:
            continue
        assert len(found) <= 10
        for one in found:
            assert one.question.zh
            for prefix, question in (("", one.question.zh), ("/en", one.question.en or one.question.zh)):
                answer = client.get(f"{prefix}/ask/?{query_string({'q': [question]})}&{carried}")
                assert answer.status_code == 303, question
                if one.opportunity:
                    assert answer.headers["Location"].endswith(f"/opportunities/{one.opportunity.reference}/")
                    continue
                reached = answer.headers["Location"].split("?")[1]
                assert reached.split("&asked=")[0] == one.query, (typed, question)
            if one.count is not None and asked < 100:
                asked += 1
                total = client.get(f"/api/v1/opportunities/?page_size=1&{one.query}").json()["count"]
                assert total == one.count, (typed, one.label, carried)
    assert asked >= 80


def test_every_place_sector_and_term_can_be_suggested_by_its_name(chongqing: Edition) -> None:
    """A plain recomputation: who types a whole name finds it, or the same meaning by another name."""
    scheme = Scheme.of()
    missing = []
    for one in random.Random(20240410).sample(scheme.known, 150):
        for name in filter(None, one.label):
            meanings = [set(known.targets) for known in scheme.known if name in known.names]
            found = [
                {(parameter, value) for parameter, values in s.parameters.items() for value in values}
                for s in suggested(name)
                if s.kind in ("place", "sector", "term")
            ]
            if not any(meaning in found for meaning in meanings):
                missing.append(name)
    assert missing == []


def test_opportunities_are_those_that_a_plain_look_at_the_names_finds(chongqing: Edition) -> None:
    rows = Oracle.of(CHONGQING).rows
    chance = random.Random(7)
    for _ in range(60):
        name = chance.choice(rows)["name_zh"]
        start = chance.randrange(len(name) - 1)
        typed = name[start : start + 2]
        if not all("\u4e00" <= one <= "\u9fff" for one in typed):
            continue
        expected = {row["reference"] for row in rows if typed in row["name_zh"]}
        found = {one.opportunity.reference for one in suggested(typed) if one.opportunity}
        assert found <= expected, typed
        assert len(found) == min(len(expected), 5) or len(suggested(typed)) == 10, typed


# --- bounds ---------------------------------------------------------------------------------------


def test_nothing_typed_suggests_nothing(chongqing: Edition, client: Client) -> None:
    for address in (SUGGEST, f"{SUGGEST}?q="):
        assert client.get(address).json() == {"q": "", "suggestions": []}
    assert client.get(f"{SUGGEST}?q=zzzz").json() == {"q": "zzzz", "suggestions": []}


@pytest.mark.parametrize("typed", ["字" * 201, "，。", "   ", "a b c d e f g h i j k", "\0", "%", "ﷺ" * 15])
def test_what_cannot_be_searched_for_is_refused(chongqing: Edition, client: Client, typed: str) -> None:
    answer = client.get(SUGGEST, {"q": typed})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["parameter"] == "q"


@pytest.mark.parametrize(
    "typed",
    [
        "'", "'; DROP TABLE x", "%25_*", "[a-z]*(", "\\", "<b>梁平", "a" * 200, "梁" * 200, "10" * 90 + "亿",
        "ﬁ", "٣亿", "𠀀", "İ", "ß", "l\u200bp",
    ],
)  # fmt: skip
def test_whatever_is_typed_is_answered(chongqing: Edition, client: Client, typed: str) -> None:
    assert client.get(SUGGEST, {"q": typed}).status_code in (200, 400)


def test_what_is_withdrawn_or_of_another_edition_is_not_suggested(catalogue: Edition, client: Client) -> None:
    opportunity = catalogue.opportunities.first()
    assert opportunity is not None
    typed = opportunity.name_zh
    assert opportunity.reference in client.get(SUGGEST, {"q": typed}).content.decode()
    catalogue.opportunities.filter(pk=opportunity.pk).update(publication="withdrawn")
    assert not [one for one in suggested(typed) if one.opportunity]


def test_a_connecting_word_and_a_word_that_stays_one_are_not_suggested(chongqing: Edition) -> None:
    rows = VocabularyTerm.objects.filter(parameter__in=("", "q"))
    for term in rows.values_list("term", flat=True)[:50]:
        assert term not in [one.label.zh for one in suggested(term) if one.kind == "term"]


def test_a_suggestion_asks_the_database_the_same_few_times(chongqing: Edition) -> None:
    suggest(query("warm"))
    costs = set()
    for typed in ("梁平", "l", "liang", "电", "汽车 食", "10亿"):
        with CaptureQueriesContext(connection) as queries:
            suggest(query(typed, region="metro"))
        costs.add(len(queries))
    assert costs <= {3, 4, 5}, "one more where a name may have been typed, and one where a reference may"
