"""What words mean: names, aliases and the vocabulary of an edition, however each is written."""

from __future__ import annotations

import difflib
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from pypinyin import lazy_pinyin

from ..models import CooperationForm, Opportunity, Text, VocabularyTerm
from . import text
from .refusals import in_both

if TYPE_CHECKING:
    from .scheme import Scheme

# Joined pinyin of fewer letters is too often something else.
PINYIN_MIN = 4

# Of so many terms the pinyin is kept: every revision has a vocabulary of its own, of nearly the same terms.
TERMS_MAX = 10_000

# A mistyped Latin word must be so long, and so like a known one, to be asked about.
MISTYPED_MIN = 5
LIKENESS = 0.82
LIKENESS_OF_PHRASES = 0.9
# Nor may more letters be missing or too many: technology is no mistyped biotechnology, assigned not signed.
MISTYPED_BY = 1

Target = tuple[str, str]
Term = tuple[str, frozenset[Target]]
CONNECTING: frozenset[Target] = frozenset({("", "")})
WORD: frozenset[Target] = frozenset({(VocabularyTerm.Meaning.WORD.value, "")})

_ALL_HAN = re.compile(f"[{text.HAN}]+")
_NO_HAN = re.compile(f"[^{text.HAN}]+")


@dataclass(frozen=True)
class Vocabulary:
    """What each term means: pairs of parameter and value, or ``WORD`` or ``CONNECTING``.

    ``han`` has runs of Han; ``latin`` phrases as ``phrase`` writes them; ``pinyin`` the Han terms in
    joined pinyin, where that means one thing alone, and ``sounds`` the term that sounds like that;
    ``with_commas`` are the names that hold a 、.
    """

    han: dict[str, frozenset[Target]]
    latin: dict[str, frozenset[Target]]
    pinyin: dict[str, frozenset[Target]]
    sounds: dict[str, str]
    with_commas: frozenset[str] = frozenset()

    @cached_property
    def longest_han(self) -> int:
        return max(map(len, self.han), default=0)

    def nearest(self, unknown: str) -> str | None:
        """The term that an unknown word or phrase, folded, may have been meant for: one that sounds the
        same in Chinese, or a Latin one that is nearly alike. None where none is near.
        """
        if _ALL_HAN.fullmatch(unknown):
            is_asked_about = len(unknown) > 1 and unknown not in self.han
            return self.sounds.get("".join(lazy_pinyin(unknown))) if is_asked_about else None
        words = unknown.split()
        if len(unknown) < MISTYPED_MIN or phrase(words) in self.latin:
            return None
        written = phrase(words)
        likeness = LIKENESS if len(words) == 1 else LIKENESS_OF_PHRASES
        about_as_long = [term for term in self._mistakable if abs(len(term) - len(written)) <= MISTYPED_BY]
        if term := next((one for one in swapped(written) if one in about_as_long), None):
            return term
        alike = difflib.get_close_matches(written, about_as_long, n=1, cutoff=likeness)
        return alike[0] if alike else None

    @cached_property
    def _mistakable(self) -> list[str]:
        return [
            term
            for term, targets in {**self.pinyin, **self.latin}.items()
            if len(term) >= MISTYPED_MIN and targets not in (WORD, CONNECTING)
        ]

    @classmethod
    def of(cls, scheme: Scheme) -> Vocabulary:
        """The vocabulary of a scheme's edition. What staff entered stands before the names."""
        rows = VocabularyTerm.objects.filter(edition=scheme.edition).values_list("term", "parameter", "value")
        entered = [(term, frozenset({(parameter, value)})) for term, parameter, value in rows]
        known = _unambiguous(_names(scheme)) | _any_of(entered)
        han = {spelling: targets for spelling, targets in known.items() if _ALL_HAN.fullmatch(spelling)}
        latin = {spelling: targets for spelling, targets in known.items() if spelling not in han}
        spoken = [
            (spelling, term)
            for term, targets in han.items()
            if targets not in (WORD, CONNECTING)
            for spelling in pinyin_of(term)
            if len(spelling) >= PINYIN_MIN
        ]
        meant = _unambiguous((spelling, han[term]) for spelling, term in spoken)
        # What may be a word that stays one is no term: shengji is 升级 as well as 生技.
        words = {spelling for term in han if han[term] == WORD for spelling in pinyin_of(term)}
        pinyin = {spelling: targets for spelling, targets in meant.items() if spelling not in words}
        with_commas = frozenset(text.folded(name) for name, _targets in _names(scheme) if "、" in name)
        return cls(han, latin, pinyin, {s: term for s, term in spoken if s in meant}, with_commas)


def swapped(word: str) -> Iterator[str]:
    """A word with two neighbouring letters in each other's place."""
    for i in range(len(word) - 1):
        yield f"{word[:i]}{word[i + 1]}{word[i]}{word[i + 2 :]}"


def phrase(words: Iterable[str]) -> str:
    """Latin words, folded, as one key: in the singular, one space between."""
    return " ".join(map(_singular, words))


def _singular(word: str) -> str:
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 3 and word.endswith("s") and not word.endswith("ss"):
        return word[:-1]
    return word


def spellings(term: str) -> list[str]:
    """The keys of a term: a run of Han, or a Latin phrase and its words joined. None for mixed script."""
    words = text.words(term)
    joined = "".join(words)
    if _ALL_HAN.fullmatch(joined):
        return [joined]
    if _NO_HAN.fullmatch(joined):
        return list(dict.fromkeys([phrase(words), phrase([joined])]))
    return []


@lru_cache(TERMS_MAX)
def pinyin_of(han: str) -> tuple[str, ...]:
    """A run of Han in joined pinyin without tones; ü as such, as v and as u."""
    spoken = "".join(lazy_pinyin(han))
    return tuple(dict.fromkeys(spoken.replace("v", vowel) for vowel in "vuü"))


def _names(scheme: Scheme) -> Iterator[Term]:
    """Every name of what a search can ask for, in both languages."""
    for sector in scheme.sectors:
        yield from _both({("sector", sector.slug)}, sector.name, sector.short)
    for region in scheme.regions:
        yield from _both({("region", region.slug)}, region.name, region.short)
    subregions: dict[str, set[Target]] = defaultdict(set)
    for district in scheme.districts:
        target = ("district", district.code)
        yield from _both({target}, district.name, district.short, *(Text(a, "") for a in district.aliases))
        subregions[district.subregion].add(target)
    for slug, names in scheme.edition.subregions.items():
        yield from _both(subregions[slug], Text(names["name_zh"], names["name_en"]))
    for choice in (*CooperationForm, *Opportunity.Status):
        parameter = "cooperation" if isinstance(choice, CooperationForm) else "status"
        yield from _both({(parameter, choice.value)}, Text(**in_both(choice.label)))
    # Every opportunity lies in the place itself.
    yield from _both({("", "")}, scheme.edition.catalogue.place)


def _both(targets: set[Target], *names: Text) -> Iterator[Term]:
    for name in names:
        for one in filter(None, name):
            yield one, frozenset(targets)


def _by_spelling(terms: Iterable[Term]) -> dict[str, set[frozenset[Target]]]:
    found: dict[str, set[frozenset[Target]]] = defaultdict(set)
    for term, targets in terms:
        for spelling in spellings(term):
            if len(spelling) > 1 or targets == CONNECTING:
                found[spelling].add(targets)
    return found


def _unambiguous(terms: Iterable[Term]) -> dict[str, frozenset[Target]]:
    """Spellings that stand for one thing; one that might be this or that stays a word."""
    return {
        spelling: next(iter(meanings))
        for spelling, meanings in _by_spelling(terms).items()
        if len(meanings) == 1
    }


def _any_of(terms: Iterable[Term]) -> dict[str, frozenset[Target]]:
    """Spellings with all that was entered for them: several rows mean any of their values."""
    return {spelling: frozenset().union(*meanings) for spelling, meanings in _by_spelling(terms).items()}
