"""The facet row of every public entry: kept with the entry, rebuilt, checked.

Whatever changes what a public entry counts as calls ``keep`` in the same transaction, after
``Revision.bump``: the revision's lock makes writers take turns.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connections, models, router
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
_ALL_COLUMNS = ("opportunity_id", "revision", *_COLUMNS)
# Every change of an entry says this: composed by bulk_create it takes four times as long.
_UPSERT = (
    f"INSERT INTO opportunities_facetrow ({', '.join(_ALL_COLUMNS)})"  # noqa: S608 - names of ours
    f" VALUES ({', '.join(['%s'] * len(_ALL_COLUMNS))}) ON CONFLICT (opportunity_id) DO UPDATE SET "
    + ", ".join(f"{column} = excluded.{column}" for column in _ALL_COLUMNS[1:])
)


def keep(opportunity: Opportunity, revision: int) -> None:
    """Bring an entry's facet row up to date, as of a revision, in one statement."""
    if opportunity.is_public:
        row = {"opportunity_id": opportunity.pk, "revision": revision, **_wanted(opportunity)}
        with connections[router.db_for_write(FacetRow)].cursor() as cursor:
            cursor.execute(_UPSERT, [row[column] for column in _ALL_COLUMNS])
    else:
        FacetRow.objects.filter(pk=opportunity.pk, is_public=True).update(is_public=False, revision=revision)


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
        found.count += len(opportunities)
        found.stale += [one.reference for one in _stale(opportunities)]
    found.editions = [edition.code for edition in Edition.objects.all() if not _adds_up(edition)]
    return found


def _adds_up(edition: Edition) -> bool:
    """Whether what is kept ready of an edition is what is counted live; nothing is of a small one."""
    search = Search.from_query(QueryDict(f"edition={edition.code}"))
    if search.ready is None:
        return True
    return search.ready.facets == facets.of_counts(
        facets.count(search.filterset), search.scheme, search.values
    )


def rebuild() -> Findings:
    """Write every facet row that is stale. Returns what was stale."""
    found = Findings()
    entries = Opportunity.objects.prefetch_related(*_PARTS).select_for_update()
    for opportunities in batches(entries):
        revision = Revision.bump()
        found.count += len(opportunities)
        for one in _stale(opportunities):
            keep(one, revision)
            found.stale.append(one.reference)
    return found


def _stale(opportunities: Sequence[Opportunity]) -> list[Opportunity]:
    """Those of some entries whose facet row is another than it should be."""
    rows = FacetRow.objects.filter(pk__in=[one.pk for one in opportunities]).values("pk", *_COLUMNS)
    kept = {row.pop("pk"): row for row in rows}
    public = {pk: row for pk, row in kept.items() if row["is_public"]}
    return [one for one in opportunities if public.get(one.pk) != (_wanted(one) if one.is_public else None)]


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
