"""Words near those that find nothing: without what only connects them, as they may have been meant, and a
little shorter."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import islice
from string import ascii_lowercase
from typing import NamedTuple

from pypinyin import lazy_pinyin

from . import text
from .asking import without_connecting
from .scheme import Scheme
from .vocabulary import MISTYPED_MIN, phrase, swapped

# Of so many words near those of a search it is asked whether they find something.
NEAR_MAX = 8
# A singular of fewer letters may be none: of lens, news.
SINGULAR_MIN = 4
# Short words are a letter apart without being meant for one another: bread, bead. Where the longer has so
# many letters, one may be missing or too many, and from so many on another.
MISSING_MIN, WRONG_MIN = 6, 7
# Longer runs of Han are no words.
HAN_MAX = 20
# These end a word rather than begin one, so that two characters with one are no word: 池厂 of 电池厂.
_ENDINGS = frozenset("厂廠业業器站园園场場店所院馆館机機品水剂劑行线線")
# What is left out that only connects is no loss; what is shorter loses its part, and more than a mistake.
SAID, PUT_RIGHT, ONE_LEFT_OUT, ONE_LEFT = 0.0, 0.1, 1.0, 1.5


class Reworded(NamedTuple):
    """Words to search for instead, and how much that gives up."""

    words: str
    effort: float

    @property
    def says_the_same(self) -> bool:
        """Whether nothing is given up but a mistake or what only connects."""
        return self.effort <= PUT_RIGHT


def reworded(typed: str, scheme: Scheme) -> Iterator[Reworded]:
    """Words near those typed, one of them changed at a time: 榨菜 and 疫苗 for 有没有榨菜 and 疫苗厂."""
    said = spoken(typed, scheme)
    words = list(dict.fromkeys(apart(said)))
    if said != typed:
        yield Reworded(said, SAID)
        yield from (Reworded(rest, ONE_LEFT_OUT) for _word, rest in all_but_one(words))
        yield from (Reworded(word, ONE_LEFT) for word in each_alone(words))
    near = [
        Reworded(" ".join([*words[:i], one, *words[i + 1 :]]), effort)
        for i, word in enumerate(words)
        for one, effort in _near(word, scheme)
    ]
    near.sort(key=lambda one: one.effort)
    yield from islice((one for one in near if _says_something(one.words, scheme)), NEAR_MAX)


def _says_something(words: str, scheme: Scheme) -> bool:
    return len(words) <= text.CHARACTERS_MAX and bool(without_connecting(words, scheme))


def spoken(typed: str, scheme: Scheme) -> str:
    """Words without those that only connect them; as typed where that leaves none or too many."""
    said = without_connecting(typed, scheme)
    # Apart, words may be more.
    is_too_long = len(said) > text.CHARACTERS_MAX or len(text.words(said)) > text.WORDS_MAX
    return typed if not said or is_too_long else said


def all_but_one(words: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Each of several words and the words without it."""
    several = list(dict.fromkeys(words))
    if len(several) > 1:
        yield from ((word, " ".join(one for one in several if one != word)) for word in several)


def each_alone(words: Sequence[str]) -> Iterator[str]:
    """Each of three words or more; of two that is all but one."""
    several = dict.fromkeys(words)
    if len(several) > 2:
        yield from several


def apart(typed: str) -> list[str]:
    """Words as they are typed, without the signs between them."""
    return "".join(one if text.words(one) else " " for one in typed).split()


def _near(word: str, scheme: Scheme) -> Iterator[Reworded]:
    """What a word may be meant for; of one in two scripts the Han alone, too."""
    runs = text.runs(word)
    for i, run in enumerate(runs):
        before, after, part = "".join(runs[:i]), "".join(runs[i + 1 :]), len(run) / len(word)
        for one in _near_run(run, scheme):
            effort = PUT_RIGHT + (one.effort - PUT_RIGHT) * part
            yield Reworded(f"{before}{one.words}{after}", effort)
        if len(runs) > 1 and not text.has_han(run):
            yield Reworded(f"{before}{after}", PUT_RIGHT + part)


def _near_run(run: str, scheme: Scheme) -> Iterator[Reworded]:
    """What a run of Han or of Latin letters may be meant for: one that sounds or is written alike, a shorter
    one."""
    if text.has_han(run):
        meant = scheme.han_by_sound.get("".join(lazy_pinyin(run)))
    else:
        meant = _put_right(run, scheme.latin_words)
    if meant and meant != run:
        yield Reworded(meant, PUT_RIGHT)
    for shorter in _shorter(run):
        yield Reworded(shorter, PUT_RIGHT + 1 - len(shorter) / len(run))


def _put_right(run: str, known: Collection[str]) -> str | None:
    """The known word that a mistyped one is; None where it is known, or may be any of many."""
    written = text.folded(run)
    if len(written) < MISTYPED_MIN or written in known:
        return None
    return next((one for one in _slips(written) if one in known), None)


def _slips(word: str) -> Iterator[str]:
    """What a word may have been before a finger slipped; nobody mistypes the first letter."""
    yield from swapped(word)
    for i in range(1, len(word)):
        yield f"{word[:i]}{word[i - 1 :]}"
        if word[i] == word[i - 1]:
            yield f"{word[:i]}{word[i + 1 :]}"
    for i in range(1, len(word) + 1):
        if len(word) + 1 >= MISSING_MIN:
            yield from (f"{word[:i]}{letter}{word[i:]}" for letter in ascii_lowercase)
        if len(word) >= MISSING_MIN:
            yield f"{word[:i]}{word[i + 1 :]}"
        if len(word) >= WRONG_MIN:
            yield from (f"{word[:i]}{letter}{word[i + 1 :]}" for letter in ascii_lowercase)


def _shorter(run: str) -> Iterator[str]:
    """Latin letters in the singular; of Han the beginning, or the end where it may be a word.

    Most words have two characters: what is left or left off is a multiple of that.
    """
    if not text.has_han(run):
        if SINGULAR_MIN <= len(one := phrase([text.folded(run)])) < len(run):
            yield one
        return
    for length in range(min(len(run), HAN_MAX) - 1, 1, -1):
        yield run[:length]
        is_even = length % 2 == 0 or (len(run) - length) % 2 == 0
        if is_even and not (length == 2 and run[-1] in _ENDINGS):
            yield run[-length:]
