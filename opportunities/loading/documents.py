"""What of a pack is no table: the catalogue and its edition, the rivers of its map, the published figures."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from .. import amounts
from ..charts.hexagons import CORNERS, corner, is_edge
from ..models import PublishedFigure
from . import cells
from .reader import Columns, Reader, Row

# The last row or column of the schematic map, and the corners of one river on it.
MAP_MAX = 99
COURSE_MAX = 400


def read_catalogue(reader: Reader) -> tuple[Row, Row]:
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
        except cells.Wrong as error:
            reader.wrong(file, None, column, found, str(error))
            return None

    catalogue: Row = {"slug": value(data, "slug", cells.slug)}
    for name, maximum in (("title", 200), ("issuer", 200), ("place", 80)):
        for language in ("zh", "en"):
            catalogue[f"{name}_{language}"] = value(data, f"{name}_{language}", cells.text(maximum))
    catalogue["time_zone"] = value(data, "time_zone", cells.time_zone)
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
        "code": value(table, "code", cells.short_slug(20)),
        "released_on": value(table, "released_on", cells.day),
        "source_zh": value(table, "source_zh", cells.text(2000)),
        "source_en": value(table, "source_en", cells.text(2000, required=False)),
        "notice_zh": value(table, "notice_zh", cells.text(1000, required=False)),
        "notice_en": value(table, "notice_en", cells.text(1000, required=False)),
        "subregions": subregions,
    }
    return catalogue, edition


def _one_source(reader: Reader, file: str, table: dict[str, Any]) -> None:
    """Packs once had a single ``source``, which pages of both languages showed."""
    if "source" in table:
        reader.wrong(file, None, "source", str(table["source"]), "source_zh and source_en instead of it")


def read_place(reader: Reader) -> list[Row]:
    """The rivers of the schematic map, as an edition keeps them; none where the city has no such file."""
    file = "place.toml"
    data = reader.toml(file, required=False)
    _refuse_other_keys(reader, file, data, ["water"])
    tables = data.get("water", [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        reader.wrong(file, None, "water", str(tables), "tables [[water]]")
        return []
    return [_read_river(reader, file, f"water[{n}].", table) for n, table in enumerate(tables, start=1)]


_RIVER: Columns = {
    "name_zh": cells.text(40),
    "name_en": cells.text(60),
    "role": cells.one_of(("first", "second")),
}


def _read_river(reader: Reader, file: str, prefix: str, table: dict[str, Any]) -> Row:
    _refuse_other_keys(reader, file, table, [*_RIVER, "path"], prefix)
    river: Row = {"path": table.get("path")}
    for key, read in _RIVER.items():
        value = table.get(key, "")
        try:
            if not isinstance(value, str):
                raise cells.Wrong("a text")
            river[key] = read(value)
        except cells.Wrong as error:
            reader.wrong(file, None, prefix + key, str(value), str(error))
    try:
        _check_course(river["path"])
    except cells.Wrong as error:
        reader.wrong(file, None, f"{prefix}path", str(river["path"]), str(error))
    return river


def _refuse_other_keys(
    reader: Reader, file: str, table: dict[str, Any], allowed: list[str], prefix: str = ""
) -> None:
    for key in table:
        if key not in allowed:
            reader.wrong(file, None, prefix + key, str(table[key]), "only " + ", ".join(allowed))


def _check_course(course: Any) -> None:
    """Raises cells.Wrong unless it is a way along the edges of tiles, from corner to corner."""
    if not isinstance(course, list) or not 2 <= len(course) <= COURSE_MAX:
        raise cells.Wrong(f"2 to {COURSE_MAX} corners of tiles")
    for step in course:
        if not _is_corner(step):
            raise cells.Wrong(
                f"corners as [row, column, corner], not {step}; corner is " + ", ".join(CORNERS)
            )
    places = [corner(*step) for step in course]
    for step, start, end in zip(course[1:], places, places[1:], strict=False):
        if not is_edge(start, end):
            raise cells.Wrong(f"corners one edge of a tile apart; {step} is not next to the one before it")
    if len(set(places)) != len(places):
        raise cells.Wrong("each corner once")


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
        bool(cells.SLUG.fullmatch(slug))
        and len(slug) <= 40
        and isinstance(names, dict)
        and all(isinstance(names.get(column), str) for column in ("name_zh", "name_en"))
    )


def _is_figure(value: Any) -> bool:
    """Whether it is a number that a column holds; JSON knows NaN and Infinity too."""
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 10**9


def read_figures(reader: Reader, edition: Row, regions: list[str], sectors: list[Row]) -> list[Row]:
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
