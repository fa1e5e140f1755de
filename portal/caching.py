"""Public answers: the same for everybody, kept whole by publication revision, cheap to revalidate.

An answer's weak ETag is made of publication revision, release, language, path and query. A kept
answer cannot outlive a change: the revision is part of its key, so nothing is ever invalidated.
"""

from __future__ import annotations

import gzip
import hashlib
import logging
import re
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseNotModified
from django.utils.cache import patch_vary_headers
from django.utils.http import parse_etags
from django.utils.translation import get_language
from django.views.decorators.csrf import csrf_exempt

from opportunities.models import Revision
from opportunities.search.scheme import Scheme

from .problems import DATABASE_AWAY

logger = logging.getLogger(__name__)

View = Callable[..., HttpResponse]

READING = ("GET", "HEAD")
GZIP = re.compile(r"\b(?:x-)?gzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))", re.IGNORECASE)
# Shorter answers fit one packet either way.
COMPRESSED_MIN = 1000

_last_seen = ""


def revision_of(request: HttpRequest) -> str:
    """The publication revision that a request is answered at, read once however many ask."""
    global _last_seen
    if not hasattr(request, "revision"):
        request.revision = _last_seen = Revision.current()  # type: ignore[attr-defined]
    return request.revision  # type: ignore[attr-defined,no-any-return]


def public(view: View) -> View:
    """A view to read from alone, whose answers depend on address, language and what is published.

    Other methods get 405; no token is asked for, as there is nothing to forge.
    """

    @csrf_exempt
    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method not in READING:
            return HttpResponseNotAllowed(READING)
        try:
            key = _key(request, revision_of(request))
            Scheme.of(revision=revision_of(request))  # nothing is served before an edition is loaded
        except DATABASE_AWAY:
            # What was kept stays readable (promise P23): without the database nothing was changed either.
            key = _key(request, _last_seen)
            if _get(key) is None:
                raise
        etag = f'W/"{key}"'
        if _is_current(request, key):
            response: HttpResponse = HttpResponseNotModified()
        else:
            kept = _get(key)
            response = _from_kept(request, *kept) if kept else _fresh(request, view, key, args, kwargs)
        if response.cookies:
            response.headers["Cache-Control"] = "private, no-store"
        elif response.status_code in (200, 304):
            response.headers["ETag"] = etag
            scope = "private" if settings.SESSION_COOKIE_NAME in request.COOKIES else "public"
            response.headers["Cache-Control"] = f"{scope}, no-cache"
        patch_vary_headers(response, ("Accept-Encoding",))
        return response

    return answer


def _key(request: HttpRequest, revision: str) -> str:
    parts = (revision, settings.RELEASE, get_language() or "", request.get_full_path())
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]


def _is_current(request: HttpRequest, key: str) -> bool:
    """Whether the client has this very answer: weak comparison (RFC 9110, 13.1.2).

    ``*`` is not taken, because it would say that an address exists before the view was asked.
    """
    header = request.headers.get("If-None-Match")
    return bool(header) and any(etag.removeprefix("W/") == f'"{key}"' for etag in parse_etags(header))


def _fresh(request: HttpRequest, view: View, key: str, args: Any, kwargs: Any) -> HttpResponse:
    response = view(request, *args, **kwargs)
    if hasattr(response, "render"):
        response.render()
    if response.status_code != 200 or response.streaming or response.cookies:
        return response
    body = response.content
    compressed = gzip.compress(body, compresslevel=6, mtime=0) if len(body) >= COMPRESSED_MIN else None
    headers = {name: value for name, value in response.headers.items() if name != "Content-Length"}
    _set(key, (compressed or body, compressed is not None, headers))
    return _from_kept(request, compressed or body, compressed is not None, headers)


def _from_kept(request: HttpRequest, body: bytes, compressed: bool, headers: dict[str, str]) -> HttpResponse:
    takes_gzip = GZIP.search(request.headers.get("Accept-Encoding", "")) is not None
    content = gzip.decompress(body) if compressed and not takes_gzip else body
    response = HttpResponse(content, headers=headers)
    if compressed and takes_gzip:
        response.headers["Content-Encoding"] = "gzip"
    response.headers["Content-Length"] = str(len(content))
    return response


def _get(key: str) -> Any:
    # A cache that is away makes the portal slower, not silent (promise P24).
    try:
        return cache.get(key)
    except Exception:
        logger.warning("the cache does not answer", exc_info=True)
        return None


def _set(key: str, value: Any) -> None:
    try:
        cache.set(key, value)
    except Exception:
        logger.warning("the cache does not answer", exc_info=True)
