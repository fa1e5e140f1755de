"""The small schematic that shows where an opportunity or a district lies."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django import template

from ..charts.locator import Locator, locator
from ..models import District, Edition, Opportunity
from ..search.scheme import Scheme

register = template.Library()


@register.inclusion_tag("opportunities/charts/_locator.html", takes_context=True)
def opportunity_locator(context: template.Context, opportunity: Opportunity) -> dict[str, Any]:
    """The districts of an opportunity among those of its edition; nothing where they have no position."""
    districts = [location.district for location in opportunity.locations.all()]
    return {"locator": _located(context, opportunity.edition, districts)}


@register.inclusion_tag("opportunities/charts/_locator.html", takes_context=True)
def district_locator(context: template.Context, district: District) -> dict[str, Any]:
    return {"locator": _located(context, district.edition, [district])}


def _located(context: template.Context, edition: Edition, districts: Collection[District]) -> Locator | None:
    scheme = context["site"].scheme
    return locator(scheme if scheme.edition == edition else Scheme.of(edition.code), districts)
