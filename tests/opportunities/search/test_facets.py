"""Counts and sums beside each value, on few rows that are easy to add up by hand."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.http import QueryDict
from django.utils import translation

from opportunities.models import Opportunity
from opportunities.search import entries
from opportunities.search.parameters import FACETS
from opportunities.search.query import Search
from tests.factories import make_edition, make_opportunity
from tests.opportunities.search.asking import search


@pytest.fixture
def rows(db):
    edition = make_edition(
        sectors=["grain", "tools", "cloth"], places={"east": ["1101", "1102"], "west": ["2201"]}
    )
    for reference, sector, districts, investment, months, forms, status in (
        ("ROW-1", "grain", {"1101": "1"}, "100.00", 12, ["equity"], "open"),
        ("ROW-2", "grain", {"1101": "0.6", "2201": "0.4"}, "10.00", 13, ["equity", "leasing"], "open"),
        ("ROW-3", "tools", {"1101": "0.5", "1102": "0.5"}, "9.99", 37, ["leasing"], "negotiating"),
        ("ROW-4", "tools", {"2201": "1"}, "50.00", 36, ["technology"], "signed"),
    ):
        make_opportunity(
            edition=edition,
            reference=reference,
            sector=sector,
            districts=districts,
            investment=Decimal(investment),
            cycle_months=months,
            cooperation=forms,
            status=status,
        )
    return edition


def facets_of(asked: Search, name: str) -> dict[str, tuple[int, str]]:
    return {value.value: (value.count, str(value.investment)) for value in asked.facets.facets[name]}


def facet(query: str, name: str) -> dict[str, tuple[int, str]]:
    return facets_of(search(query), name)


def test_entries_are_read_for_the_first_search_alone_and_words_ask_for_keys(rows, django_assert_num_queries):
    asked = search("cycle_min=13&cycle_max=36&sector=grain")
    with django_assert_num_queries(1):
        assert facets_of(asked, "sector") == {
            "grain": (1, "10.00"), "tools": (1, "50.00"), "cloth": (0, "0.00"),
        }  # fmt: skip
    by_months = Search.from_query(QueryDict("cycle_max=12"), current=asked.scheme)
    by_words = Search.from_query(QueryDict("q=ROW-1&cycle_max=12"), current=asked.scheme)
    for another, queries in ((by_months, 0), (by_words, 1)):
        with django_assert_num_queries(queries):
            assert facets_of(another, "sector") == {
                "grain": (1, "100.00"), "tools": (0, "0.00"), "cloth": (0, "0.00"),
            }  # fmt: skip


def test_every_facet_has_every_value_in_the_catalogues_order_zeros_included(rows):
    facets = search().facets.facets
    assert tuple(facets) == FACETS
    assert facet("", "sector") == {"grain": (2, "110.00"), "tools": (2, "59.99"), "cloth": (0, "0.00")}
    assert facet("", "region") == {"east": (3, "115.99"), "west": (2, "54.00")}
    assert facet("", "district") == {"1101": (3, "111.00"), "1102": (1, "4.99"), "2201": (2, "54.00")}
    assert facet("", "bracket") == {
        "under-10": (1, "9.99"), "10-50": (1, "10.00"), "50-100": (1, "50.00"), "100-plus": (1, "100.00"),
    }  # fmt: skip
    assert facet("", "cycle") == {
        "up-to-12": (1, "100.00"), "13-24": (1, "10.00"), "25-36": (1, "50.00"), "over-36": (1, "9.99"),
    }  # fmt: skip
    assert facet("", "cooperation") == {
        "sole-investment": (0, "0.00"), "joint-venture": (0, "0.00"), "cooperation": (0, "0.00"),
        "equity": (2, "110.00"), "technology": (1, "50.00"), "leasing": (2, "19.99"),
    }  # fmt: skip
    assert facet("", "status") == {"open": (2, "110.00"), "negotiating": (1, "9.99"), "signed": (1, "50.00")}
    assert (search().facets.count, str(search().facets.total_investment)) == (4, "169.99")


def test_an_opportunity_in_two_regions_counts_once_in_each_and_once_in_the_total(rows):
    found = search("q=ROW-2").facets
    assert (found.count, str(found.total_investment)) == (1, "10.00")
    assert facet("q=ROW-2", "region") == {"east": (1, "6.00"), "west": (1, "4.00")}


def test_a_facet_applies_every_filter_but_its_own(rows):
    query = "sector=grain"
    assert facet(query, "sector") == facet("", "sector")
    assert facet(query, "status") == {
        "open": (2, "110.00"),
        "negotiating": (0, "0.00"),
        "signed": (0, "0.00"),
    }
    both = "sector=grain&status=signed"
    assert search(both).count == 0
    assert facet(both, "sector") == {"grain": (0, "0.00"), "tools": (1, "50.00"), "cloth": (0, "0.00")}
    assert facet(both, "status") == {"open": (2, "110.00"), "negotiating": (0, "0.00"), "signed": (0, "0.00")}
    assert facet(both, "region") == {"east": (0, "0.00"), "west": (0, "0.00")}


def test_money_is_of_the_places_that_match(rows):
    assert facet("region=west", "sector") == {
        "grain": (1, "4.00"), "tools": (1, "50.00"), "cloth": (0, "0.00"),
    }  # fmt: skip
    assert facet("region=west", "region") == {"east": (3, "115.99"), "west": (2, "54.00")}
    assert facet("region=west", "district") == {
        "1101": (0, "0.00"),
        "1102": (0, "0.00"),
        "2201": (2, "54.00"),
    }
    assert facet("district=1102", "region") == {"east": (1, "4.99"), "west": (0, "0.00")}
    assert facet("district=1102&region=west", "bracket")["under-10"] == (0, "0.00")


def test_the_odd_cent_goes_to_the_first_of_equal_parts(rows):
    assert facet("q=ROW-3", "district")["1101"] == (1, "5.00")
    assert facet("q=ROW-3", "district")["1102"] == (1, "4.99")


def test_thresholds_count_upwards_and_their_own_bound_belongs_to_them(rows):
    def at_least(query):
        return [
            (str(one.threshold), one.count, str(one.investment))
            for one in search(query).facets.investment_at_least
        ]

    assert at_least("") == [("10", 3, "160.00"), ("50", 2, "150.00"), ("100", 1, "100.00")]
    # bracket and range are replaced by the threshold, everything else stays
    for replaced in ("bracket=under-10", "investment_max=20", "investment_min=60&bracket=100-plus"):
        assert at_least(replaced) == at_least("")
    assert at_least("region=west") == [("10", 2, "54.00"), ("50", 1, "50.00"), ("100", 0, "0.00")]
    assert at_least("sector=grain&investment_min=60") == [
        ("10", 2, "110.00"), ("50", 1, "100.00"), ("100", 1, "100.00"),
    ]  # fmt: skip


def test_ranges_and_words_narrow_every_facet(rows):
    assert facet("investment_min=10&investment_max=50", "sector") == {
        "grain": (1, "10.00"), "tools": (1, "50.00"), "cloth": (0, "0.00"),
    }  # fmt: skip
    assert facet("investment_min=50", "bracket") == {
        "under-10": (0, "0.00"), "10-50": (0, "0.00"), "50-100": (1, "50.00"), "100-plus": (1, "100.00"),
    }  # fmt: skip
    assert facet("cycle_max=13", "cycle")["over-36"] == (0, "0.00")


def test_selected_values_say_so(rows):
    chosen = {
        (name, value.value)
        for name, values in search("sector=tools&region=west&region=east").facets.facets.items()
        for value in values
        if value.selected
    }
    assert chosen == {("sector", "tools"), ("region", "west"), ("region", "east")}


@pytest.mark.parametrize("publication", ["draft", "in-review", "withdrawn", "archived"])
def test_what_is_not_public_counts_nowhere(rows, publication):
    before = search().facets
    make_opportunity(edition=rows, investment=Decimal(500), publication=publication)
    after = search().facets
    assert (after.count, after.facets, after.investment_at_least) == (
        before.count,
        before.facets,
        before.investment_at_least,
    )


def test_another_edition_counts_by_its_own_values(rows):
    other = make_edition("2019-01", current=False, thresholds=[7], sectors=["salt"], places={"north": ["31"]})
    make_opportunity(edition=other, investment=Decimal(7))
    assert facet("edition=2019-01", "sector") == {"salt": (1, "7.00")}
    assert facet("edition=2019-01", "bracket") == {"under-7": (0, "0.00"), "7-plus": (1, "7.00")}
    assert facet("", "sector")["grain"] == (2, "110.00")


def test_labels_are_in_both_languages(rows):
    values = {value.value: value.label for value in search().facets.facets["bracket"]}
    with translation.override("zh-hans"):
        assert [str(label) for label in values.values()] == [
            "10 亿元以下", "10–50 亿元", "50–100 亿元", "100 亿元及以上",
        ]  # fmt: skip
    with translation.override("en"):
        assert [str(label) for label in values.values()] == [
            "Under CNY 1 bn", "CNY 1–5 bn", "CNY 5–10 bn", "CNY 10 bn or more",
        ]  # fmt: skip


def test_what_is_counted_is_read_in_one_query_and_kept(chongqing, django_assert_num_queries):
    one, other = search("sector=food&region=metro"), search("status=open")
    with django_assert_num_queries(1):
        assert 0 < one.facets.count < other.facets.count


def test_an_opportunity_in_several_places_counts_once_whichever_of_them_are_asked_for(db):
    edition = make_edition(places={"east": ["1101", "1102"], "west": ["2201", "2202"]})
    shares = {"1101": "0.5", "2201": "0.3", "1102": "0.1", "2202": "0.1"}
    make_opportunity(edition=edition, reference="ROW-1", districts=shares, investment=Decimal(10))
    make_opportunity(edition=edition, reference="ROW-2", districts={"1102": "1"}, investment=Decimal("3.50"))
    assert facet("", "region") == {"east": (2, "9.50"), "west": (1, "4.00")}
    assert facet("region=west", "region") == {"east": (2, "9.50"), "west": (1, "4.00")}
    assert facet("region=west", "status")["open"] == (1, "4.00")
    assert facet("district=1101&district=1102", "status")["open"] == (2, "9.50")
    asked = search("district=1101&district=2202&region=east")
    assert (asked.facets.count, str(asked.facets.total_investment)) == (1, "5.00")
    assert [row.reference for row in asked.rows(1)] == ["ROW-1"]


def test_what_lies_in_a_sector_that_came_later_than_the_scheme_was_read_is_left_out(rows):
    scheme = search().scheme
    later = rows.sectors.get(slug="cloth")
    later.pk, later.slug = None, "later"
    later.save()
    make_opportunity(edition=rows, reference="ROW-9", sector="later", districts={"1101": "1"})
    public = Opportunity.objects.public()
    assert public.count() == 5
    assert len(set(entries.read(public, scheme).keys)) == 4
