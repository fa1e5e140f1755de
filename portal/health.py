"""Whether the portal is alive, and whether it can serve: for a supervisor and a load balancer."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from opportunities.models import Edition

FREE_DISK_MIN = 50 * 1024 * 1024


def _probe(view: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    # Nothing here can be forged; a wrong method is to be told so rather than asked for a token.
    return csrf_exempt(require_safe(never_cache(view)))


@_probe
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers. It asks nobody else, so that a database away does not restart the portal."""
    return JsonResponse({"status": "alive"})


@_probe
def readyz(request: HttpRequest) -> HttpResponse:
    """Every part that serving needs, each with its state; 503 when one fails."""
    checks = {"database": _checked(_database), "disk": _checked(_disk)}
    # A database that is away is waited for once, not once a check.
    for name, check in ASKING_THE_DATABASE.items():
        checks[name] = _checked(check) if checks["database"]["ok"] else {"ok": False, "error": "database"}
    ready = all(check["ok"] for check in checks.values())
    body = {"status": "ready" if ready else "not ready", "release": settings.RELEASE, "checks": checks}
    return JsonResponse(body, status=200 if ready else 503)


def _checked(check: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    try:
        return check()
    except (DatabaseError, OSError) as error:
        # The kind of error alone: its text may name hosts, users and paths.
        return {"ok": False, "error": type(error).__name__}


def _database() -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.fetchone()
    state = {"ok": True, "engine": connection.vendor}
    if connection.vendor == "sqlite":
        state["version"] = sqlite3.sqlite_version
    return state


def _migrations() -> dict[str, Any]:
    missing = _latest_migrations() - set(MigrationRecorder(connection).applied_migrations())
    return {"ok": not missing, "missing": sorted(".".join(migration) for migration in missing)}


@lru_cache
def _latest_migrations() -> frozenset[tuple[str, str]]:
    return frozenset(MigrationLoader(None).graph.leaf_nodes())


def _edition() -> dict[str, Any]:
    code = Edition.objects.filter(is_current=True).values_list("code", flat=True).first()
    return {"ok": code is not None, "code": code}


def _disk() -> dict[str, Any]:
    existing = next(path for path in (settings.VAR_DIR, *settings.VAR_DIR.parents) if path.exists())
    free = shutil.disk_usage(existing).free
    return {"ok": free >= FREE_DISK_MIN, "free_mb": free // (1024 * 1024)}


ASKING_THE_DATABASE = {"migrations": _migrations, "edition": _edition}
