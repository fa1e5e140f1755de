"""What belongs together: similar opportunities with the reason in words, a district and its units."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.db import models
from django.db.models import Q
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from .models import Contact, District, Location, Opportunity
from .search.query import Search

SIMILAR_MAX = 4
UNITS_MAX = 3
# Two amounts are near when the larger is at most so many times the smaller.
NEAR = Decimal("1.5")


class Reason(models.TextChoices):
    """In what two opportunities are alike; the earlier ones weigh more."""

    SECTOR = "sector", _("same sector")
    DISTRICT = "district", _("same district")
    REGION = "region", _("same region")
    INVESTMENT = "investment", _("similar amount")


WEIGHTS = {Reason.SECTOR: 4, Reason.DISTRICT: 4, Reason.INVESTMENT: 2, Reason.REGION: 1}


@dataclass(frozen=True)
class Similar:
    """An opportunity like another, and in what: reasons in words."""

    opportunity: Opportunity
    reasons: list[Reason]


def similar(opportunity: Opportunity) -> list[Similar]:
    """Public opportunities of the same edition that can still be taken up, the most alike first.

    At most four. Each shares the sector or a district; same region and similar amount bring it forward.
    """
    candidates = Opportunity.objects.with_keys(_candidates(opportunity))
    alike = [Similar(other, _reasons(opportunity, other)) for other in candidates.for_results()]
    alike.sort(key=lambda one: _rank(opportunity, one))
    return alike[:SIMILAR_MAX]


def _candidates(opportunity: Opportunity) -> set[int]:
    """The nearest in amount of the same sector, of the same districts, and of both.

    Nearest above and nearest below are read apart, because an index then ends each search after a few
    rows, however large the catalogue.
    """
    available = Search.from_query(QueryDict(f"edition={opportunity.edition.code}")).having(
        status=list(map(str, Opportunity.AVAILABLE))
    )
    if available.ready:
        return _near_in(available, opportunity)
    others = Opportunity.objects.public().available().in_edition(opportunity.edition)
    others = others.exclude(pk=opportunity.pk)
    districts = opportunity.locations.values("district")
    here = Q(pk__in=Location.objects.filter(district__in=districts).values("opportunity"))
    sector = Q(sector=opportunity.sector_id)
    found: set[int] = set()
    for alike in (sector & here, sector, here):
        above = others.filter(alike, investment__gte=opportunity.investment)
        below = others.filter(alike, investment__lt=opportunity.investment)
        for side in (above.order_by("investment", "reference"), below.order_by("-investment", "reference")):
            found.update(side.values_list("pk", flat=True)[:SIMILAR_MAX])
    return found


def _near_in(available: Search, opportunity: Opportunity) -> set[int]:
    """The same of a large edition, by searches of what can still be taken up."""
    sector = [opportunity.sector.slug]
    districts = [location.district.code for location in opportunity.locations.all()]
    found: set[int] = set()
    for alike in ({"sector": sector, "district": districts}, {"sector": sector}, {"district": districts}):
        near = available.having(**alike).ready
        if near:
            found |= near.around(opportunity.investment, SIMILAR_MAX, but=opportunity.pk)
    return found


def _reasons(one: Opportunity, other: Opportunity) -> list[Reason]:
    reasons = []
    mine = [location.district for location in one.locations.all()]
    theirs = [location.district for location in other.locations.all()]
    if one.sector_id == other.sector_id:
        reasons.append(Reason.SECTOR)
    if {district.pk for district in mine} & {district.pk for district in theirs}:
        reasons.append(Reason.DISTRICT)
    elif {district.region_id for district in mine} & {district.region_id for district in theirs}:
        reasons.append(Reason.REGION)
    if max(one.investment, other.investment) <= NEAR * min(one.investment, other.investment):
        reasons.append(Reason.INVESTMENT)
    return reasons


def _rank(opportunity: Opportunity, alike: Similar) -> tuple[int, Decimal, str]:
    other = alike.opportunity
    return (
        -sum(WEIGHTS[reason] for reason in alike.reasons),
        abs(other.investment - opportunity.investment),
        other.reference,
    )


def units_in(district: District) -> list[Contact]:
    """Who answers for the public opportunities of a district, each unit once: their main contacts.

    An opportunity in several districts speaks for the first of them alone.
    """
    first_here = Location.objects.filter(district=district, position=0).values("opportunity")
    contacts = Contact.objects.filter(
        opportunity__in=Opportunity.objects.public().filter(pk__in=first_here), position=0
    )
    units = (
        contacts.values("unit_zh", "office_phone")
        .annotate(times=models.Count("pk"), example=models.Min("pk"))
        .order_by("-times", "example")[:UNITS_MAX]
    )
    examples = [unit["example"] for unit in units]
    found = Contact.objects.in_bulk(examples)
    return [found[pk] for pk in examples]
