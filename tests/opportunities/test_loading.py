"""A data pack: every error in one run, all or nothing, and what staff edited is kept."""

from __future__ import annotations

import csv
import hashlib
import importlib
import io
import json
import re
import shutil
from decimal import Decimal
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection

from opportunities import publishing
from opportunities.loading import LoadReport, PackInvalid, load_pack, read_pack
from opportunities.models import (
    Catalogue,
    Contact,
    District,
    Edition,
    Fact,
    Location,
    Opportunity,
    PackEntry,
    Revision,
    Sector,
)
from opportunities.search.query import Search
from tests.oracle import CHONGQING, SECOND_CITY

pytestmark = pytest.mark.django_db


class Pack:
    """A copy of the second city's pack, to be spoilt."""

    def __init__(self, folder: Path) -> None:
        shutil.copytree(SECOND_CITY, folder)
        self.folder = folder

    def edit(self, file: str, row: int, column: str, value: str) -> None:
        """Write a value; rows count as in a spreadsheet, the header is row 1."""
        rows = list(csv.reader(io.StringIO((self.folder / file).read_text(), newline="")))
        rows[row - 1][rows[0].index(column)] = value
        self.write(file, rows)

    def add(self, file: str, *values: str) -> None:
        rows = list(csv.reader(io.StringIO((self.folder / file).read_text(), newline="")))
        self.write(file, [*rows, list(values)])

    def write(self, file: str, rows: list[list[str]]) -> None:
        with (self.folder / file).open("w", newline="") as out:
            csv.writer(out).writerows(rows)

    def replace(self, file: str, old: str, new: str) -> None:
        content = (self.folder / file).read_text()
        assert old in content
        (self.folder / file).write_text(content.replace(old, new))

    def errors(self) -> list[tuple[str, int | None, str | None]]:
        with pytest.raises(PackInvalid) as invalid:
            load_pack(self.folder)
        assert all(error.allowed for error in invalid.value.errors)
        return [(error.file, error.row, error.column) for error in invalid.value.errors]


@pytest.fixture
def pack(tmp_path: Path) -> Pack:
    return Pack(tmp_path / "pack")


OPPORTUNITIES, CONTACTS = "opportunities.csv", "contacts.csv"
FACTS, DISTRICTS = "facts.csv", "districts.csv"
FIGURES = "published-figures.json"
REGIONS_HEADER = "slug,name_zh,name_en,short_zh,short_en\n"
KEYS = ("reference", "code", "slug")
WRONG_CELLS = [
    (OPPORTUNITIES, 2, "reference", "qy 001"),
    (OPPORTUNITIES, 2, "reference", "QY"),
    (OPPORTUNITIES, 3, "name_zh", ""),
    (OPPORTUNITIES, 3, "name_zh", "长" * 121),
    (OPPORTUNITIES, 3, "name_zh", "a\x07b"),
    (OPPORTUNITIES, 4, "sector", "mining"),
    (OPPORTUNITIES, 5, "locations", "990201:0.6;990101:0.3"),
    (OPPORTUNITIES, 5, "locations", "990201:0.6;990101:0.5"),
    (OPPORTUNITIES, 5, "locations", "990201:0.5;990201:0.5"),
    (OPPORTUNITIES, 5, "locations", "000000:1"),
    (OPPORTUNITIES, 5, "locations", "990201:1.5"),
    (OPPORTUNITIES, 5, "locations", "990201:0.33333;990101:0.66667"),
    (OPPORTUNITIES, 5, "locations", "990201"),
    (OPPORTUNITIES, 5, "locations", ""),
    (OPPORTUNITIES, 6, "investment", "-1"),
    (OPPORTUNITIES, 6, "investment", "5亿元左右"),
    (OPPORTUNITIES, 6, "investment", "1.234"),
    (OPPORTUNITIES, 6, "investment", "100001"),
    (OPPORTUNITIES, 6, "investment", ""),
    (OPPORTUNITIES, 7, "cycle_months", "0"),
    (OPPORTUNITIES, 7, "cycle_months", "241"),
    (OPPORTUNITIES, 7, "cycle_months", "12.5"),
    (OPPORTUNITIES, 8, "cooperation", "marriage"),
    (OPPORTUNITIES, 8, "cooperation", "equity;equity"),
    (OPPORTUNITIES, 8, "cooperation", ""),
    (OPPORTUNITIES, 8, "status", "sold"),
    (OPPORTUNITIES, 9, "content_zh", ""),
    (OPPORTUNITIES, 9, "annual_output", "much"),
    (OPPORTUNITIES, 9, "annual_tax", "-1"),
    (OPPORTUNITIES, 9, "jobs", "-5"),
    (OPPORTUNITIES, 9, "jobs", "1.5"),
    (OPPORTUNITIES, 9, "last_confirmed_on", "2025/01/01"),
    (OPPORTUNITIES, 9, "updated_on", "2025-02-30"),
    (OPPORTUNITIES, 9, "updated_on", ""),
    (OPPORTUNITIES, 9, "updated_on", "0001-01-01"),
    (CONTACTS, 3, "reference", "QY-999"),
    (CONTACTS, 3, "unit_zh", ""),
    (CONTACTS, 3, "office_phone", ""),
    (CONTACTS, 2, "office_email", "not an address"),
    (CONTACTS, 2, "office_email", "a@" + "b" * 60 + ".example" * 30),
    (FACTS, 2, "reference", "QY-999"),
    (FACTS, 2, "kind", "climate"),
    (FACTS, 2, "number", "many"),
    (FACTS, 2, "number", "1.234"),
    (FACTS, 2, "number", "NaN"),
    (FACTS, 2, "number", "1e13"),
    (FACTS, 2, "state", "ruined"),
    (FACTS, 2, "verified_on", "yesterday"),
    (DISTRICTS, 2, "code", "99 01"),
    (DISTRICTS, 2, "code", "a-code-that-is-far-too-long"),
    (DISTRICTS, 2, "kind", "village"),
    (DISTRICTS, 2, "region", "nowhere"),
    (DISTRICTS, 2, "subregion", "somewhere"),
    (DISTRICTS, 2, "map_row", "100"),
    (DISTRICTS, 2, "valid_from", "1.1.2020"),
    ("sectors.csv", 2, "slug", "Ship Ping"),
    ("sectors.csv", 2, "name_assumed", "yes"),
    ("sectors.csv", 2, "seal_zh", "航运"),
    ("sectors.csv", 2, "colour", "10"),
    ("regions.csv", 2, "slug", "har--bour"),
    ("regions.csv", 2, "name_en", ""),
    ("fact-kinds.csv", 2, "label_zh", ""),
]


@pytest.mark.parametrize(("file", "row", "column", "value"), WRONG_CELLS)
def test_a_wrong_cell_is_named_by_file_row_and_column(pack, file, row, column, value):
    pack.edit(file, row, column, value)
    errors = pack.errors()
    assert (file, row, column) in errors
    if column not in KEYS:
        assert errors == [(file, row, column)], "one error does not bring others along"
    assert not Opportunity.objects.exists() and not Catalogue.objects.exists()


def test_every_error_is_told_in_one_run(pack):
    """One of each kind, over several files; the first does not hide the others."""
    expected = set()
    for file, row, column, value in (
        (OPPORTUNITIES, 2, "investment", "-1"),
        (OPPORTUNITIES, 3, "locations", "990102:0.9"),
        (OPPORTUNITIES, 4, "sector", "mining"),
        (OPPORTUNITIES, 5, "updated_on", "soon"),
        (OPPORTUNITIES, 6, "status", "sold"),
        (CONTACTS, 2, "office_email", "x"),
        (FACTS, 2, "state", "ruined"),
        (FACTS, 4, "number", "many"),
        ("sectors.csv", 4, "colour", "0"),
        ("regions.csv", 3, "name_zh", ""),
        ("fact-kinds.csv", 3, "label_en", ""),
    ):
        pack.edit(file, row, column, value)
        expected.add((file, row, column))
    pack.replace("catalogue.toml", 'title_zh = "青屿市投资机会清单"', 'title_zh = ""')
    pack.replace("catalogue.toml", "2025-03-01", '"1 March"')
    expected |= {("catalogue.toml", None, "title_zh"), ("catalogue.toml", None, "released_on")}
    pack.replace(FIGURES, '"opportunities": 8', '"opportunities": -8')
    expected.add((FIGURES, None, "opportunities"))
    assert set(pack.errors()) >= expected
    assert not Edition.objects.exists() and Revision.current() == "0"


def test_an_error_quotes_the_value_and_says_what_is_allowed(pack):
    pack.edit(OPPORTUNITIES, 6, "investment", "5亿元左右")
    with pytest.raises(PackInvalid) as invalid:
        load_pack(pack.folder)
    assert str(invalid.value).splitlines()[0] == (
        "opportunities.csv, row 6, column investment: '5亿元左右' – "
        "an amount in 亿元 from 0 to 100000 with at most two decimals"
    )


@pytest.mark.parametrize(
    ("file", "row", "column"),
    [
        (OPPORTUNITIES, 9, "reference"),
        (DISTRICTS, 5, "code"),
        ("sectors.csv", 4, "slug"),
        ("regions.csv", 3, "slug"),
        ("fact-kinds.csv", 3, "kind"),
    ],
)
def test_a_repeated_key_is_refused_with_the_row_that_has_it(pack, file, row, column):
    rows = list(csv.reader(io.StringIO((pack.folder / file).read_text(), newline="")))
    rows[row - 1][0] = rows[1][0]
    pack.write(file, rows)
    assert (file, row, column) in pack.errors()


def test_a_fact_is_there_once(pack):
    pack.add(FACTS, "QY-001", "land", "", "", "1", "亩", "planned", "")
    assert pack.errors() == [(FACTS, 5, "kind")]


def test_an_opportunity_without_a_contact_is_refused(pack):
    rows = list(csv.reader(io.StringIO((pack.folder / CONTACTS).read_text(), newline="")))
    pack.write(CONTACTS, [row for row in rows if row[0] != "QY-003"])
    assert pack.errors() == [(CONTACTS, None, "reference")]


@pytest.mark.parametrize(
    "file",
    [
        "catalogue.toml",
        "regions.csv",
        DISTRICTS,
        "sectors.csv",
        OPPORTUNITIES,
        CONTACTS,
        "fact-kinds.csv",
        FIGURES,
    ],
)
def test_a_missing_file_is_named(pack, file):
    (pack.folder / file).unlink()
    assert (file, None, None) in pack.errors()


@pytest.mark.parametrize("file", [FACTS, "place.toml"])
def test_a_file_that_may_be_missing_is_not_missed(pack, file):
    (pack.folder / file).unlink()
    assert load_pack(pack.folder).created


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(PackInvalid, match="a folder with a data pack"):
        load_pack(tmp_path / "nothing")


def test_another_encoding_is_refused(pack):
    content = (pack.folder / OPPORTUNITIES).read_text()
    (pack.folder / OPPORTUNITIES).write_bytes(content.encode("gb18030"))
    assert (OPPORTUNITIES, None, None) in pack.errors()


def test_a_byte_order_mark_and_windows_line_ends_are_read(pack):
    content = (pack.folder / OPPORTUNITIES).read_text().replace("\n", "\r\n")
    (pack.folder / OPPORTUNITIES).write_bytes(b"\xef\xbb\xbf" + content.encode())
    load_pack(pack.folder)
    assert Opportunity.objects.count() == 8


@pytest.mark.parametrize(
    ("file", "content", "place"),
    [
        (OPPORTUNITIES, "reference,name\n", (OPPORTUNITIES, 1, None)),
        (OPPORTUNITIES, "", (OPPORTUNITIES, 1, None)),
        ("regions.csv", f"{REGIONS_HEADER}harbour,海湾\n", ("regions.csv", 2, None)),
        ("regions.csv", f'{REGIONS_HEADER}"har"bour,a,b,c,d\n', ("regions.csv", None, None)),
        ("catalogue.toml", "slug = ", ("catalogue.toml", None, None)),
        (FIGURES, '{"totals": ', (FIGURES, 1, None)),
        (FIGURES, "[]", (FIGURES, None, None)),
        (FIGURES, '{"regions": [{"region": "mars"}]}', (FIGURES, None, "regions")),
        (FIGURES, '{"totals": 5}', (FIGURES, None, None)),
    ],
    ids=["header", "empty", "short row", "quotes", "toml", "json", "array", "region", "form"],
)  # fmt: skip
def test_a_broken_file_is_named(pack, file, content, place):
    (pack.folder / file).write_text(content)
    assert place in pack.errors()


# Structures that are valid TOML or JSON, but not what a pack holds.
@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("catalogue.toml", "bracket_thresholds = [5, 20]", "bracket_thresholds = [20, 5]"),
        ("catalogue.toml", "bracket_thresholds = [5, 20]", "bracket_thresholds = []"),
        ("catalogue.toml", "bracket_thresholds = [5, 20]", 'bracket_thresholds = "10"'),
        ("catalogue.toml", "bracket_thresholds = [5, 20]", "bracket_thresholds = [0, 5]"),
        ("catalogue.toml", "bracket_thresholds = [5, 20]", "bracket_thresholds = [5, [6]]"),
        ("catalogue.toml", "Asia/Urumqi", "Mars/Olympus"),
        ("catalogue.toml", "sample = false", 'sample = "no"'),
        ("catalogue.toml", 'slug = "qingyu"', "slug = 7"),
        ("catalogue.toml", 'slug = "qingyu"', 'slug = "Qing Yu"'),
        ("catalogue.toml", "sample = false", "sample = false\nsite = 5"),
        ("catalogue.toml", "sample = false", "sample = false\nsubregions = 5"),
        ("catalogue.toml", "sample = false", 'sample = false\nsubregions = {a = "b"}'),
        (
            "catalogue.toml",
            "sample = false",
            'sample = false\nsubregions = {"A b" = {name_zh = "", name_en = ""}}',
        ),
        ("catalogue.toml", "source_zh =", "source ="),
        ("catalogue.toml", "source_zh =", 'source = "a report"\nsource_zh ='),
        (FIGURES, '"source_zh"', '"source"'),
        ("catalogue.toml", 'code = "2025-spring"', 'code = "an edition"'),
        ("catalogue.toml", 'code = "2025-spring"', 'code = "an-edition-code-far-too-long"'),
        ("catalogue.toml", "2025-03-01", "0001-01-01"),
        ("catalogue.toml", "2025-03-01", "2025-03-01T00:00:00Z"),
        (FIGURES, '"investment": 91', '"investment": NaN'),
        (FIGURES, '"investment": 91', '"investment": 1e30'),
        (FIGURES, '"investment": 91', '"investment": true'),
        (FIGURES, '"investment": 91', '"investment": [91]'),
        (FIGURES, '"totals"', '"investment_at_least": [{"threshold": "ten", "opportunities": 1}], "totals"'),
        (FIGURES, '"totals"', '"sectors_with_figures": [{"name_zh": "采矿"}], "totals"'),
        (FIGURES, '"totals"', '"explanations": [{"claim": "investment"}], "totals"'),
        (FIGURES, '"totals"', '"regions": 7, "totals"'),
    ],
)
def test_a_wrong_value_outside_the_tables_is_refused(pack, file, old, new):
    pack.replace(file, old, new)
    assert {error[0] for error in pack.errors()} == {file}


RIVER = {
    "name_zh": '"青河"',
    "name_en": '"Qing River"',
    "role": '"first"',
    "path": '[[0, 0, "sw"], [0, 0, "s"], [0, 0, "se"]]',
}


def river(**changes: str) -> str:
    return "[[water]]\n" + "".join(
        f"{key} = {value}\n" for key, value in {**RIVER, **changes}.items() if value
    )


@pytest.mark.parametrize(
    ("content", "column", "allowed"),
    [
        ("water = 5", "water", "tables"),
        ("water = [5]", "water", "tables"),
        ("watre = []", "watre", "only water"),
        (river(colour='"blue"'), "water[1].colour", "only name_zh, name_en, role, path"),
        (river(name_zh=""), "water[1].name_zh", "a text is needed"),
        (river(name_en="7"), "water[1].name_en", "a text"),
        (river() + river(role='"third"'), "water[2].role", "one of first, second"),
        (river(path=""), "water[1].path", "2 to 400 corners"),
        (river(path='"sw s se"'), "water[1].path", "2 to 400 corners"),
        (river(path='[[0, 0, "s"]]'), "water[1].path", "2 to 400 corners"),
        (river(path='[[0, 0, "s"], [0, 0, "w"]]'), "water[1].path", "n, ne, se, s, sw, nw"),
        (river(path='[[0, 0, "s"], [0, 100, "se"]]'), "water[1].path", "[row, column, corner]"),
        (river(path='[[0, 0, "s"], [0, true, "se"]]'), "water[1].path", "[row, column, corner]"),
        (river(path='[[0, 0, "s"], [0, "se"]]'), "water[1].path", "[row, column, corner]"),
        (river(path='[[0, 0, "s"], [0, 0, ["se"]]]'), "water[1].path", "[row, column, corner]"),
        (river(path='[[0, 0, "s"], [0, 0, "n"]]'), "water[1].path", "one edge of a tile apart"),
        (river(path='[[0, 0, "s"], [1, 0, "nw"]]'), "water[1].path", "one edge of a tile apart"),
        (river(path='[[0, 0, "s"], [0, 0, "se"], [0, 0, "s"]]'), "water[1].path", "each corner once"),
    ],
)
def test_a_river_that_is_none_is_refused_with_what_is_allowed(pack, content, column, allowed):
    (pack.folder / "place.toml").write_text(content)
    with pytest.raises(PackInvalid) as invalid:
        load_pack(pack.folder)
    [error] = invalid.value.errors
    assert (error.file, error.row, error.column) == ("place.toml", None, column)
    assert allowed in error.allowed


def test_rivers_are_kept_with_the_edition_and_loaded_again_like_the_rest(pack, catalogue):
    assert catalogue.water == []
    (pack.folder / "place.toml").write_text(river())
    assert load_pack(pack.folder).updated == 1
    catalogue.refresh_from_db()
    assert catalogue.water == [
        {
            "name_zh": "青河",
            "name_en": "Qing River",
            "role": "first",
            "path": [[0, 0, "sw"], [0, 0, "s"], [0, 0, "se"]],
        }
    ]
    report = load_pack(pack.folder)
    assert (report.created, report.updated, report.kept) == (0, 0, [])
    Edition.objects.update(water=[])
    assert load_pack(pack.folder).kept == ["edition 2025-spring"]
    assert load_pack(pack.folder, overwrite=True).updated == 1


def test_an_edition_loaded_before_its_source_had_two_languages_may_be_updated_unless_staff_have_edited_it(
    pack, catalogue
):
    former = {
        "code": "2025-spring", "released_on": "2025-03-01", "source": catalogue.source_zh, "notice_zh": "",
        "notice_en": "", "subregions": {}, "water": [], "catalogue": "qingyu",
    }  # fmt: skip
    digest = hashlib.sha256(json.dumps(former, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
    PackEntry.objects.filter(kind="edition").update(digest=digest)
    migration = importlib.import_module("opportunities.migrations.0003_sources_in_both_languages")

    Edition.objects.update(source_zh="edited by staff", source_en="")
    migration.remember_as_loaded(apps, None)
    assert load_pack(pack.folder).kept == ["edition 2025-spring"]

    Edition.objects.update(source_zh=catalogue.source_zh)
    migration.remember_as_loaded(apps, None)
    assert load_pack(pack.folder).updated == 1
    assert Edition.objects.get().source_en == catalogue.source_en


def test_a_tile_is_given_once_and_whole(pack):
    pack.edit(DISTRICTS, 3, "map_column", "0")
    assert pack.errors() == [(DISTRICTS, 3, "map_column")]
    pack.edit(DISTRICTS, 3, "map_column", "")
    assert pack.errors() == [(DISTRICTS, 3, "map_column")]
    pack.edit(DISTRICTS, 3, "map_row", "")
    load_pack(pack.folder)
    assert District.objects.get(code="990102").map_row is None


@pytest.mark.parametrize("content", ["edition = 5\n", "edition = []\n", 'edition = "2025"\n'])
def test_an_edition_that_is_no_table_is_refused(pack, content):
    (pack.folder / "catalogue.toml").write_text(content)
    assert ("catalogue.toml", None, "code") in pack.errors()


# --- loading --------------------------------------------------------------------------------------


def test_a_pack_is_loaded_as_it_stands(catalogue):
    assert Edition.objects.get().is_current
    assert [sector.slug for sector in catalogue.sectors.all()] == ["shipping", "tea", "chips"]
    assert [district.code for district in catalogue.districts.all()] == [
        "990101",
        "990102",
        "990201",
        "free-zone",
    ]
    one = Opportunity.objects.get(reference="QY-004")
    assert (one.investment, one.cycle_months, one.status, one.publication) == (
        Decimal("5.00"), 36, "open", "published",
    )  # fmt: skip
    assert [(p.district.code, p.share, p.investment) for p in one.locations.all()] == [
        ("990201", Decimal("0.6000"), Decimal("3.00")),
        ("990101", Decimal("0.4000"), Decimal("2.00")),
    ]
    assert [form.value for form in one.cooperation] == ["joint-venture", "cooperation"]
    assert one.updated_at.isoformat() == "2025-02-26T18:00:00+00:00", "midnight in the catalogue's zone"
    assert one.first_published_at == one.updated_at
    assert [c.unit_zh for c in Contact.objects.filter(opportunity__reference="QY-001")] == [
        "东港招商局", "青屿港务集团",
    ]  # fmt: skip
    facts = Fact.objects.filter(opportunity__reference="QY-001")
    assert [(fact.kind.key, fact.number, fact.state) for fact in facts] == [
        ("land", Decimal("320.00"), "existing"), ("park", None, "planned"),
    ]  # fmt: skip
    assert District.objects.get(code="990101").aliases == ["旧港", "Old Port"]
    assert catalogue.catalogue.is_sample is False


def everything_stored() -> list[list[dict[str, object]]]:
    models = (Opportunity, Contact, Fact, Location, Sector, District)
    return [list(model.objects.values().order_by("pk")) for model in models]


def test_loading_again_changes_nothing(catalogue):
    revision = Revision.current()
    before = everything_stored()
    history = Opportunity.history.count()
    report = load_pack(SECOND_CITY)
    assert (report.created, report.updated, report.kept) == (0, 0, [])
    assert report.unchanged > 8
    assert Revision.current() == revision
    assert everything_stored() == before
    assert Opportunity.history.count() == history


def test_a_changed_pack_updates_what_staff_have_not_touched(pack, catalogue):
    revision = Revision.current()
    pack.edit(OPPORTUNITIES, 4, "name_zh", "云岭高山白茶园")
    pack.edit(OPPORTUNITIES, 4, "updated_on", "2025-03-09")
    pack.edit(CONTACTS, 5, "office_phone", "000-0000 7777")
    pack.edit("sectors.csv", 3, "name_en", "Tea")
    report = load_pack(pack.folder)
    assert (report.created, report.updated, report.kept) == (0, 2, [])
    one = Opportunity.objects.get(reference="QY-003")
    assert (one.name_zh, one.contacts.get().office_phone) == ("云岭高山白茶园", "000-0000 7777")
    assert Sector.objects.get(slug="tea").name_en == "Tea"
    assert Revision.current() != revision
    from tests.opportunities.search.asking import references

    assert references("q=白茶园") == ["QY-003"]


@pytest.mark.parametrize("overwrite", [False, True])
def test_what_staff_have_edited_is_kept_and_reported_until_told_otherwise(pack, catalogue, overwrite):
    one = Opportunity.objects.get(reference="QY-003")
    one.name_zh = "编辑改过的名称"
    publishing.record_change(one)
    pack.edit(OPPORTUNITIES, 4, "name_zh", "清单里的新名称")
    pack.edit(OPPORTUNITIES, 2, "name_zh", "另一个新名称")
    report = load_pack(pack.folder, overwrite=overwrite)
    one.refresh_from_db()
    if overwrite:
        assert (one.name_zh, report.kept, report.updated) == ("清单里的新名称", [], 2)
    else:
        assert (one.name_zh, report.kept, report.updated) == (
            "编辑改过的名称", ["opportunity QY-003"], 1,
        )  # fmt: skip
    assert Opportunity.objects.get(reference="QY-001").name_zh == "另一个新名称"


@pytest.mark.parametrize(
    "edit",
    [
        lambda one: one.contacts.update(office_phone="000-0000 5555"),
        lambda one: one.locations.all().delete(),
        lambda one: one.cooperation_forms.create(form="leasing"),
        lambda one: one.facts.update(state="planned"),
        lambda one: Opportunity.objects.filter(pk=one.pk).update(jobs=1),
    ],
    ids=["contact", "location", "cooperation", "fact", "jobs"],
)
def test_an_edit_of_anything_that_belongs_to_an_entry_counts(catalogue, edit):
    edit(Opportunity.objects.get(reference="QY-001"))
    assert load_pack(SECOND_CITY).kept == ["opportunity QY-001"]
    assert load_pack(SECOND_CITY, overwrite=True).updated == 1
    assert load_pack(SECOND_CITY).unchanged > 8


def test_an_edited_sector_is_kept_too(catalogue):
    Sector.objects.filter(slug="tea").update(name_en="Teas of the hills")
    report = load_pack(SECOND_CITY)
    assert [entry for entry in report.kept if "tea" in entry] and len(report.kept) == 1
    assert Sector.objects.get(slug="tea").name_en == "Teas of the hills"


def test_a_withdrawn_entry_is_not_published_again_by_loading(pack, catalogue):
    publishing.withdraw(Opportunity.objects.get(reference="QY-003"))
    pack.edit(OPPORTUNITIES, 4, "name_zh", "新名称")
    load_pack(pack.folder, overwrite=True)
    one = Opportunity.objects.get(reference="QY-003")
    assert (one.publication, one.name_zh) == ("withdrawn", "新名称")
    assert Search.everything().count == 7


def test_nothing_is_loaded_when_the_database_refuses_half_way(pack, catalogue, monkeypatch):
    pack.edit(OPPORTUNITIES, 2, "name_zh", "新名称")
    pack.edit(OPPORTUNITIES, 9, "name_zh", "又一个")
    publish = publishing.derive

    def fail(opportunity):
        if opportunity.reference == "QY-008":
            raise RuntimeError("no more")
        publish(opportunity)

    monkeypatch.setattr(publishing, "derive", fail)
    revision = Revision.current()
    with pytest.raises(RuntimeError):
        load_pack(pack.folder)
    assert not Opportunity.objects.filter(name_zh="新名称").exists()
    assert Revision.current() == revision


def test_a_reference_of_another_edition_is_refused(pack, catalogue):
    pack.replace("catalogue.toml", 'code = "2025-spring"', 'code = "2026-spring"')
    assert pack.errors()[0] == (OPPORTUNITIES, 2, "reference")
    assert Edition.objects.get().code == "2025-spring", "nothing was loaded"


def test_a_later_edition_becomes_the_current_one_and_an_earlier_one_does_not(pack, catalogue):
    for code, released_on in (("2026-spring", "2026-03-01"), ("2020-spring", "2020-03-01")):
        copy = Pack(pack.folder.with_name(code))
        copy.replace("catalogue.toml", 'code = "2025-spring"', f'code = "{code}"')
        copy.replace("catalogue.toml", "2025-03-01", released_on)
        for file in (OPPORTUNITIES, CONTACTS, FACTS):
            copy.replace(file, "QY-", f"{code.upper()}-"[:9])
        load_pack(copy.folder)
    assert Edition.objects.get(is_current=True).code == "2026-spring"
    assert [edition.code for edition in Edition.objects.all()] == [
        "2026-spring",
        "2025-spring",
        "2020-spring",
    ]


def test_two_packs_stand_side_by_side(catalogue):
    load_pack(CHONGQING)
    assert Edition.objects.get(is_current=True).code == "2025-spring", "the later one"
    assert Search.everything().count == 8
    assert Catalogue.objects.count() == 2
    assert PackEntry.objects.values_list("kind", "key").distinct().count() == PackEntry.objects.count()


def test_the_command_reports_and_refuses_in_words(pack, capsys):
    call_command("load_catalogue", str(pack.folder))
    opportunities, others = capsys.readouterr().out.splitlines()
    assert opportunities == f"Opportunities: {Opportunity.objects.count()} new, 0 updated, 0 unchanged."
    assert re.fullmatch(
        r"Sectors, districts, figures and other entries: [1-9]\d* new, 0 updated, 0 unchanged\.", others
    )
    pack.edit(OPPORTUNITIES, 2, "jobs", "12345")
    call_command("load_catalogue", str(pack.folder))
    opportunities, others = capsys.readouterr().out.splitlines()
    assert "Opportunities: 0 new, 1 updated" in opportunities
    assert "0 new, 0 updated" in others
    Sector.objects.filter(slug="tea").update(name_en="Teas")
    call_command("load_catalogue", str(pack.folder))
    assert "kept as edited by staff: sector" in capsys.readouterr().out
    pack.edit(OPPORTUNITIES, 2, "investment", "-1")
    pack.edit(OPPORTUNITIES, 3, "status", "sold")
    with pytest.raises(CommandError) as refused:
        call_command("load_catalogue", str(pack.folder))
    assert "Nothing was loaded." in str(refused.value)
    assert "opportunities.csv, row 2, column investment: '-1'" in str(refused.value)
    assert "opportunities.csv, row 3, column status: 'sold'" in str(refused.value)


def test_the_packs_that_ship_are_valid():
    assert len(read_pack(CHONGQING).opportunities) == 160
    assert len(read_pack(SECOND_CITY).opportunities) == 8
    assert LoadReport().kept == []


def test_after_loading_the_database_knows_how_many_rows_there_are(pack):
    """Else PostgreSQL joins row by row until it looks by itself, and searches take minutes."""
    call_command("load_catalogue", str(pack.folder))
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT reltuples FROM pg_class WHERE relname = 'opportunities_opportunity'")
            assert cursor.fetchone() == (8.0,)
        else:
            cursor.execute("SELECT count(*) FROM sqlite_stat1 WHERE tbl = 'opportunities_opportunity'")
            assert cursor.fetchone()[0] > 0
