"""Who changed what in an opportunity, when, from which value to which (promise P10)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.contrib.admin.models import ADDITION, CHANGE, DELETION, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from .models import Contact, Cooperation, Fact, Location, Opportunity
from .search.refusals import in_both

# What hangs on an opportunity and keeps a history of its own.
PARTS: tuple[type[models.Model], ...] = (Location, Cooperation, Contact, Fact)


@dataclass(frozen=True)
class Alteration:
    """One value, before and after, in words."""

    label: str
    old: str
    new: str


@dataclass(frozen=True)
class Step:
    """One row of the history: ``kind`` is ``+`` added, ``~`` changed, ``-`` removed."""

    history_id: int
    at: datetime
    by: str
    kind: str
    subject: str
    alterations: list[Alteration] = field(default_factory=list)

    @property
    def occasion(self) -> str:
        """When, to the minute, and by whom: what one save wrote reads as one."""
        return f"{date_format(timezone.localtime(self.at), 'Y-m-d H:i')} · {self.by}"


def steps(opportunity: Opportunity) -> list[Step]:
    """All that happened to an opportunity and its parts, the latest first."""
    known: dict[tuple[type[models.Model], Any], str] = {}
    found = list(_steps_of(Opportunity, {"id": opportunity.pk}, known))
    for part in PARTS:
        found += _steps_of(part, {"opportunity_id": opportunity.pk}, known)
    return sorted(found, key=lambda step: step.at, reverse=True)


def steps_since(opportunity: Opportunity, version: str) -> list[Step]:
    """What happened after a state of the entry (``publishing.version``); all of it if that is unknown."""
    seen = opportunity.history.filter(history_id=version).first() if version.isdecimal() else None
    return [step for step in steps(opportunity) if seen is None or step.at > seen.history_date]


def _steps_of(
    model: type[models.Model], of: dict[str, Any], known: dict[tuple[type[models.Model], Any], str]
) -> Iterator[Step]:
    records = model.history.filter(**of).select_related("history_user").order_by("history_id")  # type: ignore[attr-defined]
    before: dict[int, Any] = {}
    for record in records:
        previous = before.get(record.id)
        before[record.id] = record
        alterations = list(_alterations(model, previous, record, known)) if previous else []
        if record.history_type == "~" and not alterations:
            continue
        yield Step(
            history_id=record.history_id,
            at=record.history_date,
            by=str(record.history_user or _("loaded from a file")),
            kind=record.history_type,
            subject=_subject(model, record),
            alterations=alterations if record.history_type == "~" else [],
        )


def _subject(model: type[models.Model], record: Any) -> str:
    name = capfirst(model._meta.verbose_name or "")
    return name if model is Opportunity else f"{name} · {record.instance}"


def _alterations(
    model: type[models.Model], old: Any, new: Any, known: dict[tuple[type[models.Model], Any], str]
) -> Iterator[Alteration]:
    for column in old.tracked_fields:
        # The step itself says when; the column follows from it.
        if column.name == "updated_at":
            continue
        was, became = getattr(old, column.attname), getattr(new, column.attname)
        if was != became:
            shown = model._meta.get_field(column.name)
            yield Alteration(
                capfirst(str(shown.verbose_name)),  # type: ignore[union-attr]
                _in_words(shown, was, known),
                _in_words(shown, became, known),
            )


# --- what opportunities refer to ------------------------------------------------------------------


def change_message(
    model: type[models.Model], changes: Iterable[tuple[str, Any, Any]]
) -> list[dict[str, Any]]:
    """What an edit of reference data changed (column, old, new), as the administration's log keeps it.

    Django reads ``changed``; ``values`` adds old and new, each as people of either language read it.
    """
    values = []
    for name, *pair in changes:
        column = model._meta.get_field(name)
        values.append([name, *(in_both(_Spoken(column, value)) for value in pair)])
    return [{"changed": {"fields": [name for name, _old, _new in values]}, "values": values}]


def reference_steps(row: models.Model) -> list[Step]:
    """All that staff did to a row that opportunities refer to, the latest first."""
    kinds = {ADDITION: "+", CHANGE: "~", DELETION: "-"}
    entries = LogEntry.objects.filter(
        content_type=ContentType.objects.get_for_model(row), object_id=str(row.pk)
    ).select_related("user")
    return [
        Step(
            history_id=entry.pk,
            at=entry.action_time,
            by=str(entry.user),
            kind=kinds[entry.action_flag],
            subject=capfirst(row._meta.verbose_name or ""),
            alterations=list(_logged(type(row), entry.change_message)),
        )
        for entry in entries.order_by("-action_time", "-pk")
    ]


def _logged(model: type[models.Model], message: str) -> Iterator[Alteration]:
    language = "en" if get_language() == "en" else "zh"
    try:
        parts = json.loads(message)
    except ValueError:
        return
    for part in parts:
        for name, old, new in part.get("values", ()):
            try:
                label = str(model._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
            except FieldDoesNotExist:
                label = name
            yield Alteration(capfirst(label), old[language], new[language])


class _Spoken:
    """A value of a column; as a text it is in the active language."""

    def __init__(self, column: Any, value: Any) -> None:
        self.column, self.value = column, value

    def __str__(self) -> str:
        return _in_words(self.column, self.value, {})


def _in_words(column: Any, value: Any, known: dict[tuple[type[models.Model], Any], str]) -> str:
    if value is None or value == "":
        return "–"
    if column.flatchoices:
        return str(dict(column.flatchoices).get(value, value))
    if column.is_relation:
        rows = value if column.many_to_many else [value]
        return " · ".join(_named(column.related_model, row, known) for row in rows) or "–"
    if isinstance(value, list):
        return " · ".join(map(str, value)) or "–"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, datetime):
        return date_format(timezone.localtime(value), "Y-m-d H:i")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value:f}"
    return str(value)


def _named(model: type[models.Model], row: Any, known: dict[tuple[type[models.Model], Any], str]) -> str:
    """What a row, given as such or by its key, is called."""
    if isinstance(row, models.Model):
        return str(row)
    key = (model, row)
    if key not in known:
        found = model._base_manager.filter(pk=row).first()
        known[key] = str(found) if found else f"#{row}"
    return known[key]
