"""What an edition counts by: its sectors, regions, districts and brackets, read once per revision."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.utils.safestring import SafeString
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from ..amounts import Band, bracket_of, format_en, in_cny_bn, shortest, steps
from ..models import (
    Cooperation,
    CooperationForm,
    District,
    Edition,
    Location,
    Opportunity,
    Region,
    Revision,
    Sector,
    Text,
)
from . import entries, text
from .entries import Entries
from .naming import Known, by_sound, known
from .vocabulary import Vocabulary

if TYPE_CHECKING:
    from .query import Numbers

CYCLES = [
    Band("up-to-12", Decimal(1), Decimal(13)),
    Band("13-24", Decimal(13), Decimal(25)),
    Band("25-36", Decimal(25), Decimal(37)),
    Band("over-36", Decimal(37), None),
]


# From so many opportunities on, what they add up to is kept ready rather than counted for each search.
LARGE_FROM = 10_000
# What a mistyped word may be is looked for in so many entries.
WORDS_OF = 1000


class NoEdition(LookupError):
    """There is no edition to search: nothing was loaded yet."""


@dataclass(frozen=True)
class Scheme:
    """The values of one edition's facets, each in the catalogue's order."""

    edition: Edition
    editions: list[str]
    sectors: list[Sector]
    regions: list[Region]
    districts: list[District]
    thresholds: list[Decimal]
    brackets: list[Band]
    # When any of its opportunities last changed; None when there is none.
    data_as_of: datetime | None
    revision: str
    # Whether there are so many opportunities that what they add up to is kept ready.
    is_large: bool
    # What was made of this revision of the edition, for whoever makes the same again.
    kept: dict[Hashable, Any] = field(default_factory=dict, compare=False)
    # Result rows as they were drawn, by what they look like and the opportunity's key.
    rows_drawn: dict[Hashable, SafeString] = field(default_factory=dict, compare=False)
    # What searches of it found, by the query of their filters.
    numbers: dict[str, Numbers] = field(default_factory=dict, compare=False)

    @classmethod
    def of(cls, code: str | None = None, *, revision: str | None = None) -> Scheme:
        """The scheme of the edition with this code, or of the current one.

        Raises NoEdition when there is none. Kept in memory by publication revision, whose token
        never comes back for another content; whoever has just read the revision may pass it on.
        """
        revision = revision or Revision.current()
        key = (revision, code)
        kept = _kept.get(key)
        if kept is None:
            kept = cls._load(code, revision)
            if revision != "0":
                for oldest in list(_kept)[: 1 - _KEPT_MAX]:
                    _kept.pop(oldest, None)
                _kept[key] = kept
        return kept

    @classmethod
    def in_memory(cls) -> Scheme | None:
        """The current edition's scheme as this process read it last, without asking the database."""
        current = [scheme for (_revision, code), scheme in list(_kept.items()) if code is None]
        return current[-1] if current else None

    @classmethod
    def _load(cls, code: str | None, revision: str) -> Scheme:
        public = Opportunity.objects.public().filter(edition=OuterRef("pk"))
        latest = public.order_by("-updated_at")
        editions = list(
            Edition.objects.select_related("catalogue").annotate(
                data_as_of=Subquery(latest.values("updated_at")[:1]),
                is_large=Exists(public.order_by()[LARGE_FROM - 1 : LARGE_FROM]),
            )
        )
        wanted = [e for e in editions if (e.code == code if code else e.is_current)]
        if not wanted:
            raise NoEdition(code or "current")
        edition = wanted[0]
        return cls(
            edition=edition,
            editions=[e.code for e in editions],
            sectors=list(edition.sectors.all()),
            regions=list(edition.regions.all()),
            districts=list(edition.districts.select_related("region")),
            thresholds=[Decimal(str(t)) for t in edition.catalogue.bracket_thresholds],
            brackets=edition.catalogue.brackets,
            data_as_of=edition.data_as_of,
            revision=revision,
            is_large=edition.is_large,
        )

    @property
    def moment(self) -> datetime:
        """When the data last changed; of an empty edition, the start of the day it was released."""
        zone = ZoneInfo(self.edition.catalogue.time_zone)
        return self.data_as_of or datetime.combine(self.edition.released_on, time(), zone)

    @property
    def as_of(self) -> date:
        """The day that the data are of, in the catalogue's zone."""
        return self.edition.catalogue.day_of(self.moment)

    @property
    def is_current(self) -> bool:
        return self.edition.is_current

    def bracket_of(self, investment: Decimal) -> str:
        """The slug of the bracket an investment in 亿元 falls into."""
        return bracket_of(investment, self.brackets).slug

    @staticmethod
    def cycle_of(months: int) -> str:
        return bracket_of(Decimal(months), CYCLES).slug

    @cached_property
    def places(self) -> dict[int, tuple[str, str]]:
        """For each district's key its code and the slug of its region."""
        return {district.pk: (district.code, district.region.slug) for district in self.districts}

    @cached_property
    def sector_slugs(self) -> dict[int, str]:
        """For each sector's key its slug."""
        return {sector.pk: sector.slug for sector in self.sectors}

    @cached_property
    def entries(self) -> Entries:
        """The public opportunities as searches count them, read when the first one does.

        Of large lists nobody asks for them: what those add up to is kept ready.
        """
        return entries.read(Opportunity.objects.public().in_edition(self.edition), self)

    def rows(self, opportunities: QuerySet[Opportunity]) -> list[Opportunity]:
        """Opportunities of this edition with all that a result row needs. Two queries more than they take.

        Their sectors and districts are the scheme's own: made anew for each row, as by ``for_results`` where
        no scheme is at hand, these take as long as all the rest. What came in after the scheme was read is
        asked for when it is needed. Their locations and forms of cooperation stand where ``prefetch_related``
        puts them, as lists: it makes a manager and a query for each row, twice the time of reading them.
        """
        found = list(opportunities)
        locations, forms = _of_each(Location, found), _of_each(Cooperation, found)
        for one in found:
            one.edition = self.edition
            if sector := self._sectors.get(one.sector_id):
                one.sector = sector
            for location in locations[one.pk]:
                location.opportunity = one
                if district := self._districts.get(location.district_id):
                    location.district = district
            own = {"locations": locations[one.pk], "cooperation_forms": forms[one.pk]}
            vars(one).setdefault("_prefetched_objects_cache", {}).update(own)
        return found

    @cached_property
    def _sectors(self) -> dict[int, Sector]:
        return {sector.pk: sector for sector in self.sectors}

    @cached_property
    def _districts(self) -> dict[int, District]:
        return {district.pk: district for district in self.districts}

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """What the words of a question mean, read when the first one is asked."""
        return Vocabulary.of(self)

    @cached_property
    def latin_words(self) -> frozenset[str]:
        """The Latin words of its opportunities, of a long list those of the largest."""
        return text.latin_words(self._largest)

    @cached_property
    def han_by_sound(self) -> dict[str, str]:
        """The Han pieces of their names by joined pinyin."""
        return by_sound(self._largest.values_list("name_zh", flat=True))

    @property
    def _largest(self) -> QuerySet[Opportunity]:
        public = Opportunity.objects.public().in_edition(self.edition)
        return public.order_by("-investment", "reference")[:WORDS_OF]

    @cached_property
    def known(self) -> list[Known]:
        """What can be suggested by name, read when something is typed for the first time."""
        return known(self)

    @cached_property
    def steps(self) -> list[Band]:
        """The equal logarithmic steps that a histogram of investments counts by."""
        return steps(self.thresholds)

    @cached_property
    def options(self) -> dict[str, dict[str, object]]:
        """For each facet its values in order, each with its label: a text in both languages."""
        return {
            "sector": {sector.slug: sector.name for sector in self.sectors},
            "region": {region.slug: region.name for region in self.regions},
            "district": {district.code: district.name for district in self.districts},
            "bracket": {bracket.slug: bracket_label(bracket) for bracket in self.brackets},
            "cycle": {band.slug: cycle_label(band) for band in CYCLES},
            "cooperation": {form.value: form.label for form in CooperationForm},
            "status": {status.value: status.label for status in Opportunity.Status},
        }


Part = TypeVar("Part", Location, Cooperation)


def _of_each(model: type[Part], opportunities: Iterable[Opportunity]) -> Mapping[int, list[Part]]:
    """The locations or forms of cooperation of some opportunities, by the key of the opportunity."""
    found: dict[int, list[Part]] = {one.pk: [] for one in opportunities}
    if found:
        for part in model.objects.filter(opportunity__in=found):
            found[part.opportunity_id].append(part)
    return found


_KEPT_MAX = 8
_kept: dict[tuple[str, str | None], Scheme] = {}


def bracket_label(bracket: Band) -> Text:
    """A bracket in words: 10 亿元以下 · 10–50 亿元 · 100 亿元及以上."""
    if bracket.lower == 0 and bracket.upper is not None:
        return Text(f"{shortest(bracket.upper)} 亿元以下", f"Under CNY {_bn(bracket.upper)} bn")
    if bracket.upper is None:
        return at_least_label(bracket.lower)
    return Text(
        f"{shortest(bracket.lower)}–{shortest(bracket.upper)} 亿元",
        f"CNY {_bn(bracket.lower)}–{_bn(bracket.upper)} bn",
    )


def at_least_label(threshold: Decimal) -> Text:
    return Text(f"{shortest(threshold)} 亿元及以上", f"CNY {_bn(threshold)} bn or more")


def _bn(amount: Decimal) -> str:
    whole = in_cny_bn(amount)
    return shortest(whole) if whole == whole.to_integral_value() else format_en(amount)


def cycle_label(band: Band) -> object:
    lower, upper = int(band.lower), None if band.upper is None else int(band.upper) - 1
    if upper is None:
        return format_lazy(_("over {months} months"), months=lower - 1)
    if lower == 1:
        return format_lazy(_("up to {months} months"), months=upper)
    return format_lazy(_("{lower}–{upper} months"), lower=lower, upper=upper)
