"""Words: what counts as one, and what contains it (contract, ``q``)."""

from __future__ import annotations

import pytest

from opportunities.search import text
from opportunities.search.query import Search
from tests.factories import make_opportunity
from tests.opportunities.search.asking import found


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("半导体", ["半导体"]),
        ("半导体 封装", ["半导体", "封装"]),
        ("半导体，封装；测试", ["半导体", "封装", "测试"]),
        ("半导体\u3000封装", ["半导体", "封装"]),
        ("  a   b ", ["a", "b"]),
        ("ＡＢＣ１２", ["abc12"]),
        ("SiC", ["sic"]),
        ("Straße", ["strasse"]),
        ("ﬁne", ["fine"]),
        ("半導體", ["半导体"]),
        ("臺灣", ["台湾"]),
        ("5G基站", ["5g基站"]),
        ("DEMO-001", ["demo", "001"]),
        ("12.5亿元", ["12", "5亿元"]),
        ("a_b%c*d", ["a", "b", "c", "d"]),
        ("café", ["café"]),
        ("cafe\u0301", ["café"]),
        ("々〇", ["々〇"]),
        ("𠮷野", ["𠮷野"]),
        ("Привет мир", []),
        ("カタカナ", []),
        ("، ؛ …", []),
        ("", []),
        ("'\"\\;--", []),
    ],
)
def test_what_is_neither_han_nor_latin_nor_digit_parts_words(typed, words):
    assert text.words(typed) == words


@pytest.mark.parametrize(
    ("word", "runs"),
    [
        ("5g基站", ["5g", "基站"]),
        ("基站5g", ["基站", "5g"]),
        ("a股b股", ["a", "股", "b", "股"]),
        ("半导体", ["半导体"]),
        ("abc12", ["abc12"]),
    ],
)
def test_a_mixed_word_is_asked_run_by_run(word, runs):
    assert text.runs(word) == runs


MATCHES = [
    ("新能源汽车电池", "汽车", True),
    ("新能源汽车电池", "源汽", True),
    ("新能源汽车电池", "汽电", False),
    ("新能源汽车，电池", "车电", False),
    ("Battery cells", "batt", True),
    ("Battery cells", "BATTERY", True),
    ("Battery cells", "attery", False),
    ("Battery cells", "cells battery", True),
    ("Battery cells", "cells lithium", False),
    ("Battery cells", "cell", True),
    ("AI centre", "ai", True),
    ("Aircraft", "ai", False),
    ("Aircraft", "air", True),
    ("A 5G site", "5", False),
    ("A 5G site", "5g", True),
    ("5G基站", "5G基站", True),
    ("5G基站", "基站5G", True),
    ("基站", "5G基站", False),
    ("軟體園", "软体", True),
    ("软体园", "軟體", True),
    ("ＰＣＢ　板", "pcb板", True),
    ("100%纯茶_1", "100", True),
    ("100%纯茶_1", "%", None),
    ("100纯茶", "1_0", False),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "asked", "matches"), MATCHES)
def test_what_is_found_contains_what_was_asked(name, asked, matches):
    make_opportunity(reference="QQQ-QQQ", name_zh=name, name_en="", contact={"unit_zh": "某", "unit_en": ""})
    assert found(q=asked) == {True: ["QQQ-QQQ"], False: [], None: "refused"}[matches]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "column",
    ["name", "summary", "content", "expected_benefit", "advantages", "conditions"],
)
@pytest.mark.parametrize(("language", "word"), [("zh", "独木舟"), ("en", "canoe")])
def test_words_are_looked_up_in_every_public_text(column, language, word):
    make_opportunity(reference="TEST-NOT")
    make_opportunity(reference="TEST-HIT", **{f"{column}_{language}": f"一个 {word} here"})
    assert found(q=word) == ["TEST-HIT"]


@pytest.mark.parametrize(
    ("word", "references"),
    [
        ("QY-003", ["QY-003"]),
        ("航运物流", ["QY-001", "QY-002", "QY-007"]),
        ("logistics", ["QY-001", "QY-002", "QY-007"]),
        ("云岭县", ["QY-004", "QY-003", "QY-008"]),
        ("Yunling County", ["QY-004", "QY-003", "QY-008"]),
        ("旧港", ["QY-007", "QY-001", "QY-005", "QY-004"]),
        ("old port", ["QY-007", "QY-001", "QY-005", "QY-004"]),
        ("自贸区管委会", ["QY-006", "QY-008"]),
        ("Port Group", ["QY-001"]),
        # slugs, codes, persons, posts, lines and regions do not count
        ("shipping-x", []),
        ("990201", []),
        ("upland", []),
        ("harbour", []),
        ("示例联系人甲", []),
        ("处长", []),
        ("1001", []),
        ("invest.example", []),
        ("现状可用 茶园", []),
    ],
)
def test_reference_sector_district_aliases_and_unit_count_too(catalogue, word, references):
    assert found(q=word) == references


@pytest.mark.django_db
def test_a_word_is_found_again_after_the_entry_changed():
    from opportunities import publishing

    made = make_opportunity(reference="TEST-OLD", name_zh="旧名称")
    made.name_zh = "全新叫法"
    publishing.record_change(made)
    assert found(q="旧名称") == []
    assert found(q="全新叫法") == ["TEST-OLD"]


@pytest.mark.django_db
def test_the_list_by_name_is_in_pinyin_order_on_every_database():
    for number, name in enumerate(["渝中", "北碚", "ABC工厂", "江北", "九龙坡", "3D打印", "啊", "上海"]):
        make_opportunity(reference=f"TEST-{number}", name_zh=name)
    names = [opportunity.name_zh for opportunity in Search.everything().results.order_by("name_key")]
    assert names == ["3D打印", "啊", "ABC工厂", "北碚", "江北", "九龙坡", "上海", "渝中"]


def test_the_key_of_a_name_is_ascii():
    for name in ("渝中区", "café", "ÅÄÖ", "", "<b>", "𠮷"):
        assert text.sort_key(name).isascii()
