"""What people type becomes what they mean, and nothing that they did not."""

from __future__ import annotations

import csv
import random
import re
from html import escape, unescape
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote

import pytest
from django.http import QueryDict
from django.test import Client

from opportunities.models import Edition, Opportunity, VocabularyTerm
from opportunities.search import text
from opportunities.search.asking import Interpretation, ask, interpret
from opportunities.search.parameters import API_LISTING
from opportunities.search.query import Search, encoded
from opportunities.search.reading import BEGINNING_WORDS
from opportunities.search.refusals import SearchRefused
from opportunities.search.scheme import Scheme
from opportunities.search.vocabulary import CONNECTING

# The second is written from the rules alone, without a look at the code: what is wrong there is news.
QUESTIONS = ("questions.tsv", "questions-independent.tsv")


def questions(file_name: str) -> list[dict[str, str]]:
    """What people ask, and what they mean: parameters as ``name=value`` and the words left."""
    with (Path(__file__).parent / file_name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def meaning(question: str) -> Interpretation:
    return interpret(question, Scheme.of())


def parameters_of(read: Interpretation) -> str:
    return " ".join(
        f"{name}={one}"
        for name, value in read.as_parameters.items()
        for one in (value if isinstance(value, list) else [value])
    )


def as_query(read: Interpretation) -> QueryDict:
    pairs = [
        (name, one)
        for name, value in read.as_parameters.items()
        for one in (value if isinstance(value, list) else [value])
    ]
    return QueryDict(encoded([*pairs, ("q", read.words)]))


@pytest.mark.parametrize("file_name", QUESTIONS)
def test_each_question_is_understood_as_it_was_meant(chongqing: Edition, file_name: str) -> None:
    asked = questions(file_name)
    assert len(asked) >= 190
    wrong = [
        (one["question"], parameters_of(read), read.words)
        for one in asked
        if (read := meaning(one["question"]))
        and (parameters_of(read), read.words) != (one["parameters"], one["words"])
    ]
    assert wrong == []


# --- for any question -----------------------------------------------------------------------------

PLACES = [
    "梁平",
    "梁平区",
    "两江新区",
    "高新",
    "渝东北",
    "主城",
    "Liangping",
    "nanan",
    "Wushan County",
    "fuling",
    "涪陵區",
]
SECTORS = [
    "汽车",
    "EV",
    "生物医药",
    "biotech",
    "机器人",
    "文旅",
    "新材料",
    "chips",
    "软件",
    "food",
    "储能",
    "shipin",
]
BOUNDS = [
    "10亿以上", "五十亿以下", "50-100亿", "1亿元左右", "over 1 billion yuan", "CNY 500m+", "三年内",
    "within 2 years", "18个月以内", "12 to 24 months", "10亿", "3年", "over 1bn USD",
]  # fmt: skip
DEALS = ["独资", "合资", "joint venture", "leasing", "招商中", "洽谈中", "signed", "可对接"]
UNKNOWN = [
    "电池", "lithium battery", "高新技术", "江北嘴", "智能家居", "5G基站", "轻量化", "%_*", "'; DROP",
    "无人机", "火锅底料", "C++", "铝", "not food", "非汽车", "2026",
]  # fmt: skip
LINKS = ["的", "项目", "在", "in", "projects", "和", "，", "、", " ", " / "]


def generated(number: int) -> list[str]:
    chance = random.Random(20240410)
    kinds = [PLACES, SECTORS, BOUNDS, DEALS, UNKNOWN, UNKNOWN]
    made = []
    while len(made) < number:
        parts = [chance.choice(kind) for kind in chance.sample(kinds, chance.randint(1, 5))]
        question = "".join(part + chance.choice([*LINKS, " ", " "]) for part in parts).strip()
        if text.words(question):
            made.append(question)
    return made


def test_every_typed_word_is_explained_or_left_as_a_word(chongqing: Edition) -> None:
    links = VocabularyTerm.objects.filter(parameter="").values_list("term", flat=True)
    connecting = sorted({*map(text.normalise, links), "重庆", "chongqing"}, key=len, reverse=True)
    for question in generated(1000):
        read = meaning(question)
        assert all(one.text in question for one in read.explanation), question
        typed = [*read.words.split(), *(one.text for one in read.explanation)]
        pieces = {text.normalise(piece).strip() for piece in typed} - {""}
        rest = text.normalise(question)
        for piece in [*sorted(pieces, key=len, reverse=True), *connecting]:
            rest = re.sub(rf"(?<![a-z0-9]){piece}s?(?![a-z0-9])" if piece.isascii() else piece, " ", rest)
        assert rest.strip() == "", question


def test_what_is_understood_is_always_a_search_that_the_api_takes(chongqing: Edition) -> None:
    for question in generated(1000):
        try:
            read = meaning(question)
        except SearchRefused as refused:
            assert [one.parameter for one in refused.refusals] == ["q"]
            continue
        found = Search.from_query(as_query(read), API_LISTING)
        assert found.values["q"] == read.words, question


def test_the_same_value_typed_twice_is_one_value_and_two_explanations(chongqing: Edition) -> None:
    read = meaning("梁平 liangping")
    assert read.as_parameters == {"district": ["500155"]}
    assert [(one.text, one.value) for one in read.explanation] == [
        ("梁平", "500155"),
        ("liangping", "500155"),
    ]


def test_bounds_that_contradict_each_other_stay_words(chongqing: Edition) -> None:
    read = meaning("10亿以上 食品 5亿以下")
    assert (read.as_parameters, read.words) == ({"sector": ["food"]}, "10亿以上 5亿以下")


@pytest.mark.parametrize("word", ["technology", "assigned", "manufacturing", "signed-off"])
def test_a_word_that_only_holds_a_known_one_is_not_taken_for_a_mistyped_one(
    chongqing: Edition, word: str
) -> None:
    read = meaning(f"{word} 10亿以上")
    assert (read.words, read.suggestions) == (word, [])


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("joint ventrue food", "joint venture food"),
        ("wholy owned", "wholly owned"),
        ("energy storge Fuling", "energy storage Fuling"),
    ],
)
def test_two_words_are_asked_about_as_one_term(chongqing: Edition, typed: str, meant: str) -> None:
    assert [one.question for one in meaning(typed).suggestions] == [meant]


def test_a_mistyped_word_stays_a_word_and_is_asked_about(chongqing: Edition) -> None:
    read = meaning("liangpin 10亿以上")
    assert (read.as_parameters, read.words) == ({"investment_min": "10"}, "liangpin")
    assert [(one.text, one.value, one.question) for one in read.suggestions] == [
        ("liangpin", "500155", "liangping 10亿以上")
    ]
    assert [one.question for one in meaning("粱平 电池").suggestions] == ["梁平 电池"]
    assert meaning("battery 火锅").suggestions == []


@pytest.mark.parametrize(
    ("typed", "meant"), [("yubie", "500112"), ("biotehc", "biomedicine"), ("bishna", "500120")]
)
def test_two_letters_that_changed_places_are_asked_about(chongqing: Edition, typed: str, meant: str) -> None:
    read = meaning(typed)
    assert (read.words, [one.value for one in read.suggestions]) == (typed, [meant])


def test_a_word_that_may_begin_another_is_a_connecting_one(chongqing: Edition) -> None:
    vocabulary = Scheme.of().vocabulary
    known = {**vocabulary.han, **vocabulary.latin}
    assert {word for word in BEGINNING_WORDS if known.get(word) != CONNECTING} == set()


def test_what_sounds_like_a_word_is_no_term_and_a_word_is_not_asked_about(chongqing: Edition) -> None:
    assert meaning("shengji fuling").words == "shengji"
    assert meaning("省级 涪陵").suggestions == []
    assert [one.question for one in meaning("巫西 食品").suggestions] == ["巫溪 食品"]
    assert meaning("无锡 食品").suggestions == []


def test_a_mistyped_end_of_a_known_name_is_asked_about_with_it(chongqing: Edition) -> None:
    read = meaning("两江新曲 汽车")
    assert (read.values["district"], read.words) == (["liangjiang"], "新曲")
    assert [(one.text, one.value, one.question) for one in read.suggestions] == [
        ("两江新曲", "liangjiang", "两江新区 汽车")
    ]


@pytest.mark.parametrize(
    ("question", "limit"),
    [("x" * 201, "≤ 200 characters"), ("！？，。", "≤ 10 words"), ("a b c d e f g h i j k", "≤ 10 words")],
)
def test_a_question_too_long_or_without_a_word_is_refused(
    chongqing: Edition, client: Client, question: str, limit: str
) -> None:
    with pytest.raises(SearchRefused) as refused:
        meaning(question)
    assert limit in refused.value.refusals[0].allowed
    assert client.get("/ask/", {"q": question}).status_code == 400
    answer = client.get("/api/v1/interpret/", {"q": question})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["parameter"] == "q"


def test_twelve_words_are_fine_when_few_are_left_to_search_for(chongqing: Edition, client: Client) -> None:
    question = "find me food projects in northeast chongqing with investment between 1 and 5 billion"
    answer = client.get("/en/ask/", {"q": question})
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith(
        "/en/opportunities/?sector=food&region=northeast&investment_min=10&investment_max=50&asked=find"
    )


def test_connecting_words_do_not_make_a_question_too_long(chongqing: Edition, client: Client) -> None:
    question = "we are a German machine tool maker looking for a partner in your beautiful city"
    answer = client.get("/en/ask/", {"q": question})
    assert answer.status_code == 303
    assert unquote(answer.headers["Location"]) == (
        f"/en/opportunities/?q=German machine tool maker partner beautiful&asked={question}"
    )
    page = client.get(answer.headers["Location"]).content.decode()
    assert f"Read from “{question}”." in page
    assert meaning("we are a German maker").words == "we are a German maker", "as it stands where it can"


@pytest.mark.parametrize(
    "question",
    ["a " * 12, "is there any of the in on at to for with by", "我 想 在 找 的 和 与 个 项目 吗 呢 吧"],
)
def test_a_long_question_of_connecting_words_alone_is_refused(
    chongqing: Edition, client: Client, question: str
) -> None:
    assert client.get("/ask/", {"q": question}).status_code == 400
    assert client.get("/api/v1/interpret/", {"q": question}).status_code == 400


# --- the vocabulary is data -----------------------------------------------------------------------


def test_a_second_city_is_asked_in_its_own_words(catalogue: Edition) -> None:
    assert meaning("东港 物流 项目").as_parameters == {"sector": ["shipping"], "district": ["990101"]}
    assert meaning("donggang logistics in Old Port").as_parameters == {
        "sector": ["shipping"],
        "district": ["990101"],
    }
    read = meaning("茶园观光")
    assert (read.as_parameters, read.words) == ({}, "茶园观光")


def test_a_term_that_staff_enter_is_known_at_once(catalogue: Edition, admin_client: Client) -> None:
    assert meaning("集装箱").as_parameters == {}
    row = {"edition": catalogue.pk, "term": "集装箱", "parameter": "sector", "language": "zh"}
    add = "/admin/opportunities/vocabularyterm/add/"
    refused = admin_client.post(add, {**row, "value": "ships"})
    assert "shipping" in refused.content.decode()
    assert admin_client.post(add, {**row, "value": "shipping"}).status_code == 302
    assert meaning("集装箱").as_parameters == {"sector": ["shipping"]}


def test_a_term_with_several_rows_means_any_of_them(chongqing: Edition) -> None:
    assert meaning("可对接").as_parameters == {"status": ["open", "negotiating"]}


def test_a_value_that_is_gone_with_its_sector_is_left_out(catalogue: Edition) -> None:
    VocabularyTerm.objects.create(
        edition=catalogue, term="集装箱", parameter="sector", value="gone", language="zh"
    )
    assert meaning("集装箱").as_parameters == {}


# --- the search box -------------------------------------------------------------------------------


def located(client: Client, query: str) -> str:
    answer = client.get(f"/ask/?{query}")
    assert answer.status_code == 303
    return str(answer.headers["Location"])


@pytest.mark.parametrize(
    ("asked", "search"),
    [
        ("q=梁平 电池", "q=电池&district=500155&asked=梁平 电池"),
        ("q=电池", "q=电池"),
        ("q=", ""),
        ("q=&region=metro", "region=metro"),
        ("q=10亿以上&bracket=10-50&region=metro&page=3", "region=metro&investment_min=10&asked=10亿以上"),
        ("q=三年内&cycle=up-to-12&cycle_min=6", "cycle_max=36&asked=三年内"),
        ("q=梁平&region=metro&district=500103&sector=food", "sector=food&district=500155&asked=梁平"),
        ("q=food&sector=software&status=open", "sector=food&status=open&asked=food"),
    ],
)
def test_a_question_replaces_what_it_speaks_of_and_keeps_the_rest(
    chongqing: Edition, client: Client, asked: str, search: str
) -> None:
    address, _mark, query = located(client, asked).partition("?")
    assert (address, unquote(query)) == ("/opportunities/", search)


def test_a_reference_leads_to_its_opportunity(chongqing: Edition, client: Client) -> None:
    assert located(client, "q=demo-051&region=metro") == "/opportunities/DEMO-051/"


def test_the_page_shows_what_was_read_from_what_and_a_way_to_search_literally(
    chongqing: Edition, client: Client
) -> None:
    page = client.get(located(client, "q=梁平 10亿以上 电池&sort=name")).content.decode()
    assert "由“梁平 10亿以上 电池”理解而来" in page
    assert re.findall(r"<q>(.+?)</q>", page) == ["梁平", "10亿以上"]
    literal = "?q=%E6%A2%81%E5%B9%B3%2010%E4%BA%BF%E4%BB%A5%E4%B8%8A%20%E7%94%B5%E6%B1%A0&amp;sort=name"
    assert f'href="/opportunities/{literal}"' in page
    links = re.sub(r"<a[^>]* data-language [^>]*>", "", page)
    assert "asked=" not in "".join(re.findall(r'href="([^"]+)"', links)), "the language switch alone keeps it"


class Box(NamedTuple):
    """The search box of a page: what stands in it, and what it carries along."""

    words: str
    carried: list[tuple[str, str]]
    suggesting: str

    def asked_with(self, client: Client, words: str) -> str:
        """The search that is reached when these words are sent from it."""
        answer = client.get("/ask/", {"q": words, **dict(self.carried)})
        assert answer.status_code == 303
        return unquote(str(answer.headers["Location"]))


def box_of(page: str) -> Box:
    carried = page.partition('id="ask-carried"')[2].partition("</div>")[0]
    return Box(
        unescape(re.findall(r'id="q" name="q" value="([^"]*)"', page)[0]),
        re.findall(r'name="(\w+)" value="([^"]*)"', carried),
        unescape(re.findall(r'data-suggest="([^"]*)"', page)[0]),
    )


@pytest.mark.parametrize(
    "query",
    [
        "q=梁平 10亿以上 半导体&status=open&sort=name",
        "q=梁平 电池&sort=-investment",
        "q=10亿以上&bracket=10-50&region=metro",
        "q=三年内 food&view=table",
    ],
)
def test_a_question_can_be_edited_and_asked_again(chongqing: Edition, client: Client, query: str) -> None:
    address = located(client, query)
    box = box_of(client.get(address).text)
    question = query.partition("&")[0].removeprefix("q=")
    assert box.words == question
    assert box.asked_with(client, question) == unquote(address)


def test_what_is_taken_out_of_a_question_is_no_longer_asked_for(chongqing: Edition, client: Client) -> None:
    box = box_of(client.get(located(client, "q=梁平 10亿以上 电池&status=open&sort=name")).text)
    assert box.carried == [("status", "open"), ("sort", "name")]
    assert box.suggesting == "/api/v1/suggest/?status=open"
    edited = "/opportunities/?district=500155&status=open&sort=name&asked=梁平"
    assert box.asked_with(client, "梁平") == edited


def test_a_question_that_gives_another_search_does_not_stand_in_the_box(
    chongqing: Edition, client: Client
) -> None:
    page = client.get("/opportunities/?q=电池&district=500155&asked=梁平 10亿以上 电池").text
    assert box_of(page) == ("电池", [("district", "500155")], "/api/v1/suggest/?district=500155")


def test_a_condition_that_is_removed_leaves_the_box_too(chongqing: Edition, client: Client) -> None:
    page = client.get(located(client, "q=梁平 10亿以上 电池")).text
    without_place = f"/opportunities/?{encoded([('q', '电池'), ('investment_min', '10')])}"
    assert f'href="{escape(without_place)}"' in page
    box = box_of(client.get(without_place).text)
    assert (box.words, box.carried) == ("电池", [("investment_min", "10")])


def test_where_nothing_is_found_a_mistyped_end_is_put_right_as_well(
    chongqing: Edition, client: Client
) -> None:
    [first, *_rest] = client.get(located(client, "q=两江新曲 汽车")).context["relaxations"]
    assert first.label == "“两江新区”代替“两江新曲”"
    assert (first.query, first.count) == ("sector=smart-ev&district=liangjiang", 4)


def test_the_other_language_says_too_what_was_understood(chongqing: Edition, client: Client) -> None:
    page = client.get(located(client, "q=梁平 10亿以上")).text
    (switch,) = set(re.findall(r'data-language href="([^"]+)"', page))
    assert (
        unquote(switch) == "/en/opportunities/?district=500155&amp;investment_min=10&amp;asked=梁平 10亿以上"
    )
    other = client.get(unescape(switch))
    assert other.status_code == 200
    assert "Read from “梁平 10亿以上”" in other.text
    (canonical,) = re.findall(r'<link rel="canonical" href="[^"]*(/en/[^"]+)"', other.text)
    assert canonical == "/en/opportunities/?district=500155&amp;investment_min=10"


def test_hostile_words_in_asked_are_text_or_nothing(chongqing: Edition, client: Client) -> None:
    for asked in (
        "<script>alert(1)</script>梁平",
        "x" * 5000,
        "，，",
        "梁平\u202e",
        "a b c d e f g h i j k l",
    ):
        answer = client.get("/opportunities/", {"district": "500155", "asked": asked})
        assert answer.status_code == 200
        assert "<script>alert" not in answer.content.decode()


def test_a_search_that_finds_nothing_leads_to_what_a_mistyped_word_may_mean(
    chongqing: Edition, client: Client
) -> None:
    page = client.get("/opportunities/?q=liangpng").text
    assert "“梁平区”代替“liangpng”" in page
    assert 'href="/opportunities/?district=500155"' in page


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_name_of_an_opportunity_leads_to_it(chongqing: Edition, language: str) -> None:
    for one in Opportunity.objects.public():
        name = getattr(one, f"name_{language}")
        if len(text.words(name)) > text.WORDS_MAX:
            continue  # no search takes so many words
        asked = ask(QueryDict(encoded([("q", name)])))
        found = asked.interpretation.applied_to(asked.search).results
        assert one.reference in found.values_list("reference", flat=True), name


def test_a_part_of_a_name_is_read_as_it_stands(chongqing: Edition, client: Client) -> None:
    for words in ("新能源重卡", "微流控芯片"):
        answer = client.get("/ask/", {"q": words})
        assert QueryDict(answer.headers["Location"].partition("?")[2]).dict() == {"q": words}


def test_searching_literally_says_how_many_it_finds(chongqing: Edition, client: Client) -> None:
    page = client.get("/opportunities/", {"sector": "electronics", "asked": "芯片"}).text
    literal = Search.from_query(QueryDict("q=芯片")).count
    assert re.search(rf'q=%E8%8A%AF%E7%89%87">[^<]+</a> <span class="num">{literal}</span>', page)


# --- the API --------------------------------------------------------------------------------------


def interpreted(client: Client, question: str) -> Any:
    answer = client.get("/api/v1/interpret/", {"q": question})
    assert answer.status_code == 200
    return answer.json()


def test_the_api_tells_what_was_understood(chongqing: Edition, client: Client) -> None:
    assert interpreted(client, "梁平 50-100亿 电池") == {
        "q": "电池",
        "parameters": {"district": ["500155"], "investment_min": "50", "investment_max": "100"},
        "explanation": [
            {"text": "梁平", "parameter": "district", "value": "500155"},
            {"text": "50-100亿", "parameter": "investment_min", "value": "50"},
            {"text": "50-100亿", "parameter": "investment_max", "value": "100"},
        ],
        "suggestions": [],
    }
    assert client.get("/api/v1/interpret/").json()["parameters"] == {}


def test_the_api_takes_one_question_and_nothing_else(chongqing: Edition, client: Client) -> None:
    for query in ("q=a&q=b", "question=a", "q=a&sector=food"):
        assert client.get(f"/api/v1/interpret/?{query}").status_code == 400
