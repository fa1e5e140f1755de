"""The OpenAPI description, read off the views and the one declaration of the search."""

from __future__ import annotations

from copy import copy
from typing import Any

from django import forms
from django.conf import settings
from django.http import QueryDict
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from drf_spectacular.extensions import OpenApiSerializerExtension
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiResponse

from .. import amounts
from ..search import text
from ..search.parameters import (
    API_LISTING,
    AmountField,
    AnyOfField,
    OneOfField,
    WholeNumberField,
    WordsField,
)
from ..search.query import bound
from ..search.scheme import Scheme
from . import serializers

Schema = dict[str, Any]

PROBLEM = "application/problem+json"
PROBLEMS = {
    400: _("Refused: `errors` names each parameter, what is wrong with it and what is allowed."),
    404: _("There is no such thing, or no such page of it."),
    405: _("The method is not one of those in `Allow`."),
    406: _("The answer is JSON only; `Accept` asks for something else."),
    410: _("Was public once and is no longer; `detail` says since when."),
    415: _("The body is of a kind that is not read here."),
    429: _("Too many requests from one address; `Retry-After` says in how many seconds to try again."),
    503: _("The database does not answer; `Retry-After` says in how many seconds to try again."),
}
_AMOUNTS = _("In units of CNY 100 million, 0 to %(maximum)s, at most two decimals.")
AMOUNT_PATTERN = r"^((0|[1-9][0-9]{0,4})(\.[0-9]{1,2})?|100000(\.0{1,2})?)$"


def openapi(language: str) -> Schema:
    """The whole description with its texts in one language."""
    with translation.override(language):
        return SchemaGenerator().get_schema(request=None, public=True)


def complete(result: Schema, **kwargs: Any) -> Schema:
    """drf-spectacular's last step: where the API is served, and each parameter once."""
    result["servers"] = [{"url": settings.SITE_URL}]
    result["components"]["parameters"] = {name: parameter(name, field) for name, field in _fields().items()}
    return result


class ApiSchema(AutoSchema):
    """A view's operation: its parameters are those it ``accepts``, its problems those it ``answers``."""

    def _get_parameters(self) -> list[Schema]:
        accepted = [{"$ref": f"#/components/parameters/{name}"} for name in self.view.accepts]
        return [*super()._get_parameters(), *accepted]

    def _get_response_bodies(self, direction: Any = "response") -> Schema:
        bodies: Schema = super()._get_response_bodies(direction)
        if self.method == "GET":
            bodies["200"]["headers"] = {
                "ETag": {"schema": {"type": "string"}, "description": str(_("Send it as `If-None-Match`."))}
            }
            bodies["304"] = {"description": str(_("Nothing public has changed since that `ETag`."))}
        for status in self.view.answers:
            problem = OpenApiResponse(serializers.ProblemSerializer, description=PROBLEMS[status])
            bodies[str(status)] = self._get_response_for_code(problem, str(status), [PROBLEM], direction)
        return bodies


class EitherPage(OpenApiSerializerExtension):
    """A page of the list: its opportunities with or without every field."""

    target_class = "opportunities.api.serializers.AnyPageSerializer"

    def get_name(self, auto_schema: Any, direction: Any) -> str:
        return "AnyOpportunityPage"

    def map_serializer(self, auto_schema: Any, direction: Any) -> Schema:
        pages = (serializers.OpportunityPageSerializer, serializers.FullOpportunityPageSerializer)
        return {"anyOf": [auto_schema.resolve_serializer(page, direction).ref for page in pages]}


def _fields() -> dict[str, forms.Field]:
    """What the API takes, in the order of the declaration; a list's options are those of every edition."""
    current = bound(QueryDict(), current=Scheme.in_memory())
    fields = {name: copy(field) for name, field in current.form.fields.items()}
    others = [code for code in current.scheme.editions if code != current.scheme.edition.code]
    for code in others:
        for name, field in bound(QueryDict(f"edition={code}")).form.fields.items():
            if isinstance(field, OneOfField):
                fields[name].options = {**fields[name].options, **field.options}
    return {name: fields[name] for name in (*API_LISTING, "format")}


def parameter(name: str, field: forms.Field) -> Schema:
    """A parameter of the API, described by the field that reads it."""
    description = str(field.label)
    if field.help_text:
        description = _("%(label)s: %(help)s") % {"label": description, "help": field.help_text}
    return {"name": name, "in": "query", "description": description, "schema": _described(field)}


def _described(field: forms.Field) -> Schema:
    match field:
        case AnyOfField():
            return {"type": "array", "items": _one_of(field)}
        case OneOfField():
            return _one_of(field)
        case WholeNumberField():
            return {"type": "integer", "minimum": field.minimum, "maximum": field.maximum}
        case AmountField():
            return {
                "type": "string",
                "pattern": AMOUNT_PATTERN,
                "description": _AMOUNTS % {"maximum": amounts.MAXIMUM},
            }
        case WordsField():
            return {"type": "string", "maxLength": text.CHARACTERS_MAX}
    raise TypeError(f"{field!r} has no description for OpenAPI")


def _one_of(field: OneOfField) -> Schema:
    return {
        "type": "string",
        "enum": list(field.options),
        "x-enum-descriptions": [str(label) for label in field.options.values()],
    }
