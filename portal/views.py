"""The portal's own pages: home, and what it says about itself."""

from __future__ import annotations

from collections.abc import Iterable

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_safe

from opportunities.attributes import ATTRIBUTES
from opportunities.charts import district_map
from opportunities.charts.ridge import ridge
from opportunities.models import Opportunity, PublishedFigure
from opportunities.search.query import Search
from opportunities.search.saying import summary
from opportunities.search.scheme import at_least_label

from .caching import public

LISTED = 5

Claim = PublishedFigure.Claim
OF_A_SECTOR = (Claim.SECTOR_OPPORTUNITIES, Claim.SECTOR_INVESTMENT)


@require_safe
@public
def home(request: HttpRequest) -> HttpResponse:
    everything = Search.everything()
    facets = everything.facets
    figures = everything.scheme.edition.published_figures.all()
    available = _within(everything, status=list(Opportunity.AVAILABLE), page_size=LISTED)
    latest = _within(available, sort="-updated")
    top = everything.scheme.thresholds[-1]
    sectors = list(zip(everything.scheme.sectors, facets.facets["sector"], strict=True))
    half = -(-len(sectors) // 2)
    return render(
        request,
        "portal/home.html",
        {
            "description": summary(everything),
            "published": _published(figures),
            "published_sectors": len({one.value for one in figures if one.claim in OF_A_SECTOR}),
            "closing_band": True,
            "facets": facets.facets,
            "ridge": ridge(everything),
            "map": district_map.of_money(everything),
            "available": available,
            "largest": available.rows(available.count),
            "latest": latest.rows(latest.count),
            "all_largest": available.query_with(page_size=None),
            "all_latest": latest.query_with(page_size=None),
            "top": facets.investment_at_least[-1],
            "top_label": at_least_label(top),
            "first_bracket": everything.scheme.brackets[0],
            "sectors": [sectors[:half], sectors[half:]],
            "fullest": max(sectors, key=lambda pair: pair[1].count, default=None),
        },
    )


@require_safe
@public
def about(request: HttpRequest) -> HttpResponse:
    everything = Search.everything()
    scheme = everything.scheme
    return render(
        request,
        "portal/about.html",
        {
            "attributes": ATTRIBUTES,
            "facets": everything.facets,
            "in_regions": sum(region.count for region in everything.facets.facets["region"]),
            "assumed_sectors": [sector for sector in scheme.sectors if sector.name_assumed],
            "first_threshold": scheme.thresholds[0],
        },
    )


@require_safe
@public
def privacy(request: HttpRequest) -> HttpResponse:
    return render(request, "portal/privacy.html")


@require_safe
@public
def accessibility(request: HttpRequest) -> HttpResponse:
    return render(request, "portal/accessibility.html")


def _within(search: Search, **values: object) -> Search:
    return Search.from_query(QueryDict(search.query_with(**values)))


def _published(figures: Iterable[PublishedFigure]) -> dict[str, PublishedFigure]:
    """What the source stated of the whole list, by claim."""
    return {figure.claim: figure for figure in figures if not figure.value}
