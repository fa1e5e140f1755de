"""Sample data is served under a public host name only when a setting says so."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from opportunities.models import Catalogue, Revision
from portal.samples import is_public

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.portal.raising")]


@pytest.fixture
def samples(catalogue: Any, settings: Any) -> None:
    Catalogue.objects.update(is_sample=True)
    settings.SITE_URL = "https://opportunities.example"


@pytest.mark.parametrize(
    ("site_url", "public"),
    [
        ("http://127.0.0.1:8000", False),
        ("http://127.8.8.8", False),
        ("http://[::1]:8000", False),
        ("http://localhost:8000", False),
        ("http://portal.localhost", False),
        ("https://portal.test", False),
        ("http://192.168.1.20:8000", False),
        ("https://opportunities.example", True),
        ("https://localhost.example", True),
        ("http://8.8.8.8", True),
        ("http://portal", True),
    ],
)
def test_a_host_is_public_unless_only_this_network_can_reach_it(site_url: str, public: bool) -> None:
    assert is_public(site_url) is public


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/test/counted/", "这里不提供示例数据"),
        ("/en/test/counted/", "Sample data is not served here"),
        ("/api/v1/opportunities/", "Sample data is not served here"),
        ("/nothing/", "SERVE_SAMPLES_PUBLICLY"),
    ],
)
def test_samples_are_not_served_under_a_public_name(
    client: Client, samples: None, path: str, words: str
) -> None:
    response = client.get(path)
    assert response.status_code == 503
    assert words in response.content.decode()


def test_staff_and_probes_go_on(client: Client, samples: None) -> None:
    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").status_code == 200
    assert client.get("/admin/login/").status_code == 200


def test_the_setting_allows_them(client: Client, samples: None, settings: Any) -> None:
    settings.SERVE_SAMPLES_PUBLICLY = True
    assert client.get("/test/counted/").status_code == 200


def test_a_real_list_is_served_at_once_and_costs_no_query_more(
    client: Client, samples: None, django_assert_num_queries: Any
) -> None:
    assert client.get("/test/counted/").status_code == 503
    Catalogue.objects.update(is_sample=False)
    Revision.bump()
    etag = client.get("/test/counted/").headers["ETag"]
    with django_assert_num_queries(1):
        assert client.get("/test/counted/", HTTP_IF_NONE_MATCH=etag).status_code == 304
    Catalogue.objects.update(is_sample=True)
    Revision.bump()
    assert client.get("/test/counted/").status_code == 503


def test_an_empty_portal_says_that_it_is_empty(client: Client, db: None, settings: Any) -> None:
    settings.SITE_URL = "https://opportunities.example"
    assert "还没有清单" in client.get("/test/counted/").content.decode()
