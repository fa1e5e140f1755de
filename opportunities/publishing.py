"""Publish, withdraw, change, confirm: each one transaction with its history and the revision.

Admin, commands and loading call these; none of them holds a rule of its own.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from . import amounts
from .models import Opportunity, Revision
from .models.texts import Text
from .search import text


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
    if not opportunity.contacts.exists():
        reasons.append(_("It has no contact."))
    if not opportunity.cooperation_forms.exists():
        reasons.append(_("It offers no form of cooperation."))
    if opportunity.sector.edition_id != opportunity.edition_id or any(
        location.district.edition_id != opportunity.edition_id for location in locations
    ):
        reasons.append(_("Its sector or a district belongs to another edition."))
    return reasons


@transaction.atomic
def publish(opportunity: Opportunity, at: datetime | None = None) -> None:
    """Make an opportunity public, for the first time or again. Raises CannotPublish."""
    reasons = reasons_not_to_publish(opportunity)
    if reasons:
        raise CannotPublish(opportunity, reasons)
    at = at or timezone.now()
    opportunity.publication = Opportunity.Publication.PUBLISHED
    opportunity.first_published_at = opportunity.first_published_at or at
    opportunity.unpublished_at = None
    derive(opportunity)
    opportunity.updated_at = at
    opportunity.save()
    Revision.bump()


@transaction.atomic
def withdraw(opportunity: Opportunity) -> None:
    """Take a public opportunity back. Its address then answers 410 with the date of today."""
    if not opportunity.is_public:
        return
    opportunity.publication = Opportunity.Publication.WITHDRAWN
    opportunity.unpublished_at = timezone.now()
    opportunity.save()
    Revision.bump()


@transaction.atomic
def record_change(opportunity: Opportunity) -> None:
    """Bring what is derived up to date after an edit, and move the revision if it was public."""
    derive(opportunity)
    if opportunity.is_public:
        opportunity.updated_at = timezone.now()
        Revision.bump()
    opportunity.save()


@transaction.atomic
def confirm(opportunity: Opportunity) -> None:
    """Note that the entry was found true today."""
    opportunity.last_confirmed_on = timezone.localdate()
    opportunity.save()
    if opportunity.is_public:
        Revision.bump()


def derive(opportunity: Opportunity) -> None:
    """Work out what is stored beside the entry: search text, sort key, parts of the money."""
    opportunity.search_text = text.indexed(_searched(opportunity))
    opportunity.name_key = text.sort_key(opportunity.name_zh)
    locations = list(opportunity.locations.all())
    if sum(location.share for location in locations) != 1:
        return
    parts = amounts.split(opportunity.investment, [location.share for location in locations])
    for location, part in zip(locations, parts, strict=True):
        if location.investment != part:
            location.investment = part
            location.save(update_fields=["investment"])


def _searched(opportunity: Opportunity) -> Iterable[str]:
    """The texts that words are looked up in: the contract's list, in both languages."""
    yield opportunity.reference
    for pair in (
        opportunity.name, opportunity.summary, opportunity.content, opportunity.expected_benefit,
        opportunity.advantages, opportunity.conditions, opportunity.sector.name,
    ):
        yield from _both(pair)
    for location in opportunity.locations.all():
        yield from _both(location.district.name)
        yield from location.district.aliases
    for contact in opportunity.contacts.all():
        yield from _both(contact.unit)


def _both(pair: Text) -> Iterable[str]:
    return pair.zh, pair.en
