"""Public answers: the same for everybody, kept whole by publication revision, cheap to revalidate.

An answer's weak ETag is made of publication revision, release, language, path and query, and of the
last day on which a rule began or ceased to be valid. A kept answer cannot outlive a change: these are
part of its key, so nothing is ever invalidated.
"""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Callable
from functools import wraps
from typing import Any, NamedTuple

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseNotModified
from django.utils.cache import patch_vary_headers
from django.utils.http import parse_etags
from django.utils.translation import get_language
from django.views.decorators.csrf import csrf_exempt
from isal import igzip

from financing.current import Current
from opportunities.models import Revision
from opportunities.search.scheme import Scheme

from .problems import DATABASE_AWAY, is_api

logger = logging.getLogger(__name__)

View = Callable[..., HttpResponse]

READING = ("GET", "HEAD")
GZIP = re.compile(r"\b(?:x-)?gzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))", re.IGNORECASE)
# Shorter answers fit one packet either way.
COMPRESSED_MIN = 1000
# A page is an eighth larger than at zlib's 6, and takes a tenth of the time.
COMPRESSION = 2
AS_GZIP = {"Content-Encoding": "gzip"}

# Staff and supervisors: what they see is never kept, and never depends on being public.
NEVER_PUBLIC = ("/admin/", "/en/admin/", "/healthz", "/readyz")

# Where rules of the finance plan show.
DATED = ("/opportunities/", "/compare/", "/financing/", "/api/v1/financing/")

# What was last answered at stands under this name, for processes that have not answered yet.
LAST_SEEN = "last-seen"


class Seen(NamedTuple):
    revision: str
    current: Current | None


_last_seen: Seen | None = None


def revision_of(request: HttpRequest) -> str:
    """The publication revision that a request is answered at, read once however many ask."""
    if not hasattr(request, "revision"):
        request.revision = Revision.current()  # type: ignore[attr-defined]
    return request.revision  # type: ignore[attr-defined]


class KeptAnswersMiddleware:
    """Gives what was asked before at this revision, ahead of all that only a view needs.

    A key names one answer of a public view, so whoever holds it has been given it before.
    """

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        early = _kept_answer(request) if _may_be_early(request) else None
        return early or self.get_response(request)


def _may_be_early(request: HttpRequest) -> bool:
    """Whether nothing else has a say: a limit on reads and the choice of a format are the API's own."""
    if request.method not in READING or request.path_info.startswith(NEVER_PUBLIC):
        return False
    if not is_api(request):
        return True
    accepted = {kind.strip() for kind in request.headers.get("Accept", "*/*").split(",")}
    return not settings.API_READ_RATE and bool(accepted & {"*/*", "application/json"})


def public(view: View) -> View:
    """A view to read from alone, whose answers depend on address, language and what is published.

    Other methods get 405; no token is asked for, as there is nothing to forge.
    """

    @csrf_exempt
    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method not in READING:
            return HttpResponseNotAllowed(READING)
        # What may be given early the middleware has looked for.
        kept = None if _may_be_early(request) else _kept_answer(request)
        if kept:
            return kept
        revision = revision_of(request)
        Scheme.of(revision=revision)  # nothing is served before an edition is loaded
        key = _key(request, revision, _period(request, revision))
        response = _fresh(request, view, key, args, kwargs)
        _remember(revision)
        return _marked(request, key, response)

    return answer


def _kept_answer(request: HttpRequest) -> HttpResponse | None:
    """What this request was answered before at this revision, or that the client has it; None if neither."""
    try:
        revision = revision_of(request)
        answer = _known(request, _key(request, revision, _period(request, revision)))
        if answer:
            Scheme.of(revision=revision)  # what the headers say of every answer
        return answer
    except DATABASE_AWAY:
        # What was kept stays readable (promise P23): without the database nothing was changed either.
        seen: Seen | None = _get(LAST_SEEN) or _last_seen
        if seen is None or (_is_dated(request) and seen.current is None):
            return None
        period = seen.current.period if _is_dated(request) and seen.current else ""
        return _known(request, _key(request, seen.revision, period))


def _known(request: HttpRequest, key: str) -> HttpResponse | None:
    if _is_current(request, key):
        return _marked(request, key, HttpResponseNotModified())
    kept = _get(key)
    return _marked(request, key, _from_kept(request, *kept)) if kept else None


def _marked(request: HttpRequest, key: str, response: HttpResponse) -> HttpResponse:
    if response.cookies:
        response.headers["Cache-Control"] = "private, no-store"
    elif response.status_code in (200, 304):
        response.headers["ETag"] = f'W/"{key}"'
        scope = "private" if settings.SESSION_COOKIE_NAME in request.COOKIES else "public"
        response.headers["Cache-Control"] = f"{scope}, no-cache"
    else:
        # A redirect, a refusal or a withdrawal holds for what is published now.
        response.headers.setdefault("Cache-Control", "no-store")
    patch_vary_headers(response, ("Accept-Encoding",))
    return response


def _is_dated(request: HttpRequest) -> bool:
    """Whether what stands there may turn with a day: rules of the finance plan begin and end."""
    return request.path_info.removeprefix("/en").startswith(DATED)


def _remember(revision: str) -> None:
    """Tell all processes that share the cache what they can answer at without the database."""
    global _last_seen
    seen = Seen(revision, Current.in_memory(revision))
    if seen == _last_seen:
        return
    _last_seen = seen
    told: Seen | None = _get(LAST_SEEN)
    # Another process may know more of the same revision.
    if told is None or told.revision != revision or seen.current:
        _set(LAST_SEEN, seen)


def _period(request: HttpRequest, revision: str) -> str:
    return Current.of(revision).period if _is_dated(request) else ""


def _key(request: HttpRequest, revision: str, period: str) -> str:
    parts = (revision, period, settings.RELEASE, get_language() or "", request.get_full_path())
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]


def _is_current(request: HttpRequest, key: str) -> bool:
    """Whether the client has this very answer: weak comparison (RFC 9110, 13.1.2).

    ``*`` is not taken, because it would say that an address exists before the view was asked.
    """
    known = parse_etags(request.headers.get("If-None-Match", ""))
    return any(etag.removeprefix("W/") == f'"{key}"' for etag in known)


def _fresh(request: HttpRequest, view: View, key: str, args: Any, kwargs: Any) -> HttpResponse:
    response = view(request, *args, **kwargs)
    if hasattr(response, "render"):
        response.render()
    if response.status_code != 200 or response.streaming or response.cookies:
        return response
    body = response.content
    is_long = len(body) >= COMPRESSED_MIN
    compressed = igzip.compress(body, COMPRESSION, mtime=0) if is_long else None
    headers = {name: value for name, value in response.headers.items() if name != "Content-Length"}
    _set(key, (compressed or body, is_long, headers))
    if compressed and _takes_gzip(request):
        return _written(compressed, headers | AS_GZIP)
    return _written(body, headers)


def _from_kept(request: HttpRequest, body: bytes, compressed: bool, headers: dict[str, str]) -> HttpResponse:
    if compressed and _takes_gzip(request):
        return _written(body, headers | AS_GZIP)
    return _written(igzip.decompress(body) if compressed else body, headers)


def _takes_gzip(request: HttpRequest) -> bool:
    return GZIP.search(request.headers.get("Accept-Encoding", "")) is not None


def _written(content: bytes, headers: dict[str, str]) -> HttpResponse:
    return HttpResponse(content, headers={**headers, "Content-Length": str(len(content))})


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
