"""The plan of the current edition, read once per publication revision, and the days on which it turns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils import timezone

from opportunities.models import Revision
from opportunities.search.scheme import NoEdition, Scheme

from .models import Plan, Rule

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
    def _load(cls, revision: str) -> Current:
        try:
            plan = Plan.of_edition(Scheme.of(revision=revision).edition)
        except NoEdition:
            plan = None
        return cls(plan, sorted(set(_turns(plan))) if plan else [])

    @property
    def period(self) -> str:
        """The last turn that has come: what is shown stays the same until the next one."""
        today = timezone.localdate()
        return max((turn.isoformat() for turn in self.turns if turn <= today), default="")


def _turns(plan: Plan) -> Iterator[date]:
    for begins, ends in Rule.objects.filter(item__list__plan=plan).values_list("valid_from", "valid_to"):
        if begins:
            yield begins
        if ends:
            yield ends + timedelta(days=1)
