"""Suggestions while somebody types: what the last words may become, with the number of its results.

A suggestion is a question: sent to ``/ask/`` it is read as anything typed. So its number is that of the
search which the reader then sees, the other conditions of the search it was typed in included.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from django.http import QueryDict

from ..models import Opportunity, Text
from . import text
from .asking import Interpretation, ask, interpret, is_in_a_name
from .naming import Found, Kind, Known, name_of
from .parameters import FILTERS
from .quantities import Quantity, begins_a_unit, quantity_at
from .query import Search, counts
from .reading import Question
from .refusals import SearchRefused, in_both
from .saying import NAMES
from .scheme import Scheme
from .vocabulary import Target

# So many of a kind at most, in this order; opportunities have what is left of all.
MOST: dict[Kind, int] = {"bound": 2, "place": 3, "sector": 2, "term": 2}
MOST_OPPORTUNITIES = 5
MOST_IN_ALL = 10
# Of so many of the latest opportunities with the words in their names the largest are given. Those of a
# large list are far apart on disk.
NAMED_MAX, NAMED_MAX_OF_LARGE = 200, 50
# Longer words are nobody's beginning.
TAIL_MAX = 40

SUGGEST = FILTERS
_LISTED = ("reference", "name_zh", "name_en", "edition", "investment", "publication")
# Sorts after every character of a reference.
AFTER_ALL = "~"

_ENDS_IN_A_NUMBER = re.compile(r"\d\s*$")
_ENDS_IN_HAN = re.compile(f"[{text.HAN}]$")


@dataclass(frozen=True)
class Suggested:
    """One way on from what was typed: the ``question`` in both languages, where it can be asked.

    ``matched`` is the piece of the label that was typed, ``parameters`` what the suggestion adds, ``count``
    how many opportunities its ``search`` finds. An opportunity has none of these.
    """

    kind: Kind
    label: Text
    note: Text
    matched: Text
    question: Text
    search: Search | None = None
    count: int | None = None
    opportunity: Opportunity | None = None
    parameters: dict[str, str | list[str]] = field(default_factory=dict)

    @property
    def query(self) -> str:
        """The canonical query of its search."""
        return self.search.canonical_query if self.search else ""


@dataclass(frozen=True)
class Suggestions:
    typed: str
    suggestions: list[Suggested]


def suggest(query: QueryDict) -> Suggestions:
    """What the ``q`` of a query string may become within the search of its other parameters.

    Nothing typed suggests nothing. Raises SearchRefused with every reason, as asking does.
    """
    asked = ask(query, SUGGEST)
    if not asked.question:
        return Suggestions("", [])
    filters = list(_filters(asked.question, asked.search))
    numbers = counts([one.search for one in filters if one.search])
    filters = [replace(one, count=number) for one, number in zip(filters, numbers, strict=True)]
    room = min(MOST_OPPORTUNITIES, MOST_IN_ALL - len(filters))
    return Suggestions(asked.question, [*filters, *_opportunities(asked.question, asked.search.scheme, room)])


# --- what a search can ask for --------------------------------------------------------------------


def _filters(question: str, search: Search) -> Iterator[Suggested]:
    """Bounds for an amount or duration that has none yet; places, sectors and terms by name."""
    yield from _bounds(question, search)
    within = _within_quantities(question)
    for head, tail in _endings(question, search.scheme):
        letters = "".join(text.words(tail))
        if len(head) in within or (_ENDS_IN_A_NUMBER.search(head) and begins_a_unit(letters)):
            continue
        before = _read(head.strip(), search.scheme)
        found = _best(letters, search.scheme)
        if before and found:
            made = [
                suggested for one in found if (suggested := _completed(one, head, before, letters, search))
            ]
            most_of_each = [
                one
                for kind, most in MOST.items()
                for one in [suggested for suggested in made if suggested.kind == kind][:most]
            ]
            named = _names(most_of_each, search) if before.words and is_in_a_name(head, search) else set()
            yield from (one for one in most_of_each if named.isdisjoint(one.question))
            return


def _bounds(question: str, search: Search) -> Iterator[Suggested]:
    """An amount or duration at the end that says no direction, with either: 10亿 → 10亿以上, 10亿以下."""
    folded = Question(question)
    end = len(folded.text.rstrip())
    start = next((at for at in range(end) if _is_undirected(quantity_at(folded.text, at), end)), None)
    if start is None:
        return
    head, typed = question[: folded.place(start)], folded.as_typed(start, end)
    before = _read(head.strip(), search.scheme)
    for ending in ("以上", "以下") if _ENDS_IN_HAN.search(typed) else (" or more", " or less"):
        label = f"{typed}{ending}"
        read = _read(f"{head}{label}", search.scheme)
        if not read or not before or read.words != before.words:
            continue
        for name, value in read.as_parameters.items():
            if name not in before.values:
                yield Suggested(
                    kind="bound",
                    label=Text(label, label),
                    note=Text(**in_both(NAMES[name])),
                    matched=Text(typed, typed),
                    question=Text(f"{head}{label}", f"{head}{label}"),
                    search=read.applied_to(search),
                    parameters={name: value},
                )


def _is_undirected(quantity: Quantity | None, end: int) -> bool:
    return quantity is not None and quantity.end == end and not quantity.name


def _names(suggestions: list[Suggested], search: Search) -> set[str]:
    """Questions of suggestions that, asked, are searched for as they stand, as a name has them."""
    questions = {question for one in suggestions for question in one.question}
    return {question for question in questions if is_in_a_name(question, search)}


def _within_quantities(question: str) -> set[int]:
    """The places of a question over which an amount or duration goes on: 5 billion | yuan."""
    folded = Question(question)
    found = ((at, quantity_at(folded.text, at)) for at in range(len(folded.text)))
    spans = (range(folded.place(at) + 1, folded.place(one.end)) for at, one in found if one)
    return {place for span in spans for place in span}


def _endings(question: str, scheme: Scheme) -> Iterator[tuple[str, str]]:
    """The question cut before words that may be unfinished: all of it, then ever fewer words; and the
    last one after a term that it begins with, as Chinese is written: 梁平芯.
    """
    starts = [0, *(gap.end() for gap in re.finditer(r"\s+", question.rstrip()))]
    last = question[starts[-1] :]
    starts += [
        starts[-1] + end for end in range(1, len(last)) if text.normalise(last[:end]) in scheme.vocabulary.han
    ]
    for start in starts:
        if len(question) - start <= TAIL_MAX and text.words(question[start:]):
            yield question[:start], question[start:]


def _best(letters: str, scheme: Scheme) -> list[Known]:
    """What has these letters in a name, the best first; each meaning once, by its own name before a term."""
    found = [(at, one) for one in scheme.known if (at := one.find(letters))]
    # Stable: what is found alike stays in the catalogue's order.
    found.sort(key=lambda one: one[0])
    meanings: dict[frozenset[Target], Known] = {}
    for _at, one in sorted(found, key=lambda one: one[1].kind == "term"):
        meanings.setdefault(one.targets, one)
    return [one for _at, one in found if meanings[one.targets] is one][: 2 * sum(MOST.values())]


def _completed(
    one: Known, head: str, before: Interpretation, letters: str, search: Search
) -> Suggested | None:
    """The question with a name in place of its last words; None where it would not be read as meant."""
    chinese = sorted(one.names, key=str.isascii)
    zh, meant = _meant([one.label.zh, *chinese], one, head, before, search.scheme)
    en, meant_en = _meant([one.label.en, *reversed(chinese)], one, head, before, search.scheme)
    if meant is None or meant_en is None:
        return None
    return Suggested(
        kind=one.kind,
        label=one.label,
        note=one.note,
        matched=Text(one.piece("zh", letters), one.piece("en", letters)),
        question=Text(zh, en if meant_en.values == meant.values else zh),
        search=meant.applied_to(search),
        parameters={name: [v for n, v in sorted(one.targets) if n == name] for name, _value in one.targets},
    )


def _meant(
    names: list[str], one: Known, head: str, before: Interpretation, scheme: Scheme
) -> tuple[str, Interpretation | None]:
    """The question by the first name that is read as what stood before it and the value."""
    for name in filter(None, names):
        read = _read(f"{head}{name}", scheme)
        if (
            read
            and read.words == before.words
            and all(value in read.values.get(parameter, ()) for parameter, value in one.targets)
        ):
            return f"{head}{name}", read
    return "", None


def _read(question: str, scheme: Scheme) -> Interpretation | None:
    try:
        return interpret(question, scheme)
    except SearchRefused:
        return None


# --- opportunities --------------------------------------------------------------------------------


def _opportunities(question: str, scheme: Scheme, room: int) -> list[Suggested]:
    """Opportunities whose reference begins with what was typed, or whose name has every word of it."""
    words = text.words(question)
    reference = text.legible(question).upper()
    keys = [*_named(question, scheme), *_referred(reference, scheme)]
    known = Opportunity.objects.with_keys(keys).only(*_LISTED)
    public = [one for one in known if one.is_public and one.edition_id == scheme.edition.pk]
    looked_at = sorted(public, key=lambda one: (-one.investment, one.reference))
    found = [
        (at, number, opportunity)
        for number, opportunity in enumerate(looked_at)
        if (at := _in_name(opportunity, words, reference))
    ]
    return [
        Suggested(
            kind="opportunity",
            label=opportunity.name,
            note=Text(opportunity.reference, opportunity.reference),
            matched=_piece(opportunity, words[0]),
            question=Text(opportunity.reference, opportunity.reference),
            opportunity=opportunity,
        )
        for _at, _number, opportunity in sorted(found, key=lambda one: one[:2])[:room]
    ]


def _named(question: str, scheme: Scheme) -> list[int]:
    """The keys of the latest opportunities whose names may hold the words; of a large list, only of words
    with more than a letter or two."""
    if not scheme.is_large:
        return text.keys_named(question, NAMED_MAX)
    least = {True: text.WHOLE_WORD_BELOW, False: 2}
    if any(len(run) < least[run.isascii()] for run in text.asked(question)):
        return []
    return text.keys_named(question, NAMED_MAX_OF_LARGE)


def _referred(reference: str, scheme: Scheme) -> list[int]:
    """The keys of the first opportunities whose reference begins like this."""
    if not re.fullmatch("[A-Z0-9-]+", reference):
        return []
    public = Opportunity.objects.public().in_edition(scheme.edition)
    beginning = public.filter(reference__gte=reference, reference__lt=f"{reference}{AFTER_ALL}")
    return list(beginning.order_by("reference").values_list("pk", flat=True)[:MOST_OPPORTUNITIES])


def _in_name(opportunity: Opportunity, words: list[str], reference: str) -> Found | None:
    if opportunity.reference.startswith(reference):
        return Found(0, False, 0, 0)
    names = [name_of(name) for name in opportunity.name if name]
    found = [min(filter(None, (name.find(word) for name in names)), default=None) for word in words]
    return None if None in found else found[0]


def _piece(opportunity: Opportunity, word: str) -> Text:
    pieces = []
    for written in opportunity.name:
        found = name_of(written).find(word)
        pieces.append(name_of(written).piece(found) if found else "")
    return Text(*pieces)
