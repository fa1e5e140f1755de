"""A contact's person, given within the budget of one client address (promise P17).

The budget is one for page and API. It is kept in the database, so that neither a second process nor a
restart gives anybody more.
"""

from __future__ import annotations

import math
from datetime import timedelta
from functools import lru_cache
from typing import NamedTuple

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac

from .models import Contact, ContactAsker, ContactGrant, Opportunity


class OverBudget(Exception):
    """The address has had its share; the next ask can be granted in ``retry_after_seconds``."""

    def __init__(self, retry_after_seconds: int) -> None:
        super().__init__(f"again in {retry_after_seconds} s")
        self.retry_after_seconds = retry_after_seconds


class Window(NamedTuple):
    """At most ``grants`` in any stretch of time as long as ``length``."""

    grants: int
    length: timedelta


@lru_cache
def windows(budget: str) -> tuple[Window, ...]:
    """A budget as the setting has it: ``5/60,20/3600`` is 5 in 60 seconds and 20 in an hour."""
    try:
        pairs = [part.split("/") for part in budget.split(",")]
        parsed = tuple(Window(int(grants), timedelta(seconds=int(seconds))) for grants, seconds in pairs)
    except ValueError as error:
        raise ImproperlyConfigured(f"CONTACT_BUDGET: {budget!r} is not like 5/60,20/3600") from error
    if any(window.grants < 1 or window.length <= timedelta(0) for window in parsed):
        raise ImproperlyConfigured(f"CONTACT_BUDGET: {budget!r} holds a number below 1")
    return parsed


windows(settings.CONTACT_BUDGET)  # one that cannot be read stops the start, not the first request


@transaction.atomic
def reveal_contact(opportunity: Opportunity, address: str) -> Contact:
    """The main contact of a public opportunity, with name, post and direct line; counts as one ask.

    ``address`` is the client's, as ``portal.addresses.client_address`` gives it. Raises OverBudget,
    which counts as nothing, and ``Contact.DoesNotExist`` where nobody is named.
    """
    contact = opportunity.main_contact
    if contact is None:
        raise Contact.DoesNotExist(opportunity.reference)
    asker = _locked(address)
    budget = windows(settings.CONTACT_BUDGET)
    now = timezone.now()
    _forget(now - max(window.length for window in budget), asker)
    granted = list(asker.grants.order_by("-granted_at").values_list("granted_at", flat=True))
    waits = [
        granted[window.grants - 1] + window.length - now
        for window in budget
        if len(granted) >= window.grants and granted[window.grants - 1] > now - window.length
    ]
    if waits:
        raise OverBudget(math.ceil(max(waits).total_seconds()))
    asker.grants.create(granted_at=now)
    return contact


def _locked(address: str) -> ContactAsker:
    """The asker's row, held until the transaction ends: parallel asks of one address stand in line."""
    key = salted_hmac(__name__, address, algorithm="sha256").hexdigest()
    while True:
        ContactAsker.objects.get_or_create(key=key)
        # Another ask may just have forgotten it as long idle.
        asker = ContactAsker.objects.select_for_update().filter(key=key).first()
        if asker:
            return asker


def _forget(before: object, asker: ContactAsker) -> None:
    """Delete grants too old to count, and askers that have none left."""
    ContactGrant.objects.filter(granted_at__lte=before).delete()
    idle = ContactAsker.objects.filter(grants=None).exclude(pk=asker.pk).order_by()
    # Two steps: only once a row is held can nobody be adding a grant to it. Rows that others hold are
    # not waited for.
    held = list(
        ContactAsker.objects.select_for_update(skip_locked=True)
        .filter(pk__in=idle.values("pk"))
        .values_list("pk", flat=True)
    )
    ContactAsker.objects.filter(pk__in=held, grants=None).delete()
