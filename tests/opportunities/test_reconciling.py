"""Published figures of Chongqing's list beside computed ones, through the API.

The figures are literals from the Chongqing Daily's report of 10 April 2024 on the list's release. The
sums of the regions, 4972, explain the rounded “about 5000”.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.http import QueryDict

from opportunities.models import PublishedFigure
from opportunities.reconciling import Result, reconcile
from opportunities.search.query import Search
from tests.factories import claimed, make_edition, make_opportunity

REPORT = "Chongqing Daily"
TOTAL = (160, "4972.00")
AT_LEAST = {100: 15, 50: 25, 10: 109}
REGIONS = {"metro": (105, "3528.00"), "northeast": (39, "1034.00"), "southeast": (17, "410.00")}
SECTORS = {
    "smart-ev": (35, "1008.00"),
    "biomedicine": (36, "1093.00"),
    "smart-equipment": (20, "898.00"),
    "culture-commerce-consumer": (18, "928.00"),
}


def numbers(client, query=""):
    page = client.get(f"/api/v1/opportunities/?{query}").json()
    return page["count"], page["total_investment"]


def facets(client, query=""):
    return client.get(f"/api/v1/facets/?{query}").json()


@pytest.fixture
def edition(client, chongqing):
    return client.get("/api/v1/editions/").json()[0]


def test_the_whole_list_gives_the_published_totals(client, chongqing):
    assert numbers(client) == TOTAL
    found = facets(client)
    assert (found["count"], found["total_investment"]) == TOTAL
    assert len(client.get("/api/v1/sectors/").json()) == 9


@pytest.mark.parametrize(("threshold", "published"), AT_LEAST.items())
def test_an_amount_and_more_is_counted_as_published(client, chongqing, threshold, published):
    assert numbers(client, f"investment_min={threshold}")[0] == published
    found = {entry["threshold"]: entry["count"] for entry in facets(client)["investment_at_least"]}
    assert found[threshold] == published


def test_the_brackets_are_what_lies_between_the_published_thresholds(client, chongqing):
    found = {value["value"]: value["count"] for value in facets(client)["facets"]["bracket"]}
    assert found == {"under-10": 51, "10-50": 84, "50-100": 10, "100-plus": 15}


@pytest.mark.parametrize(("region", "published"), REGIONS.items())
def test_a_region_gives_its_published_figures(client, chongqing, region, published):
    assert numbers(client, f"region={region}") == published
    found = {value["value"]: value for value in facets(client)["facets"]["region"]}
    assert (found[region]["count"], found[region]["investment"]) == published


def test_the_one_opportunity_in_two_regions_explains_161(client, chongqing):
    found = facets(client)["facets"]["region"]
    assert sum(value["count"] for value in found) == 161
    assert sum(Decimal(value["investment"]) for value in found) == Decimal("4972.00")
    references = {
        region: {item["reference"] for item in all_of(client, f"region={region}")} for region in REGIONS
    }
    shared = [ref for a in REGIONS for b in REGIONS if a < b for ref in references[a] & references[b]]
    assert len(shared) == 1
    item = client.get(f"/api/v1/opportunities/{shared[0]}/").json()
    assert len({location["region"]["slug"] for location in item["locations"]}) == 2
    parts = [Decimal(location["investment"]) for location in item["locations"]]
    assert sum(parts) == Decimal(item["investment"])


def all_of(client, query):
    items, page = [], 1
    while True:
        answer = client.get(f"/api/v1/opportunities/?{query}&page={page}&page_size=100").json()
        items += answer["results"]
        if not answer["next"]:
            return items
        page += 1


@pytest.mark.parametrize(("sector", "published"), SECTORS.items())
def test_a_sector_gives_its_published_figures(client, chongqing, sector, published):
    assert numbers(client, f"sector={sector}") == published
    found = {value["value"]: value for value in facets(client)["facets"]["sector"]}
    assert (found[sector]["count"], found[sector]["investment"]) == published


def test_109_and_51_each_mean_two_things_that_cannot_be_swapped(client, chongqing):
    """109 are ≥ 10 亿元, and 109 lie in the four named sectors; they are not the same 109."""
    named = "&".join(f"sector={slug}" for slug in SECTORS)
    others = "&".join(
        f"sector={sector['slug']}"
        for sector in client.get("/api/v1/sectors/").json()
        if sector["slug"] not in SECTORS
    )
    large = {item["reference"] for item in all_of(client, "investment_min=10")}
    small = {item["reference"] for item in all_of(client, "bracket=under-10")}
    of_named = {item["reference"] for item in all_of(client, named)}
    of_others = {item["reference"] for item in all_of(client, others)}
    assert (len(large), len(small), len(of_named), len(of_others)) == (109, 51, 109, 51)
    assert large != of_named and small != of_others
    assert numbers(client, named) == (109, "3927.00")
    assert numbers(client, others) == (51, "1045.00")
    assert Decimal(numbers(client, "investment_min=10")[1]) != Decimal("3927.00")


def test_the_api_lists_every_claim_of_the_source_in_its_order(edition):
    claims = [(f["claim"], f["value"], f["published"]) for f in edition["published_figures"]]
    assert claims == [
        ("opportunities", "", 160),
        ("investment", "", "5000.00"),
        ("sectors", "", 9),
        ("attributes", "", 12),
        *(("opportunities-at-least", str(threshold), count) for threshold, count in AT_LEAST.items()),
        *(
            claim
            for slug, (count, money) in REGIONS.items()
            for claim in (("region-opportunities", slug, count), ("region-investment", slug, money))
        ),
        *(
            claim
            for slug, (count, money) in SECTORS.items()
            for claim in (("sector-opportunities", slug, count), ("sector-investment", slug, money))
        ),
    ]


def test_every_published_figure_comes_out_and_only_the_rounded_one_differs(edition):
    differing = [f for f in edition["published_figures"] if Decimal(f["difference"])]
    assert [(f["claim"], f["computed"], f["difference"], f["rounded"]) for f in differing] == [
        ("investment", "4972.00", "-28.00", True)
    ]
    assert [f["claim"] for f in edition["published_figures"] if f["rounded"]] == ["investment"]
    assert differing[0]["explanation"]["zh"] and differing[0]["explanation"]["en"]


def test_an_edition_names_its_source(chongqing):
    assert {figure.source.en.split(",")[0] for figure in chongqing.published_figures.all()} == {REPORT}


def test_what_was_withdrawn_opens_a_difference_that_needs_a_look(client, chongqing):
    from opportunities.publishing import withdraw

    largest = Search.everything().results[0]
    withdraw(largest)
    reconciled = {(r.figure.claim, r.figure.value): r for r in reconcile(chongqing)}
    assert reconciled["opportunities", ""].difference == -1
    assert reconciled["opportunities-at-least", "100"].difference == -1
    assert reconciled["opportunities", ""].result == Result.DIFFERS
    assert reconciled["investment", ""].result == Result.ROUNDED
    assert reconciled["investment", ""].difference == Decimal("-28.00") - largest.investment


def test_a_computed_figure_is_that_of_the_search_its_query_leads_to(chongqing):
    found = [r for r in reconcile(chongqing) if r.query is not None]
    assert len(found) == 19
    for reconciled in found:
        search = Search.from_query(QueryDict(reconciled.query))
        expected = search.total_investment if reconciled.is_money else search.count
        assert reconciled.computed == expected, reconciled.figure


@pytest.mark.django_db
def test_a_claim_about_what_the_edition_does_not_have_is_about_nothing():
    edition = make_edition(sectors=["grain"])
    make_opportunity()
    claim = PublishedFigure.Claim
    claimed(
        edition,
        (claim.SECTOR_OPPORTUNITIES, "no-such-sector", 3),
        (claim.REGION_INVESTMENT, "no-such-region", 5),
        (claim.OPPORTUNITIES_AT_LEAST, "ten", 2),
    )
    assert [(r.computed, r.difference, r.query) for r in reconcile(edition)] == [
        (0, -3, None),
        (Decimal(0), Decimal(-5), None),
        (0, -2, None),
    ]


@pytest.mark.django_db
def test_an_older_edition_is_reconciled_with_its_own_rows_and_any_threshold():
    old = make_edition("2019-01", released_on=date(2019, 1, 1), sectors=["grain"])
    for investment in (3, 20, 30):
        make_opportunity(edition=old, investment=Decimal(investment))
    make_edition("2020-01", sectors=["grain"])
    make_opportunity(investment=Decimal(1000))
    claim = PublishedFigure.Claim
    claimed(
        old,
        (claim.OPPORTUNITIES, "", 4),
        (claim.INVESTMENT, "", 53),
        (claim.OPPORTUNITIES_AT_LEAST, "20", 2),
        (claim.OPPORTUNITIES_AT_LEAST, "2.5", 3),
        (claim.SECTOR_OPPORTUNITIES, "grain", 3),
    )
    assert [(r.computed, r.difference, r.query) for r in reconcile(old)] == [
        (3, -1, "edition=2019-01"),
        (Decimal(53), 0, "edition=2019-01"),
        (2, 0, "investment_min=20&edition=2019-01"),
        (3, 0, "investment_min=2.5&edition=2019-01"),
        (3, 0, "sector=grain&edition=2019-01"),
    ]
