"""Words to conditions: how text is compared, and the only place that knows how it is looked up.

Text and question pass through the same normalisation, character by character, so that a piece of a
text is still a piece of it afterwards.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import cache

from django.db.models import Q
from opencc import OpenCC
from pypinyin import Style, lazy_pinyin

WORDS_MAX = 10
CHARACTERS_MAX = 200
WHOLE_WORD_BELOW = 3

HAN = "\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_IS_HAN = re.compile(f"[{HAN}]")
_simplifier = OpenCC("t2s")


@cache
def simplified(character: str) -> str:
    """A Han character in its simplified form; any other as it is."""
    return str(_simplifier.convert(character)) if _IS_HAN.match(character) else character


@cache
def _kept(character: str) -> str:
    """A character as it is compared: simplified Han, a Latin letter or digit, or a space for the rest."""
    if _IS_HAN.match(character):
        return simplified(character)
    if character.isdecimal() or unicodedata.name(character, "").startswith("LATIN "):
        return character
    return " "


def folded(text: str) -> str:
    """NFKC and case folded."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def normalise(text: str) -> str:
    """NFKC, case folded, traditional to simplified, everything but Han, Latin and digits a space."""
    return "".join(map(_kept, folded(text)))


def words(text: str) -> list[str]:
    """The words of a question, normalised; runs of Han and of Latin letters may stand in one word."""
    return normalise(text).split()


def runs(word: str) -> list[str]:
    """A normalised word cut where Han and Latin meet: ``5g基站`` gives ``5g`` and ``基站``."""
    return re.findall(f"[{HAN}]+|[^{HAN} ]+", word)


def indexed(fields: Iterable[str]) -> str:
    """Several fields as they are stored for the search: runs between spaces, fields between lines."""
    return "\n".join(
        f" {' '.join(run for word in words(field) for run in runs(word))} " for field in fields if field
    )


def containing(question: str) -> Q:
    """Every word of the question occurs: Han within, Latin at the start of a word (whole if short)."""
    condition = Q()
    for word in words(question):
        for run in runs(word):
            condition &= Q(search_text__contains=_sought(run))
    return condition


def _sought(run: str) -> str:
    if _IS_HAN.match(run):
        return run
    return f" {run} " if len(run) < WHOLE_WORD_BELOW else f" {run}"


def sort_key(name: str) -> str:
    """A name's place in a sorted list: its pinyin in ASCII, the same on every database."""
    syllables = lazy_pinyin(normalise(name), style=Style.TONE3, errors="default")
    ascii_only = unicodedata.normalize("NFKD", " ".join(syllables)).encode("ascii", "ignore").decode()
    return " ".join(ascii_only.split())[:400]
