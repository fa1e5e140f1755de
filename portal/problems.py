"""What went wrong, said once: drawn as a page (``portal.errors``) or written as an RFC 9457 document."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import translation
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions

from opportunities.addresses import absolute
from opportunities.exporting import TooManyRows
from opportunities.models import Contact
from opportunities.revealing import OverBudget
from opportunities.search.refusals import PageNotFound, Refusal, SearchRefused
from opportunities.search.scheme import NoEdition

DATABASE_AWAY = (OperationalError, InterfaceError)
RETRY_AFTER_SECONDS = 5


@dataclass(frozen=True)
class Problem:
    """A status, in words of both languages, and each part of the request that was refused.

    ``instead`` is the path of what serves the purpose, where the detail leads to something else.
    """

    status: int
    title: object
    detail: object
    refusals: Sequence[Refusal] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    instead: str = ""

    def as_document(self) -> HttpResponse:
        with translation.override("en"):
            title, detail = str(self.title), str(self.detail)
        errors = [refusal.as_problem() for refusal in self.refusals]
        instead = absolute(self.instead) if self.instead else ""
        return problem(self.status, title, detail, errors, headers=self.headers, instead=instead)


# Exports and feeds: asked for by people who clicked, and by programs.
FILES = (".csv", ".xlsx", ".atom")


def is_api(request: HttpRequest) -> bool:
    return request.path_info.startswith("/api/")


def is_told_to_program(request: HttpRequest) -> bool:
    """Whether a problem is a document: under ``/api/``, and at a file unless the client takes HTML.

    Every browser names text/html when a link is followed; spreadsheets, feed readers and scripts do not.
    """
    takes_html = "text/html" in request.headers.get("Accept", "")
    return is_api(request) or (request.path_info.endswith(FILES) and not takes_html)


def problem(
    status: int,
    title: str,
    detail: str,
    errors: Iterable[Mapping[str, Any]] = (),
    *,
    headers: Mapping[str, str] | None = None,
    instead: str = "",
) -> JsonResponse:
    """A problem document. ``title`` and ``detail`` in English; ``errors`` as ``Refusal.as_problem``."""
    document: dict[str, Any] = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    if errors := list(errors):
        document["errors"] = errors
    if instead:
        document["instead"] = instead
    return JsonResponse(
        document,
        status=status,
        headers={"Cache-Control": "no-store", **(headers or {})},
        content_type="application/problem+json",
        json_dumps_params={"ensure_ascii": False},
    )


# --- problems that any address can have -----------------------------------------------------------


def search_refused(refusals: Sequence[Refusal]) -> Problem:
    return Problem(
        400,
        _("Some conditions need a change"),
        _("Change the conditions named below; the rest can stay."),
        refusals,
    )


def unreadable(refusals: Sequence[Refusal], status: int = 400) -> Problem:
    return Problem(
        status,
        _("This request cannot be read"),
        _("A part of it is not allowed here. Nothing was changed."),
        refusals,
    )


def page_past_the_end(missing: PageNotFound) -> Problem:
    refusal = Refusal(
        "page",
        str(missing.page),
        _("There is no page %(value)s; the last is page %(last)s."),
        {"last": missing.last},
        [f"1…{missing.last}"],
        str(missing.last),
    )
    return Problem(404, _("There is no such page"), _("The list ends before this page."), [refusal])


def too_many_rows(error: TooManyRows) -> Problem:
    refusal = Refusal(
        "export.xlsx",
        str(error.count),
        _("An Excel workbook takes %(limit)s opportunities at most; this search has %(value)s."),
        {"limit": error.limit},
        [f"≤ {error.limit}"],
    )
    return Problem(
        400,
        _("Too many opportunities for a workbook"),
        _("The CSV of the same search takes any number."),
        [refusal],
        instead=error.instead,
    )


NOT_FOUND = Problem(
    404, _("There is no such page"), _("Nothing is published at this address. Check it, or start from here.")
)
NOT_ALLOWED = Problem(
    403, _("This is not open to you"), _("Your account has no right to it. Sign in with another account.")
)
FORM_EXPIRED = Problem(
    403,
    _("The form was open too long"),
    _("Go back, load the page again and send it once more. Cookies must be allowed for this."),
)
GONE = Problem(410, _("No longer published"), _("What was here has been withdrawn."))
TOO_MANY = Problem(
    429, _("Too many requests"), _("That was a lot in a short time. Try again in a few minutes.")
)
OUR_FAULT = Problem(
    500, _("Something went wrong here"), _("It has been noted, and nothing was changed. Try again shortly.")
)
DATABASE_TROUBLE = Problem(
    503,
    _("Temporarily not available"),
    _("Search is not available right now. Your conditions are kept; try again shortly."),
    headers={"Retry-After": str(RETRY_AFTER_SECONDS)},
)
NOTHING_LOADED = Problem(
    503,
    _("No list yet"),
    _("No edition of the list has been loaded so far. Please come back later."),
    headers={"Retry-After": "60"},
)
ONLY_SAMPLES = Problem(
    503,
    _("Sample data is not served here"),
    _(
        "The list loaded is sample data. It is shown under a public host name only when the setting"
        " SERVE_SAMPLES_PUBLICLY allows it."
    ),
)
BY_STATUS = {
    known.status: known for known in (unreadable([]), NOT_ALLOWED, NOT_FOUND, GONE, TOO_MANY, OUR_FAULT)
}


def wrong_method(allowed: str) -> Problem:
    """``allowed`` as the header Allow lists the methods."""
    return Problem(
        405,
        _("This address is asked in another way"),
        format_lazy(_("It takes these methods: {methods}."), methods=allowed),
        headers={"Allow": allowed},
    )


def over_budget(seconds: int) -> Problem:
    return Problem(
        429,
        TOO_MANY.title,
        _("That was a lot in a short time. Try again in a few minutes, or call the office."),
        headers={"Retry-After": str(seconds)},
    )


def problem_of(error: BaseException | None) -> Problem | None:
    """The problem that an exception stands for, or None for one that nobody expected."""
    match error:
        case SearchRefused():
            return search_refused(error.refusals)
        case TooManyRows():
            return too_many_rows(error)
        case PageNotFound():
            return page_past_the_end(error)
        case OverBudget():
            return over_budget(error.retry_after_seconds)
        case NoEdition():
            return NOTHING_LOADED
        case OperationalError() | InterfaceError():
            return DATABASE_TROUBLE
    return None


# --- the API --------------------------------------------------------------------------------------


def exception_handler(error: Exception, context: dict[str, Any]) -> HttpResponse | None:
    """REST framework's. What is not its own goes on to ``portal.errors``, which answers and logs it."""
    match error:
        case exceptions.MethodNotAllowed():
            return wrong_method(", ".join(context["view"].allowed_methods)).as_document()
        case exceptions.UnsupportedMediaType():
            sent, takes = context["request"].content_type, context["view"].get_parsers()
            return _other_format(error, "Content-Type", sent, takes).as_document()
        case exceptions.NotAcceptable():
            asked, gives = context["request"].META.get("HTTP_ACCEPT", ""), context["view"].get_renderers()
            return _other_format(error, "Accept", asked, gives).as_document()
        case exceptions.APIException():
            return _from_rest_framework(error)
        case OverBudget():
            return _with_office_line(over_budget(error.retry_after_seconds), context)
    return None


def _other_format(error: exceptions.APIException, header: str, value: str, formats: Iterable[Any]) -> Problem:
    allowed = [one.media_type for one in formats]
    refusal = Refusal(header, value, _("The format “%(value)s” is not available here."), allowed=allowed)
    return unreadable([refusal], error.status_code)


def _from_rest_framework(error: exceptions.APIException) -> HttpResponse:
    status = error.status_code
    title = HTTPStatus(status).phrase
    if isinstance(error, exceptions.ValidationError):
        return problem(status, title, "The body is refused.", _errors(error.detail))
    wait = getattr(error, "wait", None)  # Throttled alone has one
    headers = {"Retry-After": str(math.ceil(wait))} if wait else {}
    refusals = [refusal.as_problem() for refusal in getattr(error, "refusals", ())]
    return problem(status, title, str(error.detail), refusals, headers=headers)


def _errors(detail: Any) -> list[dict[str, Any]]:
    by_field = detail if isinstance(detail, dict) else {"body": detail}
    return [
        Refusal(str(name), "", str(message).replace("%", "%%")).as_problem()
        for name, messages in by_field.items()
        for message in (messages if isinstance(messages, list) else [messages])
    ]


def _with_office_line(found: Problem, context: dict[str, Any]) -> HttpResponse:
    """Over budget, a person is still helped: the unit's office line is always public."""
    contact = Contact.objects.filter(opportunity__reference=context["kwargs"].get("reference")).first()
    with translation.override("en"):
        detail = f"{found.detail} {contact.office_phone}" if contact else str(found.detail)
        return problem(found.status, str(found.title), detail, headers=found.headers)
