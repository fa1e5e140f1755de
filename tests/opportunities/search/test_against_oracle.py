"""Page, API and search give what the contract says: 2,000 random searches, worked out a second time.

``SEED`` repeats a run; a failure names the search. Every tenth goes through page and API too.
"""

from __future__ import annotations

import os
import random
from decimal import Decimal
from pathlib import Path

import pytest
from django.http import QueryDict
from django.test import Client

from opportunities.models import Opportunity
from opportunities.search.query import Search
from tests.oracle import CHONGQING, SECOND_CITY, Found, Oracle, Params, Questions, query_string
from tests.readings import differences, read_api, read_page

SEED = os.environ.get("SEED", "2026")
CHUNKS, SEARCHES = 8, 250
REPLACED_BY_THRESHOLD = ("bracket", "investment_min", "investment_max")


def found_by(search: Search) -> Found:
    # Only of a search for places is the part of the money that matches less than the whole.
    is_for_places = search.values["region"] or search.values["district"]
    opportunities = list(search.results.for_results() if is_for_places else search.results)
    facets = search.facets
    assert facets.count == search.count == len(opportunities)
    assert facets.total_investment == search.total_investment
    return Found(
        references=[opportunity.reference for opportunity in opportunities],
        matched={o.reference: search.matched_investment(o) for o in opportunities},
        count=search.count,
        total=search.total_investment,
        facets={
            name: {one.value: (one.count, one.investment, one.selected) for one in values}
            for name, values in facets.facets.items()
        },
        at_least=[(one.threshold, one.count, one.investment) for one in facets.investment_at_least],
    )


def compare(pack: Path, chunk: object, searches: int, client: Client | None) -> None:
    print(f"SEED={SEED}")
    oracle = Oracle.of(pack)
    ask = Questions(oracle, f"{SEED}-{pack.name}-{chunk}")
    for number in range(searches):
        params = ask()
        expected = oracle.search(params)
        search = Search.from_query(QueryDict(query_string(params)))
        where = f"SEED={SEED} chunk {chunk}: ?{query_string(params)}"
        assert differences(expected, found_by(search)) == [], where
        if number % 10 == 0:
            compare_pages(params, expected, ask.random.choice((1, 3, 20, 100)), where)
            if client:
                compare_outside(client, params, expected, where)


def compare_pages(params: Params, expected: Found, page_size: int, where: str) -> None:
    """The pages of a list hold each reference once, in order."""
    page_size = max(page_size, -(-expected.count // 10))
    references: list[str] = []
    for page in range(1, max(1, -(-expected.count // page_size)) + 1):
        numbers = {"page": [str(page)], "page_size": [str(page_size)]}
        search = Search.from_query(QueryDict(query_string({**params, **numbers})))
        references += [opportunity.reference for opportunity in search.rows(search.count)]
    assert references == expected.references, f"{where} by pages of {page_size}"


def compare_outside(client: Client, params: Params, expected: Found, where: str) -> None:
    for prefix in ("", "/en"):
        page = read_page(client, prefix, params)
        assert differences(expected, page, parts=("references", "count", "total", "facets")) == [], (
            f"{where} page {prefix}"
        )
    assert differences(expected, read_api(client, params)) == [], f"{where} API"


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_random_searches_give_what_the_contract_says(chongqing, client, chunk):
    compare(CHONGQING, chunk, SEARCHES, client)


def test_random_searches_of_another_city_too(catalogue, client):
    compare(SECOND_CITY, "second city", SEARCHES, client)


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_the_numbers_beside_a_value_are_those_of_the_search_it_leads_to(chongqing, chunk):
    ask = Questions(Oracle.of(CHONGQING), f"{SEED}-P4-{chunk}")
    dice = random.Random(f"{SEED}-P4-{chunk}")
    for _ in range(SEARCHES):
        params = ask()
        search = Search.from_query(QueryDict(query_string(params)))
        name = dice.choice(list(search.facets.facets))
        value = dice.choice(search.facets.facets[name])
        alone = Search.from_query(QueryDict(query_string({**params, name: [value.value]})))
        assert (value.count, value.investment) == (alone.count, alone.total_investment), (
            f"SEED={SEED}: {name}={value.value} of ?{query_string(params)}"
        )


def test_a_cumulative_threshold_leads_to_the_search_with_that_minimum(chongqing):
    ask = Questions(Oracle.of(CHONGQING), f"{SEED}-thresholds")
    for _ in range(100):
        params = ask()
        search = Search.from_query(QueryDict(query_string(params)))
        for one in search.facets.investment_at_least:
            rest = {
                n: v for n, v in params.items() if n not in ("bracket", "investment_min", "investment_max")
            }
            there = Search.from_query(
                QueryDict(query_string({**rest, "investment_min": [str(one.threshold)]}))
            )
            assert (one.count, one.investment) == (there.count, there.total_investment), query_string(params)


def test_the_oracle_notices_a_wrong_number(chongqing):
    """The comparison itself: one row changed behind the oracle's back is seen."""
    oracle = Oracle.of(CHONGQING)
    Opportunity.objects.filter(reference=oracle.entries[0].reference).update(investment=Decimal("1.23"))
    found = differences(oracle.search({}), found_by(Search.everything()))
    assert found
