"""Where the words of a search stand in a text, as it is written: what a page marks."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import groupby, pairwise
from typing import NamedTuple

from . import text
from .text import HAN, WHOLE_WORD_BELOW, Readings

# Characters of a long text that are shown before and after what was found in it.
BEFORE, AFTER = 16, 60


class Piece(NamedTuple):
    """A piece of a text as it is written, and whether it is what was searched for."""

    written: str
    is_hit: bool


class _Hit(NamedTuple):
    run: str
    start: int
    end: int


@dataclass(frozen=True)
class Marks:
    """The words of a search for one opportunity; ``known`` is how names of its places are read."""

    runs: Sequence[str]
    known: Readings
    # What was found in each text: a row asks whether, and then where.
    _kept: dict[tuple[str, bool], list[_Hit]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def found(self, written: str, *, by_sound: bool = False) -> set[str]:
        """The runs of the search that stand in the text."""
        return {hit.run for hit in self._hits(written, by_sound)}

    def pieces(self, written: str, *, by_sound: bool = False) -> list[Piece]:
        """The whole text, cut where something searched for begins and ends."""
        hits = {at for hit in self._hits(written, by_sound) for at in range(hit.start, hit.end)}
        return [
            Piece("".join(written[at] for at in places), is_hit)
            for is_hit, places in groupby(range(len(written)), key=hits.__contains__)
        ]

    def excerpt(self, written: str, runs: Iterable[str], *, by_sound: bool = False) -> str:
        """What stands around the first of these runs, cut between words."""
        at = min(hit.start for hit in self._hits(written, by_sound) if hit.run in runs)
        start, end = max(0, at - BEFORE), min(len(written), at + AFTER)
        while 0 < start < at and _joins(written[start - 1], written[start]):
            start += 1
        while end < len(written) and _joins(written[end - 1], written[end]):
            end += 1
        cut = " ".join(written[start:end].split())
        return f"{'…' if start else ''}{cut}{'…' if end < len(written) else ''}"

    def _hits(self, written: str, by_sound: bool) -> list[_Hit]:
        if (written, by_sound) not in self._kept:
            self._kept[written, by_sound] = list(self._found(written, by_sound))
        return self._kept[written, by_sound]

    def _found(self, written: str, by_sound: bool) -> Iterator[_Hit]:
        units = _units(written)
        normal = [_normalised(unit) for unit in units]
        whole = "".join(normal)
        spelt = [run for run in self.runs if run in whole]
        sounds = [run for run in self.runs if text.is_sound(run)] if by_sound else []
        if not spelt and not sounds:
            return
        places = _places(units, normal)
        for match in re.finditer(f"[{HAN}]+|[^{HAN} ]+", whole):
            spans = list(_within(match[0], spelt))
            if sounds and text.has_han(match[0]):
                spans += _heard(match[0], sounds, self.known)
            for run, start, end in spans:
                yield _Hit(run, places[match.start() + start][0], places[match.start() + end - 1][1])


def _within(found: str, runs: Iterable[str]) -> Iterator[_Hit]:
    """Where the runs stand in one run of a text: Han anywhere, Latin at its start or as a whole."""
    is_han = text.has_han(found)
    for run in runs:
        if not is_han and len(run) < WHOLE_WORD_BELOW and run != found:
            continue
        for start in range(len(found) if is_han else 1):
            if found.startswith(run, start):
                yield _Hit(run, start, start + len(run))


def _heard(found: str, sounds: Iterable[str], known: Readings) -> Iterator[_Hit]:
    """The characters of a run of Han that runs of the search stand for in pinyin."""
    spoken = text.syllables(found, known)
    for letters in (spoken, [one[:1] for one in spoken]):
        for start in range(len(letters)):
            for run in sounds:
                said, end = "", start
                while end < len(letters) and letters[end] and len(said) < len(run):
                    said, end = said + letters[end], end + 1
                if said.startswith(run):
                    yield _Hit(run, start, end)


def _places(units: Iterable[str], normal: Iterable[str]) -> list[tuple[int, int]]:
    """For each character of a normalised text the characters written that it comes from."""
    places: list[tuple[int, int]] = []
    end = 0
    for unit, characters in zip(units, normal, strict=True):
        start, end = end, end + len(unit)
        places += [(start, end)] * len(characters)
    return places


def _units(written: str) -> Sequence[str]:
    """The characters of a text, each with the marks that combine with it."""
    if not any(map(unicodedata.combining, written)):
        return written
    starts = [at for at, one in enumerate(written) if not at or not unicodedata.combining(one)]
    return [written[start:end] for start, end in pairwise([*starts, len(written)])]


@lru_cache(maxsize=8192)
def _normalised(characters: str) -> str:
    return text.normalise(characters)


def _joins(before: str, after: str) -> bool:
    """Whether a cut between these two would cut a word of letters."""
    return all(character.isalnum() and not re.match(f"[{HAN}]", character) for character in (before, after))
