"""What is marked in a text that a search found."""

from __future__ import annotations

import re
from html import unescape

import pytest

from opportunities.search import text
from opportunities.search.marking import Marks
from tests.factories import make_opportunity

PLACES = text.readings([("丰都", "Fengdu"), ("高新", "High-tech Zone")])


def marked(written: str, asked: str, *, by_sound: bool = False) -> str:
    marks = Marks(text.asked(asked), PLACES)
    pieces = marks.pieces(written, by_sound=by_sound)
    assert "".join(piece.written for piece in pieces) == written
    return "".join(f"[{piece.written}]" if piece.is_hit else piece.written for piece in pieces)


@pytest.mark.parametrize(
    ("written", "asked", "shown"),
    [
        ("新能源汽车电池", "汽车", "新能源[汽车]电池"),
        ("新能源汽车电池", "能源 源汽", "新[能源汽]车电池"),
        ("茶茶茶", "茶茶", "[茶茶茶]"),
        ("半导体封装", "半導體", "[半导体]封装"),
        ("半導體封装", "半导体", "[半導體]封装"),
        ("Battery cells", "BATT", "[Batt]ery cells"),
        ("Battery cells", "attery", "Battery cells"),
        ("AI and Aircraft", "ai", "[AI] and Aircraft"),
        ("ＰＣＢ　板", "pcb", "[ＰＣＢ]　板"),
        ("建设5G基站", "5g基站", "建设[5G基站]"),
        ("面积㎡和ﬁne", "fine", "面积㎡和[ﬁne]"),
        ("cafe\u0301 bar", "café", "[cafe\u0301] bar"),
        ("Straße", "strasse", "[Straße]"),
        ("<b>茶</b> & 茶", "茶", "<b>[茶]</b> & [茶]"),
        ("半导体", "bandaoti", "半导体"),
        ("", "茶", ""),
    ],
)
def test_what_was_asked_is_marked_as_it_is_written(written: str, asked: str, shown: str) -> None:
    assert marked(written, asked) == shown


@pytest.mark.parametrize(
    ("written", "asked", "shown"),
    [
        ("化合物半导体封装", "bandaoti", "化合物[半导体]封装"),
        ("化合物半导体封装", "bandaot", "化合物[半导体]封装"),
        ("化合物半导体封装", "daoti", "化合物半[导体]封装"),
        ("化合物半导体封装", "bdt", "化合物[半导体]封装"),
        ("化合物半导体封装", "bd", "化合物半导体封装"),
        ("化合物半导体封装", "andaoti", "化合物半导体封装"),
        ("丰都牛肉", "fengdu", "[丰都]牛肉"),
        ("丰都牛肉", "fengdou", "丰都牛肉"),
        ("绿茶", "lvcha", "[绿茶]"),
        ("5G基站与AI", "jizhan", "5G[基站]与AI"),
        ("半导体，封装", "tifeng", "半导体，封装"),
        ("Ban 半导体", "ban", "[Ban] [半]导体"),
    ],
)
def test_pinyin_marks_the_characters_that_it_stands_for(written: str, asked: str, shown: str) -> None:
    assert marked(written, asked, by_sound=True) == shown


@pytest.mark.parametrize(
    ("written", "asked", "shown"),
    [
        ("短文里的茶", "茶", "短文里的茶"),
        ("一" * 40 + "茶" + "二" * 80, "茶", "…" + "一" * 16 + "茶" + "二" * 59 + "…"),
        ("Hills of remarkable beauty grow tea", "tea", "…beauty grow tea"),
        ("第一行\n第二行茶", "茶", "第一行 第二行茶"),
    ],
)
def test_an_excerpt_is_cut_between_words(written: str, asked: str, shown: str) -> None:
    assert Marks(text.asked(asked), {}).excerpt(written, set(text.asked(asked))) == shown


# --- rows -----------------------------------------------------------------------------------------


def row(client, query: str, prefix: str = "") -> str:
    page = client.get(f"{prefix}/opportunities/?{query}", follow=True).content.decode()
    found = re.search(r'<(li|tr)[^>]* data-reference="[^"]+".*?</\1>', page, re.DOTALL)
    assert found
    return found[0]


def marks_in(html: str) -> list[str]:
    return [unescape(mark) for mark in re.findall(r"<mark>(.*?)</mark>", html)]


@pytest.mark.parametrize(
    ("query", "marks"),
    [
        ("q=茶園", ["茶园"]),
        ("q=云岭&district=990201", ["云岭", "云岭"]),
        ("q=yunling", ["云岭", "云岭"]),
        ("q=ＱＹ-003", ["QY", "003"]),
        ("q=高山有机", ["高山有机"]),
        ("q=茶叶与食品", ["茶叶与食品"]),
        ("q=云岭&view=table", ["云岭", "云岭"]),
        ("district=990201", []),
    ],
)
def test_a_row_marks_what_was_found_in_it(catalogue, client, query: str, marks: list[str]) -> None:
    assert marks_in(row(client, f"{query}&sector=tea&status=negotiating")) == marks


@pytest.mark.parametrize(
    ("query", "prefix", "label", "excerpt", "language"),
    [
        ("三千亩", "", "建设内容", "茶园<mark>三千亩</mark>。", ""),
        ("带动农户", "", "预期效益", "<mark>带动农户</mark>。", ""),
        ("海拔", "", "项目优势", "<mark>海拔</mark>高。", ""),
        ("道路", "", "建设条件与要素保障", "<mark>道路</mark>已通。", ""),
        ("gardens", "", "建设内容", "Tea <mark>gardens</mark> of 200 ha.", "en"),
        ("三千亩", "/en", "Construction content", "茶园<mark>三千亩</mark>。", "zh-Hans"),
        ("road", "/en", "Site conditions", "There is a <mark>road</mark>.", ""),
        ("chayuan", "/en", "Name", "云岭高山<mark>茶园</mark>", "zh-Hans"),
    ],
)
def test_a_row_shows_where_else_it_was_found(
    catalogue, client, query: str, prefix: str, label: str, excerpt: str, language: str
) -> None:
    html = row(client, f"q={query}&status=negotiating", prefix)
    lang = f' lang="{language}"' if language else ""
    assert f'<span class="fld">{label}</span> <span{lang}>{excerpt}</span>' in html


def test_a_contact_unit_and_another_name_of_a_place_are_shown_too(catalogue, client) -> None:
    assert "<mark>自贸区管委会</mark>" in row(client, "q=自贸区管委会&status=signed")
    assert '<span class="fld">所在区县</span> <span><mark>旧港</mark></span>' in row(client, "q=旧港 冷链")
    assert '<span class="fld">所在区县</span> <span><mark>旧港</mark></span>' in row(client, "q=jiugang 冷链")


@pytest.mark.parametrize("view", ["list", "table"])
def test_no_text_becomes_html(db, client, view: str) -> None:
    name = '<img src=x onerror="a()">茶&lt;<mark>'
    made = make_opportunity(name_zh=name, summary_zh=name, content_zh=f"{name}园", status="open")
    html = row(client, f"q=茶 img&view={view}")
    assert "<img" not in html
    assert "&lt;<mark>img</mark> src=x onerror=&quot;a()&quot;&gt;<mark>茶</mark>&amp;lt;&lt;mark&gt;" in html
    assert made.reference in html
    assert "<img" not in row(client, f"q=茶 img 园&view={view}")
