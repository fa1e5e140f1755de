"""A city's data pack: a folder of readable files, checked as a whole, then loaded in one transaction.

Loading again is safe: entries that staff have edited since are reported and kept, unless told to
overwrite. The files and their columns: docs/data-pack.md.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import tomllib
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol
from zoneinfo import ZoneInfo, available_timezones

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import models, transaction

from . import amounts, indexing, publishing
from .charts.hexagons import CORNERS, corner, is_edge
from .models import (
    Catalogue,
    Contact,
    Cooperation,
    CooperationForm,
    District,
    Edition,
    Fact,
    FactKind,
    Location,
    Opportunity,
    PackEntry,
    PublishedFigure,
    Region,
    Revision,
    Sector,
    VocabularyTerm,
)
from .models.catalogue import CYCLE_MONTHS_MAX, REFERENCE_PATTERN

SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*", re.ASCII)
FILE_MAX_BYTES = 20 * 1024 * 1024
# The last row or column of the schematic map, and the corners of one river on it.
MAP_MAX = 99
COURSE_MAX = 400


@dataclass(frozen=True)
class PackError:
    """One thing wrong in a pack. ``row`` counts as a spreadsheet does: the header is row 1."""

    file: str
    row: int | None
    column: str | None
    value: str
    allowed: str

    def __str__(self) -> str:
        place = ", ".join(
            [self.file]
            + ([f"row {self.row}"] if self.row else [])
            + ([f"column {self.column}"] if self.column else [])
        )
        shown = self.value if len(self.value) <= 80 else self.value[:80] + "…"
        return f"{place}: {shown!r} – {self.allowed}"


class PackInvalid(ValueError):
    """The pack has errors, all of them in ``errors``; nothing was loaded."""

    def __init__(self, errors: list[PackError]) -> None:
        super().__init__("\n".join(map(str, errors)))
        self.errors = errors


class _Wrong(ValueError):
    """A value that is not allowed; the message says what is."""


@dataclass
class LoadReport:
    """What a load did: how many entries of each kind, and those kept because staff had edited them."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    kept: list[str] = field(default_factory=list)


# --- reading: values ------------------------------------------------------------------------------


def _text(maximum: int, *, required: bool = True) -> Callable[[str], str]:
    def read(value: str) -> str:
        if required and not value:
            raise _Wrong("a text is needed here")
        if len(value) > maximum:
            raise _Wrong(f"at most {maximum} characters; there are {len(value)}")
        if any(ord(character) < 32 and character not in "\n\t" for character in value):
            raise _Wrong("no control characters")
        return value

    return read


def _short_slug(maximum: int) -> Callable[[str], str]:
    def read(value: str) -> str:
        if not SLUG.fullmatch(value) or len(value) > maximum:
            raise _Wrong(f"small letters, digits and single hyphens, at most {maximum}")
        return value

    return read


_slug = _short_slug(40)


def _money(value: str) -> Decimal:
    try:
        return amounts.parse(value)
    except ValueError:
        raise _Wrong("an amount in 亿元 from 0 to 100000 with at most two decimals") from None


def _number(value: str) -> Decimal:
    try:
        number = Decimal(value)
    except InvalidOperation:
        raise _Wrong("a number") from None
    if not number.is_finite() or abs(number) >= 10**12 or number != number.quantize(amounts.CENT):
        raise _Wrong("a number below 10^12 with at most two decimals")
    return number


def _whole(minimum: int, maximum: int) -> Callable[[str], int]:
    def read(value: str) -> int:
        if not re.fullmatch(r"0|[1-9][0-9]{0,9}", value) or not minimum <= int(value) <= maximum:
            raise _Wrong(f"a whole number from {minimum} to {maximum}")
        return int(value)

    return read


def _date(value: str) -> date:
    try:
        found = datetime.strptime(value, "%Y-%m-%d").date()
    except ValueError:
        raise _Wrong("a date as YYYY-MM-DD") from None
    if not 1900 <= found.year <= 2200:
        raise _Wrong("a date from 1900 to 2200")
    return found


def _flag(value: str) -> bool:
    if value not in ("true", "false"):
        raise _Wrong("true or false")
    return value == "true"


def _one_of(allowed: Collection[str]) -> Callable[[str], str]:
    def read(value: str) -> str:
        if value not in allowed:
            raise _Wrong("one of " + ", ".join(allowed))
        return value

    return read


def _list_of(read_one: Callable[[str], str]) -> Callable[[str], list[str]]:
    def read(value: str) -> list[str]:
        parts = [part.strip() for part in value.split(";") if part.strip()]
        if len(set(parts)) != len(parts):
            raise _Wrong("each value once")
        return [read_one(part) for part in parts]

    return read


def _email(value: str) -> str:
    try:
        validate_email(value)
    except ValidationError:
        raise _Wrong("an e-mail address") from None
    if len(value) > 254:
        raise _Wrong("at most 254 characters")
    return value


def _reference(value: str) -> str:
    if not re.fullmatch(REFERENCE_PATTERN, value, re.ASCII):
        raise _Wrong("3 to 32 capital letters, digits and hyphens")
    return value


def _optional(read: Callable[[str], Any]) -> Callable[[str], Any]:
    return lambda value: read(value) if value else None


def _checked(matches: Callable[[str], Any], allowed: str) -> Callable[[str], str]:
    def read(value: str) -> str:
        if not matches(value):
            raise _Wrong(allowed)
        return value

    return read


def _locations(districts: Collection[str]) -> Callable[[str], list[tuple[str, Decimal]]]:
    def read(value: str) -> list[tuple[str, Decimal]]:
        found = []
        for part in value.split(";"):
            code, _colon, share = part.strip().partition(":")
            if code not in districts:
                raise _Wrong(f"district {code!r} is not in districts.csv")
            if not re.fullmatch(r"0\.[0-9]{1,4}|1(\.0{1,4})?", share) or not Decimal(share):
                raise _Wrong("shares from 0.0001 to 1, such as 500101:0.6;500240:0.4")
            found.append((code, Decimal(share)))
        if len({code for code, _share in found}) != len(found):
            raise _Wrong("each district once")
        if sum(share for _code, share in found) != 1:
            raise _Wrong(f"shares that add up to 1, not {sum(share for _code, share in found)}")
        return found

    return read


# --- reading: files -------------------------------------------------------------------------------

Columns = dict[str, Callable[[str], Any]]
Row = dict[str, Any]


class Reader:
    """Reads the files of one folder and collects every error on the way.

    Parts of a pack that other apps read (``PackPart``) get it, and with it the readers of values.
    """

    text = staticmethod(_text)
    slug = staticmethod(_short_slug)
    money = staticmethod(_money)
    whole = staticmethod(_whole)
    date = staticmethod(_date)
    flag = staticmethod(_flag)
    one_of = staticmethod(_one_of)
    list_of = staticmethod(_list_of)
    optional = staticmethod(_optional)
    checked = staticmethod(_checked)

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.errors: list[PackError] = []
        # The keys of each table's rows, wrong ones too, so that one error does not bring others along.
        self.keys: dict[str, list[Any]] = {}

    def wrong(self, file: str, row: int | None, column: str | None, value: str, allowed: str) -> None:
        self.errors.append(PackError(file, row, column, value, allowed))

    def contents(self, file: str, *, required: bool = True) -> str | None:
        path = self.folder / file
        if not path.is_file():
            if required:
                self.wrong(file, None, None, "", "this file is needed")
            return None
        if path.stat().st_size > FILE_MAX_BYTES:
            self.wrong(file, None, None, "", f"at most {FILE_MAX_BYTES} bytes")
            return None
        try:
            return path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
        except UnicodeDecodeError as error:
            self.wrong(file, None, None, f"byte {error.start}", "the file must be in UTF-8")
            return None

    def table(self, file: str, columns: Columns, *, required: bool = True) -> list[Row]:
        """The rows of a CSV file, each value read by its column; rows with an error are left out."""
        keys = self.keys[file] = []
        content = self.contents(file, required=required)
        if content is None:
            return []
        try:
            lines = list(csv.reader(io.StringIO(content, newline=""), strict=True))
        except csv.Error as error:
            self.wrong(file, None, None, str(error), "comma-separated values as in RFC 4180")
            return []
        if not lines or lines[0] != list(columns):
            self.wrong(file, 1, None, ",".join(lines[0]) if lines else "", "the header " + ",".join(columns))
            return []
        rows = []
        for number, values in enumerate(lines[1:], start=2):
            if not values:
                continue
            if len(values) != len(columns):
                self.wrong(file, number, None, ",".join(values), f"{len(columns)} values, not {len(values)}")
                continue
            row: Row = {"row": number}
            for (column, read), value in zip(columns.items(), values, strict=True):
                try:
                    row[column] = read(value)
                except _Wrong as error:
                    self.wrong(file, number, column, value, str(error))
            keys.append(row.get(next(iter(columns))))
            if len(row) == len(columns) + 1:
                rows.append(row)
        return rows

    def once(self, file: str, rows: list[Row], *columns: str) -> None:
        seen: dict[tuple[Any, ...], int] = {}
        for row in rows:
            key = tuple(row[column] for column in columns)
            if key in seen:
                value = " ".join(map(str, key))
                self.wrong(file, row["row"], columns[-1], value, f"each once; row {seen[key]} has it already")
            seen.setdefault(key, row["row"])

    def toml(self, file: str, *, required: bool = True) -> dict[str, Any]:
        content = self.contents(file, required=required)
        try:
            return tomllib.loads(content or "")
        except tomllib.TOMLDecodeError as error:
            self.wrong(file, None, None, str(error), "TOML")
            return {}

    def json(self, file: str) -> dict[str, Any]:
        content = self.contents(file)
        try:
            found = json.loads(content or "{}")
        except json.JSONDecodeError as error:
            self.wrong(file, error.lineno, None, error.msg, "JSON")
            return {}
        if not isinstance(found, dict):
            self.wrong(file, None, None, type(found).__name__, "a JSON object")
            return {}
        return found


def _names(*, short: bool = True, name_max: int = 80) -> Columns:
    columns: Columns = {"name_zh": _text(name_max), "name_en": _text(name_max)}
    if short:
        columns |= {"short_zh": _text(20), "short_en": _text(40)}
    return columns


class PackPart(Protocol):
    """A module of another app that reads files of its own from a pack: named in ``PACK_PARTS``."""

    def read(self, reader: Reader) -> Any:
        """What its files hold, its errors noted with the reader; None where the pack has none of them."""

    def load(self, loader: Loader, content: Any) -> None:
        """Write what was read, in the transaction of the whole pack."""


def _parts() -> list[PackPart]:
    return [import_module(name) for name in settings.PACK_PARTS]


@dataclass
class Pack:
    """The checked content of a pack, ready to be loaded."""

    catalogue: Row
    edition: Row
    regions: list[Row]
    districts: list[Row]
    sectors: list[Row]
    fact_kinds: list[Row]
    opportunities: list[Row]
    contacts: list[Row]
    facts: list[Row]
    figures: list[Row]
    vocabulary: list[Row]
    parts: list[tuple[PackPart, Any]]


def read_pack(folder: Path) -> Pack:
    """Read and check a pack's folder. Raises PackInvalid with every error found."""
    reader = Reader(folder)
    if not folder.is_dir():
        raise PackInvalid([PackError(str(folder), None, None, "", "a folder with a data pack")])
    catalogue, edition = _read_catalogue(reader)
    edition["water"] = _read_place(reader)
    regions = reader.table("regions.csv", {"slug": _slug, **_names()})
    region_slugs = [slug for slug in reader.keys["regions.csv"] if slug]
    districts = reader.table(
        "districts.csv",
        {
            "code": _short_slug(20),
            **_names(),
            "kind": _one_of(District.Kind.values),
            "region": _one_of(region_slugs),
            "subregion": _one_of(["", *edition["subregions"]]),
            "map_row": _optional(_whole(0, MAP_MAX)),
            "map_column": _optional(_whole(0, MAP_MAX)),
            "aliases": _list_of(_text(40)),
            "valid_from": _optional(_date),
            "valid_to": _optional(_date),
            "successors": _list_of(_slug),
        },
    )
    sectors = reader.table(
        "sectors.csv",
        {
            "slug": _slug,
            **_names(name_max=80),
            "name_assumed": _flag,
            "seal_zh": _text(1),
            "seal_en": _text(2),
            "colour": _whole(1, 9),
        },
    )
    district_codes = [code for code in reader.keys["districts.csv"] if code]
    fact_kinds = reader.table(
        "fact-kinds.csv",
        {
            "kind": _slug,
            "label_zh": _text(40),
            "label_en": _text(60),
            "unit": _text(20, required=False),
        },
    )
    opportunities = reader.table(
        "opportunities.csv",
        {
            "reference": _reference,
            "name_zh": _text(120),
            "name_en": _text(200, required=False),
            "sector": _one_of([slug for slug in reader.keys["sectors.csv"] if slug]),
            "locations": _locations(district_codes),
            "investment": _money,
            "cycle_months": _whole(1, CYCLE_MONTHS_MAX),
            "cooperation": _list_of(_one_of(CooperationForm.values)),
            "status": _one_of(Opportunity.Status.values),
            "summary_zh": _text(200, required=False),
            "summary_en": _text(300, required=False),
            "content_zh": _text(4000),
            "content_en": _text(8000, required=False),
            "expected_benefit_zh": _text(2000),
            "expected_benefit_en": _text(4000, required=False),
            "annual_output": _optional(_money),
            "annual_tax": _optional(_money),
            "jobs": _optional(_whole(0, 1_000_000)),
            "advantages_zh": _text(2000),
            "advantages_en": _text(4000, required=False),
            "conditions_zh": _text(2000),
            "conditions_en": _text(4000, required=False),
            "last_confirmed_on": _optional(_date),
            "updated_on": _date,
        },
    )
    references = {reference for reference in reader.keys["opportunities.csv"] if reference}
    contacts = reader.table(
        "contacts.csv",
        {
            "reference": _one_of_these(references),
            "unit_zh": _text(120),
            "unit_en": _text(160, required=False),
            "office_phone": _text(40),
            "office_email": _optional(_email),
            "name": _text(80, required=False),
            "post_zh": _text(80, required=False),
            "post_en": _text(120, required=False),
            "phone": _text(40, required=False),
        },
    )
    kinds = [kind for kind in reader.keys["fact-kinds.csv"] if kind]
    facts = reader.table(
        "facts.csv",
        {
            "reference": _one_of_these(references),
            "kind": _one_of(kinds),
            "value_zh": _text(200, required=False),
            "value_en": _text(300, required=False),
            "number": _optional(_number),
            "unit": _text(20, required=False),
            "state": _one_of(Fact.State.values),
            "verified_on": _optional(_date),
        },
        required=False,
    )
    figures = _read_figures(reader, edition, region_slugs, sectors)
    vocabulary = _read_vocabulary(reader, region_slugs, district_codes)

    for file, rows, columns in (
        ("regions.csv", regions, ["slug"]),
        ("districts.csv", districts, ["code"]),
        ("sectors.csv", sectors, ["slug"]),
        ("fact-kinds.csv", fact_kinds, ["kind"]),
        ("opportunities.csv", opportunities, ["reference"]),
        ("facts.csv", facts, ["reference", "kind"]),
        ("vocabulary.csv", vocabulary, ["term", "parameter", "value"]),
    ):
        reader.once(file, rows, *columns)
    _check_tiles(reader, districts)
    answered = set(reader.keys["contacts.csv"])
    for row in opportunities:
        if not row["cooperation"]:
            reader.wrong(
                "opportunities.csv",
                row["row"],
                "cooperation",
                "",
                "one or more of " + ", ".join(CooperationForm.values),
            )
        if row["reference"] not in answered:
            reader.wrong(
                "contacts.csv", None, "reference", row["reference"], "every opportunity needs a contact"
            )
    parts = [(part, part.read(reader)) for part in _parts()]
    if reader.errors:
        raise PackInvalid(reader.errors)
    return Pack(
        catalogue,
        edition,
        regions,
        districts,
        sectors,
        fact_kinds,
        opportunities,
        contacts,
        facts,
        figures,
        vocabulary,
        parts,
    )


def _check_tiles(reader: Reader, districts: list[Row]) -> None:
    """Each district has a tile of its own on the schematic map, or none."""
    placed = []
    for row in districts:
        given = [row[column] for column in ("map_row", "map_column") if row[column] is not None]
        if len(given) == 2:
            placed.append(row)
        elif given:
            allowed = "a row and a column of the map, or neither"
            reader.wrong("districts.csv", row["row"], "map_column", str(given[0]), allowed)
    reader.once("districts.csv", placed, "map_row", "map_column")


def _one_of_these(references: Collection[str]) -> Callable[[str], str]:
    def read(value: str) -> str:
        if value not in references:
            raise _Wrong("a reference of opportunities.csv")
        return value

    return read


def _read_catalogue(reader: Reader) -> tuple[Row, Row]:
    file = "catalogue.toml"
    data = reader.toml(file)

    def value(table: dict[str, Any], column: str, read: Callable[[str], Any]) -> Any:
        found = table.get(column, "")
        if isinstance(found, datetime | date):
            found = found.isoformat()
        if not isinstance(found, str):
            reader.wrong(file, None, column, str(found), "a text")
            return None
        try:
            return read(found)
        except _Wrong as error:
            reader.wrong(file, None, column, found, str(error))
            return None

    catalogue: Row = {"slug": value(data, "slug", _slug)}
    for name, maximum in (("title", 200), ("issuer", 200), ("place", 80)):
        for language in ("zh", "en"):
            catalogue[f"{name}_{language}"] = value(data, f"{name}_{language}", _text(maximum))
    catalogue["time_zone"] = value(data, "time_zone", _one_of_zones)
    thresholds = data.get("bracket_thresholds")
    if (
        not isinstance(thresholds, list)
        or not thresholds
        or not all(
            isinstance(t, int) and not isinstance(t, bool) and 0 < t <= amounts.MAXIMUM for t in thresholds
        )
        or sorted(set(thresholds)) != thresholds
    ):
        reader.wrong(
            file,
            None,
            "bracket_thresholds",
            str(thresholds),
            "rising whole numbers in 亿元, such as [10, 50, 100]",
        )
        thresholds = [1]
    catalogue["bracket_thresholds"] = thresholds
    sample = data.get("sample", False)
    if not isinstance(sample, bool):
        reader.wrong(file, None, "sample", str(sample), "true or false")
    catalogue["is_sample"] = bool(sample)
    site = data.get("site", {})
    if not isinstance(site, dict) or not all(isinstance(text, str) for text in site.values()):
        reader.wrong(file, None, "site", str(site), "a table of texts")
        site = {}
    catalogue["site"] = site

    table = data.get("edition", {})
    if not isinstance(table, dict):
        reader.wrong(file, None, "edition", str(table), "a table [edition]")
        table = {}
    _one_source(reader, file, table)
    subregions = data.get("subregions", {})
    if not isinstance(subregions, dict) or not all(map(_names_subregion, subregions.items())):
        reader.wrong(file, None, "subregions", str(subregions), "tables with name_zh and name_en, by slug")
        subregions = {}
    edition: Row = {
        "code": value(table, "code", _short_slug(20)),
        "released_on": value(table, "released_on", _date),
        "source_zh": value(table, "source_zh", _text(2000)),
        "source_en": value(table, "source_en", _text(2000, required=False)),
        "notice_zh": value(table, "notice_zh", _text(1000, required=False)),
        "notice_en": value(table, "notice_en", _text(1000, required=False)),
        "subregions": subregions,
    }
    return catalogue, edition


def _one_source(reader: Reader, file: str, table: dict[str, Any]) -> None:
    """Packs once had a single ``source``, which pages of both languages showed."""
    if "source" in table:
        reader.wrong(file, None, "source", str(table["source"]), "source_zh and source_en instead of it")


def _read_place(reader: Reader) -> list[Row]:
    """The rivers of the schematic map, as an edition keeps them; none where the city has no such file."""
    file = "place.toml"
    data = reader.toml(file, required=False)
    _refuse_other_keys(reader, file, data, ["water"])
    tables = data.get("water", [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        reader.wrong(file, None, "water", str(tables), "tables [[water]]")
        return []
    return [_read_river(reader, file, f"water[{n}].", table) for n, table in enumerate(tables, start=1)]


_RIVER: Columns = {"name_zh": _text(40), "name_en": _text(60), "role": _one_of(("first", "second"))}


def _read_river(reader: Reader, file: str, prefix: str, table: dict[str, Any]) -> Row:
    _refuse_other_keys(reader, file, table, [*_RIVER, "path"], prefix)
    river: Row = {"path": table.get("path")}
    for key, read in _RIVER.items():
        value = table.get(key, "")
        try:
            if not isinstance(value, str):
                raise _Wrong("a text")
            river[key] = read(value)
        except _Wrong as error:
            reader.wrong(file, None, prefix + key, str(value), str(error))
    try:
        _check_course(river["path"])
    except _Wrong as error:
        reader.wrong(file, None, f"{prefix}path", str(river["path"]), str(error))
    return river


def _refuse_other_keys(
    reader: Reader, file: str, table: dict[str, Any], allowed: list[str], prefix: str = ""
) -> None:
    for key in table:
        if key not in allowed:
            reader.wrong(file, None, prefix + key, str(table[key]), "only " + ", ".join(allowed))


def _check_course(course: Any) -> None:
    """Raises _Wrong unless it is a way along the edges of tiles, from corner to corner."""
    if not isinstance(course, list) or not 2 <= len(course) <= COURSE_MAX:
        raise _Wrong(f"2 to {COURSE_MAX} corners of tiles")
    for step in course:
        if not _is_corner(step):
            raise _Wrong(f"corners as [row, column, corner], not {step}; corner is " + ", ".join(CORNERS))
    places = [corner(*step) for step in course]
    for step, start, end in zip(course[1:], places, places[1:], strict=False):
        if not is_edge(start, end):
            raise _Wrong(f"corners one edge of a tile apart; {step} is not next to the one before it")
    if len(set(places)) != len(places):
        raise _Wrong("each corner once")


def _is_corner(step: Any) -> bool:
    return (
        isinstance(step, list)
        and len(step) == 3
        and all(type(number) is int and 0 <= number <= MAP_MAX for number in step[:2])
        and step[2] in CORNERS
    )


def _names_subregion(item: tuple[str, Any]) -> bool:
    slug, names = item
    return (
        bool(SLUG.fullmatch(slug))
        and len(slug) <= 40
        and isinstance(names, dict)
        and all(isinstance(names.get(column), str) for column in ("name_zh", "name_en"))
    )


def _one_of_zones(value: str) -> str:
    if value not in available_timezones():
        raise _Wrong("a time zone such as Asia/Shanghai")
    return value


def _is_figure(value: Any) -> bool:
    """Whether it is a number that a column holds; JSON knows NaN and Infinity too."""
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 10**9


def _read_figures(reader: Reader, edition: Row, regions: list[str], sectors: list[Row]) -> list[Row]:
    """The claims of ``published-figures.json`` as rows of claim, value, figure and explanation."""
    file = "published-figures.json"
    data = reader.json(file)
    claim = PublishedFigure.Claim
    sector_of = {row["name_zh"]: row["slug"] for row in sectors}
    rows: list[Row] = []
    _one_source(reader, file, data)

    def add(kind: PublishedFigure.Claim, value: str, published: Any, *, rounded: bool = False) -> None:
        if not _is_figure(published):
            reader.wrong(file, None, f"{kind.value} {value}".strip(), str(published), "a number from 0")
            return
        rows.append(
            {
                "claim": kind.value,
                "value": value,
                "published": Decimal(str(published)),
                "is_rounded": rounded,
                "source_zh": str(data.get("source_zh", "")),
                "source_en": str(data.get("source_en", "")),
                "explanation_zh": "",
                "explanation_en": "",
            }
        )

    try:
        totals = data.get("totals", {})
        for kind in (claim.OPPORTUNITIES, claim.INVESTMENT, claim.SECTORS, claim.ATTRIBUTES):
            if kind.value in totals:
                add(kind, "", totals[kind.value], rounded=bool(totals.get(f"{kind.value}_is_rounded")))
        for entry in data.get("investment_at_least", []):
            if not _is_figure(entry["threshold"]):
                reader.wrong(file, None, "threshold", str(entry["threshold"]), "an amount in 亿元")
                continue
            add(claim.OPPORTUNITIES_AT_LEAST, str(entry["threshold"]), entry["opportunities"])
        for entry in data.get("regions", []):
            slug = entry["region"]
            if slug not in regions:
                reader.wrong(file, None, "regions", slug, "one of " + ", ".join(regions))
                continue
            add(claim.REGION_OPPORTUNITIES, slug, entry["opportunities"])
            add(claim.REGION_INVESTMENT, slug, entry["investment"])
        for entry in data.get("sectors_with_figures", []):
            slug = sector_of.get(entry["name_zh"], "")
            if not slug:
                reader.wrong(file, None, "sectors_with_figures", entry["name_zh"], "a name_zh of sectors.csv")
                continue
            add(claim.SECTOR_OPPORTUNITIES, slug, entry["opportunities"])
            add(claim.SECTOR_INVESTMENT, slug, entry["investment"])
        for entry in data.get("explanations", []):
            for row in rows:
                if (row["claim"], row["value"]) == (entry["claim"], str(entry.get("value", ""))):
                    row |= {"explanation_zh": str(entry["zh"]), "explanation_en": str(entry["en"])}
    except (KeyError, TypeError, AttributeError) as error:
        reader.wrong(file, None, None, str(error), "the form described in docs/data-pack.md")
    return rows


def _read_vocabulary(reader: Reader, regions: list[str], districts: list[str]) -> list[Row]:
    """The words that questions are read by; a value must be one of its parameter's."""
    file = "vocabulary.csv"
    rows = reader.table(
        file,
        {
            "term": _text(40),
            "parameter": _one_of(VocabularyTerm.Meaning.values),
            "value": _text(40, required=False),
            "language": _one_of(["zh", "en"]),
        },
        required=False,
    )
    meaning = VocabularyTerm.Meaning
    allowed: dict[str, list[Any]] = {
        meaning.SECTOR: reader.keys["sectors.csv"],
        meaning.REGION: regions,
        meaning.DISTRICT: districts,
        meaning.COOPERATION: CooperationForm.values,
        meaning.STATUS: Opportunity.Status.values,
    }
    for row in rows:
        values = allowed.get(row["parameter"], [""])
        if row["value"] not in values:
            reader.wrong(
                file,
                row["row"],
                "value",
                row["value"],
                "one of " + (", ".join(filter(None, values)) or "none"),
            )
    return rows


# --- loading --------------------------------------------------------------------------------------


def load_pack(folder: Path, *, overwrite: bool = False) -> LoadReport:
    """Check a pack and load it whole, or nothing of it. Raises PackInvalid.

    An entry that staff have edited since it was last loaded is kept and reported, unless
    ``overwrite`` is set.
    """
    pack = read_pack(folder)
    with transaction.atomic():
        loader = Loader(pack, overwrite)
        loader.load()
        if loader.report.created or loader.report.updated:
            Revision.bump()
    return loader.report


class Loader:
    def __init__(self, pack: Pack, overwrite: bool) -> None:
        self.pack = pack
        self.overwrite = overwrite
        self.report = LoadReport()
        self.digests = {(e.kind, e.key): e.digest for e in PackEntry.objects.all()}

    def load(self) -> None:
        pack = self.pack
        catalogue = self.entry("catalogue", Catalogue, {"slug": pack.catalogue["slug"]}, pack.catalogue)
        edition = self.entry(
            "edition", Edition, {"code": pack.edition["code"]}, {**pack.edition, "catalogue": catalogue}
        )
        if not edition.is_current and not Edition.objects.filter(
            is_current=True, released_on__gt=edition.released_on
        ):
            publishing.make_current(edition)
        self.edition = edition
        self.regions = self._rows("region", Region, "slug", pack.regions)
        self.sectors = self._rows("sector", Sector, "slug", pack.sectors)
        districts = [{**row, "region": self.regions[row["region"]]} for row in pack.districts]
        self.districts = self._rows("district", District, "code", districts)
        self.kinds = {
            row["kind"]: self.entry(
                "fact-kind",
                FactKind,
                {"catalogue": catalogue, "key": row["kind"]},
                {
                    "label_zh": row["label_zh"],
                    "label_en": row["label_en"],
                    "unit": row["unit"],
                    "position": position,
                },
            )
            for position, row in enumerate(pack.fact_kinds)
        }
        for position, row in enumerate(pack.figures):
            self.entry(
                "figure",
                PublishedFigure,
                {"edition": edition, "claim": row["claim"], "value": row["value"]},
                {**row, "position": position},
            )
        for row in pack.vocabulary:
            key = {"edition": edition, **{c: row[c] for c in ("term", "parameter", "value")}}
            self.entry("vocabulary", VocabularyTerm, key, {"language": row["language"]})
        self._load_opportunities()
        for part, content in pack.parts:
            if content is not None:
                part.load(self, content)

    def _rows(self, kind: str, model: type[models.Model], key: str, rows: list[Row]) -> dict[str, Any]:
        return {
            row[key]: self.entry(
                kind,
                model,
                {"edition": self.edition, key: row[key]},
                {**{c: v for c, v in row.items() if c != "row"}, "position": position},
            )
            for position, row in enumerate(rows)
        }

    def entry(self, kind: str, model: type[models.Model], key: Row, values: Row) -> Any:
        """Create or update one row of reference data, unless staff have changed it since."""
        instance = model._default_manager.filter(**key).first()
        if not self._is_wanted(kind, key, values, instance):
            return instance
        instance = instance or model(**key)
        for column, value in values.items():
            setattr(instance, column, value)
        instance.save()
        indexing.follow(instance)
        return instance

    def addition(self, kind: str, model: type[models.Model], key: Row, values: Row) -> None:
        """Add a row of a kind that is written once, where the last one says otherwise.

        Kept is what staff have added since.
        """
        last = model._default_manager.filter(**key).order_by("pk").last()
        if self._is_wanted(kind, key, values, last):
            model._default_manager.create(**key, **values)

    def _is_wanted(self, kind: str, key: Row, values: Row, instance: models.Model | None) -> bool:
        """Whether the pack's values are to be written; counts, reports and remembers it."""
        name = ":".join(str(getattr(part, "code", getattr(part, "slug", part))) for part in key.values())
        wanted = _digest(values)
        if instance is None:
            self.report.created += 1
        elif not self._may_replace(kind, name, wanted, _digest(_current(instance, values))):
            return False
        self._remember(kind, name, wanted)
        return True

    def _may_replace(self, kind: str, name: str, wanted: str, current: str) -> bool:
        """Whether an existing entry is to be written again; counts and reports what it decides."""
        if current == wanted:
            self.report.unchanged += 1
            self._remember(kind, name, wanted)
            return False
        if current != self.digests.get((kind, name)) and not self.overwrite:
            self.report.kept.append(f"{kind} {name}")
            return False
        self.report.updated += 1
        return True

    def _remember(self, kind: str, name: str, digest: str) -> None:
        if self.digests.get((kind, name)) != digest:
            PackEntry.objects.update_or_create(kind=kind, key=name, defaults={"digest": digest})
            self.digests[kind, name] = digest

    def _load_opportunities(self) -> None:
        existing = {
            o.reference: o
            for o in Opportunity.objects.filter(
                reference__in=[row["reference"] for row in self.pack.opportunities]
            ).for_detail()
        }
        contacts = _grouped(self.pack.contacts)
        facts = _grouped(self.pack.facts)
        for row in self.pack.opportunities:
            reference = row["reference"]
            wanted = _as_loaded(row, contacts.get(reference, []), facts.get(reference, []))
            digest = _digest(wanted)
            opportunity = existing.get(reference)
            if opportunity is not None:
                if opportunity.edition_id != self.edition.pk:
                    raise PackInvalid(
                        [
                            PackError(
                                "opportunities.csv",
                                row["row"],
                                "reference",
                                reference,
                                f"a reference of no other edition ({opportunity.edition.code} has it)",
                            )
                        ]
                    )
                if not self._may_replace("opportunity", reference, digest, _digest(_as_stored(opportunity))):
                    continue
            else:
                self.report.created += 1
            self._write(opportunity, wanted)
            self._remember("opportunity", reference, digest)

    def _write(self, opportunity: Opportunity | None, wanted: Row) -> None:
        is_new = opportunity is None
        opportunity = opportunity or Opportunity(reference=wanted["reference"], edition=self.edition)
        for column in _PLAIN:
            setattr(opportunity, column, wanted[column])
        opportunity.sector = self.sectors[wanted["sector"]]
        zone = ZoneInfo(self.edition.catalogue.time_zone)
        updated_at = datetime.combine(wanted["updated_on"], time(), zone)
        opportunity.updated_at = updated_at
        opportunity.is_sample = self.edition.catalogue.is_sample
        opportunity.source = self.edition.source_zh
        opportunity.save()
        for related in (
            opportunity.locations,
            opportunity.cooperation_forms,
            opportunity.contacts,
            opportunity.facts,
        ):
            related.all().delete()
        for position, (code, share) in enumerate(wanted["locations"]):
            Location.objects.create(
                opportunity=opportunity, district=self.districts[code], share=share, position=position
            )
        for form in wanted["cooperation"]:
            Cooperation.objects.create(opportunity=opportunity, form=form)
        for position, contact in enumerate(wanted["contacts"]):
            Contact.objects.create(opportunity=opportunity, position=position, **contact)
        for fact in wanted["facts"]:
            Fact.objects.create(opportunity=opportunity, **{**fact, "kind": self.kinds[fact["kind"]]})
        fresh = Opportunity.objects.get(pk=opportunity.pk)
        if is_new:
            publishing.publish(fresh, at=updated_at)
        else:
            publishing.derive(fresh)
            fresh.save()


_PLAIN = (
    "name_zh",
    "name_en",
    "investment",
    "cycle_months",
    "status",
    "summary_zh",
    "summary_en",
    "content_zh",
    "content_en",
    "expected_benefit_zh",
    "expected_benefit_en",
    "annual_output",
    "annual_tax",
    "jobs",
    "advantages_zh",
    "advantages_en",
    "conditions_zh",
    "conditions_en",
    "last_confirmed_on",
)
_CONTACT = ("unit_zh", "unit_en", "office_phone", "office_email", "name", "post_zh", "post_en", "phone")
_FACT = ("value_zh", "value_en", "number", "unit", "state", "verified_on")


def _grouped(rows: list[Row]) -> dict[str, list[Row]]:
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(row["reference"], []).append(row)
    return groups


def _as_loaded(row: Row, contacts: list[Row], facts: list[Row]) -> Row:
    """An opportunity of the pack with all that belongs to it, in the form of ``_as_stored``."""
    return {
        **{column: row[column] for column in (*_PLAIN, "reference", "sector", "locations", "updated_on")},
        "cooperation": [form for form in CooperationForm.values if form in row["cooperation"]],
        "contacts": [{c: contact[c] or "" for c in _CONTACT} for contact in contacts],
        "facts": sorted(
            ({"kind": fact["kind"], **{c: fact[c] for c in _FACT}} for fact in facts), key=lambda f: f["kind"]
        ),
    }


def _as_stored(opportunity: Opportunity) -> Row:
    """An opportunity of the database in the pack's terms."""
    zone = ZoneInfo(opportunity.edition.catalogue.time_zone)
    return {
        **{column: getattr(opportunity, column) for column in (*_PLAIN, "reference")},
        "sector": opportunity.sector.slug,
        "locations": [(location.district.code, location.share) for location in opportunity.locations.all()],
        "updated_on": opportunity.updated_at.astimezone(zone).date(),
        "cooperation": [form.value for form in opportunity.cooperation],
        "contacts": [{c: getattr(contact, c) for c in _CONTACT} for contact in opportunity.contacts.all()],
        "facts": sorted(
            (
                {"kind": fact.kind.key, **{c: getattr(fact, c) for c in _FACT}}
                for fact in opportunity.facts.all()
            ),
            key=lambda fact: fact["kind"],
        ),
    }


def _current(instance: models.Model, values: Row) -> Row:
    return {column: getattr(instance, column) for column in values}


def _digest(values: Any) -> str:
    return hashlib.sha256(json.dumps(_plain(values), ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def _plain(value: Any) -> Any:
    """A value as JSON, equal for what is equal: 12 and 12.00, a list and a tuple."""
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items() if key != "row"}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, Decimal):
        return amounts.shortest(value)
    if isinstance(value, models.Model):
        return str(getattr(value, "slug", None) or getattr(value, "code", value.pk))
    if isinstance(value, date):
        return value.isoformat()
    return value


def described(report: LoadReport) -> Iterator[str]:
    """A report in sentences, for a command line."""
    yield f"{report.created} entries new, {report.updated} updated, {report.unchanged} unchanged."
    for entry in report.kept:
        yield f"kept as edited by staff: {entry} (--overwrite replaces it)"
