"""The search text of every entry: kept with the entry, rebuilt, checked.

Whatever writes an entry, or a name that entries are found by, calls this in the same transaction.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from django.db import connections, models, router, transaction

from .models import District, Location, Opportunity, Revision, SearchText, Sector
from .models.texts import Text
from .search import text

BATCH = 500
# Every change of an entry asks this: said in SQL it costs less than half of what composing it does.
_KEPT = "SELECT name, heading, text FROM opportunities_searchtext WHERE opportunity_id = %s"
# What an entry is found by beside its own texts and its sector.
NAMED = (models.Prefetch("locations", Location.objects.select_related("district")), "contacts")


def keep(opportunity: Opportunity) -> bool:
    """Bring an entry's search text up to date. Returns whether it changed: else nothing is written."""
    wanted = _wanted(opportunity)
    # What the index holds follows from the texts, and takes longer to work out.
    with connections[router.db_for_write(SearchText)].cursor() as cursor:
        cursor.execute(_KEPT, [opportunity.pk])
        kept = cursor.fetchone()
    if kept == wanted:
        return False
    SearchText(opportunity=opportunity, **wanted.columns).save(force_insert=kept is None)
    return True


def add(opportunities: Sequence[Opportunity]) -> None:
    """Write the search texts of new entries, all at once."""
    models.prefetch_related_objects(opportunities, *NAMED)
    SearchText.objects.bulk_create(
        SearchText(opportunity=one, **_wanted(one).columns) for one in opportunities
    )


def follow(changed: models.Model) -> None:
    """After an edit of what entries refer to: the search texts that hold a name of it."""
    for opportunity in _named_after(changed):
        keep(opportunity)


@dataclass
class Findings:
    """What a check found: the references of stale texts, and whether the index says what they say."""

    count: int = 0
    stale: list[str] = field(default_factory=list)
    index_is_true: bool = True


def check() -> Findings:
    """Work out every search text anew, and compare; nothing is written."""
    found = Findings(index_is_true=text.index_is_true(connections[router.db_for_read(SearchText)]))
    for opportunities in batches(_entries()):
        found.count += len(opportunities)
        found.stale += [one.reference for one in _stale(opportunities)]
    return found


def rebuild() -> Findings:
    """Write every search text that is stale, and the index anew; what was found before is asked again.

    Returns what was stale.
    """
    found = Findings()
    for opportunities in batches(_entries().select_for_update(of=("self",))):
        found.count += len(opportunities)
        for one in _stale(opportunities):
            SearchText(opportunity=one, **_wanted(one).columns).save()
            found.stale.append(one.reference)
    with transaction.atomic():
        text.make_index(connections[router.db_for_write(SearchText)])
        Revision.bump()
    return found


def describe_tables() -> None:
    """Tell the database how many rows of what kind there are: until then it may join them one by one."""
    with connections[router.db_for_write(Opportunity)].cursor() as cursor:
        cursor.execute("ANALYZE")


def batches(entries: models.QuerySet[Opportunity]) -> Iterator[list[Opportunity]]:
    """Entries by their keys, a few hundred at a time and each batch in one transaction."""
    keys = array("q", Opportunity.objects.order_by("pk").values_list("pk", flat=True).iterator())
    for start in range(0, len(keys), BATCH):
        with transaction.atomic():
            yield list(entries.filter(pk__in=keys[start : start + BATCH]).order_by("pk"))


def _entries() -> models.QuerySet[Opportunity]:
    return Opportunity.objects.select_related("sector").prefetch_related(*NAMED)


def _stale(opportunities: Sequence[Opportunity]) -> list[Opportunity]:
    """Those of some entries whose search text is another than it should be."""
    texts = SearchText.objects.filter(pk__in=[one.pk for one in opportunities])
    kept = {row.pop("pk"): row for row in texts.values("pk", *text.Searched._fields, "tokens")}
    return [one for one in opportunities if kept.get(one.pk) != _wanted(one).columns]


def _named_after(changed: models.Model) -> models.QuerySet[Opportunity]:
    """The opportunities whose search text holds a name of what has changed."""
    if isinstance(changed, Sector):
        return Opportunity.objects.filter(sector=changed)
    if isinstance(changed, District):
        return Opportunity.objects.filter(
            pk__in=Location.objects.filter(district=changed).values("opportunity")
        )
    return Opportunity.objects.none()


def _wanted(opportunity: Opportunity) -> text.Searched:
    """The search text of an entry: the contract's list of texts, in both languages."""
    districts = [location.district for location in opportunity.locations.all()]
    return text.searched(
        opportunity.name,
        [
            *opportunity.sector.name,
            *(name for district in districts for name in (*district.name, *district.aliases)),
        ],
        _rest(opportunity),
        readings_of(districts),
    )


def readings_of(districts: Iterable[District]) -> text.Readings:
    """How the names of districts are read, from their own romanised names."""
    return text.readings(district.short for district in districts)


def _rest(opportunity: Opportunity) -> Iterable[str]:
    yield opportunity.reference
    pairs: list[Text] = [
        opportunity.summary,
        opportunity.content,
        opportunity.expected_benefit,
        opportunity.advantages,
        opportunity.conditions,
        *(contact.unit for contact in opportunity.contacts.all()),
    ]
    for pair in pairs:
        yield from pair
