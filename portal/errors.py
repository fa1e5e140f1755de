"""Error pages in the site's frame and in the page's language; to programs as documents."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from opportunities.search.scheme import Scheme

from . import problems
from .problems import Problem, is_told_to_program, problem_of

logger = logging.getLogger(__name__)

FRAMED = "portal/problem.html"
# Needs neither the database nor anything that was published.
BARE = "portal/problem_bare.html"


def answer(request: HttpRequest, problem: Problem) -> HttpResponse:
    """The answer that tells a problem to whoever asked."""
    if is_told_to_program(request):
        return problem.as_document()
    known = Scheme.in_memory()
    context = {"problem": problem, "place": known.edition.catalogue.place if known else None}
    frames = [BARE] if problem.status >= 500 else [FRAMED, BARE]
    for frame in frames:
        try:
            response = render(request, frame, context, status=problem.status)
            break
        except Exception:
            logger.warning("%s could not be drawn for status %s", frame, problem.status, exc_info=True)
    else:
        words = f"{problem.title}\n\n{problem.detail}\n"
        response = HttpResponse(words, status=problem.status, content_type="text/plain; charset=utf-8")
    for name, value in {"Cache-Control": "no-store", **problem.headers}.items():
        response.headers[name] = value
    return response


class ProblemsMiddleware:
    """Answers what views raise and nobody else expects, and gives words to empty refusals."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code < 400 or response.streaming or response.content:
            return response
        if response.status_code == 405:
            return answer(request, problems.wrong_method(response.headers.get("Allow", "")))
        known = problems.BY_STATUS.get(response.status_code)
        return answer(request, known) if known else response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        known = problem_of(error)
        if known is None:
            return None
        if known.status >= 500:
            logger.error("%s cannot be served: %s", request.path, type(error).__name__, exc_info=True)
        return answer(request, known)


# --- Django's handlers (portal.urls) --------------------------------------------------------------


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return answer(request, problems.unreadable([]))


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return answer(request, problems.NOT_ALLOWED)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return answer(request, problems.NOT_FOUND)


def server_error(request: HttpRequest) -> HttpResponse:
    """500; or what a middleware raised for want of the database, which no view ever saw."""
    raised = sys.exc_info()[1]
    away = isinstance(raised, problems.DATABASE_AWAY)
    return answer(request, problems.DATABASE_TROUBLE if away else problems.OUR_FAULT)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return answer(request, problems.FORM_EXPIRED)
