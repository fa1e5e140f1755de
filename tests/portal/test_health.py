"""Alive and ready are true (promise P25)."""

from __future__ import annotations

import sqlite3
from collections import namedtuple
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client

from portal import health
from tests.portal.raising import Away

pytestmark = pytest.mark.django_db


def checks(response: Any) -> dict[str, bool]:
    return {name: check["ok"] for name, check in response.json()["checks"].items()}


def test_alive_asks_nobody(client: Client, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        response = client.get("/healthz")
    assert (response.status_code, response.json()) == (200, {"status": "alive"})
    assert "no-store" in response.headers["Cache-Control"]


def test_ready_names_every_check(client: Client, catalogue: Any) -> None:
    response = client.get("/readyz")
    assert response.status_code == 200
    assert response.json()["status"] == "ready"
    assert checks(response) == {"database": True, "migrations": True, "edition": True, "disk": True}
    assert response.json()["checks"]["edition"]["code"] == catalogue.code
    if connection.vendor == "sqlite":
        assert response.json()["checks"]["database"]["version"] == sqlite3.sqlite_version
    assert "no-store" in response.headers["Cache-Control"]


def test_an_empty_database_is_not_ready(client: Client, db: None) -> None:
    response = client.get("/readyz")
    assert response.status_code == 503
    assert checks(response) == {"database": True, "migrations": True, "edition": False, "disk": True}


def test_a_missing_migration_is_named(client: Client, catalogue: Any) -> None:
    name = next(name for app, name in health._latest_migrations() if app == "opportunities")
    MigrationRecorder(connection).record_unapplied("opportunities", name)
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["checks"]["migrations"]["missing"] == [f"opportunities.{name}"]


def test_a_database_away_is_red_and_tells_no_secret(client: Client, catalogue: Any) -> None:
    with connection.execute_wrapper(Away()):
        alive, ready = client.get("/healthz"), client.get("/readyz")
    assert alive.status_code == 200
    assert ready.status_code == 503
    assert checks(ready) == {"database": False, "migrations": False, "edition": False, "disk": True}
    assert ready.json()["checks"]["database"] == {"ok": False, "error": "OperationalError"}


def test_a_full_disk_is_red(client: Client, catalogue: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(health.shutil, "disk_usage", lambda path: usage(10**9, 10**9, 49 * 1024 * 1024))
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["checks"]["disk"] == {"ok": False, "free_mb": 49}


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_a_probe_is_read_only(path: str, catalogue: Any) -> None:
    response = Client(enforce_csrf_checks=True).post(path)
    assert (response.status_code, response.headers["Allow"]) == (405, "GET, HEAD")
