"""The files of a pack's folder: read whole, every error of theirs collected."""

from __future__ import annotations

import csv
import io
import json
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import cells

FILE_MAX_BYTES = 20 * 1024 * 1024


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


Columns = dict[str, Callable[[str], Any]]
Row = dict[str, Any]


class Reader:
    """Reads the files of one folder and collects every error on the way.

    Parts of a pack that other apps read (``PackPart``) get it, and with it the readers of values.
    """

    text = staticmethod(cells.text)
    slug = staticmethod(cells.short_slug)
    money = staticmethod(cells.money)
    whole = staticmethod(cells.whole)
    date = staticmethod(cells.day)
    flag = staticmethod(cells.flag)
    one_of = staticmethod(cells.one_of)
    list_of = staticmethod(cells.list_of)
    optional = staticmethod(cells.optional)
    checked = staticmethod(cells.checked)

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
                except cells.Wrong as error:
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
