"""The finance plan of a data pack: the files of its folder ``financing/``, read and loaded with the rest.

Named in ``PACK_PARTS``. A pack without that folder has no plan. Files and columns: docs/financing.md.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from opportunities.models import Catalogue, CooperationForm

from .models import Comparison, Figure, Indicator, Item, ItemList, Plan, Rule, System, Task, Unit
from .models.entries import YEAR_MAX, YEAR_MIN
from .models.plan import CODE_PATTERN

if TYPE_CHECKING:
    from opportunities.loading import Loader, Reader, Row

FOLDER = "financing"
PLAN = f"{FOLDER}/plan.toml"
TEXTS = {"slug": 40, "name_zh": 120, "name_en": 160, "goal_zh": 200, "goal_en": 300, "source_zh": 300,
         "source_en": 400, "method_zh": 2000, "method_en": 2000}  # fmt: skip
NUMBERS = {"starts_in": (YEAR_MIN, YEAR_MAX), "ends_in": (YEAR_MIN, YEAR_MAX), "indicators_stated": (0, 1000),
           "system_tasks_stated": (0, 1000), "organisation_tasks_stated": (0, 1000)}  # fmt: skip
RULE = ("sectors", "regions", "districts", "investment_min", "investment_max", "cooperation", "valid_from",
        "valid_to", "basis_zh", "basis_en")  # fmt: skip
FIGURE = re.compile(r"(0|[1-9][0-9]{0,9})(\.[0-9]{1,3})?", re.ASCII)


@dataclass
class Content:
    """The checked content of the folder, a list of rows for each file."""

    plan: Row
    units: list[Row]
    systems: list[Row]
    tasks: list[Row]
    indicators: list[Row]
    figures: list[Row]
    lists: list[Row]
    items: list[Row]
    rules: list[Row]


def read(reader: Reader) -> Content | None:
    if not (reader.folder / FOLDER).is_dir():
        return None
    text, slug, one_of, optional = reader.text, reader.slug, reader.one_of, reader.optional
    names = {"name_zh": text(120), "name_en": text(160)}
    plan = _plan(reader)

    def table(name: str, columns: dict[str, Any], *unique: str) -> list[Row]:
        rows = reader.table(f"{FOLDER}/{name}", columns)
        reader.once(f"{FOLDER}/{name}", rows, *unique)
        return rows

    def keys(name: str) -> list[str]:
        """The keys of a table that was read, or those of the catalogue."""
        return [key for key in reader.keys[name] if key]

    units = table(
        "units.csv",
        {
            "slug": slug(40),
            **names,
            "role": one_of(Unit.Role.values),
            "phone": text(40, required=False),
            "website": optional(reader.checked(re.compile(r"https?://\S{1,190}").fullmatch, "a web address")),
        },
        "slug",
    )
    if sum(row["role"] == Unit.Role.LEAD for row in units) != 1:
        reader.wrong(f"{FOLDER}/units.csv", None, "role", "", "exactly one unit that is the lead")
    systems = table("systems.csv", {"slug": slug(40), "name_zh": text(80), "name_en": text(120)}, "slug")
    of_system = one_of(["", *keys(f"{FOLDER}/systems.csv")])
    tasks = table("tasks.csv", {"slug": slug(40), **names, "system": of_system}, "slug")
    indicators = table(
        "indicators.csv",
        {
            "slug": slug(40),
            "name_zh": text(80),
            "name_en": text(120),
            "measure": one_of(Indicator.Measure.values),
        },
        "slug",
    )
    figures = table(
        "figures.csv",
        {
            "indicator": one_of(keys(f"{FOLDER}/indicators.csv")),
            "kind": one_of(Figure.Kind.values),
            "year": reader.whole(YEAR_MIN, YEAR_MAX),
            "quarter": optional(reader.whole(1, 4)),
            "value": reader.checked(FIGURE.fullmatch, "a number from 0 with at most three decimals"),
            "comparison": one_of(Comparison.values),
            "source_zh": text(300),
            "source_en": text(400, required=False),
        },
        "indicator", "kind", "year", "quarter",
    )  # fmt: skip
    lists = table(
        "lists.csv",
        {
            "slug": slug(20),
            "name_zh": text(40),
            "name_en": text(60),
            "kind_zh": text(20),
            "kind_en": text(40),
            "stated": reader.whole(0, 1000),
        },
        "slug",
    )
    items = table(
        "items.csv",
        {
            "code": reader.checked(re.compile(CODE_PATTERN).fullmatch, "like reforms-01"),
            "list": one_of(keys(f"{FOLDER}/lists.csv")),
            "name_zh": text(120),
            "name_en": text(200, required=False),
            "system": of_system,
            "unit": one_of(["", *keys(f"{FOLDER}/units.csv")]),
            "source_zh": text(300),
            "source_en": text(400, required=False),
        },
        "code",
    )
    _check_items(reader, lists, items)
    rules = table(
        "rules.csv",
        {
            "item": one_of(keys(f"{FOLDER}/items.csv")),
            "slug": slug(40),
            "sectors": reader.list_of(one_of(keys("sectors.csv"))),
            "regions": reader.list_of(one_of(keys("regions.csv"))),
            "districts": reader.list_of(one_of(keys("districts.csv"))),
            "investment_min": optional(reader.money),
            "investment_max": optional(reader.money),
            "cooperation": reader.list_of(one_of(CooperationForm.values)),
            "valid_from": optional(reader.date),
            "valid_to": optional(reader.date),
            "basis_zh": text(300),
            "basis_en": text(400, required=False),
            "sample": reader.flag,
        },
        "item", "slug",
    )  # fmt: skip
    _check_rules(reader, rules)
    return Content(plan, units, systems, tasks, indicators, figures, lists, items, rules)


def _plan(reader: Reader) -> Row:
    data = reader.toml(PLAN)
    for column, maximum in TEXTS.items():
        found = data.get(column)
        if not isinstance(found, str) or not 0 < len(found) <= maximum:
            reader.wrong(PLAN, None, column, str(found or ""), f"a text of 1 to {maximum} characters")
    for column, (lowest, highest) in NUMBERS.items():
        found = data.get(column)
        if not isinstance(found, int) or isinstance(found, bool) or not lowest <= found <= highest:
            reader.wrong(PLAN, None, column, str(found), f"a whole number from {lowest} to {highest}")
    unknown = data.keys() - TEXTS.keys() - NUMBERS.keys()
    for column in sorted(unknown):
        reader.wrong(PLAN, None, column, str(data[column]), "one of " + ", ".join([*TEXTS, *NUMBERS]))
    try:
        in_order = data["starts_in"] <= data["ends_in"]
    except (KeyError, TypeError):
        return data  # said above
    if not in_order:
        reader.wrong(PLAN, None, "ends_in", str(data["ends_in"]), f"{data['starts_in']} or later")
    return data


def _check_items(reader: Reader, lists: list[Row], items: list[Row]) -> None:
    file = f"{FOLDER}/items.csv"
    for row in items:
        if row["code"].rpartition("-")[0] != row["list"]:
            reader.wrong(file, row["row"], "code", row["code"], f"{row['list']}- and two digits")
    for one in lists:
        named = sum(row["list"] == one["slug"] for row in items)
        if named > one["stated"]:
            allowed = f"at least the {named} items that are named"
            reader.wrong(f"{FOLDER}/lists.csv", one["row"], "stated", str(one["stated"]), allowed)


def _check_rules(reader: Reader, rules: list[Row]) -> None:
    file = f"{FOLDER}/rules.csv"
    for row in rules:
        low, high = row["investment_min"], row["investment_max"]
        if low is not None and high is not None and low > high:
            reader.wrong(file, row["row"], "investment_max", str(high), f"{low} or more")
        if row["valid_from"] and row["valid_to"] and row["valid_from"] > row["valid_to"]:
            reader.wrong(file, row["row"], "valid_to", str(row["valid_to"]), f"{row['valid_from']} or later")
        conditions = ("sectors", "regions", "districts", "cooperation")
        if not any(row[name] for name in conditions) and low is None and high is None:
            reader.wrong(file, row["row"], "sectors", "", "at least one condition on the opportunity")


# --- loading --------------------------------------------------------------------------------------


def load(loader: Loader, content: Content) -> None:
    catalogue = Catalogue.objects.get(slug=loader.pack.catalogue["slug"])
    slug = content.plan["slug"]
    values = {column: value for column, value in content.plan.items() if column != "slug"}
    plan = loader.entry("finance-plan", Plan, {"slug": slug}, {**values, "catalogue": catalogue})

    def rows(kind: str, model: type[Any], found: list[Row], **related: dict[str, Any]) -> dict[str, Any]:
        return {
            row["slug"]: loader.entry(
                f"finance-{kind}",
                model,
                {"plan": plan, "slug": row["slug"]},
                {
                    **{column: value for column, value in row.items() if column not in ("row", "slug")},
                    **{column: among.get(row[column]) for column, among in related.items()},
                    "position": position,
                },
            )
            for position, row in enumerate(found)
        }

    units = rows("unit", Unit, [{**row, "website": row["website"] or ""} for row in content.units])
    systems = rows("system", System, content.systems)
    rows("task", Task, content.tasks, system=systems)
    indicators = rows("indicator", Indicator, content.indicators)
    lists = rows("list", ItemList, content.lists)
    for row in content.figures:
        loader.addition(
            "finance-figure",
            Figure,
            {
                "indicator": indicators[row["indicator"]],
                **{column: row[column] for column in ("kind", "year", "quarter")},
            },
            {
                "value": Decimal(row["value"]),
                **{column: row[column] for column in ("comparison", "source_zh", "source_en")},
            },
        )
    items = {
        row["code"]: loader.entry(
            "finance-item",
            Item,
            {"list": lists[row["list"]], "code": row["code"]},
            {
                **{column: row[column] for column in ("name_zh", "name_en", "source_zh", "source_en")},
                "system": systems.get(row["system"]),
                "unit": units.get(row["unit"]),
                "is_public": True,
            },
        )
        for row in content.items
    }
    for row in content.rules:
        loader.entry(
            "finance-rule",
            Rule,
            {"item": items[row["item"]], "slug": row["slug"]},
            {
                **{
                    column: value
                    for column, value in row.items()
                    if column not in ("row", "item", "slug", "sample")
                },
                "is_sample": row["sample"],
            },
        )
