"""Publish, withdraw, change, confirm: each one transaction with its history and the revision.

Admin, commands and loading call these; none of them holds a rule of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from . import amounts, counting, indexing
from .models import Contact, Cooperation, Edition, Fact, Location, Opportunity, Revision
from .search import text

# What an entry consists of, and the columns that are not its public content.
_NOT_CONTENT: dict[type[models.Model], set[str]] = {
    Opportunity: {"publication", "first_published_at", "unpublished_at", "updated_at", "last_confirmed_on"},
    Location: {"id"},
    Cooperation: {"id"},
    Contact: {"id", "name", "post_zh", "post_en", "phone"},
    Fact: {"id"},
}


class CannotPublish(ValueError):
    """An opportunity lacks what a published one must have. ``reasons`` are for the editor."""

    def __init__(self, opportunity: Opportunity, reasons: list[str]) -> None:
        super().__init__(f"{opportunity.reference}: {'; '.join(reasons)}")
        self.reasons = reasons


def reasons_not_to_publish(opportunity: Opportunity) -> list[str]:
    """What is missing or wrong, in the active language; empty when it can be published."""
    reasons = []
    locations = list(opportunity.locations.all())
    if not locations:
        reasons.append(_("It lies in no district."))
    elif sum(location.share for location in locations) != 1:
        reasons.append(_("The shares of its locations do not add up to 1."))
    if not opportunity.contacts.all():
        reasons.append(_("It has no contact."))
    if not opportunity.cooperation_forms.all():
        reasons.append(_("It offers no form of cooperation."))
    if opportunity.sector.edition_id != opportunity.edition_id or any(
        location.district.edition_id != opportunity.edition_id for location in locations
    ):
        reasons.append(_("Its sector or a district belongs to another edition."))
    return reasons


@transaction.atomic
def publish(opportunity: Opportunity, at: datetime | None = None) -> bool:
    """Make an opportunity public, for the first time or again. Raises CannotPublish.

    Again with the content that it was withdrawn with, it is no news and keeps its ``updated_at``.
    Returns whether it changed anything: a public one is public already.
    """
    _take(opportunity)
    if opportunity.is_public:
        return False
    with _parts_at_hand(opportunity):
        reasons = reasons_not_to_publish(opportunity)
        if reasons:
            raise CannotPublish(opportunity, reasons)
        at = at or timezone.now()
        opportunity.publication = Opportunity.Publication.PUBLISHED
        opportunity.first_published_at = opportunity.first_published_at or at
        if opportunity.unpublished_at is None or _differs_since(opportunity, opportunity.unpublished_at):
            opportunity.updated_at = at
        opportunity.unpublished_at = None
        derive(opportunity)
        opportunity.save()
        counting.keep(opportunity, Revision.bump())
    return True


@transaction.atomic
def withdraw(opportunity: Opportunity) -> bool:
    """Take a public opportunity back; its address then answers 410 with the date of today.

    Returns whether it changed anything.
    """
    _take(opportunity)
    if not opportunity.is_public:
        return False
    opportunity.publication = Opportunity.Publication.WITHDRAWN
    opportunity.unpublished_at = timezone.now()
    opportunity.save()
    counting.keep(opportunity, Revision.bump())
    return True


def reason_not_to_withdraw(opportunity: Opportunity) -> str:
    """Why there is nothing to withdraw, in the active language; empty for a public one."""
    match opportunity.publication:
        case Opportunity.Publication.PUBLISHED:
            return ""
        case Opportunity.Publication.WITHDRAWN:
            return _("It is withdrawn already.")
        case Opportunity.Publication.DRAFT:
            return _("It is a draft and not public.")
    return _("It is not public.")


@transaction.atomic
def confirm(opportunity: Opportunity) -> bool:
    """Note that the entry was found true today. Returns whether it changed anything."""
    _take(opportunity)
    today = timezone.localdate()
    if opportunity.last_confirmed_on == today:
        return False
    opportunity.last_confirmed_on = today
    opportunity.save()
    if opportunity.is_public:
        Revision.bump()
    return True


@transaction.atomic
def record_addition(opportunity: Opportunity) -> None:
    """Work out what is derived for a new draft whose locations and contacts have just been stored."""
    derive(opportunity)
    opportunity.save_without_historical_record()  # type: ignore[attr-defined]


@transaction.atomic
def record_change(opportunity: Opportunity) -> None:
    """Store an edit with what is derived from it, and move the revision if the entry is public.

    Raises CannotPublish when the edit takes from a public entry what it must have.
    """
    with _parts_at_hand(opportunity):
        if opportunity.is_public:
            reasons = reasons_not_to_publish(opportunity)
            if reasons:
                raise CannotPublish(opportunity, reasons)
            opportunity.updated_at = timezone.now()
        derive(opportunity)
        opportunity.save()
        if opportunity.is_public:
            counting.keep(opportunity, Revision.bump())


@transaction.atomic
def record_loading(opportunity: Opportunity) -> None:
    """Store what is derived for an entry that was loaded anew and keeps its publication."""
    with _parts_at_hand(opportunity):
        derive(opportunity)
        opportunity.save()
        counting.keep(opportunity, Revision.bump())


@transaction.atomic
def record_reference_change(changed: models.Model) -> None:
    """After an edit of what opportunities refer to (a sector, a district …): search text and revision."""
    indexing.follow(changed)
    Revision.bump()


@transaction.atomic
def make_current(edition: Edition) -> None:
    """Show this edition from now on wherever nobody asks for another."""
    for other in Edition.objects.select_for_update().filter(is_current=True).exclude(pk=edition.pk):
        other.is_current = False
        other.save()
    edition.is_current = True
    edition.save()
    Revision.bump()


def version(opportunity: Opportunity) -> str:
    """The state of an entry as a short text: it differs as soon as anybody has changed the entry."""
    return str(opportunity.history.order_by("-history_id").values_list("history_id", flat=True).first())


def hold(opportunity: Opportunity) -> None:
    """Keep others from changing an entry until the surrounding transaction ends."""
    Opportunity.objects.select_for_update().only("pk").get(pk=opportunity.pk)


@contextmanager
def _parts_at_hand(opportunity: Opportunity) -> Iterator[None]:
    """Have what belongs to an entry read once, as it is now, for all that asks for it."""
    opportunity._prefetched_objects_cache = parts = {}  # type: ignore[attr-defined]
    # As prefetch_related would, which for one entry takes twice as long.
    found = {
        "locations": opportunity.locations.select_related("district"),
        "contacts": opportunity.contacts.all(),
        "cooperation_forms": opportunity.cooperation_forms.order_by(),
    }
    for rows in found.values():
        len(rows)
    parts.update(found)
    try:
        yield
    finally:
        parts.clear()


def _take(opportunity: Opportunity) -> None:
    # As it is now, not as it was when a page was opened: what others changed since is not written over.
    opportunity.refresh_from_db(from_queryset=Opportunity.objects.select_for_update())


def _differs_since(opportunity: Opportunity, then: datetime) -> bool:
    """Whether the public content is another than it was at that time, by the history."""
    for model in _NOT_CONTENT:
        of = {"id": opportunity.pk} if model is Opportunity else {"opportunity_id": opportunity.pk}
        records = model.history.filter(**of, history_date__lte=then).order_by("history_id")  # type: ignore[attr-defined]
        latest = {record.id: record for record in records}
        before = [record for record in latest.values() if record.history_type != "-"]
        if _content(model, before) != _content(model, model._default_manager.filter(**of)):
            return True
    return False


def _content(model: type[models.Model], rows: Iterable[models.Model]) -> list[list[str]]:
    # Without the key: a row that was written anew with the same values is the same.
    tracked = model.history.model.tracked_fields  # type: ignore[attr-defined]
    columns = [column.attname for column in tracked if column.name not in _NOT_CONTENT[model]]
    return sorted([str(getattr(row, column)) for column in columns] for row in rows)


def derive(opportunity: Opportunity) -> None:
    """Work out what is stored beside the entry: search text, sort key, parts of the money."""
    indexing.keep(opportunity)
    opportunity.name_key = text.sort_key(opportunity.name_zh)
    locations = list(opportunity.locations.all())
    if sum(location.share for location in locations) != 1:
        return
    parts = amounts.split(opportunity.investment, [location.share for location in locations])
    for location, part in zip(locations, parts, strict=True):
        if location.investment != part:
            location.investment = part
            # What follows from the entry is no change of its own: nothing for the history.
            Location.objects.filter(pk=location.pk).update(investment=part)
