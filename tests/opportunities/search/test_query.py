"""A search's address, its sentence of conditions, and its pages."""

from __future__ import annotations

import os
import random
from decimal import Decimal
from typing import Any

import pytest
from django.http import QueryDict
from django.utils import translation

from opportunities.models import Edition, Opportunity
from opportunities.search.query import Search
from opportunities.search.refusals import PageNotFound
from tests.factories import make_edition, make_opportunity
from tests.opportunities.search.asking import references, refusals, search
from tests.oracle import SECOND_CITY, Oracle, Questions, query_string

SEED = os.environ.get("SEED", "2026")


@pytest.mark.parametrize(
    ("spellings", "canonical"),
    [
        (
            [
                "sector=tea&sector=shipping&investment_min=5",
                "investment_min=5.00&sector=shipping&sector=tea",
                "sector=shipping&sector=tea&sector=tea&investment_min=5.0&q=&page=1",
                "sector=tea&investment_min=%EF%BC%95&sector=shipping&sort=-investment&view=list&page_size=20",
                "investment_min_bn=0.5&sector=tea&sector=shipping&edition=2025-spring&cycle_max=",
            ],
            "sector=shipping&sector=tea&investment_min=5",
        ),
        (
            [
                "q=%E8%8C%B6%20port",
                "q=+%E8%8C%B6+++port+",
                "q=%E8%8C%B6%E3%80%80port",
                "sort=relevance&q=%E8%8C%B6%20%EF%BD%90%EF%BD%8F%EF%BD%92%EF%BD%94",
                "q=%E8%8C%B6%09port&status=",
            ],
            "q=%E8%8C%B6%20port",
        ),
        (
            ["cycle_max=36&cycle_min=12&page=2&page_size=1", "page_size=1&page=2&cycle_min=12&cycle_max=36"],
            "cycle_min=12&cycle_max=36&page=2&page_size=1",
        ),
        (["", "page=1", "sort=relevance", "q=&sector=", "edition=2025-spring", "investment_min_bn="], ""),
        (["q=%E8%8C%B6&sort=-investment", "sort=-investment&q=%E8%8C%B6"], "q=%E8%8C%B6&sort=-investment"),
        (["investment_max_bn=0.001", "investment_max=0.010"[:-1]], "investment_max=0.01"),
        (["investment_max=10.50", "investment_max_bn=1.05"], "investment_max=10.5"),
        (["investment_min=0", "investment_min=0.00"], "investment_min=0"),
        (["view=table&sort=name"], "sort=name&view=table"),
    ],
)
def test_many_spellings_have_one_address(catalogue, spellings, canonical):
    assert [search(spelling).canonical_query for spelling in spellings] == [canonical] * len(spellings)


def test_the_names_of_an_address_stand_in_the_contracts_order(catalogue):
    query = (
        "page_size=5&page=1&view=table&sort=name&status=open&cooperation=equity&cycle_max=60&cycle_min=1"
        "&cycle=13-24&investment_max=100&investment_min=1&bracket=20-plus&district=990101&region=harbour"
        "&sector=shipping&q=%E6%B8%AF"
    )
    assert search(query).canonical_query == (
        "q=%E6%B8%AF&sector=shipping&region=harbour&district=990101&bracket=20-plus&investment_min=1"
        "&investment_max=100&cycle=13-24&cycle_min=1&cycle_max=60&cooperation=equity&status=open"
        "&sort=name&view=table&page_size=5"
    )


def test_a_canonical_address_is_a_valid_search_of_the_same_things(catalogue):
    ask = Questions(Oracle.of(SECOND_CITY), f"{SEED}-canonical")
    for _ in range(300):
        query = query_string(ask())
        canonical = search(query).canonical_query
        assert search(canonical).canonical_query == canonical
        assert references(canonical) == references(query)


# NFKC makes several characters of one: the limits hold for what the address would carry.
@pytest.mark.parametrize(
    "text",
    ["㍿" * 60, "ﷺ" * 11 + "a", "½" * 70, "㍿ " * 11, "…".join("abcdefghij")],
    ids=["company", "honorific", "half", "words", "dots"],
)
def test_what_is_accepted_has_an_address_that_is_accepted(catalogue, text):
    query = QueryDict(mutable=True)
    query["q"] = text
    if not refusals(query.urlencode()):
        canonical = search(query.urlencode()).canonical_query
        assert refusals(canonical) == []
        assert search(canonical).canonical_query == canonical


def test_another_edition_stays_in_the_address(catalogue):
    old = make_edition("2019-01", current=False)
    make_opportunity(edition=old, reference="OLD-001")
    assert references("edition=2019-01") == ["OLD-001"]
    assert search("edition=2019-01&sector=grain").canonical_query == "sector=grain&edition=2019-01"
    assert [r.parameter for r in refusals("edition=2019-01&sector=tea")] == ["sector"]
    assert "OLD-001" not in references()


def test_a_facet_value_is_toggled_and_the_page_left(catalogue):
    one = search("sector=tea&page=2&page_size=1&q=茶&view=table")
    assert one.query_toggling("sector", "tea") == "q=%E8%8C%B6&view=table&page_size=1"
    assert one.query_toggling("sector", "chips") == (
        "q=%E8%8C%B6&sector=chips&sector=tea&view=table&page_size=1"
    )
    assert one.query_with(page=3) == "q=%E8%8C%B6&sector=tea&view=table&page=3&page_size=1"
    assert one.query_with(q=None) == "sector=tea&view=table&page_size=1"
    assert one.query_with(investment_min=Decimal("5.50"), sector=None) == (
        "q=%E8%8C%B6&investment_min=5.5&view=table&page_size=1"
    )


def test_removing_the_words_removes_the_order_that_needs_them(catalogue):
    one = search("q=茶&sort=relevance")
    assert one.query_with(q=None) == ""
    assert search("q=茶&sort=-investment").query_with(q=None) == ""


def test_each_condition_says_itself_and_its_link_removes_exactly_it(catalogue):
    one = search("q=港&sector=tea&sector=shipping&district=990101&investment_min=1.50&cycle_max=36&sort=name")
    with translation.override("zh-hans"):
        said = [(c.parameter, c.value, str(c.label)) for c in one.conditions]
    assert said == [
        ("q", "港", "港"),
        ("sector", "shipping", "航运物流"),
        ("sector", "tea", "茶叶与食品"),
        ("district", "990101", "东港区"),
        ("investment_min", "1.5", "1.5 亿元及以上"),
        ("cycle_max", "36", "不超过 36 个月"),
    ]
    everything = one.canonical_query
    for condition in one.conditions:
        pair = QueryDict(mutable=True)
        pair[condition.parameter] = condition.value
        left = one.query_without(condition).split("&")
        assert sorted([*left, *([pair.urlencode()] if condition.parameter != "q" else ["q=%E6%B8%AF"])]) == (
            sorted(everything.split("&"))
        )


def test_the_pages_of_a_list_hold_each_reference_once(catalogue):
    for size in (1, 3, 8, 100):
        seen = []
        for page in range(1, -(-8 // size) + 1):
            one = search(f"page={page}&page_size={size}&sort=-updated")
            seen += [opportunity.reference for opportunity in one.rows(one.count)]
        assert seen == references("sort=-updated")


def test_a_page_past_the_end_is_not_found_and_names_the_last(catalogue):
    one = search("page=9&page_size=1")
    with pytest.raises(PageNotFound) as missing:
        one.rows(one.count)
    assert (missing.value.page, missing.value.last) == (9, 8)
    empty = search("q=zzz")
    assert empty.rows(empty.count) == []


def test_money_is_counted_where_it_lies(catalogue):
    one = search("region=harbour&sector=tea&sector=chips")
    assert [(o.reference, o.investment, one.matched_investment(o)) for o in one.results] == [
        ("QY-005", Decimal("10.01"), Decimal("6.67")),
        ("QY-004", Decimal("5.00"), Decimal("2.00")),
    ]
    assert (one.count, one.total_investment) == (2, Decimal("8.67"))
    district = search("district=free-zone&district=990201&q=绿茶")
    assert [(o.reference, district.matched_investment(o)) for o in district.results] == [
        ("QY-008", Decimal("0.01"))
    ]


def test_a_withdrawn_one_leaves_at_once_and_a_scheme_that_changed_is_read_again(catalogue):
    from opportunities import publishing
    from opportunities.models import Revision

    assert search("sector=chips").count == 2
    publishing.withdraw(Opportunity.objects.get(reference="QY-005"))
    assert references("sector=chips") == ["QY-006"]
    catalogue.sectors.filter(slug="chips").update(slug="circuits")
    Revision.bump()
    assert [r.did_you_mean for r in refusals("sector=chips")] == [None]
    assert references("sector=circuits") == ["QY-006"]


def test_a_later_edition_becomes_the_current_one(catalogue):
    later = make_edition("2026-01")
    make_opportunity(edition=later, reference="NEW-001")
    assert Edition.objects.get(is_current=True) == later
    assert references() == ["NEW-001"]
    assert len(references("edition=2025-spring")) == 8


def test_a_search_costs_the_same_queries_however_much_it_finds(chongqing, django_assert_num_queries):
    assert Search.everything().facets.count  # the scheme and what is counted, once
    costs = {"": 5, "page_size=2": 5, "page_size=100": 5, "q=DEMO&sector=food&region=metro": 6}
    for query, queries in costs.items():
        with django_assert_num_queries(queries):
            one = search(query)
            one.rows(one.count)
            assert one.facets.count == one.count == one.count


def test_random_words_are_never_an_error(catalogue):
    dice = random.Random(SEED)
    alphabet = "茶港a1 %_'\"\\\x00\ud7ff\U0001f600\u200b\u0301ǅ،०ß㍿½\t\n<>&;=+-"
    for _ in range(500):
        query = QueryDict(mutable=True)
        query["q"] = "".join(dice.choice(alphabet) for _ in range(dice.randint(1, 40)))
        if not refusals(query.urlencode()):
            assert isinstance(references(query.urlencode()), list)


@pytest.mark.django_db
def test_rows_have_the_sectors_and_districts_of_their_edition_and_ask_for_none(
    django_assert_num_queries: Any,
) -> None:
    edition = make_edition()
    for number in range(3):
        make_opportunity(edition=edition, districts=["1101", "2201"], reference=f"FEW-{number}")
    everything = search()
    sectors, districts = everything.scheme.sectors, everything.scheme.districts
    with django_assert_num_queries(3):
        rows = everything.rows(3)
        for row in rows:
            assert any(row.sector is sector for sector in sectors)
            assert row.edition.catalogue.title and row.cooperation
            assert {location.district.code for location in row.locations.all()} == {"1101", "2201"}
            assert all(
                any(location.district is district for district in districts)
                for location in row.locations.all()
            )
    assert len(rows) == 3
