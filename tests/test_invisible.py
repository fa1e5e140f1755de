"""What is not public shows nowhere: every page and every answer reads as if it were not there (P14)."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.test import Client

from financing.models import Pin, Rule
from opportunities import publishing
from opportunities.models import Opportunity, Revision
from tests.factories import make_ledger, make_opportunity, signed_in

WORD, REFERENCE = "隐身词乙", "HIDE-001"
HIDDEN = ("draft", "in-review", "withdrawn", "archived")

PAGES = [
    "/", "/about/", "/insights/", "/opportunities/", "/opportunities/?sort=name&view=table",
    f"/opportunities/?q={WORD}",
    f"/opportunities/?q={REFERENCE}", "/opportunities/?sector=chips&district=990102",
    "/opportunities/?investment_min=700", "/opportunities/?bracket=20-plus&sort=investment",
    "/opportunities/?sort=-updated", "/opportunities/?q=zzz", "/sectors/chips/", "/sectors/tea/",
    "/districts/990102/", "/districts/free-zone/", "/compare/?reference=QY-001&reference=QY-002",
    "/opportunities/QY-001/", "/opportunities/QY-005/", "/opportunities/QY-006/",
]  # fmt: skip
FILES = [
    "/opportunities/export.csv", f"/opportunities/export.csv?q={WORD}", "/opportunities/export.xlsx",
    "/opportunities/export.xlsx?bracket=20-plus&sort=investment", "/opportunities/feed.atom",
    f"/opportunities/feed.atom?q={REFERENCE}",
]  # fmt: skip
API = [
    "/api/v1/opportunities/", "/api/v1/opportunities/?fields=full", f"/api/v1/opportunities/?q={WORD}",
    "/api/v1/opportunities/?sort=-updated", "/api/v1/opportunities/?page_size=1",
    "/api/v1/facets/", f"/api/v1/facets/?q={WORD}", "/api/v1/facets/?district=990102", "/api/v1/editions/",
    "/api/v1/sectors/", "/api/v1/districts/", "/api/v1/opportunities/QY-005/", "/api/v1/schema/",
]  # fmt: skip
EVERYWHERE = [*PAGES, *FILES, *(f"/en{page}" for page in [*PAGES, *FILES]), *API]


def make_hidden(publication: str) -> Opportunity:
    """An entry that would be the largest and the latest everywhere, if it were public."""
    return make_opportunity(
        reference=REFERENCE,
        name_zh=f"{WORD}晶圆厂",
        name_en=f"{WORD} fab",
        summary_zh=WORD,
        content_zh=WORD,
        sector="chips",
        districts={"990102": "0.5", "free-zone": "0.5"},
        investment=Decimal("777.77"),
        cooperation=["technology", "leasing"],
        contact={"unit_zh": WORD, "name": WORD},
        publication=publication,
    )


def bodies(paths: list[str]) -> dict[str, bytes]:
    client = Client()
    found = {}
    for path in paths:
        answer = client.get(path)
        assert answer.status_code == 200, path
        found[path] = answer.getvalue()
    return found


@pytest.mark.parametrize("publication", HIDDEN)
def test_every_answer_reads_as_if_it_were_not_there(catalogue, publication):
    before = bodies(EVERYWHERE)
    make_hidden(publication)
    Revision.bump()  # so that nothing is answered from before
    after = bodies(EVERYWHERE)
    assert [path for path in EVERYWHERE if before[path] != after[path]] == []


def test_that_comparison_would_see_it(catalogue):
    before = bodies(EVERYWHERE)
    make_hidden("published")
    after = bodies(EVERYWHERE)
    same = {path for path in EVERYWHERE if before[path] == after[path]}
    unconcerned = {
        "/opportunities/?q=zzz", "/sectors/tea/", "/compare/?reference=QY-001&reference=QY-002",
        "/opportunities/QY-001/", "/opportunities/?bracket=20-plus&sort=investment", "/about/",
    }  # fmt: skip
    assert {path.removeprefix("/en") for path in same} <= {
        *unconcerned, "/api/v1/sectors/", "/api/v1/districts/", "/api/v1/opportunities/QY-005/",
        "/api/v1/schema/",
    }  # fmt: skip


@pytest.mark.parametrize("publication", HIDDEN)
def test_the_finance_plan_reads_as_if_it_were_not_there(catalogue, publication):
    """Although a rule meets it and staff have pinned it."""
    item = make_ledger()
    Rule.objects.create(item=item, investment_min=Decimal(700), basis_zh="测试")
    paths = ["/financing/", "/financing/items/reforms-01/", "/api/v1/financing/items/"]
    paths += [f"/en{path}" for path in paths[:2]]
    before = bodies(paths)
    hidden = make_hidden(publication)
    Pin.objects.create(item=item, opportunity=hidden, kind="pin", reason_zh=WORD)
    Revision.bump()
    after = bodies(paths)
    assert [path for path in paths if before[path] != after[path]] == []
    answer = Client().get(f"/api/v1/financing/matches/?reference={REFERENCE}")
    assert answer.status_code in (400, 410) and WORD not in answer.content.decode()


@pytest.mark.parametrize("publication", HIDDEN)
def test_its_own_addresses_say_nothing_of_its_content(catalogue, publication):
    make_hidden(publication)
    client = Client()
    for path, status in {
        f"/opportunities/{REFERENCE}/": {404, 410},
        f"/opportunities/{REFERENCE}/contact/": {404, 410},
        f"/api/v1/opportunities/{REFERENCE}/": {404, 410},
        f"/compare/?reference=QY-001&reference={REFERENCE}": {400, 200},
        f"/ask/?q={REFERENCE}": {303},
    }.items():
        for prefix in ("",) if path.startswith("/api/") else ("", "/en"):
            answer = client.get(prefix + path)
            assert answer.status_code in status, path
            body = answer.content.decode()
            for said in (WORD, "777.77", "77.777", "388.8"):
                assert said not in body, f"{said} in {prefix}{path}"
    for path in (f"/opportunities/{REFERENCE}/contact/", f"/api/v1/opportunities/{REFERENCE}/contact/"):
        answer = client.post(path)
        assert answer.status_code in (404, 410)
        assert WORD not in answer.content.decode()


@pytest.mark.parametrize("publication", ["draft", "in-review"])
def test_a_draft_answers_like_a_reference_that_never_was(catalogue, publication):
    paths = [
        f"/opportunities/{REFERENCE}/", f"/opportunities/{REFERENCE}/contact/",
        f"/api/v1/opportunities/{REFERENCE}/", f"/compare/?reference={REFERENCE}", f"/ask/?q={REFERENCE}",
    ]  # fmt: skip
    client = Client()
    before = [client.get(path) for path in paths]
    make_hidden(publication)
    Revision.bump()
    after = [client.get(path) for path in paths]
    assert [(a.status_code, a.content, a.headers.get("Location")) for a in after] == [
        (b.status_code, b.content, b.headers.get("Location")) for b in before
    ]


def test_withdrawing_shows_at_once_although_everything_was_cached(catalogue):
    opportunity = make_hidden("published")
    client = Client()
    shown = ["/", "/opportunities/", "/sectors/chips/", "/districts/990102/", "/api/v1/opportunities/"]
    tags = {}
    for path in shown:
        for _ in range(2):  # the second is answered from the cache
            answer = client.get(path)
            assert WORD in answer.content.decode(), path
        tags[path] = answer.headers["ETag"]
        assert client.get(path, HTTP_IF_NONE_MATCH=tags[path]).status_code == 304
    publishing.withdraw(opportunity)
    for path in shown:
        answer = client.get(path, HTTP_IF_NONE_MATCH=tags[path])
        assert answer.status_code == 200, "not 304"
        assert WORD not in answer.content.decode(), path
    assert client.get(f"/opportunities/{REFERENCE}/").status_code == 410
    publishing.publish(opportunity)
    for path in shown:
        assert WORD in client.get(path).content.decode(), path


def test_publishing_a_draft_shows_at_once_too(catalogue):
    opportunity = make_hidden("draft")
    client = Client()
    assert client.get(f"/opportunities/{REFERENCE}/").status_code == 404
    assert WORD not in client.get("/").content.decode()
    publishing.publish(opportunity)
    assert client.get(f"/opportunities/{REFERENCE}/").status_code == 200
    assert WORD in client.get("/").content.decode()


def test_staff_see_the_public_pages_as_everybody_does(catalogue):
    make_hidden("draft")
    for role in ("editor", "superuser"):
        client = signed_in(role)
        assert client.get(f"/opportunities/{REFERENCE}/").status_code == 404
        assert WORD not in client.get("/opportunities/").content.decode()
        assert client.get("/opportunities/").content == Client().get("/opportunities/").content
