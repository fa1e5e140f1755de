"""What tests start from: a database that is empty unless they ask for a catalogue.

``chongqing`` (the 160 samples) and ``catalogue`` (a tiny second city) are loaded once a session, read
back as plain rows, and written into each test that asks for them.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.core.cache import cache
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation.reloader import translation_file_changed

from financing import current
from opportunities.loading import load_pack
from opportunities.models import Edition
from opportunities.search import scheme
from portal.management.commands.serve import compile_messages
from tests.oracle import CHONGQING, SECOND_CITY

# What is asked of a PostgreSQL that is stopped and started again.
collect_ignore = [] if connection.vendor == "postgresql" else ["portal/test_silent_database.py"]


def pytest_configure(config: pytest.Config) -> None:
    compile_messages(settings.LOCALE_PATHS[0])
    # Django was set up with the messages as they were.
    translation_file_changed(None, Path("django.mo"))
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """SQLite as a file, as the portal has it: in memory, threads would share one connection's locks."""
    if connection.vendor == "sqlite":
        connection.settings_dict["TEST"]["NAME"] = str(tmp_path_factory.mktemp("database") / "test.sqlite3")


@pytest.fixture(autouse=True)
def nothing_kept() -> None:
    """No test sees what another one left in memory."""
    cache.clear()
    scheme._kept.clear()
    current._kept.clear()


# --- catalogues -----------------------------------------------------------------------------------


class Rows:
    """All rows of the catalogue's tables after a pack was loaded, to be written back at once."""

    def __init__(self, pack: Path) -> None:
        models = [
            model
            for app in ("opportunities", "financing")
            for model in apps.get_app_config(app).get_models(include_auto_created=True)
            if model._meta.managed
        ]
        self.models = _parents_first(models)
        self.tables = [connection.ops.quote_name(model._meta.db_table) for model in self.models]
        self.statements: list[tuple[str, list[Any]]] = []
        with transaction.atomic(), connection.cursor() as cursor:
            load_pack(pack)
            for table in self.tables:
                cursor.execute(f"SELECT * FROM {table} ORDER BY 1")
                columns = ", ".join(connection.ops.quote_name(column[0]) for column in cursor.description)
                marks = ", ".join(["%s"] * len(cursor.description))
                rows = [tuple(map(_writable, row)) for row in cursor.fetchall()]
                if rows:
                    self.statements.append((f"INSERT INTO {table} ({columns}) VALUES ({marks})", rows))
            transaction.set_rollback(True)

    def write(self) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            for statement, rows in self.statements:
                cursor.executemany(statement, rows)
            for statement in connection.ops.sequence_reset_sql(_NO_STYLE, self.models):
                cursor.execute(statement)
            if connection.vendor == "postgresql":
                # Nobody analyses what is never committed; without figures it joins row by row.
                cursor.execute("ANALYZE " + ", ".join(self.tables))


class _NoStyle:
    def __getattr__(self, name: str) -> Any:
        return str


_NO_STYLE = _NoStyle()


def _writable(value: Any) -> Any:
    return connection.ops.adapt_json_value(value, None) if isinstance(value, dict | list) else value


def _parents_first(models: list[Any]) -> list[Any]:
    ordered: list[Any] = []

    def add(model: Any) -> None:
        if model in ordered or model not in models:
            return
        for field in model._meta.concrete_fields:
            if field.related_model and field.related_model is not model:
                add(field.related_model)
        ordered.append(model)

    for model in models:
        add(model)
    return ordered


@pytest.fixture(scope="session")
def chongqing_rows(django_db_setup: None, django_db_blocker: Any) -> Rows:
    with django_db_blocker.unblock():
        return Rows(CHONGQING)


@pytest.fixture(scope="session")
def second_city_rows(django_db_setup: None, django_db_blocker: Any) -> Rows:
    with django_db_blocker.unblock():
        return Rows(SECOND_CITY)


@pytest.fixture
def chongqing(db: None, chongqing_rows: Rows) -> Edition:
    """The 160 samples of Chongqing 2024, and nothing else."""
    chongqing_rows.write()
    return Edition.objects.get()


@pytest.fixture
def catalogue(db: None, second_city_rows: Rows) -> Edition:
    """The tiny second city of ``tests/second_city``, and nothing else."""
    second_city_rows.write()
    return Edition.objects.get()


@pytest.fixture
def second_city(catalogue: Edition) -> Edition:
    return catalogue


# --- time -----------------------------------------------------------------------------------------


class Clock:
    """The time that ``timezone.now()`` tells; it stands still until moved."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> None:
        """Move by a time, as of ``timedelta``: ``clock.move(minutes=5)``."""
        self.now += timedelta(**by)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[Clock]:
    fake = Clock(datetime(2026, 3, 2, 9, 0, tzinfo=UTC))
    monkeypatch.setattr(timezone, "now", fake)
    yield fake
