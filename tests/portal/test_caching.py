"""Public answers are kept whole by revision, and a 304 costs one query."""

from __future__ import annotations

import gzip
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client

from opportunities.models import Revision
from tests.portal import raising
from tests.portal.raising import Away

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.portal.raising")]

PAGE = "/test/counted/"


@pytest.fixture(autouse=True)
def never_asked() -> None:
    raising.asked = 0


def test_an_answer_is_made_once_a_revision(client: Client, catalogue: Any) -> None:
    first, second = client.get(PAGE), client.get(PAGE)
    assert first.content == second.content
    assert first.headers["ETag"] == second.headers["ETag"]
    Revision.bump()
    third = client.get(PAGE)
    assert third.content.startswith(b"2 ")
    assert third.headers["ETag"] != first.headers["ETag"]


def test_path_query_and_language_each_have_their_own(client: Client, catalogue: Any) -> None:
    etags = [client.get(path).headers["ETag"] for path in (PAGE, PAGE + "?a=1", "/en" + PAGE)]
    assert len(set(etags)) == 3
    assert raising.asked == 3


@pytest.mark.parametrize("spelling", ["{etag}", '"x", {etag}', "{strong}"])
def test_a_304_has_no_body_and_costs_one_query(
    client: Client, catalogue: Any, django_assert_num_queries: Any, spelling: str
) -> None:
    etag = client.get(PAGE).headers["ETag"]
    asked = spelling.format(etag=etag, strong=etag.removeprefix("W/"))
    with django_assert_num_queries(1):
        response = client.get(PAGE, HTTP_IF_NONE_MATCH=asked)
    assert (response.status_code, response.content) == (304, b"")
    assert response.headers["ETag"] == etag
    assert response.headers["Cache-Control"] == "public, no-cache"
    assert response.headers["Vary"] == "Accept-Encoding"
    assert client.head(PAGE, HTTP_IF_NONE_MATCH=asked).status_code == 304


@pytest.mark.parametrize("asked", ['W/"other"', "nonsense", "*", ""])
def test_any_other_etag_gets_the_answer(client: Client, catalogue: Any, asked: str) -> None:
    assert client.get(PAGE, HTTP_IF_NONE_MATCH=asked).status_code == 200
    assert client.get("/test/absent/", HTTP_IF_NONE_MATCH=asked).status_code == 404


def test_head_is_get_without_its_body(client: Client, catalogue: Any) -> None:
    head, get = client.head(PAGE), client.get(PAGE)
    assert head.content == b""
    for name in ("ETag", "Content-Length", "Content-Type", "Cache-Control", "Vary"):
        assert head.headers[name] == get.headers[name]


@pytest.mark.parametrize(
    ("takes", "compressed"),
    [
        ("gzip, br", True),
        ("br;q=1, gzip;q=0.5", True),
        ("", False),
        ("gzip;q=0", False),
        ("gzip; q=0.0, br", False),
        ("br", False),
    ],
)
def test_only_who_takes_gzip_gets_it(client: Client, catalogue: Any, takes: str, compressed: bool) -> None:
    client.get(PAGE)
    response = client.get(PAGE, HTTP_ACCEPT_ENCODING=takes)
    assert response.headers.get("Content-Encoding") == ("gzip" if compressed else None)
    body = gzip.decompress(response.content) if compressed else response.content
    assert body.decode() == "1 " + "招商" * 1000
    assert response.headers["Content-Length"] == str(len(response.content))
    assert "Accept-Encoding" in response.headers["Vary"]


def test_whoever_has_a_session_is_not_answered_for_everybody(client: Client, catalogue: Any) -> None:
    response = client.get(PAGE, HTTP_COOKIE="sessionid=abcdefghabcdefghabcdefgh")
    assert response.headers["Cache-Control"] == "private, no-cache"
    assert "Cookie" not in response.headers["Vary"]


def test_an_answer_with_a_cookie_is_never_kept(client: Client, catalogue: Any) -> None:
    for _ in range(2):
        response = client.get("/test/with-cookie/")
        assert response.cookies["mine"].value == "1"
        assert response.headers["Cache-Control"] == "private, no-store"
        assert "ETag" not in response.headers


def test_an_error_is_never_kept(client: Client, catalogue: Any) -> None:
    response = client.get("/test/absent/")
    assert response.status_code == 404
    assert "ETag" not in response.headers


def test_other_methods_are_told_so_without_a_token(catalogue: Any) -> None:
    for method in ("POST", "PUT", "DELETE", "OPTIONS", "FOO"):
        response = Client(enforce_csrf_checks=True).generic(method, PAGE)
        assert (response.status_code, response.headers["Allow"]) == (405, "GET, HEAD")


def test_before_a_list_is_loaded_nothing_is_served(client: Client, db: None) -> None:
    assert client.get(PAGE).status_code == 503
    assert raising.asked == 0


def test_a_cache_that_is_away_makes_no_page_fail(
    client: Client, catalogue: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*args: Any, **kwargs: Any) -> None:
        raise ConnectionError

    monkeypatch.setattr(cache, "get", away)
    monkeypatch.setattr(cache, "set", away)
    assert client.get(PAGE).status_code == 200


def test_with_the_database_away_what_was_kept_stays_readable(client: Client, catalogue: Any) -> None:
    etag = client.get(PAGE).headers["ETag"]
    with connection.execute_wrapper(Away()):
        kept = client.get(PAGE)
        assert (kept.status_code, kept.headers["ETag"]) == (200, etag)
        assert client.get(PAGE, HTTP_IF_NONE_MATCH=etag).status_code == 304
        assert client.get(PAGE + "?never=asked").status_code == 503
    Revision.bump()
    assert client.get(PAGE).headers["ETag"] != etag


@pytest.mark.parametrize("path", ["/", "/en/", "/opportunities/", "/about/", "/api/v1/opportunities/"])
def test_no_public_answer_sets_a_cookie_or_depends_on_one(client: Client, catalogue: Any, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 200
    assert not response.cookies
    assert "Cookie" not in response.headers["Vary"]
    assert response.headers["ETag"].startswith('W/"')


def test_an_answer_other_than_200_is_never_stored(client: Client, chongqing: Any) -> None:
    for path in (
        "/opportunities/?sector=nothing",
        "/opportunities/?page=999",
        "/opportunities/?q=",
        "/ask/?q=a",
    ):
        response = client.get(path)
        assert response.status_code in (302, 303, 400, 404)
        assert response.headers["Cache-Control"] == "no-store"
