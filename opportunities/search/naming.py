"""What can be suggested by name: places, sectors and terms, found by the beginning of any spelling.

A name is found by a piece of it in Chinese, by the beginning of one of its words in English, by joined
pinyin from any of its characters on (``liangjiang``, ``xinqu``), and by initials (``ljxq``).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import accumulate, groupby
from typing import TYPE_CHECKING, Literal, get_args

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from pypinyin import lazy_pinyin

from ..models import CooperationForm, Opportunity, Text, VocabularyTerm
from . import text
from .refusals import in_both
from .vocabulary import CONNECTING, WORD, Target

if TYPE_CHECKING:
    from .scheme import Scheme

Kind = Literal["bound", "place", "sector", "term", "opportunity"]
KINDS: tuple[Kind, ...] = get_args(Kind)

# By its sound a name is found from so many letters on, and inside it from so many: fewer are too often in
# something else.
SOUND_MIN = 2
SOUND_INSIDE_MIN = 3
# One Latin letter is looked for at the beginning alone.
SPELLED_INSIDE_MIN = 2
# Most words have two characters, few more than four.
PIECE_LENGTHS = range(2, 5)


@dataclass(frozen=True, order=True)
class Found:
    """Which letters of a name were found, the best first: from its beginning, spelled, most of it.

    ``sounds`` says that its pinyin was typed.
    """

    start: int
    sounds: bool
    rest: int
    end: int = field(compare=False)


class Name:
    """One spelling of something, ready to be found. Its letters are those that are compared: no blanks."""

    def __init__(self, written: str) -> None:
        self.written = written
        spaced = [(one, place) for place, typed in enumerate(written) for one in text.normalise(typed)]
        before = [" ", *(one for one, _place in spaced)]
        letters = [
            (one, place, last) for (one, place), last in zip(spaced, before, strict=False) if one != " "
        ]
        self._places = [place for _one, place, _last in letters]
        self._begins = [
            text.has_han(one) or text.has_han(last) or last == " " for one, _place, last in letters
        ]
        self._spelled = [one for one, _place, _last in letters]

    @cached_property
    def _spoken(self) -> list[str]:
        """What each letter sounds like: Han its syllable without tone, the others themselves."""
        return [
            syllable
            for is_han, run in groupby(self._spelled, text.has_han)
            for syllable in (text.syllables("".join(run), {}) if is_han else run)
        ]

    @cached_property
    def _ways(self) -> list[tuple[list[str], bool]]:
        """The ways to type it, letter by letter, and whether each is by sound: pinyin and initials."""
        ways = [(self._spelled, False)]
        if self._spoken != self._spelled:
            as_u = [one.replace("v", "u") for one in self._spoken]
            ways += [(self._spoken, True), (as_u, True), ([one[:1] for one in self._spoken], True)]
        return ways

    def find(self, asked: str) -> Found | None:
        """Where joined letters, normalised, are found in it; None where they are not."""
        found = (self._at(asked.replace("ü", "v"), way, sounds) for way, sounds in self._ways)
        return min(filter(None, found), default=None)

    def piece(self, found: Found) -> str:
        """The piece of the name that was found, as written."""
        return self.written[self._places[found.start] : self._places[found.end - 1] + 1]

    def _at(self, asked: str, way: list[str], sounds: bool) -> Found | None:
        joined = "".join(way)
        if asked not in joined or (sounds and len(asked) < SOUND_MIN):
            return None
        offsets = [0, *accumulate(map(len, way))]
        inside_min = SOUND_INSIDE_MIN if sounds else SPELLED_INSIDE_MIN if asked.isascii() else 1
        for start in range(len(way) if len(asked) >= inside_min else 1):
            if self._begins[start] and joined.startswith(asked, offsets[start]):
                end = bisect_left(offsets, offsets[start] + len(asked))
                return Found(start, sounds, len(way) - end, end)
        return None


@lru_cache(maxsize=4096)
def name_of(written: str) -> Name:
    return Name(written)


def by_sound(names: Iterable[str]) -> dict[str, str]:
    """The Han pieces of some names by their joined pinyin, of those that sound alike the first."""
    found: dict[str, str] = {}
    for run in filter(text.has_han, (run for name in names for run in text.runs(name))):
        spoken = lazy_pinyin(run)
        for length in PIECE_LENGTHS:
            for start in range(len(run) - length + 1):
                found.setdefault("".join(spoken[start : start + length]), run[start : start + length])
    return found


@dataclass(frozen=True)
class Known:
    """Something that a search can ask for: the values it stands for, and all its names.

    ``label`` is what people read, ``note`` what it is.
    """

    kind: Kind
    targets: frozenset[Target]
    label: Text
    note: Text
    names: tuple[str, ...]

    def find(self, asked: str) -> Found | None:
        return min(filter(None, (name_of(name).find(asked) for name in self.names)), default=None)

    def piece(self, language: Literal["zh", "en"], asked: str) -> str:
        """The piece of the label in a language that was typed; empty where it was another name's."""
        label = name_of(getattr(self.label, language))
        found = label.find(asked)
        return label.piece(found) if found else ""


def known(scheme: Scheme) -> list[Known]:
    """All that an edition's searches can ask for by name, in the catalogue's order."""
    return [*_places(scheme), *_sectors(scheme), *_terms(scheme)]


def _places(scheme: Scheme) -> Iterator[Known]:
    region, district = Text(**in_both(_("Region"))), Text(**in_both(pgettext_lazy("place", "District")))
    for one in scheme.regions:
        yield _known("place", ("region", one.slug), region, one.name, one.short)
    for place in scheme.districts:
        aliases = [Text(alias, "") for alias in place.aliases]
        yield _known("place", ("district", place.code), district, place.name, place.short, *aliases)


def _sectors(scheme: Scheme) -> Iterator[Known]:
    note = Text(**in_both(_("Sector")))
    for sector in scheme.sectors:
        yield _known("sector", ("sector", sector.slug), note, sector.name, sector.short)


def _terms(scheme: Scheme) -> Iterator[Known]:
    for choice in (*CooperationForm, *Opportunity.Status):
        is_form = isinstance(choice, CooperationForm)
        name = pgettext_lazy("attribute", "Cooperation") if is_form else pgettext_lazy("attribute", "Status")
        target = ("cooperation" if is_form else "status", choice.value)
        yield _known("term", target, Text(**in_both(name)), Text(**in_both(choice.label)))
    rows = VocabularyTerm.objects.filter(edition=scheme.edition).order_by("pk")
    meanings: dict[str, set[Target]] = {}
    languages: dict[str, str] = {}
    for row in rows:
        meanings.setdefault(row.term, set()).add((row.parameter, row.value))
        languages[row.term] = row.language
    for term, targets in meanings.items():
        if targets & (WORD | CONNECTING) or any(v not in scheme.options[p] for p, v in targets):
            continue
        labels = [in_both(scheme.options[name][value]) for name, value in sorted(targets)]
        note = Text(*(" · ".join(label[language] for label in labels) for language in ("zh", "en")))
        label = Text(term, term if languages[term] == "en" else "")
        yield Known("term", frozenset(targets), label, note, (term,))


def _known(kind: Kind, target: Target, note: Text, *names: Text) -> Known:
    spellings: Iterable[str] = dict.fromkeys(one for name in names for one in name if one)
    return Known(kind, frozenset({target}), names[0], note, tuple(spellings))
