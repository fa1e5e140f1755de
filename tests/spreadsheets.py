"""Files of the portal opened again, as a spreadsheet or a feed reader would."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.dateparse import parse_datetime
from python_calamine import CalamineWorkbook

from opportunities.exporting import FORMULA
from tests.oracle import Params, query_string
from tests.readings import Getter

Rows = list[dict[str, str]]


def both(zh: str, en: str, name: str) -> list[tuple[str, str, Any]]:
    """The two columns of a text ``name`` of the API."""
    return [
        (f"{zh}（中文）", f"{en} (Chinese)", lambda item, zone: _at(item, name)["zh"]),
        (f"{zh}（英文）", f"{en} (English)", lambda item, zone: _at(item, name)["en"]),
    ]


def lists(zh: str, en: str, names: Any) -> list[tuple[str, str, Any]]:
    return [
        (f"{zh}（中文）", f"{en} (Chinese)", lambda item, zone: "、".join(_once(names(item), "zh"))),
        (f"{zh}（英文）", f"{en} (English)", lambda item, zone: "; ".join(_once(names(item), "en"))),
    ]


def _at(item: dict[str, Any], name: str) -> Any:
    for part in name.split("."):
        item = item[part]
    return item


def _once(texts: list[dict[str, str]], language: str) -> list[str]:
    return list(dict.fromkeys(text[language] for text in texts))


def _or_empty(value: Any) -> str:
    return "" if value is None else str(value)


STATUS = {
    "open": {"zh": "招商中", "en": "Open"},
    "negotiating": {"zh": "洽谈中", "en": "Negotiating"},
    "signed": {"zh": "已签约", "en": "Signed"},
}
# Every column: its heading in Chinese and English, and what it holds by what the API says.
EXPECTED = [
    ("编号", "Reference", lambda item, zone: item["reference"]),
    ("示例", "Sample", lambda item, zone: item["is_sample"]),
    *both("项目名称", "Name", "name"),
    *both("所属产业", "Sector", "sector.name"),
    *lists("所在区县", "District", lambda item: [place["district"]["name"] for place in item["locations"]]),
    *lists("区域", "Region", lambda item: [place["region"]["name"] for place in item["locations"]]),
    (
        "各区县份额",
        "Shares by district",
        lambda item, zone: ";".join(f"{p['district']['code']}:{p['share']}" for p in item["locations"]),
    ),
    ("投资规模（亿元）", "Amount (CNY 100 million)", lambda item, zone: item["investment"]),
    (
        "所选区域内的投资额（亿元）",
        "Amount in the places searched (CNY 100 million)",
        lambda item, zone: item["matched_investment"],
    ),
    *both("建设内容", "Construction content", "content"),
    ("建设周期（月）", "Construction period (months)", lambda item, zone: str(item["cycle_months"])),
    *both("预期效益", "Expected benefit", "expected_benefit"),
    ("年产值（亿元）", "Annual output (CNY 100 million)", lambda i, zone: _or_empty(i["annual_output"])),
    ("年税收（亿元）", "Annual tax (CNY 100 million)", lambda item, zone: _or_empty(item["annual_tax"])),
    ("就业", "Jobs", lambda item, zone: _or_empty(item["jobs"])),
    *both("项目优势", "Advantages", "advantages"),
    *lists("合作方式", "Cooperation", lambda item: [form["name"] for form in item["cooperation"]]),
    *both("建设条件与要素保障", "Site conditions", "conditions"),
    *both("责任单位", "Contact unit", "contact.unit"),
    ("办公电话", "Office phone", lambda item, zone: item["contact"]["office_phone"]),
    ("办公邮箱", "Office e-mail", lambda item, zone: item["contact"]["office_email"]),
    *both("摘要", "Summary", "summary"),
    ("状态（中文）", "Status (Chinese)", lambda item, zone: STATUS[item["status"]]["zh"]),
    ("状态（英文）", "Status (English)", lambda item, zone: STATUS[item["status"]]["en"]),
    ("版次", "Edition", lambda item, zone: item["edition"]),
    ("最近确认", "Last confirmed", lambda item, zone: _or_empty(item["last_confirmed_on"])),
    (
        "最近更新",
        "Last updated",
        lambda item, zone: parse_datetime(item["updated_at"]).astimezone(zone).date().isoformat(),
    ),
    ("网址", "Address", lambda item, zone: item["url"]),
]
ENGLISH = [english for _chinese, english, _value in EXPECTED]
CHINESE = [chinese for chinese, _english, _value in EXPECTED]


def expected(items: list[dict[str, Any]], zone: str, *, english: bool) -> Rows:
    """What a file holds of these items of the API (``fields=full``), in words by English heading."""
    rows = [{heading: value(item, ZoneInfo(zone)) for _zh, heading, value in EXPECTED} for item in items]
    for row in rows:
        row["Sample"] = ("Sample" if english else "示例") if row["Sample"] else ""
        if english:
            row["Address"] = re.sub(r"(//[^/]*)/", r"\1/en/", row["Address"], count=1)
    return rows


def items_of(client: Getter, params: Params) -> list[dict[str, Any]]:
    """All opportunities that the API gives for a search, in full."""
    items: list[dict[str, Any]] = []
    path = f"/api/v1/opportunities/?{query_string({**params, 'page_size': ['100'], 'fields': ['full']})}"
    while path:
        page = client.get(path).json()
        items += page["results"]
        path = "/" + page["next"].split("/", 3)[3] if page["next"] else ""
    return items


def unmarked(text: str) -> str:
    """A cell of a CSV as it was before it was made harmless, as ``opportunities.exporting`` says."""
    return re.sub(rf"(?:{FORMULA.pattern})'", lambda mark: mark[0][:-1], text)


def cells_of(body: bytes) -> list[list[str]]:
    assert body.startswith(b"\xef\xbb\xbf"), "the mark by which spreadsheets know UTF-8"
    return list(csv.reader(io.StringIO(body.decode("utf-8-sig"), newline=""), strict=True))


def csv_rows(body: bytes, headings: list[str]) -> Rows:
    """A CSV by English heading, with the marks against formulas undone."""
    heading, *rows = cells_of(body)
    assert heading == headings
    return [dict(zip(ENGLISH, map(unmarked, row), strict=True)) for row in rows]


def xlsx_rows(body: bytes, headings: list[str]) -> Rows:
    """The first sheet of a workbook by English heading, numbers and dates in the words of CSV."""
    heading, *rows = CalamineWorkbook.from_filelike(io.BytesIO(body)).get_sheet_by_index(0).to_python()
    assert heading == headings
    return [dict(zip(ENGLISH, map(_said, ENGLISH, row), strict=True)) for row in rows]


def _said(heading: str, value: Any) -> str:
    if isinstance(value, float):
        money = heading.startswith(("Amount", "Annual"))
        return f"{Decimal(str(value)):.2f}" if money else str(int(value))
    return value.isoformat() if isinstance(value, date) else str(value)


def notes_of(body: bytes) -> list[list[Any]]:
    return CalamineWorkbook.from_filelike(io.BytesIO(body)).get_sheet_by_index(1).to_python()


def parts_of(body: bytes) -> Iterator[tuple[str, str]]:
    """The files inside a workbook, as text."""
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        for name in archive.namelist():
            yield name, archive.read(name).decode()
