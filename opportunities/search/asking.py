"""From what people type to an explicit search: one function behind the search box and ``interpret/``.

Only what is certain becomes a parameter; every other word stays one (contract, “Asking”).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.http import QueryDict

from .. import amounts
from ..models import Opportunity
from ..models.catalogue import REFERENCE_PATTERN
from . import text
from .parameters import FACETS, FILTERS, MONTHS, PAGE, RANGE, WordsField
from .quantities import Quantity
from .query import Search, bound, written
from .reading import Piece, Question, pieces
from .refusals import SearchRefused
from .scheme import Scheme
from .vocabulary import CONNECTING

# What a recognised part takes the place of.
_TOGETHER = (
    ("bracket", *RANGE),
    ("cycle", *MONTHS),
    ("region", "district"),
)
# Of so many words at most it is asked what they were meant for.
SUGGESTIONS_MAX = 5
_BOUNDS = {"investment": RANGE, "cycle": MONTHS}


@dataclass(frozen=True)
class Understood:
    """One value that a piece of the question gives; ``text`` is the piece as typed."""

    text: str
    parameter: str
    value: str


@dataclass(frozen=True)
class Suggestion:
    """A word that may be a mistyped one: what it may stand for, and the question with it put right."""

    text: str
    parameter: str
    value: str
    question: str


@dataclass
class Interpretation:
    """What a question asks for: ``values`` by parameter, as a search holds them, and the words left."""

    words: str = ""
    values: dict[str, Any] = field(default_factory=dict)
    explanation: list[Understood] = field(default_factory=list)
    suggestions: list[Suggestion] = field(default_factory=list)

    @property
    def as_parameters(self) -> dict[str, str | list[str]]:
        """The values as an address carries them, in the contract's order."""
        return {
            name: self.values[name] if name in FACETS else written(self.values[name])
            for name in FILTERS
            if name in self.values
        }

    def applied_to(self, search: Search) -> Search:
        """The search with this question in it, back on the first page.

        What is recognised takes the place of what the search has of the same kind; the rest stays.
        """
        replaced = [
            name for group in _TOGETHER if any(other in self.values for other in group) for name in group
        ]
        return search.having(**{**dict.fromkeys(replaced), **self.values, "q": self.words})


@dataclass(frozen=True)
class Asked:
    """A question within a search: the search's other parameters, and what the question means."""

    search: Search
    interpretation: Interpretation
    question: str

    @property
    def is_read(self) -> bool:
        """Whether the search is for anything but the question as it stands."""
        is_as_typed = self.interpretation.words == text.legible(self.question)
        return bool(self.interpretation.explanation) or not is_as_typed


def ask(query: QueryDict, accepts: Sequence[str] = PAGE) -> Asked:
    """Read the ``q`` of a query string as a question, its other parameters as a search.

    ``accepts`` are the names that the caller takes. Raises SearchRefused with every
    reason, and NoEdition when nothing was loaded yet.
    """
    questions = list(dict.fromkeys(filter(None, query.getlist("q"))))
    if len(questions) > 1:
        return Asked(Search.from_query(query, accepts), Interpretation(), "")
    rest = query.copy()
    rest.pop("q", None)
    question = questions[0] if questions else ""
    refusals = []
    scheme = bound(rest, accepts).scheme
    try:
        interpretation = interpret(question, scheme)
    except SearchRefused as refused:
        refusals = refused.refusals
    try:
        search = Search.from_query(rest, accepts, current=scheme)
    except SearchRefused as refused:
        refusals = [*refusals, *refused.refusals]
    if refusals:
        raise SearchRefused(refusals)
    if interpretation.explanation and interpretation.words and is_in_a_name(question, search):
        interpretation = Interpretation(words=text.legible(question))
    return Asked(search, interpretation, question)


def is_in_a_name(question: str, search: Search) -> bool:
    """Whether the question is the name of an opportunity or a part of one; then its words are no terms."""
    named = search.filterset.queryset.filter(text.in_a_name(question))
    return len(text.words(question)) <= text.WORDS_MAX and named.exists()


def interpret(question: str, scheme: Scheme) -> Interpretation:
    """What a question means in an edition; an empty one means nothing.

    Raises SearchRefused when it is longer than 200 characters, holds no word, or leaves more than ten
    words to search for.
    """
    if not question:
        return Interpretation()
    limits = WordsField()
    limits.name = "q"
    try:
        whole = limits.legible(question)
        interpretation = _interpreted(Question(question), scheme)
        # A sentence of which nothing is recognised is searched for as it stands, unless only its connecting
        # words make it too long.
        is_said = interpretation.words and len(text.words(whole)) > text.WORDS_MAX
        if not interpretation.explanation and not is_said:
            interpretation.words = whole
        limits.few(interpretation.words)
    except ValidationError as error:
        raise SearchRefused([error.params["refusal"]]) from None  # type: ignore[index]
    return interpretation


def _interpreted(question: Question, scheme: Scheme) -> Interpretation:
    found = Interpretation()
    left: list[Piece] = []
    read = pieces(question, scheme.vocabulary)
    contradicted = _contradicted([piece.quantity for piece in read if piece.quantity])
    for piece in read:
        typed = question.as_typed(piece.start, piece.end)
        if piece.quantity:
            given = [] if piece.quantity.name in contradicted else _bounds(found, piece.quantity)
        else:
            given = _choices(piece, scheme)
        for parameter, value in given:
            _take(found, parameter, value, typed)
        if not given and piece.targets != CONNECTING:
            left.append(piece)
    found.words = text.legible(" ".join(question.as_typed(piece.start, piece.end) for piece in left))
    found.suggestions = _corrections(question, read, left, scheme)
    return found


def without_connecting(words: str, scheme: Scheme) -> str:
    """Words without those that only connect them or speak: 疫苗 of 请问有没有疫苗."""
    question = Question(words)
    kept = list(words)
    for piece in pieces(question, scheme.vocabulary):
        if piece.is_connecting:
            start, end = question.place(piece.start), question.place(piece.end)
            kept[start:end] = " " * (end - start)
    return " ".join("".join(kept).split())


def _contradicted(quantities: Sequence[Quantity]) -> set[str]:
    """Of which measures the bounds exclude each other, so that nobody knows which was meant."""
    contradicted = set()
    for name in _BOUNDS:
        own = [one for one in quantities if one.name == name]
        lowers = [one.lower for one in own if one.lower is not None]
        uppers = [one.upper for one in own if one.upper is not None]
        if lowers and uppers and max(lowers) > min(uppers):
            contradicted.add(name)
    return contradicted


def _bounds(found: Interpretation, quantity: Quantity) -> list[tuple[str, Any]]:
    """The bounds of an amount or duration; none where another one has been given before."""
    names = _BOUNDS[quantity.name]
    given = {
        name: amounts.two_places(value) if quantity.name == "investment" else int(value)
        for name, value in zip(names, (quantity.lower, quantity.upper), strict=True)
        if value is not None
    }
    is_another = any(found.values.get(name, value) != value for name, value in given.items())
    return [] if is_another else list(given.items())


def _choices(piece: Piece, scheme: Scheme) -> list[tuple[str, Any]]:
    """The values of facets that a term means, in the catalogue's order."""
    return [
        (name, value)
        for name in FACETS
        for value in scheme.options[name]
        if (name, value) in (piece.targets or ())
    ]


def _take(found: Interpretation, parameter: str, value: Any, typed: str) -> None:
    if parameter in FACETS:
        chosen = found.values.setdefault(parameter, [])
        chosen.extend([value] if value not in chosen else [])
    else:
        found.values[parameter] = value
    understood = Understood(typed, parameter, written(value))
    if understood not in found.explanation:
        found.explanation.append(understood)


def _corrections(
    question: Question, read: Sequence[Piece], left: Sequence[Piece], scheme: Scheme
) -> list[Suggestion]:
    """What unknown words may have been meant for: two together, one alone, or one with the known one that it
    touches, as in 两江新曲."""
    found: list[Suggestion] = []
    asked_up_to = 0
    for i, piece in enumerate(left):
        if len(found) == SUGGESTIONS_MAX:
            break
        if piece.start < asked_up_to:
            continue
        touched = [
            Piece(one.start, piece.end)
            for one in read
            if one.end == piece.start and one.targets and not one.is_connecting
        ]
        for one in (*_phrase(question, left[i : i + 2]), piece, *touched):
            if correction := _correction(question, one, scheme):
                found += correction
                asked_up_to = one.end
                break
    return found


def _phrase(question: Question, words: Sequence[Piece]) -> list[Piece]:
    """Two words with nothing but a space between as one piece; none where they are not so near."""
    if len(words) < 2 or question.text[words[0].end : words[1].start] != " ":
        return []
    return [Piece(words[0].start, words[1].end)]


def _correction(question: Question, piece: Piece, scheme: Scheme) -> list[Suggestion]:
    """What an unknown word may have been meant for: a known one a letter off, or of the same sound."""
    meant = scheme.vocabulary.nearest(question.text[piece.start : piece.end])
    if meant is None:
        return []
    before, after = question.typed[: question.place(piece.start)], question.typed[question.place(piece.end) :]
    corrected = f"{before}{meant}{after}"
    # With what follows it may be part of a longer term: 新能源 of 新能源汽车.
    read = pieces(Question(corrected), scheme.vocabulary)
    there = next((one for one in read if one.start <= piece.start < one.end), piece)
    return [
        Suggestion(question.as_typed(piece.start, piece.end), name, value, corrected)
        for name, value in _choices(there, scheme)[:1]
    ]


def opportunity_named(words: str) -> Opportunity | None:
    """The opportunity whose reference was typed, in capitals or not; it may be withdrawn since."""
    reference = text.legible(words).upper()
    if not re.fullmatch(REFERENCE_PATTERN, reference):
        return None
    return Opportunity.objects.once_public().filter(reference=reference).first()
