"""Synthetic editions: whole or not at all, true to themselves, and never in the way of another."""

from __future__ import annotations

import io
from collections import Counter
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command
from django.http import QueryDict

from opportunities import indexing, publishing, synthesising
from opportunities.amounts import cents
from opportunities.loading import load_pack
from opportunities.models import Catalogue, Contact, Edition, Location, Opportunity, Revision
from opportunities.search import text
from opportunities.search.query import Search
from opportunities.search.scheme import Scheme
from opportunities.synthesising import CannotMake
from tests.oracle import CHONGQING

COUNT = 120
BRACKETS = {"under-10": (0, 10), "10-50": (10, 50), "50-100": (50, 100), "100-plus": (100, 10**6)}


def make_load(*arguments: object) -> str:
    out = io.StringIO()
    call_command("make_load", *arguments, stdout=out, stderr=out)
    return out.getvalue()


def made(edition: Edition) -> list[Opportunity]:
    return list(Opportunity.objects.filter(edition=edition).for_detail().order_by("reference"))


def everything_of(count: int) -> Search:
    return Search.from_query(QueryDict(f"edition=load-{count}"))


def recounted(opportunities: list[Opportunity]) -> dict[tuple[str, str], tuple[int, int]]:
    """Number and money (hundredths of 亿元) of each facet value, from the rows alone."""
    counts: Counter[tuple[str, str]] = Counter()
    money: Counter[tuple[str, str]] = Counter()
    for one in opportunities:
        [bracket] = [slug for slug, (low, high) in BRACKETS.items() if low <= one.investment < high]
        own = {
            ("sector", one.sector.slug),
            ("bracket", bracket),
            ("cycle", Scheme.cycle_of(one.cycle_months)),
            ("status", one.status),
            *(("cooperation", row.form) for row in one.cooperation_forms.all()),
        }
        for value in own:
            money[value] += cents(one.investment)
        for location in one.locations.all():
            for value in (("region", location.district.region.slug), ("district", location.district.code)):
                own.add(value)
                money[value] += cents(location.investment)
        counts.update(own)
    return {value: (counts[value], money[value]) for value in counts}


def test_the_search_of_a_synthetic_edition_says_what_was_written(chongqing):
    edition = synthesising.make(COUNT)
    opportunities = made(edition)
    search = everything_of(COUNT)
    assert len(opportunities) == search.count == search.facets.count == COUNT
    assert search.total_investment == sum(one.investment for one in opportunities)
    assert {
        (name, value.value): (value.count, cents(value.investment))
        for name, values in search.facets.facets.items()
        for value in values
        if value.count
    } == recounted(opportunities)
    assert [one.reference for one in search.rows(COUNT)] == [
        one.reference for one in sorted(opportunities, key=lambda one: (-one.investment, one.reference))[:20]
    ]


def test_its_words_are_found(chongqing):
    opportunities = made(synthesising.make(COUNT))
    search = Search.from_query(QueryDict(f"edition=load-{COUNT}&q=生产线"))
    holding = {
        one.reference
        for one in opportunities
        if any("生产线" in words for words in (one.name_zh, one.summary_zh, one.content_zh))
    }
    assert holding
    assert {one.reference for one in search.matching} == holding


def test_what_is_derived_is_what_publishing_derives(chongqing):
    opportunities = made(synthesising.make(COUNT))
    assert indexing.check() == indexing.Findings(count=160 + COUNT)
    for one in opportunities:
        parts = [location.investment for location in one.locations.all()]
        assert publishing.reasons_not_to_publish(one) == []
        assert sum(parts) == one.investment
        publishing.derive(one)
        assert one.name_key == text.sort_key(one.name_zh)
        assert [location.investment for location in one.locations.all()] == parts
        one.full_clean()


def test_every_entry_says_that_it_is_synthetic(chongqing):
    edition = synthesising.make(COUNT)
    assert edition.catalogue.is_sample
    for one in made(edition):
        assert one.is_sample
        assert "合成" in one.name_zh
        assert "synthetic" in one.name_en
        assert one.summary_zh.startswith("合成数据")
        assert one.summary_en.startswith("Synthetic")
        assert one.main_contact.unit_zh.startswith("合成数据")


def test_a_few_lie_in_two_places(chongqing):
    edition = synthesising.make(400)
    several = [one for one in made(edition) if len(one.locations.all()) == 2]
    assert 2 <= len(several) <= 30
    assert all(sum(location.share for location in one.locations.all()) == 1 for one in several)


def test_the_served_edition_stays_as_it_was(chongqing, client):
    before = client.get("/api/v1/facets/").json()
    make_load(COUNT)
    assert Edition.objects.get(is_current=True) == chongqing
    assert client.get("/api/v1/facets/").json() == before
    assert client.get("/api/v1/opportunities/").json()["count"] == 160
    assert client.get(f"/api/v1/opportunities/?edition=load-{COUNT}").json()["count"] == COUNT
    assert "合成条目" not in client.get("/opportunities/").content.decode()


def test_it_is_served_where_it_was_asked_to_be_current(chongqing, client):
    make_load(COUNT, "--current")
    assert client.get("/api/v1/facets/").json()["count"] == COUNT
    page = client.get("/opportunities/").content.decode()
    assert "没有一条是真实的" in page


def test_loading_the_samples_again_shows_them_again(chongqing, client):
    make_load(5, "--current")
    shown = client.get("/api/v1/facets/")
    load_pack(CHONGQING)
    again = client.get("/api/v1/facets/", headers={"if-none-match": shown["ETag"]})
    assert (shown.json()["count"], again.status_code, again.json()["count"]) == (5, 200, 160)


def test_the_same_seed_makes_the_same_rows(chongqing):
    def rows(**options: int) -> list[tuple[object, ...]]:
        edition = synthesising.make(COUNT, replace=True, **options)
        return [
            (
                one.reference,
                one.name_zh,
                one.investment,
                one.updated_at,
                [(location.district.code, location.share) for location in one.locations.all()],
                one.cooperation,
            )
            for one in made(edition)
        ]

    assert rows() == rows()
    assert rows(seed=7) == rows(seed=7) != rows()


def test_replacing_leaves_nothing_behind(chongqing):
    synthesising.make(COUNT)
    tables = (Catalogue, Edition, Opportunity, Location, Contact, Opportunity.history, Location.history)
    managers = [getattr(table, "objects", table) for table in tables]
    before = [manager.count() for manager in managers]
    make_load(COUNT, "--replace")
    assert [manager.count() for manager in managers] == before
    assert everything_of(COUNT).count == COUNT


def test_nothing_of_an_interrupted_one_is_left(chongqing):
    revision = Revision.current()

    def interrupted(done: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        synthesising.make(COUNT, progress=interrupted)
    assert Edition.objects.get() == chongqing
    assert (Opportunity.objects.count(), Catalogue.objects.count()) == (160, 1)
    assert Revision.current() == revision


def test_an_existing_one_is_not_replaced_in_silence(chongqing):
    make_load(5)
    with pytest.raises(CommandError, match="Nothing was written. There is an edition load-5 already"):
        make_load(5)


@pytest.mark.parametrize("count", ["0", "-3", "1.5", "many", "", "2000001", "１０", "9" * 5000])
def test_what_is_no_count_is_refused_in_words(chongqing, count):
    with pytest.raises(CommandError, match="is not a whole number from 1 to 2000000"):
        make_load("--", count)
    assert Opportunity.objects.count() == 160


def test_none_is_made_beside_a_true_list(catalogue):
    with pytest.raises(CannotMake, match="is no sample"):
        synthesising.make(5)


@pytest.mark.django_db
def test_none_is_made_of_nothing():
    with pytest.raises(CannotMake, match="no current edition"):
        synthesising.make(5)


def test_none_is_made_of_a_synthetic_one(chongqing):
    synthesising.make(5, current=True)
    with pytest.raises(CannotMake, match="synthetic itself"):
        synthesising.make(6)


def test_a_terminal_sees_a_bar_and_a_log_no_more_than_a_line(chongqing):
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal, log = Terminal(), io.StringIO()
    call_command("make_load", 5, stdout=io.StringIO(), stderr=terminal)
    assert terminal.getvalue().startswith("\r█")
    assert "5 of 5" in terminal.getvalue()
    call_command("make_load", 6, stdout=io.StringIO(), stderr=log)
    assert log.getvalue() == ""


def test_amounts_are_skewed_as_in_real_lists(chongqing):
    amounts = sorted(one.investment for one in made(synthesising.make(400)))
    assert Decimal(4) < amounts[200] < Decimal(16)
    assert sum(amounts[-40:]) > sum(amounts[:200])
