"""What the finance plan adds to the API's description: its parameters, where the city has a plan."""

from __future__ import annotations

from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from opportunities.api.schema import Schema, parameter
from opportunities.models import Opportunity
from opportunities.models.catalogue import REFERENCE_PATTERN

from ..current import Current
from ..filtering import ItemsForm

ROOT = "/api/v1/financing/"
Endpoints = list[tuple[str, str, str, Any]]


def described(endpoints: Endpoints) -> Endpoints:
    """drf-spectacular's first step: without a plan the addresses of one are not there."""
    if Current.of().plan:
        return endpoints
    return [endpoint for endpoint in endpoints if not endpoint[0].startswith(ROOT)]


def complete(result: Schema, **kwargs: Any) -> Schema:
    """drf-spectacular's last step: the parameters of these endpoints."""
    plan = Current.latest().plan
    if plan:
        fields = ItemsForm(QueryDict(), plan).fields
        result["components"]["parameters"] |= {name: parameter(name, field) for name, field in fields.items()}
        result["components"]["parameters"]["reference"] = _reference()
    return result


def _reference() -> Schema:
    example = Opportunity.objects.public().order_by("-investment", "reference").first()
    return {
        "name": "reference",
        "in": "query",
        "required": True,
        "description": _("The opportunity's reference."),
        "schema": {
            "type": "string",
            "pattern": f"^{REFERENCE_PATTERN}$",
            "description": _("3 to 32 capital letters, digits and hyphens."),
        },
        "example": example.reference if example else "",
    }
