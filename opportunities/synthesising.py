"""Synthetic editions of any size, to see how the portal holds out with lists larger than a city's.

An edition of its own in a catalogue of its own, with the sectors, places and words of the current
edition and entries made of the texts of its samples. It says of itself and of every entry that it is
synthetic, and it is only ever made beside samples: no true list ever stands beside made-up entries, or
gives way to them.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal
from itertools import accumulate, islice
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from django.db import transaction

from . import amounts, counting, indexing, publishing
from .models import (
    Catalogue,
    Contact,
    Cooperation,
    CooperationForm,
    District,
    Edition,
    Fact,
    Location,
    Opportunity,
    Region,
    Revision,
    Sector,
    VocabularyTerm,
)
from .search import text

COUNT_MAX = 2_000_000
SEED = 2024
CHUNK = 1000
PREFIX = "load-"

# Skewed as real lists are: most are small, open and in a few large districts.
IN_TWO_PLACES = 0.03
SHARES = ["0.5", "0.6", "0.7", "0.25", "0.3333"]
INVESTMENT_MEDIAN, INVESTMENT_SPREAD = 8.0, 1.4
CYCLES = {6: 3, 12: 14, 15: 6, 18: 18, 24: 26, 30: 7, 36: 16, 48: 6, 60: 3, 84: 1}
STATUSES = {Opportunity.Status.OPEN: 70, Opportunity.Status.NEGOTIATING: 22, Opportunity.Status.SIGNED: 8}
FORMS = {1: 55, 2: 35, 3: 10}
SECONDS_SINCE_CHANGE = 120 * 86_400
CONTACT = {
    "unit_zh": "合成数据，无联系单位",
    "unit_en": "Synthetic: nobody answers for it",
    "office_phone": "000-0000 0000",
    "name": "无",
}

Value = TypeVar("Value")


class CannotMake(ValueError):
    """There can be no such edition here; the message says why and what to do."""


@dataclass(frozen=True)
class Entry:
    """One synthetic opportunity before it is stored, with its places and its forms of cooperation."""

    opportunity: Opportunity
    places: list[tuple[District, Decimal]]
    forms: list[str]


@transaction.atomic
def make(
    count: int,
    *,
    seed: int = SEED,
    replace: bool = False,
    current: bool = False,
    progress: Callable[[int], None] = lambda done: None,
) -> Edition:
    """Write an edition of ``count`` entries whole, or nothing of it; the same seed makes the same one.

    ``progress`` is told how many entries are written so far. Raises CannotMake.
    """
    base = _base()
    code = f"{PREFIX}{count}"
    existing = Edition.objects.filter(code=code).first()
    if existing and not replace:
        raise CannotMake(f"There is an edition {code} already; --replace makes it anew.")
    if existing:
        _remove(existing)
    edition = _copied(base, code, count)
    revision = Revision.bump()
    done = 0
    entries = _entries(base, edition, count, random.Random(seed))  # noqa: S311 - no secret
    while chunk := list(islice(entries, CHUNK)):
        _store(chunk, revision)
        done += len(chunk)
        progress(done)
    if current:
        publishing.make_current(edition)
    return edition


def _base() -> Edition:
    """The edition whose scheme and texts are copied: the current one. Raises CannotMake."""
    base = Edition.objects.select_related("catalogue").filter(is_current=True).first()
    if base is None:
        raise CannotMake("There is no current edition to copy from; load_catalogue makes one.")
    if base.code.startswith(PREFIX):
        raise CannotMake(
            f"The current edition, {base.code}, is synthetic itself; make the one to copy from current again."
        )
    if not base.catalogue.is_sample:
        raise CannotMake(
            f"The current edition, {base.code}, is no sample. Synthetic entries are made beside samples"
            " alone, in a database of their own (DATABASE_URL)."
        )
    if not Opportunity.objects.public().in_edition(base).exists():
        raise CannotMake(f"The current edition, {base.code}, has no public entry to copy texts from.")
    return base


# --- the scheme -----------------------------------------------------------------------------------


def _copied(base: Edition, code: str, count: int) -> Edition:
    """A new edition that counts as the base does, in a catalogue of its own."""
    catalogue = Catalogue.objects.get(pk=base.catalogue_id)
    catalogue.pk = None
    catalogue.slug = code
    catalogue.title_zh, catalogue.title_en = f"合成清单（{count} 条）", f"Synthetic list of {count} entries"
    catalogue.save(force_insert=True)
    edition = Edition(
        catalogue=catalogue,
        code=code,
        released_on=base.released_on,
        source_zh="合成数据，由程序生成",
        source_en="Synthetic, made by a program",
        notice_zh="合成数据，由程序生成，仅供测试性能；没有一条是真实的",
        notice_en="Synthetic data made by a program to test performance; none of it is real",
        subregions=base.subregions,
        water=base.water,
    )
    edition.save()
    model: type[Sector] | type[Region] | type[VocabularyTerm]
    for model in (Sector, Region, VocabularyTerm):
        copies: list[Any] = list(model.objects.filter(edition=base))
        for copy in copies:
            copy.pk, copy.edition = None, edition
        model.objects.bulk_create(copies)
    regions = {region.slug: region for region in edition.regions.all()}
    districts = list(base.districts.select_related("region"))
    for district in districts:
        district.pk, district.edition, district.region = None, edition, regions[district.region.slug]
    District.objects.bulk_create(districts)
    return edition


def _remove(edition: Edition) -> None:
    """Remove a synthetic edition with its entries, and what their history says of them."""
    entries = Opportunity.objects.filter(edition=edition).order_by("pk").values_list("pk", flat=True)
    while keys := list(entries[:CHUNK]):
        Opportunity.objects.filter(pk__in=keys).delete()
        for part in (Location, Cooperation, Contact, Fact):
            part.history.filter(opportunity__in=keys).delete()
    Opportunity.history.filter(edition=edition).delete()
    edition.districts.all().delete()
    edition.catalogue.delete()


# --- the entries ----------------------------------------------------------------------------------


def _entries(base: Edition, edition: Edition, count: int, chance: random.Random) -> Iterator[Entry]:
    """The entries one by one. Each takes its texts and its sector from an entry of the base."""
    sectors = {sector.slug: sector for sector in edition.sectors.all()}
    originals = list(Opportunity.objects.public().in_edition(base).select_related("sector"))
    districts = list(edition.districts.all())
    chance.shuffle(originals)
    chance.shuffle(districts)
    often, near = _falling(len(originals)), _falling(len(districts))
    midnight = datetime.combine(base.released_on, time(), ZoneInfo(base.catalogue.time_zone))
    for number in range(1, count + 1):
        [original] = chance.choices(originals, cum_weights=often)
        changed = midnight - timedelta(seconds=int(chance.expovariate(1 / SECONDS_SINCE_CHANGE)))
        opportunity = Opportunity(
            edition=edition,
            reference=f"{edition.code.upper()}-{number:07d}",
            **_texts(original, number),
            sector=sectors[original.sector.slug],
            investment=_investment(chance),
            cycle_months=_one_of(CYCLES, chance),
            status=_one_of(STATUSES, chance),
            publication=Opportunity.Publication.PUBLISHED,
            first_published_at=changed,
            updated_at=changed,
            last_confirmed_on=changed.date(),
            source=edition.source_zh,
            is_sample=True,
        )
        opportunity.name_key = text.sort_key(opportunity.name_zh)
        forms = chance.sample(CooperationForm.values, _one_of(FORMS, chance))
        yield Entry(opportunity, _places(districts, near, chance), forms)


def _falling(length: int) -> list[float]:
    """Cumulative weights of which the first is the largest: 1, 1/2, 1/3 …"""
    return list(accumulate(1 / rank for rank in range(1, length + 1)))


def _one_of(weights: Mapping[Value, int], chance: random.Random) -> Value:
    [chosen] = chance.choices(list(weights), list(weights.values()))
    return chosen


def _investment(chance: random.Random) -> Decimal:
    drawn = chance.lognormvariate(math.log(INVESTMENT_MEDIAN), INVESTMENT_SPREAD)
    return min(max(amounts.two_places(f"{drawn:.2f}"), amounts.CENT), amounts.MAXIMUM)


def _places(
    districts: list[District], weights: list[float], chance: random.Random
) -> list[tuple[District, Decimal]]:
    """One district, seldom two, with the share of each."""
    [first] = chance.choices(districts, cum_weights=weights)
    if len(districts) == 1 or chance.random() >= IN_TWO_PLACES:
        return [(first, Decimal(1))]
    second = chance.choice([district for district in districts if district != first])
    share = Decimal(chance.choice(SHARES))
    return [(first, share), (second, 1 - share)]


def _texts(original: Opportunity, number: int) -> dict[str, str]:
    """The texts of a sample, which say that they are none of its own."""
    zh, en = f"（合成条目 {number:07d}）", f" (synthetic entry {number:07d})"
    name_en = original.name_en or original.name_zh
    return {
        "name_zh": _cut(original.name_zh, "name_zh", zh) + zh,
        "name_en": _cut(name_en, "name_en", en) + en,
        "summary_zh": _cut(f"合成数据。{original.summary_zh}", "summary_zh"),
        "summary_en": _cut(f"Synthetic. {original.summary_en}", "summary_en"),
        "content_zh": original.content_zh,
        "content_en": original.content_en,
        "expected_benefit_zh": "合成数据，无预期效益",
        "expected_benefit_en": "Synthetic: no benefit is expected of it",
        "advantages_zh": "合成数据，无优势",
        "advantages_en": "Synthetic: it has none",
        "conditions_zh": "合成数据，无用地",
        "conditions_en": "Synthetic: it has no site",
    }


def _cut(written: str, column: str, ending: str = "") -> str:
    """As much of a text as its column holds beside the ending."""
    room: int = getattr(Opportunity, column).field.max_length - len(ending)
    return written[:room]


def _store(entries: Sequence[Entry], revision: int) -> None:
    """Store entries with their parts, the split of their money and what is kept beside them. No history."""
    opportunities = Opportunity.objects.bulk_create(entry.opportunity for entry in entries)
    Location.objects.bulk_create(location for entry in entries for location in _locations(entry))
    Cooperation.objects.bulk_create(
        Cooperation(opportunity=entry.opportunity, form=form) for entry in entries for form in entry.forms
    )
    Contact.objects.bulk_create(Contact(opportunity=opportunity, **CONTACT) for opportunity in opportunities)
    indexing.add(opportunities)
    counting.add(opportunities, revision)


def _locations(entry: Entry) -> Iterator[Location]:
    parts = amounts.split(entry.opportunity.investment, [share for _district, share in entry.places])
    for position, ((district, share), part) in enumerate(zip(entry.places, parts, strict=True)):
        yield Location(
            opportunity=entry.opportunity, district=district, share=share, investment=part, position=position
        )
