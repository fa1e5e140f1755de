"""The plan of the current edition, read once per publication revision, and the days on which it turns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import F
from django.utils import timezone

from opportunities.models import Revision
from opportunities.search.scheme import NoEdition, Scheme

from .models import Plan

_KEPT_MAX = 8
_kept: dict[str, Current] = {}


@dataclass(frozen=True)
class Current:
    """``plan`` is None where the city has none. ``turns`` are the days from which a rule is or is no
    longer valid, in order."""

    plan: Plan | None
    turns: list[date]

    @classmethod
    def of(cls, revision: str | None = None) -> Current:
        """What holds at a revision; whoever has just read the revision may pass it on."""
        revision = revision or Revision.current()
        kept = _kept.get(revision)
        if kept is None:
            kept = cls._load(revision)
            if revision != "0":
                for oldest in list(_kept)[: 1 - _KEPT_MAX]:
                    _kept.pop(oldest, None)
                _kept[revision] = kept
        return kept

    @classmethod
    def latest(cls) -> Current:
        """What this process read last, for who has just asked; read now if it read nothing yet."""
        return next(reversed(_kept.values()), None) or cls.of()

    @classmethod
    def in_memory(cls, revision: str) -> Current | None:
        """What this process knows of a revision, without asking the database."""
        return _kept.get(revision)

    @classmethod
    def _load(cls, revision: str) -> Current:
        try:
            edition = Scheme.of(revision=revision).edition
        except NoEdition:
            return cls(None, [])
        # The plan with each rule's days: one query, as it comes before every page.
        rules = Plan.objects.filter(catalogue=edition.catalogue_id).annotate(
            begins=F("lists__items__rules__valid_from"), ends=F("lists__items__rules__valid_to")
        )
        rows = list(rules)
        return cls(rows[0] if rows else None, sorted(set(_turns(rows))))

    @property
    def period(self) -> str:
        """The last turn that has come: what is shown stays the same until the next one."""
        today = timezone.localdate()
        return max((turn.isoformat() for turn in self.turns if turn <= today), default="")


def _turns(rules: Iterable[Any]) -> Iterator[date]:
    for rule in rules:
        if rule.begins:
            yield rule.begins
        if rule.ends:
            yield rule.ends + timedelta(days=1)
