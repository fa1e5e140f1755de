"""The path alone carries the language."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils import translation

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.portal.raising")]


@pytest.mark.parametrize(("path", "language"), [("/test/absent/", "zh-Hans-CN"), ("/en/none/", "en")])
def test_nothing_is_negotiated(client: Client, catalogue: Any, path: str, language: str) -> None:
    for asked in ("en", "zh-CN", "fr;q=1, *;q=0"):
        response = client.get(path, HTTP_ACCEPT_LANGUAGE=asked, HTTP_COOKIE="django_language=en")
        assert response.headers["Content-Language"] == language
        assert "Accept-Language" not in response.headers.get("Vary", "")


def test_what_is_no_page_has_no_language(client: Client, db: None) -> None:
    assert "Content-Language" not in client.get("/healthz").headers
    assert "Content-Language" not in client.get("/api/v1/none/").headers


def test_a_request_leaves_the_thread_as_it_was(client: Client, db: None) -> None:
    with translation.override("fr"):
        client.get("/en/test/read/")
        assert translation.get_language() == "fr"
