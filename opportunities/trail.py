"""Where a page stands: the way to it from the whole list, for readers and for search engines."""

from __future__ import annotations

from typing import NamedTuple

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from .addresses import search_address
from .models import District, Opportunity, Sector
from .search.query import Search
from .search.saying import sentence


class Crumb(NamedTuple):
    """One step of the way; ``path`` is empty where there is no page to lead to, as for the page itself."""

    label: object
    path: str = ""


def everything() -> Crumb:
    return Crumb(_("All opportunities"), search_address())


def of_search(search: Search) -> list[Crumb]:
    """The way to a search: over the whole list, where anything narrows it."""
    narrowed = any(search.conditions)
    return [everything(), Crumb(sentence(search))] if narrowed else [everything()]


def of_sector(sector: Sector) -> list[Crumb]:
    return [everything(), Crumb(sector.name)]


def of_district(district: District) -> list[Crumb]:
    region = Search.everything().query_with(region=[district.region.slug])
    return [
        everything(),
        Crumb(district.region.name, search_address(region)),
        Crumb(district.name),
    ]


def of_opportunity(opportunity: Opportunity) -> list[Crumb]:
    sector = opportunity.sector
    # The pages of sectors are those of the current edition.
    page = reverse("opportunities:sector", args=[sector.slug]) if opportunity.edition.is_current else ""
    return [everything(), Crumb(sector.name, page), Crumb(opportunity.reference)]


def of_contact(opportunity: Opportunity) -> list[Crumb]:
    return [
        everything(),
        Crumb(opportunity.reference, opportunity.get_absolute_url()),
        Crumb(pgettext("attribute", "Contact person")),
    ]
