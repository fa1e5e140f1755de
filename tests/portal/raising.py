"""The portal's addresses, and some whose views raise what views can raise."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

from django.core.exceptions import PermissionDenied
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from opportunities.revealing import OverBudget
from opportunities.search.refusals import PageNotFound, Refusal, SearchRefused
from opportunities.search.scheme import NoEdition
from portal import urls
from portal.caching import public

RAISED: dict[str, Callable[[], Exception]] = {
    "refused": lambda: SearchRefused(
        [Refusal("sector", "evv", "“%(value)s” is not a known value.", {}, ["ev"], "ev", "ev")]
    ),
    "page": lambda: PageNotFound(9, 6),
    "missing": lambda: Http404("secret reason"),
    "forbidden": lambda: PermissionDenied("secret reason"),
    "budget": lambda: OverBudget(42),
    "empty": lambda: NoEdition("current"),
    "away": lambda: OperationalError("could not connect to server db.internal"),
    "closed": lambda: InterfaceError("connection already closed"),
    "bug": lambda: RuntimeError("secret reason"),
    "throttled": lambda: exceptions.Throttled(7),
    "type": lambda: exceptions.UnsupportedMediaType("text/plain"),
    "accept": lambda: exceptions.NotAcceptable(),
    "invalid": lambda: exceptions.ValidationError({"name": ["100 % wrong"]}),
}


def raises(request: HttpRequest, what: str) -> NoReturn:
    raise RAISED[what]()


class Raises(APIView):
    def get(self, request: Request, what: str) -> NoReturn:
        raise RAISED[what]()

    def post(self, request: Request, what: str) -> Response:
        return Response({"body": request.data})


class Away:
    """Wraps every use of the database into a failure, as when it does not answer."""

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> NoReturn:
        raise OperationalError("server closed the connection")


asked = 0


@public
def counted(request: HttpRequest) -> HttpResponse:
    """How often the view itself was asked, which a kept answer does not repeat."""
    global asked
    asked += 1
    return HttpResponse(f"{asked} " + "招商" * 1000)


@public
def with_cookie(request: HttpRequest) -> HttpResponse:
    response = HttpResponse("yours alone")
    response.set_cookie("mine", "1")
    return response


@public
def absent(request: HttpRequest) -> NoReturn:
    raise Http404


@csrf_exempt
def form(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    return HttpResponse(repr(request.POST.dict()))


def with_token(request: HttpRequest) -> HttpResponse:
    return HttpResponse("sent")


def read(request: HttpRequest) -> HttpResponse:
    """What reached the code: query and cookies."""
    return HttpResponse(repr((request.GET.dict(), request.COOKIES)))


mine: list[Any] = [
    path("test/raises/<what>/", raises),
    path("en/test/raises/<what>/", raises),
    path("api/v1/test/raises/<what>/", Raises.as_view()),
    path("test/counted/", counted),
    path("en/test/counted/", counted),
    path("test/with-cookie/", with_cookie),
    path("test/absent/", absent),
    path("test/form/", form),
    path("test/with-token/", with_token),
    path("test/read/", read),
    path("api/v1/test/read/", read),
]
urlpatterns = [*mine, *urls.urlpatterns]

handler400 = urls.handler400
handler403 = urls.handler403
handler404 = urls.handler404
handler500 = urls.handler500
