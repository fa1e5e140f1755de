"""How the database finds what a search asks for: what is asked of every list is read off an index."""

from __future__ import annotations

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext

from opportunities.search import text
from opportunities.search.parameters import SORTS
from opportunities.search.query import Search

INDEXES = {
    "-investment": "opportunity_by_money",
    "investment": "opportunity_by_money",
    "cycle": "opportunity_by_cycle",
    "-cycle": "opportunity_by_cycle",
    "name": "opportunity_by_name",
    "-updated": "opportunity_by_update",
}


def plan_of(query: str) -> str:
    """The plan of a page's rows; so few as here, PostgreSQL would read all and sort them."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            for way in ("seqscan", "bitmapscan", "sort"):
                cursor.execute(f"SET LOCAL enable_{way} = off")
    return Search.from_query(QueryDict(query)).results[:20].explain()


def test_every_order_has_its_index():
    assert set(INDEXES) == set(SORTS) - {"relevance"}


@pytest.mark.parametrize("sort", INDEXES)
def test_a_page_in_any_order_is_read_off_an_index(chongqing, sort):
    plan = plan_of(f"sort={sort}")
    assert INDEXES[sort] in plan
    assert "TEMP B-TREE FOR ORDER BY" not in plan


def test_the_places_of_a_search_are_asked_once_where_its_results_are_counted(chongqing):
    """PostgreSQL took the same condition twice for two, and joined its rows one by one."""
    asked = str(Search.from_query(QueryDict("region=metro&sector=food")).matched_locations.query)
    assert (asked.count("metro"), asked.count("food")) == (1, 1)


def test_a_lookup_of_words_has_memory_for_where_it_finds_them(chongqing):
    """With too little PostgreSQL works out the tokens of every text on a page, 22 s long in a million."""
    assert text.keys_holding("电池")
    if connection.vendor == "postgresql":  # until the transaction of the test ends
        with connection.cursor() as cursor:
            cursor.execute("SHOW work_mem")
            assert cursor.fetchone() == (text.FOUND_MEMORY,)


def test_a_lookup_of_words_reads_no_text(chongqing):
    """SQLite asks the index alone. PostgreSQL visits the rows found: with their texts in them, 160 took
    twenty pages."""
    with CaptureQueriesContext(connection) as asked:
        assert text.keys_holding("电池")
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(f"EXPLAIN QUERY PLAN {asked[-1]['sql']}")
            assert [plan.split()[1] for *_numbers, plan in cursor.fetchall()] == ["opportunities_words"]
            return
        # In a table as the other was made, where nothing lies between that other tests took back.
        cursor.execute(
            "SELECT array_to_string(reloptions, ', ') FROM pg_class"
            " WHERE oid = 'opportunities_searchtext'::regclass"
        )
        [options] = cursor.fetchone()
        cursor.execute(
            "CREATE TEMP TABLE alike (LIKE opportunities_searchtext INCLUDING STORAGE)"
            f" WITH ({options}) ON COMMIT DROP"
        )
        cursor.execute("INSERT INTO alike SELECT * FROM opportunities_searchtext")
        cursor.execute("SELECT count(*), count(DISTINCT (ctid::text::point)[0]) FROM alike")
        rows, pages = cursor.fetchone()
        assert rows / pages > 20
