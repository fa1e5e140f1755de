"""The catalogue's things, with their constraints and querysets. None of them knows a request."""

from .catalogue import (
    Catalogue,
    Cooperation,
    CooperationForm,
    Edition,
    Fact,
    FactKind,
    Location,
    Opportunity,
    PackEntry,
    Sector,
)
from .changes import Revision
from .contacts import Contact, ContactAsker, ContactGrant
from .figures import PublishedFigure
from .places import District, Region
from .searched import FacetRow, SearchText
from .texts import Text
from .vocabulary import VocabularyTerm

__all__ = [
    "Catalogue",
    "Contact",
    "ContactAsker",
    "ContactGrant",
    "Cooperation",
    "CooperationForm",
    "District",
    "Edition",
    "FacetRow",
    "Fact",
    "FactKind",
    "Location",
    "Opportunity",
    "PackEntry",
    "PublishedFigure",
    "Region",
    "Revision",
    "SearchText",
    "Sector",
    "Text",
    "VocabularyTerm",
]
