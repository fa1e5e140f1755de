"""What tests start from: a database that is empty unless they ask for a catalogue.

``chongqing`` (the 160 samples) and ``catalogue`` (a tiny second city) are loaded once a session, each
into a database of its own; a test that asks for one begins there, and what it writes is rolled back.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import caches
from django.db import connection
from django.utils import timezone
from django.utils.translation.reloader import translation_file_changed

from financing import current
from opportunities.loading import load_pack
from opportunities.models import Edition
from opportunities.search import columns, scheme
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
    for name in settings.CACHES:
        caches[name].clear()
    scheme._kept.clear()
    columns._kept.clear()
    current._kept.clear()


# --- catalogues -----------------------------------------------------------------------------------

PACKS = {"chongqing": CHONGQING, "catalogue": SECOND_CITY}


class Databases:
    """The empty test database and, for each catalogue, a copy of it with the catalogue loaded."""

    def __init__(self) -> None:
        self.empty = connection.settings_dict["NAME"]
        self.copies: dict[str, str] = {}

    def use(self, catalogue: str | None) -> None:
        name = self.empty if catalogue is None else self.copies.get(catalogue) or self._copied(catalogue)
        if connection.settings_dict["NAME"] != name:
            _connect(name)

    def remove(self) -> None:
        _connect(self.empty)
        for catalogue in self.copies:
            connection.creation.destroy_test_db(suffix=catalogue, verbosity=0)

    def _copied(self, catalogue: str) -> str:
        _connect(self.empty)
        connection.close()
        connection.creation.clone_test_db(suffix=catalogue, verbosity=0, autoclobber=True)
        name = connection.creation.get_test_db_clone_settings(catalogue)["NAME"]
        _connect(name)
        load_pack(PACKS[catalogue])
        if connection.vendor == "postgresql":
            # Without figures of its tables it joins row by row.
            with connection.cursor() as cursor:
                cursor.execute("ANALYZE")
        self.copies[catalogue] = name
        return name


def _connect(name: str) -> None:
    connection.close()
    if connection.vendor == "postgresql":
        connection.close_pool()
    connection.settings_dict["NAME"] = name


@pytest.fixture(scope="session")
def databases(django_db_setup: None, django_db_blocker: Any) -> Iterator[Databases]:
    with django_db_blocker.unblock():
        kept = Databases()
        yield kept
        kept.remove()


@pytest.fixture
def database_of_the_test(
    request: pytest.FixtureRequest, databases: Databases, django_db_blocker: Any
) -> None:
    """The database of the catalogue that a test asks for; the empty one where its rows would be flushed."""
    marker = request.node.get_closest_marker("django_db")
    is_rolled_back = not (marker and marker.kwargs.get("transaction"))
    asked = next((name for name in PACKS if name in request.fixturenames), None)
    with django_db_blocker.unblock():
        databases.use(asked if is_rolled_back else None)


@pytest.fixture
def _django_db_helper(database_of_the_test: None, _django_db_helper: None) -> None:
    """pytest-django's own, which begins the test's transaction, on the database of the test."""


@pytest.fixture
def chongqing(db: None) -> Edition:
    """The 160 samples of Chongqing 2024, and nothing else."""
    return _loaded(CHONGQING)


@pytest.fixture
def catalogue(db: None) -> Edition:
    """The tiny second city of ``tests/second_city``, and nothing else."""
    return _loaded(SECOND_CITY)


def _loaded(pack: Path) -> Edition:
    if not Edition.objects.exists():
        load_pack(pack)
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
