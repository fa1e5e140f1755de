"""The plan in a data pack: strict, whole, repeatable, and what staff edited is kept."""

from __future__ import annotations

import csv
import io
import shutil
from decimal import Decimal
from pathlib import Path

import pytest

from financing.models import Figure, Item, ItemList, Plan, Rule, Unit
from opportunities.loading import PackInvalid, load_pack
from opportunities.models import Catalogue, Opportunity
from tests.oracle import CHONGQING, SECOND_CITY

pytestmark = pytest.mark.django_db


class Pack:
    """The second city with Chongqing's plan, to be spoilt; its rules name what this city has."""

    def __init__(self, folder: Path) -> None:
        shutil.copytree(SECOND_CITY, folder)
        shutil.copytree(CHONGQING / "financing", folder / "financing")
        self.folder = folder
        rules = self.rows("rules.csv")
        self.write("rules.csv", [rules[0], ["reforms-01", "tea", "tea", "harbour", "", "5", "", "equity", "",
                                            "2027-12-31", "名称", "Its name", "true"]])  # fmt: skip

    def rows(self, file: str) -> list[list[str]]:
        content = (self.folder / "financing" / file).read_text("utf-8")
        return list(csv.reader(io.StringIO(content, newline="")))

    def write(self, file: str, rows: list[list[str]]) -> None:
        with (self.folder / "financing" / file).open("w", newline="", encoding="utf-8") as out:
            csv.writer(out).writerows(rows)

    def edit(self, file: str, row: int, column: str, value: str) -> None:
        rows = self.rows(file)
        rows[row - 1][rows[0].index(column)] = value
        self.write(file, rows)

    def plan(self, old: str, new: str) -> None:
        path = self.folder / "financing" / "plan.toml"
        content = path.read_text("utf-8")
        assert old in content
        path.write_text(content.replace(old, new), "utf-8")

    def errors(self) -> list[tuple[str, int | None, str | None]]:
        with pytest.raises(PackInvalid) as invalid:
            load_pack(self.folder)
        assert all(error.allowed for error in invalid.value.errors)
        assert not Catalogue.objects.exists() and not Plan.objects.exists(), "nothing was loaded"
        return [
            (error.file.removeprefix("financing/"), error.row, error.column) for error in invalid.value.errors
        ]


@pytest.fixture
def pack(tmp_path: Path) -> Pack:
    return Pack(tmp_path / "pack")


@pytest.mark.parametrize(
    ("file", "row", "column", "value"),
    [
        ("units.csv", 3, "name_zh", ""),
        ("units.csv", 3, "role", "boss"),
        ("units.csv", 3, "website", "gov.example"),
        ("systems.csv", 2, "name_en", ""),
        ("tasks.csv", 2, "system", "nothing"),
        ("indicators.csv", 2, "measure", "dollars"),
        ("figures.csv", 2, "indicator", "gdp"),
        ("figures.csv", 2, "kind", "guess"),
        ("figures.csv", 2, "year", "1899"),
        ("figures.csv", 2, "quarter", "5"),
        ("figures.csv", 2, "value", "much"),
        ("figures.csv", 2, "value", "-1"),
        ("figures.csv", 2, "value", "1.2345"),
        ("figures.csv", 2, "comparison", "about"),
        ("figures.csv", 2, "source_zh", ""),
        ("lists.csv", 2, "stated", "two"),
        ("lists.csv", 2, "stated", "2"),
        ("items.csv", 2, "list", "wishes"),
        ("items.csv", 2, "name_zh", ""),
        ("items.csv", 2, "system", "nothing"),
        ("items.csv", 2, "unit", "nobody"),
        ("items.csv", 2, "source_zh", ""),
        ("rules.csv", 2, "item", "reforms-09"),
        ("rules.csv", 2, "sectors", "mining"),
        ("rules.csv", 2, "regions", "metro"),
        ("rules.csv", 2, "districts", "500103"),
        ("rules.csv", 2, "investment_min", "5亿元"),
        ("rules.csv", 2, "cooperation", "marriage"),
        ("rules.csv", 2, "valid_to", "31.12.2027"),
        ("rules.csv", 2, "basis_zh", ""),
        ("rules.csv", 2, "sample", "yes"),
    ],
)
def test_a_wrong_cell_is_named_by_file_row_and_column(pack, file, row, column, value):
    pack.edit(file, row, column, value)
    assert pack.errors() == [(file, row, column)]


@pytest.mark.parametrize(
    ("file", "row", "column", "value"),
    [("items.csv", 2, "code", "policies-07"), ("items.csv", 2, "code", "Reforms 1"),
     ("items.csv", 3, "code", "reforms-01"), ("units.csv", 3, "slug", "finance-office"),
     ("figures.csv", 3, "kind", "actual")],
)  # fmt: skip
def test_a_wrong_or_repeated_key_is_named(pack, file, row, column, value):
    pack.edit(file, row, column, value)
    if (file, row) == ("figures.csv", 3):
        pack.edit(file, row, "year", "2023")
        column = "quarter"
    assert (file, row, column) in pack.errors()


@pytest.mark.parametrize(
    ("old", "new", "column"),
    [
        ("ends_in = 2027", "ends_in = 2023", "ends_in"),
        ("ends_in = 2027", 'ends_in = "2027"', "ends_in"),
        ("indicators_stated = 18", "indicators_stated = -1", "indicators_stated"),
        ("indicators_stated = 18", "", "indicators_stated"),
        ("source_zh = ", "origin_zh = ", "source_zh"),
        ('slug = "zhi', "slug = [1]  # ", "slug"),
    ],
)
def test_a_wrong_value_of_the_plan_is_named(pack, old, new, column):
    pack.plan(old, new)
    assert ("plan.toml", None, column) in pack.errors()


@pytest.mark.parametrize(
    "changes",
    [
        {"sectors": "", "regions": "", "investment_min": "", "cooperation": ""},
        {"investment_max": "4"},
        {"valid_from": "2028-01-01"},
    ],
)
def test_a_rule_that_says_nothing_or_contradicts_itself_is_refused(pack, changes):
    for column, value in changes.items():
        pack.edit("rules.csv", 2, column, value)
    assert [error[:2] for error in pack.errors()] == [("rules.csv", 2)]


@pytest.mark.parametrize("file", ["plan.toml", "units.csv", "items.csv", "rules.csv", "figures.csv"])
def test_a_missing_file_is_named(pack, file):
    (pack.folder / "financing" / file).unlink()
    assert (file, None, None) in pack.errors()


def test_there_is_exactly_one_lead_office(pack):
    pack.edit("units.csv", 3, "role", "lead")
    assert pack.errors() == [("units.csv", None, "role")]


def test_errors_of_the_plan_come_with_those_of_the_rest(pack):
    pack.edit("items.csv", 2, "name_zh", "")
    path = pack.folder / "opportunities.csv"
    path.write_text(path.read_text("utf-8").replace("QY-001", "qy 001", 1), "utf-8")
    found = pack.errors()
    assert ("items.csv", 2, "name_zh") in found and ("opportunities.csv", 2, "reference") in found


# --- loading --------------------------------------------------------------------------------------


def test_a_plan_is_loaded_with_its_city_and_again_without_change(pack):
    load_pack(pack.folder)
    assert (Item.objects.count(), Figure.objects.count(), Rule.objects.count()) == (11, 18, 1)
    assert Plan.objects.get().catalogue == Catalogue.objects.get(slug="qingyu")
    assert set(Item.objects.values_list("is_public", flat=True)) == {True}
    report = load_pack(pack.folder)
    assert (report.created, report.updated, report.kept) == (0, 0, [])
    assert Figure.objects.count() == 18


def test_a_pack_without_the_folder_has_no_plan():
    load_pack(SECOND_CITY)
    assert not Plan.objects.exists() and Opportunity.objects.exists()


def test_what_staff_edited_is_kept_and_reported_the_rest_follows_the_pack(pack):
    load_pack(pack.folder)
    unit = Unit.objects.get(slug="finance-office")
    unit.phone = "000-0000 1"
    unit.save()
    Rule.objects.update(investment_min=Decimal(7))
    pack.edit("units.csv", 2, "name_en", "Another name")
    pack.edit("rules.csv", 2, "investment_min", "6")
    pack.edit("lists.csv", 2, "stated", "15")
    report = load_pack(pack.folder)
    assert len(report.kept) == 2 and all("finance-" in entry for entry in report.kept)
    assert (Unit.objects.get(slug="finance-office").phone, Rule.objects.get().investment_min) == (
        "000-0000 1", Decimal(7),
    )  # fmt: skip
    assert ItemList.objects.get(slug="reforms").stated == 15
    load_pack(pack.folder, overwrite=True)
    assert Rule.objects.get().investment_min == Decimal(6)


def test_a_figure_that_the_pack_corrects_is_a_row_of_its_own(pack):
    load_pack(pack.folder)
    pack.edit("figures.csv", 2, "value", "2600")
    load_pack(pack.folder)
    rows = Figure.objects.filter(indicator__slug="value-added", kind="actual").order_by("pk")
    assert [row.value for row in rows] == [Decimal(2591), Decimal(2600)]
    # Staff's own correction is not undone by loading the pack again.
    Figure.objects.create(indicator=rows[0].indicator, kind="actual", year=2023, value=2605, source_zh="公报")
    report = load_pack(pack.folder)
    assert rows.all().count() == 3 and len(report.kept) == 1
