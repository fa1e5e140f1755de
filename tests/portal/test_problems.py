"""Problem documents (RFC 9457) for whatever an API view raises."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from opportunities.models import Contact
from opportunities.revealing import OverBudget
from portal.problems import exception_handler, problem

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.portal.raising")]


def raised(what: str) -> Any:
    response = Client(raise_request_exception=False).get(f"/api/v1/test/raises/{what}/")
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.headers["Cache-Control"] == "no-store"
    return response


def test_a_document_has_the_four_members_and_errors_only_where_there_are_some() -> None:
    bare = problem(410, "Gone", "Withdrawn on 2024-09-20.")
    assert bare.status_code == 410
    assert bare.content.decode() == (
        '{"type": "about:blank", "title": "Gone", "status": 410, "detail": "Withdrawn on 2024-09-20."}'
    )
    entry = {"parameter": "page", "value": "9", "message": {"zh": "没有", "en": "none"}}
    assert '"errors": [{"parameter": "page"' in problem(404, "t", "d", [entry]).content.decode()


@pytest.mark.parametrize(
    ("what", "status", "retry_after"),
    [
        ("refused", 400, None),
        ("page", 404, None),
        ("missing", 404, None),
        ("forbidden", 403, None),
        ("budget", 429, "42"),
        ("throttled", 429, "7"),
        ("empty", 503, "60"),
        ("away", 503, "5"),
        ("closed", 503, "5"),
        ("bug", 500, None),
        ("type", 415, None),
        ("accept", 406, None),
        ("invalid", 400, None),
    ],
)
def test_each_exception_has_its_status_and_english_words(
    catalogue: Any, what: str, status: int, retry_after: str | None
) -> None:
    response = raised(what)
    document = response.json()
    assert (response.status_code, document["status"]) == (status, status)
    assert response.headers.get("Retry-After") == retry_after
    assert document["title"].isascii()
    assert document["detail"].isascii()
    assert "secret" not in response.content.decode()
    assert "db.internal" not in response.content.decode()


def test_a_refused_search_names_parameter_value_and_what_is_allowed(db: None) -> None:
    assert raised("refused").json()["errors"] == [
        {
            "parameter": "sector",
            "value": "evv",
            "message": {"zh": "“evv” is not a known value.", "en": "“evv” is not a known value."},
            "allowed": ["ev"],
            "did_you_mean": "ev",
        }
    ]


def test_a_page_past_the_end_names_the_last(db: None) -> None:
    [error] = raised("page").json()["errors"]
    assert error["message"] == {
        "zh": "没有第 9 页，最后一页是第 6 页。",
        "en": "There is no page 9; the last is page 6.",
    }
    assert (error["allowed"], error["did_you_mean"]) == (["1…6"], "6")


def test_a_refused_field_is_named(db: None) -> None:
    [error] = raised("invalid").json()["errors"]
    assert (error["parameter"], error["message"]["en"]) == ("name", "100 % wrong")


def test_over_budget_the_office_line_is_told(catalogue: Any) -> None:
    contact = Contact.objects.select_related("opportunity")[0].opportunity.main_contact
    response = exception_handler(OverBudget(30), {"kwargs": {"reference": contact.opportunity.reference}})
    assert response.status_code == 429
    assert contact.office_phone in response.content.decode()


@pytest.mark.parametrize(("what", "header"), [("type", "Content-Type"), ("accept", "Accept")])
def test_a_format_that_is_not_available_is_named_with_those_that_are(
    db: None, what: str, header: str
) -> None:
    [error] = raised(what).json()["errors"]
    assert error["parameter"] == header
    assert error["allowed"] == ["application/json"]


@pytest.mark.parametrize("path", ["/api/none/", "/api/v1/none", "/api/v2/opportunities/"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_unknown_address_of_the_api_is_a_problem_document(client: Client, path: str, method: str) -> None:
    response = client.generic(method, path)
    assert response.status_code == 404
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.json()["title"] == "There is no such page"


def test_another_method_is_405_with_allow(client: Client) -> None:
    response = client.delete("/api/v1/test/raises/bug/")
    assert response.status_code == 405
    assert response.headers["Allow"].startswith("GET, POST")
    assert response.headers["Allow"] in response.json()["detail"]
