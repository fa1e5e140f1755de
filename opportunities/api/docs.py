"""The API's page for people, made from its OpenAPI description and from real answers of its own."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import resolve, reverse
from django.utils import translation
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_safe

from ..addresses import absolute
from ..models import Text
from ..revealing import windows
from ..search.parameters import API_LISTING, DEPTH_MAX, PAGE_SIZE_MAX
from ..search.query import Search
from ..search.refusals import SHOWN_MAX, SearchRefused, in_both
from . import schema, views

# What is asked as an example, where the bare address would answer at length.
EXAMPLES = {
    "listOpportunities": "status=open&sort=-updated&page_size=1",
    "getFacets": "status=open",
    "suggest": "q=liang",
}
NOT_SHOWN = {"showContact", "getSchema"}
REFUSED = "sort=newest"
SHOWN_OF_A_LIST = 2
OPEN_VALUES_MAX = 10


# Headings of the page, by what they stand over.
WORDS = {
    "endpoints": _("Endpoints"),
    "parameters": _("Parameters"),
    "none": pgettext_lazy("parameters", "none"),
    "example": _("Example"),
    "answer": _("What it answers now (of each list the first two)"),
    "statuses": _("Status codes"),
    "values": _("Values"),
    "repeatable": _("May be given several times: any of the values."),
}


class Value(NamedTuple):
    """One value of a parameter, with its label."""

    value: str
    label: Text


class Parameter(NamedTuple):
    """``bounds`` say what a value may be, where it is not one of ``values``."""

    name: str
    description: Text
    repeatable: bool
    bounds: Text
    values: list[Value]

    @property
    def is_long(self) -> bool:
        return len(self.values) > OPEN_VALUES_MAX


class Status(NamedTuple):
    code: str
    description: Text


class Endpoint(NamedTuple):
    """``request`` is a command to try, ``answer`` what it gives now; empty where none is shown."""

    name: str
    method: str
    path: str
    summary: Text
    description: Text
    parameters: list[str]
    statuses: list[Status]
    request: str
    answer: str


class Section(NamedTuple):
    """Something to know about every endpoint; ``code`` may be empty."""

    name: str
    title: Text
    paragraphs: list[Text]
    code: str = ""


@require_safe
@views.public_answer
def page(request: HttpRequest) -> HttpResponse:
    zh, en = schema.openapi("zh-hans"), schema.openapi("en")
    return render(
        request,
        "opportunities/api_docs.html",
        {
            "title": _text(_("The API")),
            "lead": _text(
                _(
                    "Everything that these pages show of the opportunities, for programs. Nobody needs a"
                    " key to read. The same description for machines is OpenAPI 3.1."
                )
            ),
            "words": {name: _text(word) for name, word in WORDS.items()},
            "sections": list(_sections()),
            "endpoints": list(_endpoints(zh, en)),
            "parameters": list(_parameters(zh, en)),
        },
    )


# --- what holds for every endpoint ----------------------------------------------------------------


def _sections() -> Iterator[Section]:
    listing = reverse("api:opportunities")
    asked = f"{listing}?{EXAMPLES['listOpportunities']}"
    yield Section(
        "addresses",
        _text(_("Addresses and formats")),
        _texts(
            _("Every address begins with the one below. Answers are JSON in UTF-8."),
            _("A text comes in both languages, as zh and en; en is empty where there is no translation."),
            _(
                "Money is a string with two decimals in units of CNY 100 million, investment_cny one in yuan;"
                " shares have four decimals. Times are in UTC."
            ),
            _("Pages of other sites may read it too: Access-Control-Allow-Origin is * for every GET."),
        ),
        absolute(listing.removesuffix("opportunities/")),
    )
    yield Section(
        "errors",
        _text(_("Errors")),
        _texts(
            _("An error is a problem document as RFC 9457 has it, application/problem+json."),
            _(
                "Nothing is ignored in silence: an unknown name, a value that is not allowed or a second"
                " value for a parameter that takes one is a 400, and errors names each with what is allowed."
            ),
            format_lazy(
                _("A value of more than {limit} characters is quoted by its first {limit} and “…”."),
                limit=SHOWN_MAX,
            ),
        ),
        f"{_command(f'{listing}?{REFUSED}')}\n\n{_written(_problem())}",
    )
    yield Section(
        "etag",
        _text(_("Asking again")),
        _texts(
            _(
                "Every answer carries an ETag. Send it back as If-None-Match: 304 without content says that"
                " nothing public has changed, and does not count against a limit."
            )
        ),
        _command(asked, f"-i -H 'If-None-Match: {_ask(asked).headers['ETag']}'"),
    )
    yield Section("limits", _text(_("Limits")), _texts(*_limits()))
    edition = Search.everything().scheme.edition
    licence = edition.catalogue.site.get("license", "")
    yield Section(
        "licence",
        _text(_("Licence and notice")),
        [
            *_texts(
                format_lazy(_("The data may be used under {licence}."), licence=licence)
                if licence
                else _("The issuer has not stated a licence for the data.")
            ),
            *([edition.notice] if edition.notice_zh else []),
        ],
    )
    yield Section(
        "versions",
        _text(_("Versions")),
        _texts(
            _(
                "Version 1 only grows. Whatever is to go is announced 180 days ahead by the headers"
                " Deprecation and Sunset."
            )
        ),
    )


def _limits() -> Iterator[object]:
    rate = settings.API_READ_RATE
    yield (
        format_lazy(_("One address may read {rate}; RateLimit says what is left."), rate=rate)
        if rate
        else _("Reading is not limited here.")
    )
    yield format_lazy(
        _("A page holds at most {size} results; page × page_size ends at {depth}."),
        size=PAGE_SIZE_MAX,
        depth=DEPTH_MAX,
    )
    budget = ", ".join(
        f"{window.grants} / {int(window.length.total_seconds())} s"
        for window in windows(settings.CONTACT_BUDGET)
    )
    yield format_lazy(
        _("The person in charge is given to one address so many times, pages included: {budget}."),
        budget=budget,
    )
    yield _("Past a limit the answer is 429, and Retry-After says in how many seconds to try again.")


# --- read off the description ---------------------------------------------------------------------


def _endpoints(zh: schema.Schema, en: schema.Schema) -> Iterator[Endpoint]:
    for path, methods in en["paths"].items():
        for method, operation in methods.items():
            other = zh["paths"][path][method]
            name = operation["operationId"]
            named = [_named(en, parameter) for parameter in operation.get("parameters", ())]
            address = _example_of(path, name, named)
            yield Endpoint(
                name=name,
                method=method.upper(),
                path=path,
                summary=_pair(other, operation, "summary"),
                description=_pair(other, operation, "description"),
                parameters=[parameter["name"] for parameter in named],
                statuses=[
                    Status(code, _pair(other["responses"][code], response, "description"))
                    for code, response in operation["responses"].items()
                ],
                request=_command(address, "-X POST" if method == "post" else ""),
                answer="" if name in NOT_SHOWN else _answer(address),
            )


def _parameters(zh: schema.Schema, en: schema.Schema) -> Iterator[Parameter]:
    for name, parameter in en["components"]["parameters"].items():
        other = zh["components"]["parameters"][name]
        values, labels = parameter["schema"], other["schema"]
        repeatable = values["type"] == "array"
        if repeatable:
            values, labels = values["items"], labels["items"]
        yield Parameter(
            name,
            _pair(other, parameter, "description"),
            repeatable,
            Text(_bounds(labels), _bounds(values)),
            [
                Value(value, Text(label_zh, label_en))
                for value, label_zh, label_en in zip(
                    values.get("enum", ()),
                    labels.get("x-enum-descriptions", ()),
                    values.get("x-enum-descriptions", ()),
                    strict=True,
                )
            ],
        )


def _bounds(values: schema.Schema) -> str:
    if "minimum" in values:
        return f"{values['minimum']}…{values['maximum']}"
    if "maxLength" in values:
        return f"≤ {values['maxLength']}"
    return str(values.get("description", ""))


def _named(description: schema.Schema, parameter: schema.Schema) -> schema.Schema:
    """A parameter as it stands in an operation: written out, or a reference to the one of that name."""
    if "$ref" in parameter:
        name = parameter["$ref"].rpartition("/")[2]
        return description["components"]["parameters"][name]
    return parameter


def _pair(zh: schema.Schema, en: schema.Schema, key: str) -> Text:
    return Text(zh.get(key, ""), en.get(key, ""))


def _text(text: object) -> Text:
    return Text(**in_both(text))


def _texts(*texts: object) -> list[Text]:
    return [_text(text) for text in texts]


# --- examples -------------------------------------------------------------------------------------


def _example_of(path: str, name: str, parameters: Iterable[schema.Schema]) -> str:
    """An address to ask in this place; opportunities are those of the first page."""
    needed = {one["name"]: one["example"] for one in parameters if one.get("required") and "example" in one}
    if "{reference}" in path:
        everything = Search.everything()
        references: Iterable[str] = (found.reference for found in everything.rows(everything.count))
        path = path.replace("{reference}", next(iter(references), ""))
    query = EXAMPLES.get(name) or urlencode(needed)
    return f"{path}?{query}" if query else path


def _command(address: str, options: str = "") -> str:
    return " ".join(part for part in ("curl", options, f"'{absolute(address)}'") if part)


def _ask(address: str) -> HttpResponse:
    """What the API answers, limits aside."""
    parts = urlsplit(absolute(address).removeprefix(settings.SITE_URL))
    request = HttpRequest()
    request.method = "GET"
    request.path = request.path_info = parts.path
    request.META = {"QUERY_STRING": parts.query, "SERVER_NAME": "localhost", "SERVER_PORT": "80"}
    request.GET = QueryDict(parts.query)
    view, arguments, named = resolve(parts.path)
    with translation.override("en"):
        return view.cls.as_view(throttle_classes=[])(request, *arguments, **named)


def _answer(address: str) -> str:
    """The answer as text; of long lists the beginning."""
    return _written(_shortened(json.loads(_ask(address).content)))


def _problem() -> dict[str, Any]:
    """The problem document of a refused search; its own words are left to the answer itself."""
    try:
        Search.from_query(QueryDict(REFUSED), API_LISTING)
    except SearchRefused as refused:
        errors = [refusal.as_problem() for refusal in refused.refusals]
    return {"type": "about:blank", "title": "…", "status": 400, "detail": "…", "errors": errors}


def _written(document: Any) -> str:
    return json.dumps(document, ensure_ascii=False, indent=2)


def _shortened(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _shortened(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_shortened(one) for one in value[:SHOWN_OF_A_LIST]]
    return value
