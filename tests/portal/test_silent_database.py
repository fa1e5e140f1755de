"""A PostgreSQL that is stopped: its connections stand and nobody answers (promise P23).

Only where the suite runs on PostgreSQL: ``tests/conftest.py``.
"""

from __future__ import annotations

import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor

from tests import postgresql
from tests.serving import Portal, served

# Far more than the portal's own patience: without it, nothing would be answered at all.
GIVE_UP_SECONDS = 30


def ask(portal: Portal, path: str) -> tuple[int, str | None]:
    """Status and Retry-After."""
    try:
        with urllib.request.urlopen(portal.address + path, timeout=GIVE_UP_SECONDS) as answer:
            return answer.status, None
    except urllib.error.HTTPError as error:
        return error.code, error.headers["Retry-After"]


def test_a_silent_server_is_away_for_everybody_and_what_was_kept_stays_readable() -> None:
    server = postgresql.start()
    try:
        with served(DATABASE_URL=server.url, STATEMENT_TIMEOUT_MS="1000") as portal:
            assert ask(portal, "/opportunities/") == (200, None)
            with server.silent():
                # By any of the processes, whichever it was that answered before.
                assert {ask(portal, "/opportunities/") for _ in range(12)} == {(200, None)}, "kept"
                assert ask(portal, "/opportunities/?region=metro") == (503, "5")
                assert ask(portal, "/healthz") == (200, None)
                assert ask(portal, "/readyz")[0] == 503
                # Many more than there are threads to wait.
                paths = [f"/api/v1/opportunities/?page={page}" for page in range(1, 25)]
                with ThreadPoolExecutor(len(paths)) as pool:
                    answers = set(pool.map(lambda path: ask(portal, path), paths))
                assert answers == {(503, "5")}
            for _attempt in range(100):
                if ask(portal, "/opportunities/?region=metro")[0] == 200:
                    break
                time.sleep(0.1)
            assert ask(portal, "/opportunities/?region=metro") == (200, None), "it recovers by itself"
    finally:
        server.stop()
