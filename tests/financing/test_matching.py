"""Matching equals a plain recomputation, and its reasons name exactly the conditions that held."""

from __future__ import annotations

import csv
import random
import tomllib
from collections import defaultdict
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from financing.matching import matches_of, opportunities_by, opportunities_for, reasons_of
from financing.models import Item, Pin, Plan, Rule, Unit
from opportunities.models import CooperationForm, Opportunity
from tests.factories import make_edition, make_item, make_opportunity, make_plan
from tests.oracle import CHONGQING

TODAY = date(2026, 3, 2)
CONDITIONS = (
    "sector", "place", "investment_min", "investment_max", "cooperation", "valid_from", "valid_to",
)  # fmt: skip


# --- worked out a second time, from the pack's files ------------------------------------------------


def rows_of(name: str) -> list[dict[str, str]]:
    with (CHONGQING / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def split(cell: str) -> list[str]:
    return [part for part in cell.split(";") if part]


class Row:
    """An opportunity of the pack, in plain values."""

    region_of = {row["code"]: row["region"] for row in rows_of("districts.csv")}

    def __init__(self, row: dict[str, str]) -> None:
        self.reference = row["reference"]
        self.sector = row["sector"]
        self.districts = [part.split(":")[0] for part in split(row["locations"])]
        self.regions = [self.region_of[code] for code in self.districts]
        self.investment = Decimal(row["investment"])
        self.cooperation = split(row["cooperation"])


OPPORTUNITIES = [Row(row) for row in rows_of("opportunities.csv")]


def held(rule: dict[str, Any], row: Row, today: date) -> list[str] | None:
    """The conditions a rule gives, if every one of them holds; None otherwise."""
    checks = {
        "sector": (rule["sectors"], row.sector in rule["sectors"]),
        "place": (
            rule["regions"] or rule["districts"],
            any(region in rule["regions"] for region in row.regions)
            or any(code in rule["districts"] for code in row.districts),
        ),
        "investment_min": (
            rule["investment_min"] is not None,
            rule["investment_min"] is not None and row.investment >= rule["investment_min"],
        ),
        "investment_max": (
            rule["investment_max"] is not None,
            rule["investment_max"] is not None and row.investment <= rule["investment_max"],
        ),
        "cooperation": (rule["cooperation"], bool(set(rule["cooperation"]) & set(row.cooperation))),
        "valid_from": (
            rule["valid_from"] is not None,
            rule["valid_from"] is not None and rule["valid_from"] <= today,
        ),
        "valid_to": (
            rule["valid_to"] is not None,
            rule["valid_to"] is not None and today <= rule["valid_to"],
        ),
    }
    given = [name for name, (is_given, _holds) in checks.items() if is_given]
    return given if given and all(checks[name][1] for name in given) else None


def plain(rule: Rule) -> dict[str, Any]:
    return {
        name: getattr(rule, name)
        for name in (
            "sectors",
            "regions",
            "districts",
            "investment_min",
            "investment_max",
            "cooperation",
            "valid_from",
            "valid_to",
        )  # fmt: skip
    }


def everything() -> list[Opportunity]:
    return list(Opportunity.objects.public().for_results())


def test_the_shipped_rules_match_what_the_files_say(chongqing):
    """All 160 × all items with a rule, forward and in reverse."""
    shipped = defaultdict(list)
    for row in rows_of("financing/rules.csv"):
        shipped[row["item"]].append(
            {
                **{name: split(row[name]) for name in ("sectors", "regions", "districts", "cooperation")},
                **{n: Decimal(row[n]) if row[n] else None for n in ("investment_min", "investment_max")},
                **{n: date.fromisoformat(row[n]) if row[n] else None for n in ("valid_from", "valid_to")},
            }
        )
    found = matches_of(everything(), TODAY)
    forward = {
        opportunity.reference: [
            (match.item.code, [r.condition for r in match.reasons]) for match in found[opportunity.pk]
        ]
        for opportunity in everything()
    }
    order = [row["code"] for row in rows_of("financing/items.csv")]
    expected = {
        row.reference: [
            (code, held(rule, row, TODAY))
            for code in order
            for rule in shipped[code]
            if held(rule, row, TODAY) is not None
        ]
        for row in OPPORTUNITIES
    }
    assert forward == expected
    assert sum(map(len, expected.values())) > 100, "the rules reach something"
    for item in Item.objects.prefetch_related("rules", "pins"):
        reverse = {one.reference for one in opportunities_for(item, TODAY)}
        assert reverse == {reference for reference, rows in expected.items() if item.code in dict(rows)}


def random_rule(dice: random.Random, item: Item, options: dict[str, list[str]]) -> Rule:
    def some(name: str, chance: float, most: int) -> list[str]:
        return dice.sample(options[name], dice.randint(1, most)) if dice.random() < chance else []

    def amount() -> Decimal | None:
        return Decimal(dice.choice(AMOUNTS)) if dice.random() < 0.35 else None

    def day() -> date | None:
        return dice.choice(DAYS) if dice.random() < 0.2 else None

    low, high = amount(), amount()
    if low is not None and high is not None and low > high:
        low, high = high, low
    begin, end = day(), day()
    if begin and end and begin > end:
        begin, end = end, begin
    return Rule(
        item=item,
        sectors=some("sector", 0.5, 4),
        regions=some("region", 0.25, 2),
        districts=some("district", 0.25, 9),
        cooperation=some("cooperation", 0.4, 3),
        investment_min=low,
        investment_max=high,
        valid_from=begin,
        valid_to=end,
        basis_zh="随机",
    )


# Bounds as they occur, so that an edge is an edge.
AMOUNTS = ["0", "10", "50", "100", *(str(row.investment) for row in OPPORTUNITIES[::9])]
DAYS = [date(2026, 3, 1), TODAY, date(2026, 3, 3), date(2024, 1, 1), date(2027, 12, 31)]


def test_a_thousand_random_rule_sets_match_what_a_plain_recomputation_gives(chongqing):
    dice = random.Random(2026)
    options = {
        "sector": [row["slug"] for row in rows_of("sectors.csv")],
        "region": [row["slug"] for row in rows_of("regions.csv")],
        "district": [row["code"] for row in rows_of("districts.csv")],
        "cooperation": CooperationForm.values,
    }
    item = Item.objects.select_related("list__plan").first()
    opportunities = {one.reference: one for one in everything()}
    matched = 0
    for number in range(1000):
        rules = [random_rule(dice, item, options) for _ in range(dice.randint(1, 3))]
        for rule in rules:
            expected = {
                row.reference: conditions
                for row in OPPORTUNITIES
                if (conditions := held(plain(rule), row, TODAY)) is not None
            }
            given = {
                reference: [reason.condition for reason in reasons]
                for reference, opportunity in opportunities.items()
                if (reasons := reasons_of(rule, opportunity, TODAY))
            }
            assert given == expected, (number, plain(rule))
            matched += len(expected)
            if number % 10 == 0:  # the query says the same
                assert {one.reference for one in opportunities_by(rule, TODAY)} == set(expected), plain(rule)
    assert matched > 5000


# --- words ----------------------------------------------------------------------------------------


@pytest.fixture
def item(db) -> Item:
    make_edition(sectors=["grain", "tools"], places={"east": ["1101"], "west": ["2201"]})
    return make_item(make_plan())


def words(opportunity: Opportunity) -> list[list[str]]:
    [one] = Opportunity.objects.filter(pk=opportunity.pk).for_results()
    return [[str(reason) for reason in match.reasons] for match in matches_of([one], TODAY)[one.pk]]


def test_reasons_name_what_held_and_nothing_else(item):
    Rule.objects.create(
        item=item,
        sectors=["grain", "tools"],
        regions=["west"],
        districts=["1101"],
        investment_min=Decimal(10),
        investment_max=Decimal("20.50"),
        cooperation=["equity", "leasing"],
        valid_from=date(2026, 1, 1),
        valid_to=date(2026, 12, 31),
        basis_zh="测试",
    )
    opportunity = make_opportunity(
        sector="grain", districts="1101", investment=Decimal(10), cooperation=["joint-venture", "equity"]
    )
    assert words(opportunity) == [
        [
            "产业为板块grain", "位于区1101", "投资 ≥ 10 亿元", "投资 ≤ 20.5 亿元", "合作方式含股权合作",
            "自 2026-01-01 起有效", "有效期至 2026-12-31",
        ]
    ]  # fmt: skip
    both = make_opportunity(sector="tools", districts=["1101", "2201"], cooperation=["leasing"])
    assert words(both)[0][:2] == ["产业为板块tools", "位于区1101、地区west"]


@pytest.mark.parametrize(
    "changes",
    [
        {"sector": "tools"},
        {"districts": "2201"},
        {"investment": Decimal("9.99")},
        {"investment": Decimal("20.01")},
        {"cooperation": ["joint-venture"]},
    ],
)
def test_one_condition_that_does_not_hold_is_enough(item, changes):
    Rule.objects.create(
        item=item,
        sectors=["grain"],
        districts=["1101"],
        investment_min=Decimal(10),
        investment_max=Decimal(20),
        cooperation=["equity"],
        basis_zh="测试",
    )
    fits = {"sector": "grain", "districts": "1101", "investment": Decimal(10), "cooperation": ["equity"]}
    assert words(make_opportunity(**fits))
    assert words(make_opportunity(**{**fits, **changes})) == []


def test_a_rule_without_conditions_matches_nothing(item):
    rule = Rule.objects.create(item=item, basis_zh="测试")
    opportunity = make_opportunity()
    assert words(opportunity) == [] and not opportunities_by(rule, TODAY).exists()


def test_rules_out_of_force_and_items_not_published_match_nothing(item):
    opportunity = make_opportunity(sector="grain")
    rule = Rule.objects.create(item=item, sectors=["grain"], basis_zh="测试", is_active=False)
    assert words(opportunity) == []
    rule.is_active = True
    rule.save()
    assert words(opportunity)
    item.is_public = False
    item.save()
    assert words(opportunity) == []


def test_two_rules_of_an_item_are_one_match_with_the_reasons_of_both(item):
    for extra in ({"investment_min": Decimal(5)}, {"cooperation": ["equity"]}):
        Rule.objects.create(item=item, sectors=["grain"], basis_zh="测试", **extra)
    opportunity = make_opportunity(sector="grain", investment=Decimal(10), cooperation=["equity"])
    assert words(opportunity) == [["产业为板块grain", "投资 ≥ 5 亿元", "合作方式含股权合作"]]


def test_a_pin_shows_what_no_rule_does_and_an_exclusion_hides_what_one_does(item):
    opportunity, other = make_opportunity(sector="tools"), make_opportunity(sector="grain")
    Rule.objects.create(item=item, sectors=["grain"], basis_zh="测试")
    pin = {"item": item, "reason_zh": "经单位确认"}
    Pin.objects.create(opportunity=opportunity, kind="pin", **pin)
    Pin.objects.create(opportunity=other, kind="exclude", **pin)
    assert words(opportunity) == [["经单位确认"]]
    assert words(other) == []
    found = Item.objects.prefetch_related("rules", "pins").get(pk=item.pk)
    assert list(opportunities_for(found, TODAY)) == [opportunity]


def test_whom_to_ask_is_the_responsible_unit_else_the_lead_office_said_as_such(client, item, clock):
    opportunity = make_opportunity(reference="TEST-ASK", sector="grain")
    Rule.objects.create(item=item, sectors=["grain"], basis_zh="测试")
    page = client.get("/opportunities/TEST-ASK/").text
    assert "责任单位未公布，可咨询计划牵头单位：牵头办" in page
    unit = Unit.objects.create(
        plan=Plan.objects.get(), slug="u", name_zh="责任局", name_en="U", phone="000-1"
    )
    Item.objects.filter(pk=item.pk).update(unit=unit)
    page = client.get("/opportunities/TEST-ASK/?again").text
    assert "责任单位：责任局" in page and 'href="tel:0001"' in page and "牵头办" not in page
    [match] = client.get("/api/v1/financing/matches/?reference=TEST-ASK").json()["results"]
    assert (match["ask"]["slug"], match["asks_lead_office"]) == ("u", False)
    assert opportunity.reference == "TEST-ASK"


# --- on pages -------------------------------------------------------------------------------------


def test_the_detail_page_shows_the_same_as_the_api_and_goes_without_the_section(client, chongqing, clock):
    some = without = 0
    for opportunity in everything()[::4]:
        results = client.get(f"/api/v1/financing/matches/?reference={opportunity.reference}").json()[
            "results"
        ]
        page = client.get(f"/opportunities/{opportunity.reference}/").text
        shown = [part.split('"')[0] for part in page.split('data-item="')[1:]]
        assert shown == [one["item"]["code"] for one in results]
        if not results:
            without += 1
            assert "可咨询的金融政策与平台" not in page
            continue
        some += 1
        assert "可咨询的金融政策与平台" in page and "以责任单位答复为准" in page
        for one in results:
            assert "因为：" + "；".join(reason["text"]["zh"] for reason in one["reasons"]) in page
            assert one["is_sample"] is True
        section = page.partition('id="financing"')[2].partition("</section>")[0]
        assert section.count('<span class="demo">示例</span>') == len(results), "each rule of ours is marked"
    assert some and without


def test_a_comparison_has_a_row_of_it(client, chongqing, clock):
    with_some = [one for one in everything() if matches_of([one], TODAY)[one.pk]]
    without = [one for one in everything() if not matches_of([one], TODAY)[one.pk]]
    two = f"/compare/?reference={with_some[0].reference}&reference={without[0].reference}"
    row = client.get(two).text.partition('data-attribute="financing"')[2].partition("</tr>")[0]
    assert "因为：" in row and "以责任单位答复为准" in row and row.count("<td") == 2
    none = f"/compare/?reference={without[0].reference}&reference={without[1].reference}"
    assert 'data-attribute="financing"' not in client.get(none).text


def test_it_costs_the_same_queries_for_one_and_for_four(chongqing, django_assert_num_queries):
    opportunities = everything()
    with django_assert_num_queries(3):
        matches_of(opportunities[:1], TODAY)
    with django_assert_num_queries(3):
        matches_of(opportunities[:40], TODAY)


def test_a_page_turns_on_the_day_a_rule_does(client, item, clock):
    """Although it was kept, and nothing was published meanwhile."""
    make_opportunity(reference="TEST-DAY", sector="grain")
    Rule.objects.create(
        item=item, sectors=["grain"], valid_from=date(2026, 3, 4), valid_to=date(2026, 3, 5), basis_zh="测试"
    )
    path = "/opportunities/TEST-DAY/"
    seen, tags = [], []
    for _day in range(6):
        answer = client.get(path)
        seen.append("因为：" in answer.text)
        tags.append(answer.headers["ETag"])
        assert client.get(path, headers={"If-None-Match": tags[-1]}).status_code == 304
        clock.move(days=1)
    assert seen == [False, False, True, True, False, False]  # 2 to 7 March
    assert len(set(tags)) == 3


def test_rules_are_marked_as_samples_in_the_pack():
    assert tomllib.loads((CHONGQING / "catalogue.toml").read_text("utf-8"))["sample"] is True
    assert {row["sample"] for row in rows_of("financing/rules.csv")} == {"true"}
    assert all(row["basis_zh"] and row["basis_en"] for row in rows_of("financing/rules.csv"))
