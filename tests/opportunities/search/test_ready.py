"""What is kept ready of large lists: the same numbers and rows as counted live, whatever is written."""

from __future__ import annotations

import importlib
import os
import random
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.http import QueryDict

from opportunities import counting, publishing
from opportunities.charts.heat import heat
from opportunities.charts.ridge import ridge
from opportunities.insights import across_regions
from opportunities.models import Cooperation, District, Edition, FacetRow, Location, Opportunity, Revision
from opportunities.relating import similar
from opportunities.search import columns, facets, query, ready, scheme
from opportunities.search.query import Search
from tests import process
from tests.factories import make_edition, make_opportunity
from tests.oracle import CHONGQING, Oracle, Questions, query_string
from tests.process import started

pytestmark = pytest.mark.django_db

SEED = os.environ.get("SEED", "2026")
CHUNKS, SEARCHES = 8, 250


@pytest.fixture(autouse=True)
def every_list_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scheme, "LARGE_FROM", 1)


def asked(query: str = "") -> Search:
    return Search.from_query(QueryDict(query))


def live_keys(search: Search) -> list[int]:
    return list(search.results.values_list("pk", flat=True))


def is_as_live(query: str = "", page_size: int = 100) -> bool:
    """Whether numbers and rows that are kept ready are those counted live."""
    search = asked(query)
    assert search.ready
    whole = search.having(page_size=page_size)
    counted = facets.of_counts(facets.count(search.filterset), search.scheme, search.values)
    # The first pages stay with the numbers where these were asked for.
    alone = _keys(whole)
    return search.facets == counted and alone == _keys(whole) == live_keys(search)


def _keys(search: Search) -> list[int]:
    pages = range(1, search.last_page(search.count) + 1)
    return [key for page in pages for key in _page(search, page).keys(search.count)]


def _page(search: Search, page: int) -> Search:
    numbered = search.having()
    numbered.values["page"] = page
    return numbered


# --- the same as counted live ---------------------------------------------------------------------


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_random_searches_find_what_is_counted_live(
    chongqing: Edition, chunk: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    if chunk % 2:
        # As where there are very many: pages in several pieces, other orders from the database.
        monkeypatch.setattr(ready, "LOOKED_AT", 1)
        monkeypatch.setattr(query, "FEW", 0)
    ask = Questions(Oracle.of(CHONGQING), f"{SEED}-ready-{chunk}")
    for _ in range(SEARCHES):
        search = query_string(ask())
        assert is_as_live(search), f"SEED={SEED} ?{search}"


def test_small_lists_are_counted_live_alone(chongqing: Edition, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scheme, "LARGE_FROM", 161)
    assert asked().ready is None
    assert not columns._kept


def test_an_entry_in_three_places_of_two_regions_counts_once_in_each() -> None:
    edition = make_edition(places={"east": ["1101", "1102"], "west": ["2201"]})
    make_opportunity(edition=edition, districts={"1101": "0.5", "2201": "0.25", "1102": "0.25"})
    make_opportunity(edition=edition, districts="2201")
    for search in (
        "",
        "region=east",
        "region=west",
        "district=1102&district=2201",
        "region=east&district=2201",
    ):
        assert is_as_live(search), search
    east, west = asked("district=1101&district=1102&district=2201").facets.facets["region"]
    assert [(east.count, east.investment), (west.count, west.investment)] == [
        (1, Decimal("7.50")),
        (2, Decimal("12.50")),
    ]


# --- kept up with what is written -----------------------------------------------------------------


class Memory:
    """What a server process has in memory; each asks the same database by itself."""

    def __init__(self) -> None:
        self.schemes: dict[Any, Any] = {}
        self.columns: dict[Any, Any] = {}

    def sees(self, search: str, monkeypatch: pytest.MonkeyPatch) -> tuple[facets.Facets, list[int]]:
        with monkeypatch.context() as own:
            own.setattr(scheme, "_kept", self.schemes)
            own.setattr(columns, "_kept", self.columns)
            assert is_as_live(search, page_size=2), search
            return asked(search).facets, asked(search).keys(asked(search).count)


def publish(chance: random.Random, one: Opportunity) -> None:
    publishing.publish(one)


def withdraw(chance: random.Random, one: Opportunity) -> None:
    publishing.withdraw(one)


def change(chance: random.Random, one: Opportunity) -> None:
    # Of few amounts many are equal, and references decide.
    one.investment = Decimal(chance.choice((500, 1000, 1001, 4999, 20_000))) / 100
    one.cycle_months = chance.randrange(1, 60)
    one.status = chance.choice(Opportunity.Status.values)
    one.sector = chance.choice(list(one.edition.sectors.all()))
    publishing.record_change(one)


def move(chance: random.Random, one: Opportunity) -> None:
    districts = chance.sample(list(one.edition.districts.all()), chance.randrange(1, 4))
    shares = {1: ["1"], 2: ["0.3", "0.7"], 3: ["0.3333", "0.3333", "0.3334"]}[len(districts)]
    one.locations.all().delete()
    for position, (district, share) in enumerate(zip(districts, shares, strict=True)):
        Location.objects.create(opportunity=one, district=district, share=Decimal(share), position=position)
    publishing.record_change(one)


def offer(chance: random.Random, one: Opportunity) -> None:
    one.cooperation_forms.all().delete()
    for form in chance.sample(["equity", "leasing", "technology"], chance.randrange(1, 4)):
        Cooperation.objects.create(opportunity=one, form=form)
    publishing.record_change(one)


def add(chance: random.Random, one: Opportunity) -> None:
    make_opportunity(
        edition=one.edition, investment=one.investment, reference=f"NEW-{chance.randrange(10**9)}"
    )


WRITES = (publish, publish, withdraw, change, move, offer, add)


@pytest.mark.parametrize("number", range(4))
def test_after_random_writes_every_process_sees_what_is_counted_live(
    catalogue: Edition, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(f"{SEED}-writes-{number}")
    memories = [Memory(), Memory(), Memory()]
    loads = count_loads(monkeypatch)
    for _ in range(40):
        for _ in range(chance.randrange(1, 4)):
            write = chance.choice(WRITES)
            write(chance, chance.choice(list(Opportunity.objects.order_by("pk"))))
        # Some sleep through several revisions.
        for memory in chance.sample(memories, 2):
            memory.sees("", monkeypatch)
    assert len({str(memory.sees("", monkeypatch)) for memory in memories}) == 1
    assert len(loads) == len(memories), "followed, not read anew"
    call_command("count_facets", "--check", stdout=StringIO())


def count_loads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    loads: list[str] = []
    load = columns._load

    def counted(scheme: scheme.Scheme, layout: columns.Layout) -> columns.Columns:
        loads.append(scheme.revision)
        return load(scheme, layout)

    monkeypatch.setattr(columns, "_load", counted)
    return loads


def test_a_district_that_changes_its_region_is_counted_in_the_new_one(
    catalogue: Edition, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert is_as_live()
    district = District.objects.filter(locations__opportunity__publication="published").first()
    assert district
    district.region = catalogue.regions.exclude(pk=district.region_id).first()
    district.save()
    publishing.record_reference_change(district)
    for region in catalogue.regions.all():
        assert is_as_live(f"region={region.slug}"), region


def test_an_entry_in_a_place_that_is_newer_than_the_request_is_not_counted_yet(catalogue: Edition) -> None:
    before = asked()
    count = before.facets.count
    region = catalogue.regions.first()
    district = District.objects.create(
        edition=catalogue,
        code="new",
        name_zh="新区",
        name_en="New",
        short_zh="新",
        short_en="New",
        region=region,
    )
    publishing.record_reference_change(district)
    make_opportunity(edition=catalogue, districts="new")
    columns._kept.clear()
    late = before.having()
    assert late.ready and late.ready.facets.count == count
    assert is_as_live("district=new") and asked("district=new").count == 1


def test_where_a_cube_would_be_too_large_rows_are_added_up(
    chongqing: Edition, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(columns, "CUBE_MAX", 1)
    loads = count_loads(monkeypatch)
    for search in ("", "region=metro&sector=smart-ev", "status=open&cooperation=equity"):
        assert is_as_live(search), search
    publishing.withdraw(Opportunity.objects.public()[0])
    assert is_as_live()
    assert asked().ready.columns.cube is None
    assert len(loads) == 1


def test_a_replica_that_is_behind_has_nothing_read_anew(
    catalogue: Edition, monkeypatch: pytest.MonkeyPatch
) -> None:
    loads = count_loads(monkeypatch)
    behind = asked()
    before = behind.facets
    publishing.withdraw(Opportunity.objects.public()[0])
    assert asked().facets.count == before.count - 1
    late = asked()
    late.scheme = behind.scheme
    assert late.ready and late.ready.total.count == before.count - 1
    assert len(loads) == 1


def test_after_a_database_was_restored_the_rows_are_read_anew(
    catalogue: Edition, monkeypatch: pytest.MonkeyPatch
) -> None:
    loads = count_loads(monkeypatch)
    assert is_as_live()
    Revision.objects.update(number=1, token="of another day")
    assert is_as_live()
    assert len(loads) == 2


def test_more_changes_than_are_worth_following_are_read_anew(
    catalogue: Edition, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(columns, "FOLLOWED_MAX", 1)
    loads = count_loads(monkeypatch)
    assert is_as_live()
    for opportunity in Opportunity.objects.public()[:2]:
        publishing.withdraw(opportunity)
    assert is_as_live()
    assert len(loads) == 2


@pytest.mark.django_db(transaction=True)
def test_four_writers_at_once_wait_for_one_another_and_all_is_counted() -> None:
    edition = make_edition()
    for _ in range(6):
        make_opportunity(edition=edition)
    assert is_as_live()

    def write(seed: int) -> None:
        chance = random.Random(f"{SEED}-{seed}")
        keys = list(Opportunity.objects.order_by("pk").values_list("pk", flat=True))
        try:
            for _ in range(12):
                with transaction.atomic():
                    one = Opportunity.objects.select_for_update().get(pk=chance.choice(keys))
                    chance.choice((publish, withdraw, change, move, offer))(chance, one)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as writers:
        list(writers.map(write, range(4)))
    assert is_as_live()
    call_command("count_facets", "--check", stdout=StringIO())


# --- checking and rebuilding ----------------------------------------------------------------------


def test_a_stale_row_is_named_and_renewed(catalogue: Edition) -> None:
    one = Opportunity.objects.public()[0]
    FacetRow.objects.filter(pk=one.pk).update(cents=1)
    with pytest.raises(CommandError, match=one.reference):
        call_command("count_facets", "--check", stdout=StringIO())
    assert not is_as_live()
    call_command("count_facets", stdout=StringIO())
    assert is_as_live()
    call_command("count_facets", "--check", stdout=StringIO())


def test_the_migration_stores_the_rows_of_what_is_public_already(chongqing: Edition) -> None:
    publishing.withdraw(Opportunity.objects.public()[0])
    FacetRow.objects.all().delete()
    importlib.import_module("opportunities.migrations.0007_facet_rows").store_rows(apps, None)
    assert FacetRow.objects.count() == 159
    assert counting.check().stale == []


# --- what is drawn of a whole list ----------------------------------------------------------------


@pytest.mark.parametrize("search", ["", "sector=smart-ev", "status=open&cooperation=equity"])
def test_charts_of_a_large_list_are_those_of_a_small_one(
    chongqing: Edition, search: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("opportunities.charts.ridge.STEPS_MAX", 25)
    # Equal amounts in one district and in several, so that references decide.
    for one in Opportunity.objects.public()[:40]:
        one.investment = Decimal(20)
        publishing.record_change(one)
    large = [draw(asked(search)) for draw in (ridge, heat, across_regions)]
    monkeypatch.setattr(scheme, "LARGE_FROM", 10_000)
    scheme._kept.clear()
    small = [draw(asked(search)) for draw in (ridge, heat, across_regions)]
    assert asked(search).ready is None
    assert [str(one) for one in large] == [str(one) for one in small]


def test_similar_opportunities_of_a_large_list_are_those_of_a_small_one(
    chongqing: Edition, monkeypatch: pytest.MonkeyPatch
) -> None:
    def alike() -> list[list[tuple[str, list[str]]]]:
        opportunities = Opportunity.objects.public().for_detail()
        return [
            [(other.opportunity.reference, list(other.reasons)) for other in similar(one)]
            for one in opportunities
        ]

    large = alike()
    monkeypatch.setattr(scheme, "LARGE_FROM", 10_000)
    scheme._kept.clear()
    assert large == alike()


@pytest.mark.django_db(transaction=True)
def test_several_server_processes_see_the_same_after_every_write() -> None:
    edition = make_edition()
    chance = random.Random(f"{SEED}-processes")
    for _ in range(5):
        make_opportunity(edition=edition)
    with started(2) as processes:
        for write in (change, withdraw, move, add, publish, offer):
            write(chance, chance.choice(list(Opportunity.objects.order_by("pk"))))
            for query in ("", "region=east", "investment_min=5"):
                assert {one.finds(query) for one in processes} == {f"{process.found(query)}\n"}
