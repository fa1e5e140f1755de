"""Public answers: the same for everybody, kept whole by publication revision, cheap to revalidate.

An answer's weak ETag is made of publication revision, release, path, query and language. A kept
answer cannot outlive a change: the revision is part of its key, so nothing is ever invalidated.
"""

from __future__ import annotations

import gzip
import hashlib
import logging
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.utils.cache import patch_vary_headers
from django.utils.http import parse_etags
from django.utils.translation import get_language

from opportunities.models import Revision

logger = logging.getLogger(__name__)

View = Callable[..., HttpResponse]


def public(view: View) -> View:
    """A view whose GET answers depend on its address, its language and what is published, alone."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method not in ("GET", "HEAD"):
            return view(request, *args, **kwargs)
        key = hashlib.sha256(
            "\n".join(
                (Revision.current(), settings.RELEASE, get_language() or "", request.get_full_path())
            ).encode()
        ).hexdigest()[:32]
        etag = f'W/"{key}"'
        response: HttpResponse
        if _is_current(request, etag):
            response = HttpResponseNotModified()
        else:
            kept = _get(key)
            response = _from_kept(request, kept) if kept else _fresh(request, view, key, args, kwargs)
        if response.status_code in (200, 304):
            response.headers["ETag"] = etag
            scope = "private" if settings.SESSION_COOKIE_NAME in request.COOKIES else "public"
            response.headers["Cache-Control"] = f"{scope}, no-cache"
        patch_vary_headers(response, ("Accept-Encoding",))
        return response

    return answer


def _is_current(request: HttpRequest, etag: str) -> bool:
    known = parse_etags(request.headers.get("If-None-Match", ""))
    return etag in known or etag.removeprefix("W/") in known or known == ["*"]


def _fresh(request: HttpRequest, view: View, key: str, args: Any, kwargs: Any) -> HttpResponse:
    response = view(request, *args, **kwargs)
    if hasattr(response, "render"):
        response.render()
    if response.status_code != 200 or response.streaming:
        return response
    headers = {name: value for name, value in response.headers.items() if name != "Content-Length"}
    kept = (gzip.compress(response.content, compresslevel=6, mtime=0), headers)
    _set(key, kept)
    return _from_kept(request, kept)


def _from_kept(request: HttpRequest, kept: tuple[bytes, dict[str, str]]) -> HttpResponse:
    body, headers = kept
    compressed = "gzip" in request.headers.get("Accept-Encoding", "")
    response = HttpResponse(body if compressed else gzip.decompress(body), headers=headers)
    if compressed:
        response.headers["Content-Encoding"] = "gzip"
    response.headers["Content-Length"] = str(len(response.content))
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
