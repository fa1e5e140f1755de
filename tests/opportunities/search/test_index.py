"""The index of words: what it finds, and that it is kept with the entries."""

from __future__ import annotations

import importlib
from io import StringIO
from itertools import islice, product

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.models import F
from django.test import Client
from django.test.utils import CaptureQueriesContext

from opportunities import indexing, publishing
from opportunities.loading import load_pack
from opportunities.models import District, Location, Opportunity, SearchText, Sector
from opportunities.search import text
from tests.factories import make_edition, make_opportunity
from tests.opportunities.search.asking import found, search
from tests.oracle import SECOND_CITY

pytestmark = pytest.mark.django_db


def is_kept() -> bool:
    checked = indexing.check()
    return checked.index_is_true and not checked.stale


# --- pinyin ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "is_found"),
    [
        ("huahewubandaoti", True),
        ("bandaoti", True),
        ("BanDaoTi", True),
        ("ｂａｎｄａｏｔｉ", True),
        ("daoti", True),
        ("bandao", True),
        ("banda", True),
        ("ban dao", True),
        ("bdt", True),
        ("hhwbdt", True),
        ("dtf", True),
        ("fen", True),
        ("bd", False),
        ("ti", False),
        ("andaoti", False),
        ("bandaotifeng", True),
        ("fengzhuang", True),
        ("fengzhuangabc", False),
        ("bandt", False),
        ("bdti", False),
        ("zhuangce", False),
        ("jizhan", True),
        ("5gjizhan", False),
        ("neirong", False),
        ("nrw", False),
    ],
)
def test_names_are_found_by_joined_syllables_and_initials_from_any_character_on(asked, is_found) -> None:
    make_opportunity(reference="TEST-1", name_zh="化合物半导体封装，测试5G基站", content_zh="内容文本")
    assert found(q=asked) == (["TEST-1"] if is_found else [])


def test_sectors_districts_and_their_other_names_are_found_by_pinyin_as_they_are_romanised() -> None:
    edition = make_edition()
    Sector.objects.filter(slug="grain").update(name_zh="粮食加工")
    District.objects.filter(code="1101").update(
        name_zh="丰都县", short_zh="丰都", short_en="Fengdu", aliases=["名山"]
    )
    make_opportunity(reference="TEST-1", name_zh="丰都牛肉", name_en="Beef", edition=edition)
    for asked in ("liangshi", "lsjg", "fengdu", "fengduxian", "fengduniurou", "fdnr", "mingshan"):
        assert found(q=asked) == ["TEST-1"], asked
    for asked in ("fengdou", "fengdouniurou"):
        assert found(q=asked) == [], asked


def test_a_romanised_name_is_cut_into_the_syllables_of_its_characters() -> None:
    assert text.reading("长寿", "Changshou") == ("chang", "shou")
    assert text.reading("南岸", "Nan'an") == ("nan", "an")
    assert text.reading("吕梁", "Lüliang") == ("lv", "liang")
    assert text.reading("高新", "High-tech Zone") == ()
    assert text.reading("", "") == ()


# --- what is typed is text ------------------------------------------------------------------------

HOSTILE = [
    '"', "'", '茶"', "茶'", "茶*", "*茶", "茶%", "%", "_", "茶_", "茶\\", "\\", "茶:*", "茶 & 园", "茶 | 园",
    "!茶", "茶 <-> 园", "name:茶", "tokens : 茶", "-茶", "^茶", "(茶", "茶)", "NEAR(茶 园)", "茶 NEAR 园",
    "茶 OR 园", "茶 AND 园", "NOT 茶", "茶; DROP TABLE x", "{茶}", "茶\x00", "''::tsquery", '"茶" "园"',
    "a" * 200, "茶" * 200, "a茶" * 100, "茶 " * 10, "%s", "茶%s%%", "{0}", "𠮷", "々〇", "é*", "'bandaoti",
]  # fmt: skip


@pytest.mark.parametrize("asked", HOSTILE)
def test_signs_of_a_query_language_part_words_and_mean_nothing(client, asked) -> None:
    make_opportunity(
        reference="TEST-1", name_zh="茶园", content_en="near or and not name tokens drop table x"
    )
    make_opportunity(reference="TEST-2", name_zh="别的", content_zh="%_*'\"\\")
    held = {"茶", "园", "near", "or", "and", "not", "name", "tokens", "drop", "table", "x"}
    words = set(text.words(asked))
    expected = ["TEST-1"] if words and words <= held else []
    for path in ("/opportunities/", "/api/v1/opportunities/"):
        answer = client.get(path, {"q": asked}, follow=True)
        assert answer.status_code in (200, 400), asked
        if path.startswith("/api") and answer.status_code == 200:
            assert [one["reference"] for one in answer.json()["results"]] == expected


@pytest.mark.parametrize("asked", ["茶园 茶", "茶", "园", "ab12", "ab1", "éab", "𠮷", "𠮷野", "〇", "x茶"])
def test_the_index_misses_nothing_that_the_text_holds(asked) -> None:
    make_opportunity(
        reference="TEST-1", name_zh="茶园𠮷野二〇二五", content_en="ab12 éab", content_zh=f"x茶园 {'b' * 90}"
    )
    assert found(q=asked) == ["TEST-1"]
    assert found(q="b" * 90) == ["TEST-1"]
    assert found(q="b" * 91) == []


# --- kept with the entry --------------------------------------------------------------------------


def test_every_operation_leaves_the_index_true() -> None:
    draft = make_opportunity(reference="TEST-1", name_zh="旧名称", publication="draft")
    assert found(q="旧名称") == []
    assert is_kept()
    publishing.publish(draft)
    assert found(q="旧名称") == ["TEST-1"]
    draft.name_zh = "全新叫法"
    publishing.record_change(draft)
    assert (found(q="旧名称"), found(q="全新叫法")) == ([], ["TEST-1"])
    assert is_kept()
    publishing.withdraw(draft)
    assert found(q="全新叫法") == []
    publishing.publish(draft)
    assert found(q="全新叫法") == ["TEST-1"]
    assert is_kept()
    publishing.withdraw(draft)
    Location.objects.filter(opportunity=draft).delete()
    draft.delete()
    assert not SearchText.objects.exists()
    assert is_kept()


def test_what_is_rolled_back_leaves_entry_and_index_as_they_were() -> None:
    opportunity = make_opportunity(reference="TEST-1", name_zh="旧名称")
    with pytest.raises(RuntimeError), transaction.atomic():
        opportunity.name_zh = "全新叫法"
        publishing.record_change(opportunity)
        make_opportunity(reference="TEST-2", name_zh="全新叫法")
        assert found(q="全新叫法") == ["TEST-1", "TEST-2"]
        raise RuntimeError
    assert (found(q="旧名称"), found(q="全新叫法")) == (["TEST-1"], [])
    assert is_kept()


def test_a_text_that_did_not_change_is_not_written() -> None:
    opportunity = Opportunity.objects.get(pk=make_opportunity().pk)
    opportunity.investment = 77
    with CaptureQueriesContext(connection) as queries:
        assert indexing.keep(opportunity) is False
    assert all(query["sql"].startswith("SELECT") for query in queries.captured_queries)
    opportunity.name_zh = "全新叫法"
    assert indexing.keep(opportunity) is True


def test_names_of_sectors_and_districts_are_followed_when_a_pack_changes_them_alone() -> None:
    load_pack(SECOND_CITY)
    Sector.objects.filter(slug="tea").update(name_zh="别的产业")
    District.objects.filter(code="990201").update(aliases=["别名"])
    call_command("index_search", stdout=StringIO())
    assert found(q="别的产业") == found(sector="tea")
    load_pack(SECOND_CITY, overwrite=True)
    assert found(q="别的产业") == found(q="别名") == []
    assert found(q="茶叶与食品") == found(sector="tea")
    assert is_kept()


def test_a_very_long_text_is_kept_too_and_found_by_its_beginning() -> None:
    signs = [chr(0x4E00 + at) for at in range(700)]
    long = "".join(islice((a + b for a, b in product(signs, signs)), 150_000))
    make_opportunity(reference="TEST-1", content_zh=f"开头{long}结尾", conditions_zh="以后")
    assert found(q="开头") == ["TEST-1"]
    assert found(q="结尾") == found(q="以后") == []
    assert is_kept()


# --- the command ----------------------------------------------------------------------------------


def index_search(*options: str) -> str:
    out = StringIO()
    call_command("index_search", *options, stdout=out)
    return out.getvalue().strip()


def test_the_command_finds_what_is_stale_and_mends_it() -> None:
    one = make_opportunity(reference="TEST-1", name_zh="茶园")
    make_opportunity(reference="TEST-2")
    assert index_search("--check") == "2 search texts are up to date, and so is the index."
    SearchText.objects.filter(pk=one.pk).update(text="别的", tokens="别的")
    assert found(q="茶园") == []
    with pytest.raises(CommandError, match=r"1 of 2 search texts are stale \(TEST-1\)"):
        index_search("--check")
    assert index_search() == "2 search texts, 1 of them renewed; index built."
    assert found(q="茶园") == ["TEST-1"]
    SearchText.objects.all().delete()
    with pytest.raises(CommandError, match="2 of 2"):
        index_search("--check")
    assert index_search() == "2 search texts, 2 of them renewed; index built."
    assert is_kept()


def test_answers_kept_before_a_repair_are_asked_again(client: Client) -> None:
    one = make_opportunity(reference="TEST-1", name_zh="茶园")
    SearchText.objects.filter(pk=one.pk).update(text="别的", tokens="别的")
    assert client.get("/api/v1/opportunities/?q=茶园").json()["count"] == 0
    index_search()
    assert client.get("/api/v1/opportunities/?q=茶园").json()["count"] == 1


BROKEN = {
    "sqlite": [
        "DROP TRIGGER opportunities_words_changed",
        "DELETE FROM opportunities_words_data WHERE id > 10",
        "INSERT INTO opportunities_words(opportunities_words, rowid, tokens)"
        " SELECT 'delete', opportunity_id, tokens FROM opportunities_searchtext",
        "DROP TABLE opportunities_words",
    ],
    "postgresql": ["SET CONSTRAINTS ALL IMMEDIATE; DROP INDEX opportunities_words"],
}


@pytest.mark.parametrize("statement", BROKEN[connection.vendor])
def test_an_index_that_is_not_true_is_noticed_and_built_anew(statement: str) -> None:
    make_opportunity(reference="TEST-1", name_zh="茶园")
    with connection.cursor() as cursor:
        cursor.execute(statement)
    with pytest.raises(CommandError, match="0 of 1 search texts are stale .*the index is not true"):
        index_search("--check")
    index_search()
    assert found(q="茶园") == ["TEST-1"]
    assert is_kept()


# --- an existing database -------------------------------------------------------------------------


def test_the_migration_stores_what_publishing_would(chongqing) -> None:
    migration = importlib.import_module("opportunities.migrations.0005_text_index")
    District.objects.filter(code="500230").update(aliases=["平都"])
    SearchText.objects.all().delete()
    migration.store_texts(apps, None)
    checked = indexing.check()
    assert (checked.count, checked.stale, checked.index_is_true) == (160, [], True)


def test_the_index_is_asked_not_the_whole_table(chongqing) -> None:
    words = SearchText.objects.filter(tokens__holding=(((("半导", False), ("导体", False)),),))
    references = set(words.values_list(F("opportunity__reference"), flat=True))
    assert references == {one.reference for one in search("q=半导体").results} != set()
    if connection.vendor == "sqlite":
        assert "VIRTUAL TABLE INDEX" in words.explain()
    else:
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
        assert "opportunities_words" in words.explain()
