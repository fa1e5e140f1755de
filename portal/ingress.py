"""The guard at the door: what no text, address or form may hold is refused before any code reads it.

A refusal is a 4xx that names the part and says what is allowed. Hostile cookies are dropped instead:
whoever has one of a neighbouring site could otherwise open no page at all.
"""

from __future__ import annotations

import codecs
import json
import re
import unicodedata
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit

from django.conf import settings
from django.core.exceptions import (
    BadRequest,
    DisallowedHost,
    RequestDataTooBig,
    TooManyFieldsSent,
    TooManyFilesSent,
)
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.utils.http import parse_header_parameters
from django.utils.translation import gettext_lazy as _

from opportunities.search.refusals import Refusal

from . import errors, problems

PATH_BYTES_MAX = 2048
QUERY_BYTES_MAX = 8 * 1024
QUERY_PAIRS_MAX = 200
HEADER_BYTES_MAX = 8 * 1024
ACCEPT_BYTES_MAX = 1024
METHODS = ("GET", "HEAD", "POST")

UTF_8 = ["UTF-8"]
# Line ends and tabs come with pasted text and text areas; all other controls, and halves of a
# character (surrogates), are in no text that somebody typed.
FORBIDDEN_IN_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
FORBIDDEN_IN_NAMES = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
# Django writes bytes of a path that are no UTF-8 back as percent escapes.
UNDECODED_IN_PATH = re.compile(r"%[89A-F][0-9A-F]")
REPLACED = "\N{REPLACEMENT CHARACTER}"


class Refused(Exception):
    """The request ends here, with this status and reason."""

    def __init__(self, refusal: Refusal, status: int = 400) -> None:
        super().__init__(str(refusal))
        self.refusal = refusal
        self.status = status


class Request(WSGIRequest):
    """A request that can be made of any header; the guard then refuses a Content-Type like this.

    Django's own reads the query in whatever character set the header names, and fails with some.
    """

    def _set_content_type_params(self, meta: dict[str, Any]) -> None:
        try:
            self.content_type, self.content_params = parse_header_parameters(meta.get("CONTENT_TYPE", ""))
        except (LookupError, ValueError):
            self.content_type, self.content_params = "", {}


class IngressGuardMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            for check in CHECKS:
                check(request)
        except Refused as refused:
            return errors.answer(request, problems.unreadable([refused.refusal], refused.status))
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        """Pages take no other methods, and say so before a form's token is asked for."""
        asks_for_token = not getattr(view, "csrf_exempt", False)
        if asks_for_token and request.method not in METHODS:
            return errors.answer(request, problems.wrong_method(", ".join(METHODS)))
        return None


# --- the parts of a request, in the order in which they are looked at ------------------------------


def _headers(request: HttpRequest) -> None:
    for name, value in request.META.items():
        if name.startswith("HTTP_") and len(value) > HEADER_BYTES_MAX:
            shown = name.removeprefix("HTTP_").replace("_", "-").title()
            raise Refused(_long_header(shown, len(value), HEADER_BYTES_MAX), 431)
    if problems.is_api(request):
        _accept(request.META.get("HTTP_ACCEPT", ""))


def _accept(header: str) -> None:
    # Each of its values is parsed several times over by whoever chooses a format.
    if len(header) > ACCEPT_BYTES_MAX:
        raise Refused(_long_header("Accept", len(header), ACCEPT_BYTES_MAX), 431)
    for value in header.split(","):
        _parameters("Accept", value)


def _host(request: HttpRequest) -> None:
    try:
        request.get_host()
    except DisallowedHost:
        raise Refused(
            Refusal(
                "Host",
                visible(request.META.get("HTTP_HOST", "")),
                _("The host name “%(value)s” is not served here."),
                allowed=[urlsplit(settings.SITE_URL).netloc],
            )
        ) from None


def _path(request: HttpRequest) -> None:
    path = request.path_info
    length = len(path.encode("utf-8", "surrogatepass"))
    if length > PATH_BYTES_MAX:
        raise Refused(
            _limit(
                "path",
                _("The address has %(length)s bytes; at most %(limit)s are allowed."),
                length,
                PATH_BYTES_MAX,
            )
        )
    if UNDECODED_IN_PATH.search(path):
        raise Refused(_not_utf_8("path", path))
    _check_text("path", path, FORBIDDEN_IN_NAMES)


def _query(request: HttpRequest) -> None:
    raw = request.META.get("QUERY_STRING", "")
    if not raw:
        return
    if len(raw) > QUERY_BYTES_MAX:
        raise Refused(
            _limit(
                "query",
                _("The query has %(length)s bytes; at most %(limit)s are allowed."),
                len(raw),
                QUERY_BYTES_MAX,
            )
        )
    pairs = raw.count("&") + 1
    if pairs > QUERY_PAIRS_MAX:
        raise Refused(
            _limit(
                "query",
                _("The query has %(length)s parameters; at most %(limit)s are allowed."),
                pairs,
                QUERY_PAIRS_MAX,
            )
        )
    try:
        sent = raw.encode("latin-1")  # as WSGI hands bytes over
    except UnicodeEncodeError:
        raise Refused(_not_utf_8("query", raw)) from None
    _check_encoded("query", sent)


def _cookies(request: HttpRequest) -> None:
    for name, value in list(request.COOKIES.items()):
        if FORBIDDEN_IN_NAMES.search(name + value) or REPLACED in name + value:
            del request.COOKIES[name]


def _content_type(request: HttpRequest) -> None:
    header = request.META.get("CONTENT_TYPE") or ""
    charset = _parameters("Content-Type", header).get("charset")
    if charset is None:
        return
    if not _is_utf_8(charset):
        raise Refused(
            Refusal(
                "Content-Type",
                visible(charset),
                _("The character set “%(value)s” is not supported."),
                allowed=UTF_8,
            )
        )
    request.encoding = "utf-8"  # however it was spelt: Django compares with this spelling alone


def _content_length(request: HttpRequest) -> None:
    length = str(request.META.get("CONTENT_LENGTH") or "")
    if length and not re.fullmatch(r"[0-9]{1,18}", length):
        raise Refused(
            Refusal(
                "Content-Length",
                visible(length),
                _("“%(value)s” is not a length in bytes."),
                allowed=[f"0…{settings.DATA_UPLOAD_MAX_MEMORY_SIZE}"],
            )
        )
    if not length and "HTTP_TRANSFER_ENCODING" in request.META:
        raise Refused(
            Refusal("Content-Length", "", _("The length of the body must be told beforehand.")), 411
        )
    if length and int(length) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
        raise Refused(_too_big(length), 413)


def _body(request: HttpRequest) -> None:
    if request.META.get("CONTENT_LENGTH") in (None, "", "0") or request.method in ("GET", "HEAD"):
        return
    try:
        body = request.body
    except RequestDataTooBig:
        raise Refused(_too_big(request.META["CONTENT_LENGTH"]), 413) from None
    except UnreadablePostError:
        raise Refused(Refusal("body", "", _("The body ended before its announced length."))) from None
    if len(body) < int(request.META["CONTENT_LENGTH"]):
        raise Refused(Refusal("body", "", _("The body ended before its announced length.")))
    if request.content_type == "application/json" or (request.content_type or "").endswith("+json"):
        _check_json(body)
    elif request.content_type == "application/x-www-form-urlencoded":
        if body.count(b"&") >= settings.DATA_UPLOAD_MAX_NUMBER_FIELDS:
            raise Refused(_too_many_fields())
        _check_encoded("body", body)
        _check_form(request)
    elif request.content_type == "multipart/form-data":
        _check_form(request)


CHECKS = (_headers, _host, _path, _query, _cookies, _content_type, _content_length, _body)


# --- what a part may hold -------------------------------------------------------------------------


def _check_text(where: str, text: str, forbidden: re.Pattern[str] = FORBIDDEN_IN_TEXT) -> None:
    found = forbidden.search(text)
    if not found:
        return
    code = f"U+{ord(found[0]):04X}"
    if unicodedata.category(found[0]) == "Cs":
        message = _("“%(parameter)s” holds half of a character (%(code)s).")
    else:
        message = _(
            "“%(parameter)s” holds the control character %(code)s. Use letters, digits and punctuation."
        )
    raise Refused(Refusal(visible(where), visible(text), message, {"code": code}, UTF_8))


def _check_encoded(where: str, raw: bytes) -> None:
    """Names and values of ``a=1&b=2`` as sent; ``where`` is named when a name cannot be."""
    if _decoded(raw) is None:
        raise Refused(_not_utf_8(where, raw.decode("utf-8", "backslashreplace")))
    for pair in raw.split(b"&"):
        raw_name, _equals, raw_value = pair.replace(b"+", b" ").partition(b"=")
        name_bytes, value_bytes = unquote_to_bytes(raw_name), unquote_to_bytes(raw_value)
        name, value = _decoded(name_bytes), _decoded(value_bytes)
        if name is None:
            raise Refused(_not_utf_8(where, name_bytes.decode("utf-8", "backslashreplace")))
        _check_text(name, name, FORBIDDEN_IN_NAMES)
        if value is None:
            raise Refused(_not_utf_8(name or where, value_bytes.decode("utf-8", "backslashreplace")))
        _check_text(name or where, value)


def _check_form(request: HttpRequest) -> None:
    try:
        form, files = request.POST, request.FILES
    except (TooManyFieldsSent, TooManyFilesSent):
        raise Refused(_too_many_fields()) from None
    except (MultiPartParserError, BadRequest, LookupError, ValueError):
        raise Refused(Refusal("body", "", _("The form cannot be read: its parts are malformed."))) from None
    for name, values in form.lists():
        _check_text(name, name, FORBIDDEN_IN_NAMES)
        for value in values:
            _check_text(name, value)
            # Of parts that are no UTF-8, this is what Django leaves.
            if REPLACED in name + value:
                raise Refused(_not_utf_8(name, value))
    for name, uploads in files.lists():
        _check_text(name, name, FORBIDDEN_IN_NAMES)
        for upload in uploads:
            _check_text(name, upload.name or "", FORBIDDEN_IN_NAMES)


def _check_json(body: bytes) -> None:
    text = _decoded(body)
    if text is None:
        raise Refused(_not_utf_8("body", body.decode("utf-8", "backslashreplace")))
    try:
        document = json.loads(text)
    except RecursionError:
        raise Refused(Refusal("body", "", _("The body's JSON is nested too deeply."))) from None
    except ValueError:
        raise Refused(Refusal("body", "", _("The body is not valid JSON."), allowed=["JSON"])) from None
    for where, held in _texts(document):
        _check_text(where, held)


def _texts(document: Any) -> Iterator[tuple[str, str]]:
    """Every text in a JSON document, keys included, with the key that it stands under."""
    waiting: list[tuple[str, Any]] = [("body", document)]
    while waiting:
        where, found = waiting.pop()
        if isinstance(found, str):
            yield where, found
        elif isinstance(found, dict):
            yield from ((key, key) for key in found)
            waiting.extend(found.items())
        elif isinstance(found, list):
            waiting.extend((where, one) for one in found)


def _parameters(name: str, value: str) -> dict[str, str]:
    """The parameters of one value of a header: ``charset`` in ``text/plain; charset=utf-8``."""
    try:
        return parse_header_parameters(value)[1]
    except (LookupError, ValueError):
        message = _("The header “%(parameter)s” cannot be read: %(value)s.")
        raise Refused(Refusal(name, visible(value), message)) from None


# --- words ----------------------------------------------------------------------------------------


def visible(text: str) -> str:
    """A text for a message: what cannot be shown is written as an escape."""
    return FORBIDDEN_IN_NAMES.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _decoded(raw: bytes) -> str | None:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _is_utf_8(charset: str) -> bool:
    try:
        return codecs.lookup(charset).name == "utf-8"
    except (LookupError, ValueError):
        return False


def _not_utf_8(where: str, value: str) -> Refusal:
    message = _("“%(parameter)s” is not valid UTF-8 text.")
    return Refusal(visible(where), visible(value), message, allowed=UTF_8)


def _limit(where: str, message: object, length: int, limit: int) -> Refusal:
    return Refusal(where, str(length), message, {"length": length, "limit": limit}, [f"≤ {limit}"])


def _long_header(name: str, length: int, limit: int) -> Refusal:
    message = _("The header “%(parameter)s” has %(length)s bytes; at most %(limit)s are allowed.")
    return _limit(name, message, length, limit)


def _too_many_fields() -> Refusal:
    limit = settings.DATA_UPLOAD_MAX_NUMBER_FIELDS
    message = _("The form has too many fields; at most %(limit)s are allowed.")
    return Refusal("body", "", message, {"limit": limit}, [f"≤ {limit}"])


def _too_big(length: str) -> Refusal:
    limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    message = _("The body has %(length)s bytes; at most %(limit)s are allowed.")
    return Refusal("body", length, message, {"length": length, "limit": limit}, [f"≤ {limit}"])
