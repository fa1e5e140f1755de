"""Words near those that find nothing: without what only connects them, as they may have been meant, and a
little shorter."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from pypinyin import lazy_pinyin

from . import text
from .asking import without_connecting
from .scheme import Scheme
from .vocabulary import MISTYPED_MIN, PINYIN_MIN, alike, phrase

# Of so many words near those of a search it is asked whether they find something.
NEAR_MAX = 8
# A plural of fewer letters may be none: lens, news.
SINGULAR_MIN = 4
# What is left out that only connects is no loss; what is shorter loses its part.
SAID, PUT_RIGHT, ONE_LEFT_OUT, ONE_LEFT = 0.0, 0.1, 1.0, 1.5

_IS_HAN = re.compile(f"[{text.HAN}]+")
_RUNS = re.compile(f"[{text.HAN}]+|[^{text.HAN}]+")


class Reworded(NamedTuple):
    """Words to search for instead, and how much that gives up."""

    words: str
    effort: float


class Fewer(NamedTuple):
    """Some of the words; the one that is left out, or the only one left."""

    words: str
    effort: float
    word: str
    is_alone: bool


def reworded(typed: str, scheme: Scheme) -> Iterator[Reworded]:
    """Words near those typed, one of them changed at a time: 榨菜 and 疫苗 for 有没有榨菜 and 疫苗厂."""
    said = spoken(typed, scheme)
    words = apart(said)
    if said != typed:
        yield Reworded(said, SAID)
        yield from (Reworded(one.words, one.effort) for one in fewer(words))
    near = [
        Reworded(" ".join([*words[:i], one, *words[i + 1 :]]), effort)
        for i, word in enumerate(words)
        for one, effort in _near(word, scheme)
    ]
    yield from sorted(near, key=lambda one: one.effort)[:NEAR_MAX]


def spoken(typed: str, scheme: Scheme) -> str:
    """Words without those that only connect them; as typed where that leaves none or too many."""
    said = without_connecting(typed, scheme)
    # Apart, words may be more.
    is_too_long = len(said) > text.CHARACTERS_MAX or len(text.words(said)) > text.WORDS_MAX
    return typed if not said or is_too_long else said


def fewer(words: Sequence[str]) -> Iterator[Fewer]:
    """All words but one, and of three or more each alone."""
    several = list(dict.fromkeys(words))
    if len(several) < 2:
        return
    for word in several:
        rest = " ".join(one for one in several if one != word)
        yield Fewer(rest, ONE_LEFT_OUT, word, is_alone=False)
        if len(several) > 2:
            yield Fewer(word, ONE_LEFT, word, is_alone=True)


def apart(typed: str) -> list[str]:
    """Words as they are typed, without the signs between them."""
    return "".join(one if text.words(one) else " " for one in typed).split()


def _near(word: str, scheme: Scheme) -> Iterator[Reworded]:
    """What a word may be meant for; of one in two scripts the Han alone, too."""
    runs = _RUNS.findall(word)
    for i, run in enumerate(runs):
        before, after, part = "".join(runs[:i]), "".join(runs[i + 1 :]), len(run) / len(word)
        for one in _near_run(run, scheme):
            yield Reworded(f"{before}{one.words}{after}", one.effort * part)
        if len(runs) > 1 and not _IS_HAN.fullmatch(run):
            yield Reworded(f"{before}{after}", part)


def _near_run(run: str, scheme: Scheme) -> Iterator[Reworded]:
    """What a run of Han or of Latin letters may be meant for: one that sounds or is written alike, a shorter
    one."""
    meant = _sound(run) if _IS_HAN.fullmatch(run) else _written_alike(run, scheme)
    if meant:
        yield Reworded(meant, PUT_RIGHT)
    for shorter in _shorter(run):
        if without_connecting(shorter, scheme):
            yield Reworded(shorter, 1 - len(shorter) / len(run))


def _sound(han: str) -> str | None:
    sound = "".join(lazy_pinyin(han))
    return sound if len(sound) >= PINYIN_MIN else None


def _written_alike(run: str, scheme: Scheme) -> str | None:
    folded = text.folded(run)
    return alike(folded, scheme.latin_words) if len(folded) >= MISTYPED_MIN else None


def _shorter(run: str) -> Iterator[str]:
    """Latin letters in the singular; of Han the beginning, or the end where no word is cut in two.

    Most words have two characters: what is left or left off is a multiple of that.
    """
    if _IS_HAN.fullmatch(run):
        for length in range(len(run) - 1, 1, -1):
            yield run[:length]
            if length % 2 == 0 or (len(run) - length) % 2 == 0:
                yield run[-length:]
    elif SINGULAR_MIN <= len(one := phrase([text.folded(run)])) < len(run):
        yield one
