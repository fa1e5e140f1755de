"""What a search found in a result row, marked, and where it found what the row does not show."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext, pgettext

from ..indexing import readings_of
from ..models import Opportunity, Text
from ..search import text
from ..search.marking import Marks
from ..search.query import Search
from .opportunities import districts, sector_name

register = template.Library()

NOTHING = Marks((), {})


@dataclass(frozen=True)
class Elsewhere:
    """An excerpt of a text that the row does not show; ``language`` is empty for that of the page."""

    label: str
    language: str
    excerpt: SafeString


@register.simple_tag
def marks_of(opportunity: Opportunity, search: Search | None) -> Marks:
    """What to mark in the row of an opportunity: nothing where nothing was searched for."""
    runs = text.asked(search.values["q"]) if search and search.values["q"] else []
    if not runs:
        return NOTHING
    return Marks(runs, readings_of(location.district for location in opportunity.locations.all()))


@register.filter
def marked_words(label: Text | str, marks: Marks) -> SafeString | str:
    """A text with the words of the search marked in it."""
    return _marked(label, marks, by_sound=False)


@register.filter
def marked_name(label: Text | str, marks: Marks) -> SafeString | str:
    """A name of an opportunity, a sector or districts, which is found by its sound too."""
    return _marked(label, marks, by_sound=True)


def _marked(label: Text | str, marks: Marks, *, by_sound: bool) -> SafeString | str:
    if not marks.runs:
        return label.marked if isinstance(label, Text) else label

    def write(written: str) -> SafeString:
        return format_html_join(
            "",
            "{}",
            (
                (format_html("<mark>{}</mark>", piece.written) if piece.is_hit else piece.written,)
                for piece in marks.pieces(written, by_sound=by_sound)
            ),
        )

    return label.written(write) if isinstance(label, Text) else write(label)


@register.simple_tag
def elsewhere(opportunity: Opportunity, marks: Marks) -> Elsewhere | None:
    """The text with most of what was searched for and is not in the row; None where all of it is."""
    unseen = set(marks.runs) - _seen(opportunity, marks) if marks.runs else None
    if not unseen:
        return None
    best, shown = 0, None
    for one in _unshown(opportunity):
        found = unseen & marks.found(one.written, by_sound=one.is_name)
        if len(found) > best:
            best = len(found)
            excerpt = marks.excerpt(one.written, found, by_sound=one.is_name)
            shown = Elsewhere(one.label, one.language, _marked(excerpt, marks, by_sound=one.is_name))
    return shown


def _seen(opportunity: Opportunity, marks: Marks) -> set[str]:
    names = (str(opportunity.name), sector_name(opportunity), districts(opportunity))
    words = (str(opportunity.summary), opportunity.reference)
    return set().union(
        *(marks.found(name, by_sound=True) for name in names), *(marks.found(word) for word in words)
    )


class _Unshown(NamedTuple):
    label: str
    language: str
    written: str
    is_name: bool


def _unshown(opportunity: Opportunity) -> Iterator[_Unshown]:
    """The searched texts in both languages, those in the language of the page first."""
    places = [location.district for location in opportunity.locations.all()]
    district = pgettext("attribute", "District")
    names = [
        (pgettext("attribute", "Name"), opportunity.name),
        (pgettext("attribute", "Sector"), opportunity.sector.name),
        *((district, place.name) for place in places),
        *((district, _in_its_language(alias)) for place in places for alias in place.aliases),
    ]
    texts = [
        (gettext("Summary"), opportunity.summary),
        (pgettext("attribute", "Construction content"), opportunity.content),
        (pgettext("attribute", "Expected benefit"), opportunity.expected_benefit),
        (pgettext("attribute", "Advantages"), opportunity.advantages),
        (pgettext("attribute", "Site conditions"), opportunity.conditions),
        *((gettext("Contact unit"), contact.unit) for contact in opportunity.contacts.all()),
    ]
    english = get_language() == "en"
    for other in (False, True):
        language = ("zh-Hans" if english else "en") if other else ""
        for is_name, group in ((True, names), (False, texts)):
            for label, pair in group:
                yield _Unshown(label, language, pair.en if english != other else pair.zh, is_name)


def _in_its_language(alias: str) -> Text:
    return Text(alias, "") if text.has_han(alias) else Text("", alias)
