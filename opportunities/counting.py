"""The facet row of every public entry: kept with the entry, rebuilt, checked.

Whatever changes what a public entry counts as calls ``keep`` in the same transaction, after
``Revision.bump``: the revision's lock makes writers take turns.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import models
from django.http import QueryDict

from .amounts import cents
from .indexing import batches
from .models import Edition, FacetRow, Opportunity, Revision
from .search import facets
from .search.query import Search

_PARTS = ("locations", "cooperation_forms")
_COLUMNS = (
    "edition_id",
    "reference",
    "is_public",
    "sector_id",
    "cents",
    "cycle_months",
    "status",
    "cooperation",
    "places",
)


def keep(opportunity: Opportunity, revision: int) -> bool:
    """Bring an entry's facet row up to date, as of a revision. Returns whether it changed."""
    row = FacetRow.objects.filter(pk=opportunity.pk).values(*_COLUMNS).first()
    wanted = _wanted(opportunity) if opportunity.is_public else row and {**row, "is_public": False}
    if row == wanted:
        return False
    FacetRow(opportunity=opportunity, revision=revision, **wanted).save(force_insert=row is None)
    return True


def add(opportunities: Sequence[Opportunity], revision: int) -> None:
    """Write the facet rows of new public entries, all at once."""
    models.prefetch_related_objects(opportunities, *_PARTS)
    FacetRow.objects.bulk_create(
        FacetRow(opportunity=one, revision=revision, **_wanted(one)) for one in opportunities
    )


@dataclass
class Findings:
    """What a check found: how many entries it looked at, the references of stale rows, and the editions
    whose totals differ from what is counted live."""

    count: int = 0
    stale: list[str] = field(default_factory=list)
    editions: list[str] = field(default_factory=list)


def check() -> Findings:
    """Work out every facet row anew, and compare; nothing is written."""
    found = Findings()
    for opportunities in batches(Opportunity.objects.prefetch_related(*_PARTS)):
        rows = {
            row.pop("pk"): row
            for row in FacetRow.objects.filter(pk__in=[one.pk for one in opportunities]).values(
                "pk", *_COLUMNS
            )
        }
        found.count += len(opportunities)
        for one in opportunities:
            row = rows.get(one.pk)
            if row != _wanted(one) if one.is_public else row and row["is_public"]:
                found.stale.append(one.reference)
    found.editions = [edition.code for edition in Edition.objects.all() if not _adds_up(edition)]
    return found


def _adds_up(edition: Edition) -> bool:
    """Whether what is kept ready of an edition is what is counted live; nothing is of a small one."""
    search = Search.from_query(QueryDict(f"edition={edition.code}"))
    return search.ready is None or search.ready.facets == facets.count(search.filterset)


def rebuild() -> Findings:
    """Write every facet row that is stale. Returns what was stale."""
    found = Findings()
    entries = Opportunity.objects.prefetch_related(*_PARTS).select_for_update()
    for opportunities in batches(entries):
        revision = Revision.bump()
        found.count += len(opportunities)
        found.stale += [one.reference for one in opportunities if keep(one, revision)]
    return found


def _wanted(opportunity: Opportunity) -> dict[str, Any]:
    places = {location.district_id: cents(location.investment) for location in opportunity.locations.all()}
    return {
        "edition_id": opportunity.edition_id,
        "reference": opportunity.reference,
        "is_public": True,
        "sector_id": opportunity.sector_id,
        "cents": cents(opportunity.investment),
        "cycle_months": opportunity.cycle_months,
        "status": str(opportunity.status),
        "cooperation": " ".join(sorted(one.form for one in opportunity.cooperation_forms.all())),
        "places": " ".join(f"{district}:{money}" for district, money in sorted(places.items())),
    }
