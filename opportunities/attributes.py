"""The 12 attributes of an opportunity as the list has them, and what a comparison shows beside them."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from django.utils.translation import pgettext_lazy

from .models import Opportunity


class Attribute(NamedTuple):
    """One attribute: ``key`` names how it is shown, ``value`` what it is compared by.

    ``number`` is its place among the 12, 0 for what is not one of them. ``is_assumed`` marks those that
    the report on the list does not name.
    """

    number: int
    key: str
    label: object
    value: Callable[[Opportunity], object]
    is_assumed: bool = False


ATTRIBUTES = (
    Attribute(1, "name", pgettext_lazy("attribute", "Name"), lambda o: o.name, is_assumed=True),
    Attribute(2, "sector", pgettext_lazy("attribute", "Sector"), lambda o: o.sector_id, is_assumed=True),
    Attribute(
        3,
        "locations",
        pgettext_lazy("attribute", "District"),
        lambda o: [(location.district_id, location.share) for location in o.locations.all()],
        is_assumed=True,
    ),
    Attribute(4, "investment", pgettext_lazy("attribute", "Amount"), lambda o: o.investment),
    Attribute(5, "content", pgettext_lazy("attribute", "Construction content"), lambda o: o.content),
    Attribute(6, "cycle", pgettext_lazy("attribute", "Construction period"), lambda o: o.cycle_months),
    Attribute(
        7,
        "benefit",
        pgettext_lazy("attribute", "Expected benefit"),
        lambda o: (o.expected_benefit, o.annual_output, o.annual_tax, o.jobs),
    ),
    Attribute(8, "advantages", pgettext_lazy("attribute", "Advantages"), lambda o: o.advantages),
    Attribute(
        9, "cooperation", pgettext_lazy("attribute", "Cooperation"), lambda o: o.cooperation, is_assumed=True
    ),
    Attribute(
        10,
        "conditions",
        pgettext_lazy("attribute", "Site conditions"),
        lambda o: o.conditions,
        is_assumed=True,
    ),
    Attribute(
        11,
        "contact",
        pgettext_lazy("attribute", "Contact person"),
        lambda o: [contact.unit for contact in o.contacts.all()],
    ),
    Attribute(
        12,
        "phone",
        pgettext_lazy("attribute", "Contact phone"),
        lambda o: [contact.office_phone for contact in o.contacts.all()],
    ),
)

BESIDE = (
    Attribute(0, "status", pgettext_lazy("attribute", "Status"), lambda o: o.status),
    Attribute(0, "confirmed", pgettext_lazy("attribute", "Last confirmed"), lambda o: o.last_confirmed_on),
    Attribute(0, "edition", pgettext_lazy("attribute", "Edition"), lambda o: o.edition_id),
)
