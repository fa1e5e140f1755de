"""Django's PostgreSQL backend for processes that answer visitors: a server that hangs is away (promise P23).

``statement_timeout`` is the server's to keep, and one that is stopped, swapping or behind a dead router
keeps nothing. libpq's ``tcp_user_timeout`` and keepalives do not help either while the server's kernel
still acknowledges. So the client looks at the clock: it waits for an answer a little longer than the server
may take, then closes the connection. For a moment afterwards nobody waits again, so that the few threads
of a process are not all held by a server that is known to be silent.
"""

from __future__ import annotations

from time import monotonic
from typing import Any

import psycopg
from django.conf import settings
from django.db.backends.postgresql import base
from psycopg.pq import TransactionStatus

# Shorter than the time within which a database that is back must be noticed: 5 seconds.
AWAY_SECONDS = 2.0

_away_until = 0.0


def _note_away() -> None:
    global _away_until
    _away_until = monotonic() + AWAY_SECONDS


class Connection(psycopg.Connection[Any]):
    """Waits for an answer no longer than ``DATABASE_PATIENCE_SECONDS``, then is of no more use."""

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        try:
            return super().wait(gen, interval, timeout or settings.DATABASE_PATIENCE_SECONDS)
        except psycopg.OperationalError:
            if self.pgconn.transaction_status == TransactionStatus.ACTIVE:
                # Whatever it may still send belongs to a question that nobody asks any more.
                self.pgconn.finish()
                _note_away()
            raise


class DatabaseWrapper(base.DatabaseWrapper):
    """Takes connections from a pool of the kind above, and none while the server is known to be away."""

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        if monotonic() < _away_until:
            raise psycopg.OperationalError("the database did not answer a moment ago")
        try:
            return super().get_new_connection(conn_params)
        except psycopg.OperationalError:
            _note_away()
            raise
