"""A search as a file: one list of columns, written as CSV or as an XLSX workbook (docs/exports.md).

Nothing in a file is ever a formula. In a workbook a text is a text. In CSV a text that a spreadsheet
could take for a formula gets an apostrophe in front: at its start, and after a semicolon, tab or line
end, where a spreadsheet that expects another separator would begin a new cell. To undo it, take away
one apostrophe at each such place where an apostrophe stands and ``FORMULA`` matches. That is exact,
because ``FORMULA`` looks past apostrophes: it matches at a place after marking if and only if it
did before, so a text that came with an apostrophe of its own has two.
"""

from __future__ import annotations

import codecs
import csv
import io
import logging
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, date
from decimal import Decimal
from functools import lru_cache
from itertools import chain
from tempfile import SpooledTemporaryFile
from typing import IO, Any, NamedTuple

from django.db.models import Choices
from django.urls import reverse
from django.utils import translation
from django.utils.text import format_lazy
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from xlsxwriter import Workbook

from .addresses import absolute, search_address, with_query
from .attributes import ATTRIBUTES, BESIDE
from .models import Opportunity, Text
from .search.parameters import SORTS
from .search.query import Search
from .search.refusals import in_both
from .search.saying import sentence

logger = logging.getLogger(__name__)

# Opportunities read at a time; each time costs the same few queries.
CHUNK = 250
ROWS_MAX = 10_000
# UTF-16 units that a cell of a workbook holds.
CELL_MAX = 32_767
IN_MEMORY_MAX = 2 * 1024 * 1024

Value = str | Decimal | int | date | None


class TooManyRows(ValueError):
    """A search of more opportunities than a workbook takes. ``instead`` is the path of its CSV."""

    def __init__(self, count: int, limit: int, instead: str) -> None:
        super().__init__(f"{count} rows, at most {limit}")
        self.count = count
        self.limit = limit
        self.instead = instead


# --- the columns ----------------------------------------------------------------------------------


class Column(NamedTuple):
    """One column of every file. ``number`` is its place among the 12 attributes, 0 for what is none.

    ``width`` is in characters. Money is in 亿元, as stored, in both languages.
    """

    heading: object
    meaning: object
    value: Callable[[Opportunity, Search], Value]
    width: int = 12
    number: int = 0


def _in_both(
    heading: object, meaning: object, text: Callable[[Opportunity], Text], width: int, number: int = 0
) -> tuple[Column, Column]:
    """A text as two columns, so that a file in either language holds both."""
    return (
        Column(
            format_lazy(_("{heading} (Chinese)"), heading=heading),
            meaning,
            lambda one, search: text(one).zh,
            width,
            number,
        ),
        Column(
            format_lazy(_("{heading} (English)"), heading=heading),
            meaning,
            lambda one, search: text(one).en,
            width,
            number,
        ),
    )


def _money(heading: object) -> object:
    return format_lazy(_("{heading} (CNY 100 million)"), heading=heading)


def _list(names: Iterable[Text]) -> Text:
    once = list(dict.fromkeys(names))
    return Text("、".join(name.zh for name in once), "; ".join(name.en for name in once))


# By type too: members of two enumerations may have equal values.
@lru_cache(maxsize=None, typed=True)
def _label(choice: Choices) -> Text:
    return Text(**in_both(choice.label))


def _shares(opportunity: Opportunity) -> str:
    return ";".join(f"{place.district.code}:{place.share:.4f}" for place in opportunity.locations.all())


def _unit(opportunity: Opportunity) -> Text:
    return opportunity.main_contact.unit if opportunity.main_contact else Text("", "")


LABEL = {attribute.key: attribute.label for attribute in (*ATTRIBUTES, *BESIDE)}

COLUMNS = (
    Column(
        _("Reference"),
        _("The lasting public name; issued once and never reused."),
        lambda one, search: one.reference,
    ),
    Column(
        _("Sample"),
        _("Says so where the opportunity is invented; empty where it is real."),
        lambda one, search: gettext("Sample") if one.is_sample else "",
        8,
    ),
    *_in_both(LABEL["name"], _("What it is called."), lambda one: one.name, 34, 1),
    *_in_both(LABEL["sector"], _("The investment sector it belongs to."), lambda one: one.sector.name, 20, 2),
    *_in_both(
        LABEL["locations"],
        _("Where it lies: every district, county or zone, in the list's order."),
        lambda one: _list(place.district.name for place in one.locations.all()),
        18,
        3,
    ),
    *_in_both(
        _("Region"),
        _("The regions of these districts, each once."),
        lambda one: _list(place.district.region.name for place in one.locations.all()),
        18,
        3,
    ),
    Column(
        _("Shares by district"),
        _("Code of each district and its share of the amount; the shares add up to 1."),
        lambda one, search: _shares(one),
        18,
        3,
    ),
    Column(
        _money(LABEL["investment"]),
        _("The whole investment, in 亿元 (CNY 100 million)."),
        lambda one, search: one.investment,
        12,
        4,
    ),
    Column(
        _money(_("Amount in the places searched")),
        _("What of it lies in the places searched, in 亿元; without such a filter the whole."),
        lambda one, search: search.matched_investment(one),
        12,
        4,
    ),
    *_in_both(LABEL["content"], _("What is to be built."), lambda one: one.content, 48, 5),
    Column(
        format_lazy(_("{heading} (months)"), heading=LABEL["cycle"]),
        _("Construction period in whole months."),
        lambda one, search: one.cycle_months,
        10,
        6,
    ),
    *_in_both(
        LABEL["benefit"],
        _("What it is expected to bring, in words."),
        lambda one: one.expected_benefit,
        40,
        7,
    ),
    Column(
        _money(_("Annual output")),
        _("亿元 a year at full output."),
        lambda one, search: one.annual_output,
        12,
        7,
    ),
    Column(
        _money(_("Annual tax")),
        _("亿元 a year at full output."),
        lambda one, search: one.annual_tax,
        12,
        7,
    ),
    Column(_("Jobs"), _("People employed at full output."), lambda one, search: one.jobs, 8, 7),
    *_in_both(LABEL["advantages"], _("One a line."), lambda one: one.advantages, 40, 8),
    *_in_both(
        LABEL["cooperation"],
        _("Every form of cooperation on offer."),
        lambda one: _list(map(_label, one.cooperation)),
        18,
        9,
    ),
    *_in_both(
        LABEL["conditions"], _("Land, buildings and supplies on site."), lambda one: one.conditions, 40, 10
    ),
    *_in_both(
        _("Contact unit"),
        _("The unit that answers. The person in charge is shown on request, on the opportunity's page."),
        _unit,
        26,
        11,
    ),
    Column(
        _("Office phone"),
        _("The unit's office line."),
        lambda one, search: one.main_contact.office_phone if one.main_contact else "",
        18,
        12,
    ),
    Column(
        _("Office e-mail"),
        _("Empty where there is none."),
        lambda one, search: one.main_contact.office_email if one.main_contact else "",
        26,
        12,
    ),
    *_in_both(_("Summary"), _("The opportunity in a sentence."), lambda one: one.summary, 40),
    *_in_both(
        LABEL["status"],
        _("How far the deal has come: open, being negotiated or signed."),
        lambda one: _label(Opportunity.Status(one.status)),
        12,
    ),
    Column(
        LABEL["edition"],
        _("The issue of the list that it stands in."),
        lambda one, search: search.scheme.edition.code,
    ),
    Column(
        LABEL["confirmed"],
        _("The day on which the unit last confirmed it; empty where it never did."),
        lambda one, search: one.last_confirmed_on,
    ),
    Column(
        _("Last updated"),
        _("The day on which public content last changed, in local time."),
        lambda one, search: search.scheme.edition.catalogue.day_of(one.updated_at),
    ),
    Column(
        _("Address"),
        _("Its public page."),
        lambda one, search: absolute(one.get_absolute_url()),
        40,
    ),
)
NOTED = (
    pgettext_lazy("notes of an export", "Column"),
    pgettext_lazy("notes of an export", "Meaning"),
    pgettext_lazy("notes of an export", "Attribute"),
)


def file_name(search: Search, extension: str) -> str:
    """``chongqing-2024-04_2024-09-18.csv``: catalogue, edition, and the day the data are of."""
    edition = search.scheme.edition
    return f"{edition.catalogue.slug}-{edition.code}_{search.scheme.as_of.isoformat()}.{extension}"


def _rows(opportunities: Iterable[Opportunity], search: Search) -> Iterator[list[Value]]:
    return ([column.value(one, search) for column in COLUMNS] for one in opportunities)


# --- formulas -------------------------------------------------------------------------------------

# A sign that begins a formula, as keyboards, input methods and locales write it.
_SIGNS = "=+\\-@\N{MINUS SIGN}＝＋－＠﹦﹢﹣﹫"
_QUOTES = "'\"`´‘’“”＇＂"
# What spreadsheets and people may overlook before it: controls, spaces, and marks without width.
_OVERLOOKED = (
    r"\x00-\x08\x0b\x0c\x0e-\x20\x7f-\xa0\xad\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u2064\u3000\ufeff"
)
FORMULA = re.compile(
    rf"^(?=[{_QUOTES}]*[\t\r\n]|[{_QUOTES}{_OVERLOOKED}\t\r\n]*[{_SIGNS}])"
    rf"|(?<=[;\t\r\n])(?=[{_QUOTES}{_OVERLOOKED}]*[{_SIGNS}])"
)


def harmless(text: str) -> str:
    """A text that no spreadsheet takes for a formula; how to undo it stands above."""
    return FORMULA.sub("'", text)


# --- CSV ------------------------------------------------------------------------------------------


def csv_pieces(search: Search) -> Iterator[bytes]:
    """The search as CSV in pieces (UTF-8 with its mark, CRLF), each made when it is taken.

    Which rows is read now, so what prevents an answer is raised here. Should a later piece fail, the
    last line says that the file is incomplete, since a status was sent long before.
    """
    heading = [str(column.heading) for column in COLUMNS]
    return _pieces(search, search.chunks(CHUNK), heading, translation.get_language())


def _pieces(
    search: Search, chunks: Iterator[list[Opportunity]], heading: Sequence[Value], language: str
) -> Iterator[bytes]:
    yield codecs.BOM_UTF8 + _lines([heading])
    try:
        for chunk in chunks:
            # The request's language has passed by the time that its answer is sent.
            with translation.override(language):
                lines = _lines(_rows(chunk, search))
            yield lines
    except Exception:
        logger.exception("a CSV ended early")
        with translation.override(language):
            lines = _lines([[gettext("This file is incomplete. Please download it again.")]])
        yield lines


def _lines(rows: Iterable[Sequence[Value]]) -> bytes:
    buffer = io.StringIO(newline="")
    csv.writer(buffer).writerows([_in_csv(value) for value in row] for row in rows)
    return buffer.getvalue().encode()


def _in_csv(value: Value) -> str:
    match value:
        case None:
            return ""
        case Decimal():
            return format(value, ".2f")
        case str():
            return harmless(value)
    return str(value)


# --- XLSX -----------------------------------------------------------------------------------------


def workbook(search: Search) -> IO[bytes]:
    """The search as an XLSX workbook: the rows, and a sheet of notes about them.

    Raises TooManyRows above ROWS_MAX. Memory is bounded: rows pass through temporary files, and so does
    a workbook above IN_MEMORY_MAX.
    """
    if search.count > ROWS_MAX:
        csv_path = with_query(reverse("opportunities:export-csv"), search.canonical_query)
        raise TooManyRows(search.count, ROWS_MAX, csv_path)
    file = SpooledTemporaryFile(IN_MEMORY_MAX)  # noqa: SIM115 - closed by the answer that sends it
    with Workbook(file, {"constant_memory": True}) as book:
        book.set_properties(
            {
                "title": sentence(search),
                "author": str(search.scheme.edition.catalogue.issuer),
                "created": search.scheme.moment.astimezone(UTC).replace(tzinfo=None),
            }
        )
        styles = _styles(book)
        _data(book.add_worksheet(gettext("Opportunities")), search, styles)
        _notes(book.add_worksheet(gettext("Notes")), search, styles)
    file.seek(0)
    return file


def _styles(book: Workbook) -> dict[str, Any]:
    wrapped = {"text_wrap": True, "valign": "top"}
    return {
        "heading": book.add_format({**wrapped, "bold": True, "bottom": 1}),
        "text": book.add_format(wrapped),
        # Typed in again, it stays a text.
        "quoted": book.add_format({**wrapped, "quote_prefix": True}),
        "money": book.add_format({**wrapped, "num_format": "#,##0.00"}),
        "whole": book.add_format({**wrapped, "num_format": "#,##0", "align": "left"}),
        "day": book.add_format({**wrapped, "num_format": "yyyy-mm-dd", "align": "left"}),
    }


def _data(sheet: Any, search: Search, styles: dict[str, Any]) -> None:
    for place, column in enumerate(COLUMNS):
        sheet.set_column(place, place, column.width)
        sheet.write_string(0, place, str(column.heading), styles["heading"])
    sheet.freeze_panes(1, 1)
    row = 0
    opportunities = chain.from_iterable(search.chunks(CHUNK))
    for row, values in enumerate(_rows(opportunities, search), 1):
        for place, value in enumerate(values):
            _write(sheet, row, place, value, styles)
    sheet.autofilter(0, 0, row, len(COLUMNS) - 1)


def _notes(sheet: Any, search: Search, styles: dict[str, Any]) -> None:
    for place, width in enumerate((34, 80, 14)):
        sheet.set_column(place, place, width)
    about = list(_about(search))
    for row, (name, value) in enumerate(about):
        sheet.write_string(row, 0, str(name), styles["heading"])
        _write(sheet, row, 1, value, styles)
    table = len(about) + 1
    for place, name in enumerate(NOTED):
        sheet.write_string(table, place, str(name), styles["heading"])
    for row, column in enumerate(COLUMNS, table + 1):
        _write(sheet, row, 0, str(column.heading), styles)
        _write(sheet, row, 1, str(column.meaning), styles)
        _write(sheet, row, 2, column.number or None, styles)


def _about(search: Search) -> Iterator[tuple[object, Value]]:
    """What the notes say of a search and its data, name by name."""
    edition, catalogue = search.scheme.edition, search.scheme.edition.catalogue
    conditions = [
        gettext("%(name)s: %(value)s") % {"name": one.name, "value": one.label} for one in search.conditions
    ]
    yield pgettext_lazy("notes of an export", "Search"), sentence(search)
    yield _("Conditions"), "\n".join(conditions) or gettext("None: this is the whole edition.")
    yield (
        _("Address of the search"),
        absolute(search_address(search.canonical_query)),
    )
    yield pgettext_lazy("notes of an export", "Order"), str(SORTS[search.sort][0])
    yield _("Opportunities"), search.count
    yield _money(_("Total of the places searched")), search.total_investment
    yield _("Data as of"), search.scheme.as_of
    yield pgettext_lazy("notes of an export", "List"), str(catalogue.title)
    yield _("Edition"), edition.code
    yield _("Released on"), edition.released_on
    yield pgettext_lazy("notes of an export", "Source"), str(catalogue.issuer)
    yield _("Licence"), catalogue.site.get("license") or gettext("Not stated by the issuer.")
    if edition.notice_zh:
        yield _("Notice"), str(edition.notice)


def _write(sheet: Any, row: int, place: int, value: Value, styles: dict[str, Any]) -> None:
    match value:
        case Decimal():
            sheet.write_number(row, place, value, styles["money"])
        case int():
            sheet.write_number(row, place, value, styles["whole"])
        case date():
            sheet.write_datetime(row, place, value, styles["day"])
        case str():
            style = styles["text"] if harmless(value) == value else styles["quoted"]
            sheet.write_string(row, place, _fitting(value), style)


def _fitting(text: str) -> str:
    """A text as a cell holds it; one too long is cut, and its end says so."""
    if len(text.encode("utf-16-le")) <= 2 * CELL_MAX:
        return text
    return text[: CELL_MAX // 2] + "…"
