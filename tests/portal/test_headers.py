"""Strict headers on every answer (promise P33); the API's reads are open to other sites."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client, override_settings

from opportunities.models import Catalogue, Revision

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.portal.raising")]

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
EVERYWHERE = [
    "/",
    "/en/",
    "/opportunities/",
    "/nothing-here/",
    "/opportunities/?q=%00",
    "/admin/login/",
    "/healthz",
    "/static/nothing.css",
    "/test/raises/bug/",
    "/test/raises/away/",
    "/api/v1/opportunities/",
    "/api/v1/test/raises/bug/",
    "/about",
]


@pytest.mark.parametrize("path", EVERYWHERE)
def test_every_answer_carries_the_security_headers(catalogue: Any, path: str) -> None:
    response = Client(raise_request_exception=False).get(path)
    assert response.headers["Content-Security-Policy"] == POLICY
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["X-Frame-Options"] == "DENY"
    assert response.headers["Referrer-Policy"] == "strict-origin-when-cross-origin"
    assert response.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "camera=()" in response.headers["Permissions-Policy"]
    assert "Strict-Transport-Security" not in response.headers


def test_https_is_insisted_on_only_where_the_portal_is_reached_by_it(client: Client, catalogue: Any) -> None:
    with override_settings(SITE_URL="https://opportunities.test"):
        response = client.get("/healthz")
    assert response.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
    assert response.headers["Content-Security-Policy"] == POLICY + "; upgrade-insecure-requests"


@pytest.mark.parametrize("path", ["/api/v1/test/raises/refused/", "/api/v1/none/", "/api/v1/?q=%00"])
def test_any_site_may_read_the_api_and_its_errors(client: Client, catalogue: Any, path: str) -> None:
    for response in (client.get(path), client.head(path)):
        assert response.headers["Access-Control-Allow-Origin"] == "*"
        assert response.headers["Cross-Origin-Resource-Policy"] == "cross-origin"


def test_no_other_site_may_write_or_read_pages(client: Client, catalogue: Any) -> None:
    for response in (client.post("/api/v1/test/raises/bug/"), client.get("/test/read/")):
        assert "Access-Control-Allow-Origin" not in response.headers
        assert response.headers["Cross-Origin-Resource-Policy"] == "same-origin"


def test_a_preflight_tells_what_may_be_read(client: Client) -> None:
    response = client.options(
        "/api/v1/opportunities/", HTTP_ORIGIN="https://a.test", HTTP_ACCESS_CONTROL_REQUEST_METHOD="GET"
    )
    assert (response.status_code, response.content) == (204, b"")
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert response.headers["Access-Control-Allow-Methods"] == "GET, HEAD, OPTIONS"
    assert "If-None-Match" in response.headers["Access-Control-Allow-Headers"]


def test_sample_data_is_kept_out_of_search_engines(
    client: Client, catalogue: Any, django_assert_num_queries: Any
) -> None:
    Catalogue.objects.update(is_sample=True)
    assert client.get("/test/counted/").headers["X-Robots-Tag"] == "noindex"
    Catalogue.objects.update(is_sample=False)
    Revision.bump()
    assert "X-Robots-Tag" not in client.get("/test/counted/").headers
    with django_assert_num_queries(0):
        assert "X-Robots-Tag" not in client.get("/healthz").headers
