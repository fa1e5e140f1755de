"""A pack as a whole: its tables by their columns, and what must hold between them."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from django.conf import settings

from ..models import CooperationForm, District, Fact, Opportunity, VocabularyTerm
from ..models.catalogue import CYCLE_MONTHS_MAX
from . import cells
from .documents import MAP_MAX, read_catalogue, read_figures, read_place
from .reader import Columns, PackError, PackInvalid, Reader, Row

if TYPE_CHECKING:
    from .loader import Loader


def _names(*, short: bool = True, name_max: int = 80) -> Columns:
    columns: Columns = {"name_zh": cells.text(name_max), "name_en": cells.text(name_max)}
    if short:
        columns |= {"short_zh": cells.text(20), "short_en": cells.text(40)}
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
    catalogue, edition = read_catalogue(reader)
    edition["water"] = read_place(reader)
    regions = reader.table("regions.csv", {"slug": cells.slug, **_names()})
    region_slugs = [slug for slug in reader.keys["regions.csv"] if slug]
    districts = reader.table(
        "districts.csv",
        {
            "code": cells.short_slug(20),
            **_names(),
            "kind": cells.one_of(District.Kind.values),
            "region": cells.one_of(region_slugs),
            "subregion": cells.one_of(["", *edition["subregions"]]),
            "map_row": cells.optional(cells.whole(0, MAP_MAX)),
            "map_column": cells.optional(cells.whole(0, MAP_MAX)),
            "aliases": cells.list_of(cells.text(40)),
            "valid_from": cells.optional(cells.day),
            "valid_to": cells.optional(cells.day),
            "successors": cells.list_of(cells.slug),
        },
    )
    sectors = reader.table(
        "sectors.csv",
        {
            "slug": cells.slug,
            **_names(name_max=80),
            "name_assumed": cells.flag,
            "seal_zh": cells.text(1),
            "seal_en": cells.text(2),
            "colour": cells.whole(1, 9),
        },
    )
    district_codes = [code for code in reader.keys["districts.csv"] if code]
    fact_kinds = reader.table(
        "fact-kinds.csv",
        {
            "kind": cells.slug,
            "label_zh": cells.text(40),
            "label_en": cells.text(60),
            "unit": cells.text(20, required=False),
        },
    )
    opportunities = reader.table(
        "opportunities.csv",
        {
            "reference": cells.reference,
            "name_zh": cells.text(120),
            "name_en": cells.text(200, required=False),
            "sector": cells.one_of([slug for slug in reader.keys["sectors.csv"] if slug]),
            "locations": cells.locations(district_codes),
            "investment": cells.money,
            "cycle_months": cells.whole(1, CYCLE_MONTHS_MAX),
            "cooperation": cells.list_of(cells.one_of(CooperationForm.values)),
            "status": cells.one_of(Opportunity.Status.values),
            "summary_zh": cells.text(200, required=False),
            "summary_en": cells.text(300, required=False),
            "content_zh": cells.text(4000),
            "content_en": cells.text(8000, required=False),
            "expected_benefit_zh": cells.text(2000),
            "expected_benefit_en": cells.text(4000, required=False),
            "annual_output": cells.optional(cells.money),
            "annual_tax": cells.optional(cells.money),
            "jobs": cells.optional(cells.whole(0, 1_000_000)),
            "advantages_zh": cells.text(2000),
            "advantages_en": cells.text(4000, required=False),
            "conditions_zh": cells.text(2000),
            "conditions_en": cells.text(4000, required=False),
            "last_confirmed_on": cells.optional(cells.day),
            "updated_on": cells.day,
        },
    )
    references = {reference for reference in reader.keys["opportunities.csv"] if reference}
    contacts = reader.table(
        "contacts.csv",
        {
            "reference": cells.a_reference_of(references),
            "unit_zh": cells.text(120),
            "unit_en": cells.text(160, required=False),
            "office_phone": cells.text(40),
            "office_email": cells.optional(cells.email),
            "name": cells.text(80, required=False),
            "post_zh": cells.text(80, required=False),
            "post_en": cells.text(120, required=False),
            "phone": cells.text(40, required=False),
        },
    )
    kinds = [kind for kind in reader.keys["fact-kinds.csv"] if kind]
    facts = reader.table(
        "facts.csv",
        {
            "reference": cells.a_reference_of(references),
            "kind": cells.one_of(kinds),
            "value_zh": cells.text(200, required=False),
            "value_en": cells.text(300, required=False),
            "number": cells.optional(cells.number),
            "unit": cells.text(20, required=False),
            "state": cells.one_of(Fact.State.values),
            "verified_on": cells.optional(cells.day),
        },
        required=False,
    )
    figures = read_figures(reader, edition, region_slugs, sectors)
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


def _read_vocabulary(reader: Reader, regions: list[str], districts: list[str]) -> list[Row]:
    """The words that questions are read by; a value must be one of its parameter's."""
    file = "vocabulary.csv"
    rows = reader.table(
        file,
        {
            "term": cells.text(40),
            "parameter": cells.one_of(VocabularyTerm.Meaning.values),
            "value": cells.text(40, required=False),
            "language": cells.one_of(["zh", "en"]),
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
