"""From what people type to what they mean. A reference is known; every other word is searched as it is."""

from __future__ import annotations

import re

from ..models import Opportunity
from ..models.catalogue import REFERENCE_PATTERN


def opportunity_named(words: str) -> Opportunity | None:
    """The opportunity whose reference was typed, in capitals or not; it may be withdrawn since."""
    reference = words.upper()
    if not re.fullmatch(REFERENCE_PATTERN, reference):
        return None
    return Opportunity.objects.once_public().filter(reference=reference).first()
