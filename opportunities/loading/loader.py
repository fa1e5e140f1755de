"""From a checked pack into the database, in one transaction; what staff have edited since is kept."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.db import models, transaction

from .. import amounts, indexing, publishing
from ..models import (
    Catalogue,
    Contact,
    Cooperation,
    CooperationForm,
    District,
    Edition,
    Fact,
    FactKind,
    Location,
    Opportunity,
    PackEntry,
    PublishedFigure,
    Region,
    Revision,
    Sector,
    VocabularyTerm,
)
from .pack import Pack, read_pack
from .reader import PackError, PackInvalid, Row


@dataclass
class Tally:
    """How many entries a load found new, changed and as they were."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0

    def __str__(self) -> str:
        return f"{self.created} new, {self.updated} updated, {self.unchanged} unchanged"


@dataclass
class LoadReport:
    """What a load did, and which entries it kept because staff had edited them."""

    opportunities: Tally = field(default_factory=Tally)
    others: Tally = field(default_factory=Tally)
    kept: list[str] = field(default_factory=list)

    def tally(self, kind: str) -> Tally:
        return self.opportunities if kind == "opportunity" else self.others

    @property
    def created(self) -> int:
        return self.opportunities.created + self.others.created

    @property
    def updated(self) -> int:
        return self.opportunities.updated + self.others.updated

    @property
    def unchanged(self) -> int:
        return self.opportunities.unchanged + self.others.unchanged


def load_pack(folder: Path, *, overwrite: bool = False) -> LoadReport:
    """Check a pack and load it whole, or nothing of it. Raises PackInvalid.

    An entry that staff have edited since it was last loaded is kept and reported, unless
    ``overwrite`` is set.
    """
    pack = read_pack(folder)
    with transaction.atomic():
        loader = Loader(pack, overwrite)
        loader.load()
        if loader.report.created or loader.report.updated:
            Revision.bump()
    return loader.report


class Loader:
    def __init__(self, pack: Pack, overwrite: bool) -> None:
        self.pack = pack
        self.overwrite = overwrite
        self.report = LoadReport()
        self.digests = {(e.kind, e.key): e.digest for e in PackEntry.objects.all()}
        self.renewed: dict[tuple[str, str], str] = {}

    def load(self) -> None:
        pack = self.pack
        catalogue = self.entry("catalogue", Catalogue, {"slug": pack.catalogue["slug"]}, pack.catalogue)
        edition = self.entry(
            "edition", Edition, {"code": pack.edition["code"]}, {**pack.edition, "catalogue": catalogue}
        )
        if not edition.is_current and not Edition.objects.filter(
            is_current=True, released_on__gt=edition.released_on
        ):
            publishing.make_current(edition)
        self.edition = edition
        self.regions = self._rows("region", Region, "slug", pack.regions)
        self.sectors = self._rows("sector", Sector, "slug", pack.sectors)
        districts = [{**row, "region": self.regions[row["region"]]} for row in pack.districts]
        self.districts = self._rows("district", District, "code", districts)
        self.kinds = {
            row["kind"]: self.entry(
                "fact-kind",
                FactKind,
                {"catalogue": catalogue, "key": row["kind"]},
                {
                    "label_zh": row["label_zh"],
                    "label_en": row["label_en"],
                    "unit": row["unit"],
                    "position": position,
                },
            )
            for position, row in enumerate(pack.fact_kinds)
        }
        for position, row in enumerate(pack.figures):
            self.entry(
                "figure",
                PublishedFigure,
                {"edition": edition, "claim": row["claim"], "value": row["value"]},
                {**row, "position": position},
            )
        self._load_vocabulary()
        self._load_opportunities()
        for part, content in pack.parts:
            if content is not None:
                part.load(self, content)
        self._keep_digests()

    def _rows(self, kind: str, model: type[models.Model], key: str, rows: list[Row]) -> dict[str, Any]:
        return {
            row[key]: self.entry(
                kind,
                model,
                {"edition": self.edition, key: row[key]},
                {**{c: v for c, v in row.items() if c != "row"}, "position": position},
            )
            for position, row in enumerate(rows)
        }

    def entry(self, kind: str, model: type[models.Model], key: Row, values: Row) -> Any:
        """Create or update one row of reference data, unless staff have changed it since."""
        instance = model._default_manager.filter(**key).first()
        if not self._is_wanted(kind, key, values, instance):
            return instance
        if instance is None:  # and nothing follows, as nothing refers to it yet
            return model._default_manager.create(**{**key, **values})
        for column, value in values.items():
            setattr(instance, column, value)
        instance.save()
        indexing.follow(instance)
        return instance

    def addition(self, kind: str, model: type[models.Model], key: Row, values: Row) -> None:
        """Add a row of a kind that is written once, where the last one says otherwise.

        Kept is what staff have added since.
        """
        last = model._default_manager.filter(**key).order_by("pk").last()
        if self._is_wanted(kind, key, values, last):
            model._default_manager.create(**key, **values)

    def _is_wanted(self, kind: str, key: Row, values: Row, instance: models.Model | None) -> bool:
        """Whether the pack's values are to be written; counts, reports and remembers it."""
        name = ":".join(str(getattr(part, "code", getattr(part, "slug", part))) for part in key.values())
        wanted = _digest(values)
        if instance is None:
            self.report.tally(kind).created += 1
        elif not self._may_replace(kind, name, wanted, _digest(_current(instance, values))):
            return False
        self._remember(kind, name, wanted)
        return True

    def _may_replace(self, kind: str, name: str, wanted: str, current: str) -> bool:
        """Whether an existing entry is to be written again; counts and reports what it decides."""
        if current == wanted:
            self.report.tally(kind).unchanged += 1
            self._remember(kind, name, wanted)
            return False
        if current != self.digests.get((kind, name)) and not self.overwrite:
            self.report.kept.append(f"{kind} {name}")
            return False
        self.report.tally(kind).updated += 1
        return True

    def _remember(self, kind: str, name: str, digest: str) -> None:
        if self.digests.get((kind, name)) != digest:
            self.digests[kind, name] = self.renewed[kind, name] = digest

    def _keep_digests(self) -> None:
        PackEntry.objects.bulk_create(
            [PackEntry(kind=kind, key=name, digest=digest) for (kind, name), digest in self.renewed.items()],
            update_conflicts=True,
            unique_fields=["kind", "key"],
            update_fields=["digest"],
        )

    def _load_vocabulary(self) -> None:
        """The terms, which are many: the new ones are written at once."""
        existing = {(t.term, t.parameter, t.value): t for t in self.edition.vocabulary.all()}
        new = []
        for row in self.pack.vocabulary:
            named = {column: row[column] for column in ("term", "parameter", "value")}
            key, values = {"edition": self.edition, **named}, {"language": row["language"]}
            term = existing.get(tuple(named.values()))
            if not self._is_wanted("vocabulary", key, values, term):
                continue
            if term is None:
                new.append(VocabularyTerm(**key, **values))
            else:
                term.language = row["language"]
                term.save()
        VocabularyTerm.objects.bulk_create(new)

    def _load_opportunities(self) -> None:
        existing = {
            o.reference: o
            for o in Opportunity.objects.filter(
                reference__in=[row["reference"] for row in self.pack.opportunities]
            ).for_detail()
        }
        contacts = _grouped(self.pack.contacts)
        facts = _grouped(self.pack.facts)
        for row in self.pack.opportunities:
            reference = row["reference"]
            wanted = _as_loaded(row, contacts.get(reference, []), facts.get(reference, []))
            digest = _digest(wanted)
            opportunity = existing.get(reference)
            if opportunity is not None:
                if opportunity.edition_id != self.edition.pk:
                    raise PackInvalid(
                        [
                            PackError(
                                "opportunities.csv",
                                row["row"],
                                "reference",
                                reference,
                                f"a reference of no other edition ({opportunity.edition.code} has it)",
                            )
                        ]
                    )
                if not self._may_replace("opportunity", reference, digest, _digest(_as_stored(opportunity))):
                    continue
            else:
                self.report.opportunities.created += 1
            self._write(opportunity, wanted)
            self._remember("opportunity", reference, digest)

    def _write(self, opportunity: Opportunity | None, wanted: Row) -> None:
        is_new = opportunity is None
        opportunity = opportunity or Opportunity(reference=wanted["reference"], edition=self.edition)
        for column in _PLAIN:
            setattr(opportunity, column, wanted[column])
        opportunity.sector = self.sectors[wanted["sector"]]
        zone = ZoneInfo(self.edition.catalogue.time_zone)
        updated_at = datetime.combine(wanted["updated_on"], time(), zone)
        opportunity.updated_at = updated_at
        opportunity.is_sample = self.edition.catalogue.is_sample
        opportunity.source = self.edition.source_zh
        opportunity.save()
        for related in (
            opportunity.locations,
            opportunity.cooperation_forms,
            opportunity.contacts,
            opportunity.facts,
        ):
            related.all().delete()
        for position, (code, share) in enumerate(wanted["locations"]):
            Location.objects.create(
                opportunity=opportunity, district=self.districts[code], share=share, position=position
            )
        for form in wanted["cooperation"]:
            Cooperation.objects.create(opportunity=opportunity, form=form)
        for position, contact in enumerate(wanted["contacts"]):
            Contact.objects.create(opportunity=opportunity, position=position, **contact)
        for fact in wanted["facts"]:
            Fact.objects.create(opportunity=opportunity, **{**fact, "kind": self.kinds[fact["kind"]]})
        fresh = Opportunity.objects.get(pk=opportunity.pk)
        if is_new:
            publishing.publish(fresh, at=updated_at)
        else:
            publishing.record_loading(fresh)


_PLAIN = (
    "name_zh",
    "name_en",
    "investment",
    "cycle_months",
    "status",
    "summary_zh",
    "summary_en",
    "content_zh",
    "content_en",
    "expected_benefit_zh",
    "expected_benefit_en",
    "annual_output",
    "annual_tax",
    "jobs",
    "advantages_zh",
    "advantages_en",
    "conditions_zh",
    "conditions_en",
    "last_confirmed_on",
)
_CONTACT = ("unit_zh", "unit_en", "office_phone", "office_email", "name", "post_zh", "post_en", "phone")
_FACT = ("value_zh", "value_en", "number", "unit", "state", "verified_on")


def _grouped(rows: list[Row]) -> dict[str, list[Row]]:
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(row["reference"], []).append(row)
    return groups


def _as_loaded(row: Row, contacts: list[Row], facts: list[Row]) -> Row:
    """An opportunity of the pack with all that belongs to it, in the form of ``_as_stored``."""
    return {
        **{column: row[column] for column in (*_PLAIN, "reference", "sector", "locations", "updated_on")},
        "cooperation": [form for form in CooperationForm.values if form in row["cooperation"]],
        "contacts": [{c: contact[c] or "" for c in _CONTACT} for contact in contacts],
        "facts": sorted(
            ({"kind": fact["kind"], **{c: fact[c] for c in _FACT}} for fact in facts), key=lambda f: f["kind"]
        ),
    }


def _as_stored(opportunity: Opportunity) -> Row:
    """An opportunity of the database in the pack's terms."""
    zone = ZoneInfo(opportunity.edition.catalogue.time_zone)
    return {
        **{column: getattr(opportunity, column) for column in (*_PLAIN, "reference")},
        "sector": opportunity.sector.slug,
        "locations": [(location.district.code, location.share) for location in opportunity.locations.all()],
        "updated_on": opportunity.updated_at.astimezone(zone).date(),
        "cooperation": [form.value for form in opportunity.cooperation],
        "contacts": [{c: getattr(contact, c) for c in _CONTACT} for contact in opportunity.contacts.all()],
        "facts": sorted(
            (
                {"kind": fact.kind.key, **{c: getattr(fact, c) for c in _FACT}}
                for fact in opportunity.facts.all()
            ),
            key=lambda fact: fact["kind"],
        ),
    }


def _current(instance: models.Model, values: Row) -> Row:
    return {column: getattr(instance, column) for column in values}


def _digest(values: Any) -> str:
    return hashlib.sha256(json.dumps(_plain(values), ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def _plain(value: Any) -> Any:
    """A value as JSON, equal for what is equal: 12 and 12.00, a list and a tuple."""
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items() if key != "row"}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, Decimal):
        return amounts.shortest(value)
    if isinstance(value, models.Model):
        return str(getattr(value, "slug", None) or getattr(value, "code", value.pk))
    if isinstance(value, date):
        return value.isoformat()
    return value


def described(report: LoadReport) -> Iterator[str]:
    """A report in sentences, for a command line."""
    yield f"Opportunities: {report.opportunities}."
    yield f"Sectors, districts, figures and other entries: {report.others}."
    for entry in report.kept:
        yield f"kept as edited by staff: {entry} (--overwrite replaces it)"
