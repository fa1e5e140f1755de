"""Words to conditions: how text is compared, and the only place that knows how it is looked up.

Text and question pass through the same normalisation, character by character, so that a piece of a
text is still a piece of it afterwards.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache, lru_cache, reduce
from operator import and_
from typing import Any, NamedTuple

from django.db import DatabaseError, connections, router, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Case, Lookup, Q, QuerySet, When
from opencc import OpenCC
from pypinyin import Style, lazy_pinyin, pinyin

from ..models import Opportunity, SearchText
from ..models.fields import TokensField

WORDS_MAX = 10
CHARACTERS_MAX = 200
WHOLE_WORD_BELOW = 3

# Entries share most of their lines and runs with others, and with themselves before an edit.
LINES_KEPT = 4096

# What is looked up of an entry; PostgreSQL takes no more tokens than these characters can make.
SEARCHED_MAX = 100_000
TOKEN_MAX = 32
# Tokens of a name, and of the names of sector and districts, stand a second time behind one of these,
# which no normalised text holds.
ANYWHERE, NAMED, LABELLED = "", "¹", "²"

ELSEWHERE = 4
# Of so many entries at most the relevance is asked by their keys.
KEYS_ASKED_MAX = 1000
# What one lookup may take of PostgreSQL: to hold where a third of a million texts are takes some 16 MB.
FOUND_MEMORY = "64MB"
CHUNK = 10_000

# A token, and whether it is only the start of one. For each run that is sought the choices of tokens, any
# of which tell it.
Token = tuple[str, bool]
Sought = tuple[tuple[tuple[Token, ...], ...], ...]

HAN = "\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_IS_HAN = re.compile(f"[{HAN}]")
_LATIN_WORD = re.compile(r"(?<!\S)[a-z]+(?!\S)")
_LATIN_EDGE = "(?:(?<![a-z])(?=[a-z])|(?<=[a-z])(?![a-z]))"
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


def legible(text: str) -> str:
    """As a search has words: NFKC, one space between."""
    return " ".join(unicodedata.normalize("NFKC", text).split())


def normalise(text: str) -> str:
    """NFKC, case folded, traditional to simplified, everything but Han, Latin and digits a space."""
    return "".join(map(_kept, folded(text)))


def has_han(text: str) -> bool:
    return _IS_HAN.search(text) is not None


def edged(pattern: str) -> re.Pattern[str]:
    """A pattern for folded text in which ``\\b`` is the edge of a run of Latin letters alone.

    For ``re`` Han and digits are of the word as well; people write 24months以内 and over10亿.
    """
    return re.compile(pattern.replace(r"\b", _LATIN_EDGE))


def words(text: str) -> list[str]:
    """The words of a question, normalised; runs of Han and of Latin letters may stand in one word."""
    return normalise(text).split()


def runs(word: str) -> list[str]:
    """A normalised word cut where Han and Latin meet: ``5g基站`` gives ``5g`` and ``基站``."""
    return re.findall(f"[{HAN}]+|[^{HAN} ]+", word)


# --- how something sounds ------------------------------------------------------------------------

Readings = Mapping[str, tuple[str, ...]]


@cache
def reading(han: str, romanised: str) -> tuple[str, ...]:
    """The syllables of a Han name as its romanised form has them: ``长寿``, ``Changshou``.

    Empty where that form is a translation. Dictionaries read many a place's name wrongly.
    """
    return _cut(pinyin(normalise(han), style=Style.NORMAL, heteronym=True), _letters(romanised))


def _letters(romanised: str) -> str:
    return "".join(re.findall("[a-z]+", folded(romanised).replace("ü", "v")))


def _cut(choices: list[list[str]], letters: str) -> tuple[str, ...]:
    """One of the choices for each character, so that together they make up the letters."""
    for syllable in choices[0] if choices else ():
        if syllable == letters and len(choices) == 1:
            return (syllable,)
        if letters.startswith(syllable):
            rest = _cut(choices[1:], letters[len(syllable) :])
            if rest:
                return (syllable, *rest)
    return ()


def readings(names: Iterable[tuple[str, str]]) -> Readings:
    """How these Han names are read, from their romanised forms."""
    found = {normalise(han): reading(han, romanised) for han, romanised in names}
    return {han: syllables for han, syllables in found.items() if syllables}


def syllables(run: str, known: Readings) -> list[str]:
    """The syllable of each character of a normalised run of Han; empty for one that has none."""
    found: list[str] = []
    names = "|".join(sorted(map(re.escape, known), key=len, reverse=True))
    for part in re.split(f"({names})", run) if names else [run]:
        found += known.get(part) or lazy_pinyin(part, errors=_unread)  # type: ignore[arg-type]
    return [one if re.fullmatch("[a-z]+", one) else "" for one in found]


def _unread(characters: str) -> list[str]:
    return [""] * len(characters)


def _sounds(run: str, known: Readings) -> str:
    """What a run of Han is found by in pinyin: from each character on, its syllables and its initials."""
    return _spoken(run[:CHARACTERS_MAX], frozenset(item for item in known.items() if item[0] in run))


@lru_cache(LINES_KEPT)
def _spoken(run: str, known: frozenset[tuple[str, tuple[str, ...]]]) -> str:
    spoken = [one or " " for one in syllables(run, dict(known))]
    sounds = (
        "".join(letters[start:]).partition(" ")[0]
        for letters in (spoken, [one[0] for one in spoken])
        for start in range(len(letters))
    )
    return " ".join(f"'{sound[:CHARACTERS_MAX]}" for sound in sounds if len(sound) >= WHOLE_WORD_BELOW)


# --- what is stored -----------------------------------------------------------------------------


class Searched(NamedTuple):
    """The texts of an entry as they are looked up, each part within the next.

    Runs stand between spaces and fields between lines; sounds begin with an apostrophe.
    """

    name: str
    heading: str
    text: str

    @property
    def columns(self) -> dict[str, str]:
        """What is stored of them: the texts, and the tokens that the index holds."""
        return {**self._asdict(), "tokens": tokens(*self)}


def searched(names: Iterable[str], labels: Iterable[str], rest: Iterable[str], known: Readings) -> Searched:
    """The search texts of an entry: of its names, the names of sector and districts, and its other texts.

    Names and labels are found by their sound too, ``known`` being how names of places are read.
    """
    name = _stored(_sounded(field, known) for field in names)
    heading = f"{name}\n{_stored(_sounded(field, known) for field in labels)}"[:SEARCHED_MAX]
    text = f"{heading}\n{_stored(map(_written, rest))}"[:SEARCHED_MAX]
    return Searched(name, heading, text)


def tokens(name: str, heading: str, text: str) -> str:
    """What the index holds of stored texts: each token, and those of the heading by where they stand."""
    label = heading[len(name) :]
    found = _tokens(text, ANYWHERE) | _tokens(name, NAMED) | _tokens(label, LABELLED)
    return " ".join(sorted(found))


def _stored(lines: Iterable[str]) -> str:
    return "\n".join(f" {line} " for line in lines if line)


@lru_cache(LINES_KEPT)
def _written(field: str) -> str:
    """A text as it is stored: its runs, with one space between them."""
    return " ".join(run for word in words(field) for run in runs(word))


def _sounded(field: str, known: Readings) -> str:
    """A text as it is stored, and how what is Han in it sounds."""
    written = _written(field)
    sounds = (_sounds(run, known) for run in written.split() if _IS_HAN.match(run))
    return " ".join(filter(None, (written, *sounds)))


def _tokens(text: str, mark: str) -> frozenset[str]:
    return frozenset[str]().union(*(_tokens_in(line, mark) for line in text.split("\n")))


@lru_cache(LINES_KEPT)
def _tokens_in(line: str, mark: str) -> frozenset[str]:
    """Each pair of neighbours in Han and the last character of a run; the rest word by word, its start."""
    tokens: set[str] = set()
    for run in line.replace("'", " ").split():
        if _IS_HAN.match(run):
            tokens.update(mark + run[at : at + 2] for at in range(len(run)))
        else:
            tokens.add(mark + run[:TOKEN_MAX])
    return frozenset(tokens)


# --- what is asked -------------------------------------------------------------------------------


def asked(question: str) -> list[str]:
    """The runs of a question, each once."""
    return list(dict.fromkeys(run for word in words(question) for run in runs(word)))


def containing(question: str) -> Q:
    """Every word of the question occurs: Han within, Latin at the start of a word (whole if short).

    Names, sectors and districts are found by pinyin, too. The index narrows; where it cannot tell, the text
    decides.
    """
    found = asked(question)
    return _holding(found, "searched__") if found else Q()


def keys_holding(question: str) -> list[int]:
    """The keys of the entries, public or not, that every word of the question occurs in, in no order."""
    found = asked(question)
    if all(map(_is_told_by_tokens, found)):
        return _keys(_sought_tokens(found, ANYWHERE))
    with _by_index():
        return list(SearchText.objects.filter(_holding(found)).values_list("pk", flat=True))


def keys_headed(question: str) -> list[int]:
    """The keys of the entries whose name, sector and districts together may hold every word of a question."""
    return _keys(_sought_tokens(asked(question), NAMED, LABELLED))


def keys_named(question: str, most: int) -> list[int]:
    """The keys of the latest entries whose name may hold every word of the question, each Latin one perhaps
    not typed to its end."""
    named = (_tokens_of(run) if _IS_HAN.match(run) else ((run[:TOKEN_MAX], True),) for run in asked(question))
    return _keys(tuple((_marked(tokens, NAMED),) for tokens in named), most)


def _keys(tokens: Sought, most: int | None = None) -> list[int]:
    connection = connections[router.db_for_read(SearchText)]
    if connection.vendor != "sqlite":
        found = SearchText.objects.filter(tokens__holding=tokens).values_list("pk", flat=True)
        if most is not None:
            return list(found.order_by("-pk")[:most])
        with _by_index():
            return list(found)
    # Of the index alone; by way of the texts all of them would be read.
    latest = "" if most is None else f" ORDER BY rowid DESC LIMIT {most:d}"
    with connection.cursor() as cursor:
        cursor.execute(_MATCHING + latest, [_expression(tokens)])
        return [key for (key,) in cursor.fetchall()]


@contextmanager
def _by_index() -> Iterator[None]:
    """Have PostgreSQL ask the index however much it expects to find: working tokens out takes far longer.

    It does that, too, for whole pages of texts where its memory does not hold which ones of them were found.
    """
    alias = router.db_for_read(SearchText)
    if connections[alias].vendor == "sqlite":
        yield
        return
    with transaction.atomic(alias):
        with connections[alias].cursor() as cursor:
            cursor.execute(
                "SELECT set_config('enable_seqscan', 'off', true), set_config('work_mem', %s, true)",
                [FOUND_MEMORY],
            )
        yield


def _holding(found: Sequence[str], path: str = "") -> Q:
    """Texts, or what leads to them along a path, with all of these runs."""
    untold = [run for run in found if not _is_told_by_tokens(run)]
    return Q((f"{path}tokens__holding", _sought_tokens(found, ANYWHERE))) & _all_in(f"{path}text", untold)


def _is_told_by_tokens(run: str) -> bool:
    """Whether the texts with the tokens of a run are exactly those with the run."""
    return len(run) <= 2 if _IS_HAN.match(run) else len(run) <= TOKEN_MAX


def _sought_tokens(found: Iterable[str], *marks: str) -> Sought:
    """For each run its tokens, behind any one of the marks."""
    return tuple(tuple(_marked(_tokens_of(run), mark) for mark in marks) for run in found)


def _marked(tokens: Iterable[Token], mark: str) -> tuple[Token, ...]:
    return tuple((mark + token, is_start) for token, is_start in tokens)


def latin_words(opportunities: QuerySet[Opportunity]) -> frozenset[str]:
    """The words in Latin letters of some opportunities, without how Han sounds."""
    texts = SearchText.objects.filter(opportunity__in=opportunities).values_list("text", flat=True)
    return frozenset(word for one in texts for word in _LATIN_WORD.findall(one))


def in_a_name(question: str) -> Q:
    """The question stands in a name as it is written, in one piece."""
    found = asked(question)
    whole = " ".join(run for word in words(question) for run in runs(word))
    return Q(searched__tokens__holding=_sought_tokens(found, NAMED)) & Q(searched__name__contains=whole)


def relevance(question: str, path: str = "searched__") -> Case:
    """How well an entry answers: 0 where all of the question is in its name, 1 where some of that is by
    sound, 2 and 3 the same of name, sector and districts together, ``ELSEWHERE`` otherwise."""
    found = asked(question)
    return Case(
        When(_all_in(f"{path}name", found, by_sound=False), then=0),
        When(_all_in(f"{path}name", found), then=1),
        When(_all_in(f"{path}heading", found, by_sound=False), then=2),
        When(_all_in(f"{path}heading", found), then=3),
        default=ELSEWHERE,
    )


def tiers(question: str, headed: Sequence[int]) -> Iterator[tuple[int, Sequence[int]]]:
    """Which of the entries that ``keys_headed`` found answer how well: keys by relevance, the best last.

    Keys of others may be among them.
    """
    found = asked(question)
    if all(_is_told_by_tokens(run) and not is_sound(run) for run in found):
        yield 2, headed
        yield 0, _keys(_sought_tokens(found, NAMED)) if headed else ()
        return
    texts = SearchText.objects.annotate(tier=relevance(question, path=""))
    if len(headed) <= KEYS_ASKED_MAX:
        texts = texts.filter(pk__in=headed)
    else:
        texts = texts.filter(tokens__holding=_sought_tokens(found, NAMED, LABELLED))
    by_tier: dict[int, list[int]] = {}
    for key, tier in texts.values_list("pk", "tier").iterator(CHUNK):
        by_tier.setdefault(tier, []).append(key)
    yield from sorted(by_tier.items(), reverse=True)


def _all_in(part: str, asked_runs: Iterable[str], *, by_sound: bool = True) -> Q:
    return reduce(and_, (_in(part, run, by_sound) for run in asked_runs), Q())


def _in(part: str, run: str, by_sound: bool) -> Q:
    literally = Q((f"{part}__contains", _sought(run)))
    return literally | Q((f"{part}__contains", f"'{run}")) if by_sound and is_sound(run) else literally


def is_sound(run: str) -> bool:
    """Whether a run may be pinyin."""
    return len(run) >= WHOLE_WORD_BELOW and re.fullmatch("[a-z]+", run) is not None


def _sought(run: str) -> str:
    if _IS_HAN.match(run):
        return run
    return f" {run} " if len(run) < WHOLE_WORD_BELOW else f" {run}"


def _tokens_of(run: str) -> tuple[Token, ...]:
    """The tokens that a text with this run holds; with each, whether it is only the start of one."""
    if not _IS_HAN.match(run):
        return ((run[:TOKEN_MAX], len(run) >= WHOLE_WORD_BELOW),)
    if len(run) == 1:
        return ((run, True),)
    return tuple((run[at : at + 2], False) for at in range(len(run) - 1))


# --- the index -----------------------------------------------------------------------------------

# On SQLite a table of its own, which triggers keep; on PostgreSQL an index of the table of texts.
_MADE = {
    "postgresql": [
        # With its true cost and more, or the planner works the tokens of rows out rather than use the index.
        "CREATE FUNCTION opportunities_words_of(tokens text) RETURNS tsvector LANGUAGE plpgsql"
        " IMMUTABLE STRICT PARALLEL SAFE COST 10000"
        " AS 'BEGIN RETURN array_to_tsvector(string_to_array(tokens, '' '')); END'",
        "CREATE INDEX opportunities_words ON opportunities_searchtext"
        " USING gin (opportunities_words_of(tokens))",
    ],
    "sqlite": [
        "CREATE VIRTUAL TABLE opportunities_words USING fts5(tokens, content='opportunities_searchtext',"
        " content_rowid='opportunity_id', tokenize='ascii', detail='none', columnsize=0)",
        "CREATE TRIGGER opportunities_words_added AFTER INSERT ON opportunities_searchtext BEGIN"
        " INSERT INTO opportunities_words(rowid, tokens) VALUES (new.opportunity_id, new.tokens); END",
        "CREATE TRIGGER opportunities_words_removed AFTER DELETE ON opportunities_searchtext BEGIN"
        " INSERT INTO opportunities_words(opportunities_words, rowid, tokens)"
        " VALUES ('delete', old.opportunity_id, old.tokens); END",
        "CREATE TRIGGER opportunities_words_changed AFTER UPDATE OF tokens ON opportunities_searchtext"
        " WHEN old.tokens <> new.tokens BEGIN"
        " INSERT INTO opportunities_words(opportunities_words, rowid, tokens)"
        " VALUES ('delete', old.opportunity_id, old.tokens);"
        " INSERT INTO opportunities_words(rowid, tokens) VALUES (new.opportunity_id, new.tokens); END",
        "INSERT INTO opportunities_words(opportunities_words) VALUES ('rebuild')",
    ],
}
_DROPPED = {
    # It alters no table while checks of foreign keys are still to be made.
    "postgresql": [
        "SET CONSTRAINTS ALL IMMEDIATE",
        "DROP INDEX IF EXISTS opportunities_words",
        "DROP FUNCTION IF EXISTS opportunities_words_of(text)",
        "SET CONSTRAINTS ALL DEFERRED",
    ],
    "sqlite": [
        "DROP TRIGGER IF EXISTS opportunities_words_added",
        "DROP TRIGGER IF EXISTS opportunities_words_removed",
        "DROP TRIGGER IF EXISTS opportunities_words_changed",
        "DROP TABLE IF EXISTS opportunities_words",
    ],
}
_CHECKED = {
    "postgresql": (
        "SELECT count(*) FROM pg_index WHERE indisvalid AND indexrelid = to_regclass('opportunities_words')",
        1,
    ),
    "sqlite": (
        "SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'opportunities_searchtext'",
        3,
    ),
}


_MATCHING = "SELECT rowid FROM opportunities_words WHERE opportunities_words MATCH %s"


def _expression(sought: Sought) -> str:
    """What is sought as FTS5 takes it."""

    def written(token: str, is_start: bool) -> str:
        return f'"{token}"{"*" if is_start else ""}'

    return _composed(sought, " AND ", " OR ", written)


def _composed(sought: Sought, both: str, either: str, written: Callable[[str, bool], str]) -> str:
    return both.join(
        f"({either.join(f'({both.join(written(*one) for one in tokens)})' for tokens in choices)})"
        for choices in sought
    )


@TokensField.register_lookup
class Holding(Lookup):
    """Texts with what is ``Sought``."""

    lookup_name = "holding"
    prepare_rhs = False

    def as_sqlite(self, compiler: Any, connection: BaseDatabaseWrapper) -> tuple[str, tuple[Any, ...]]:
        alias = connection.ops.quote_name(self.lhs.alias)
        return f"{alias}.opportunity_id IN ({_MATCHING})", (_expression(self.rhs),)

    def as_postgresql(self, compiler: Any, connection: BaseDatabaseWrapper) -> tuple[str, tuple[Any, ...]]:
        sought = _composed(
            self.rhs, " & ", " | ", lambda token, is_start: f"'{token}'{':*' if is_start else ''}"
        )
        tokens, params = self.process_lhs(compiler, connection)
        return f"opportunities_words_of({tokens}) @@ %s::tsquery", (*params, sought)


def make_index(connection: BaseDatabaseWrapper) -> None:
    """Build the index over the stored tokens anew. From then on the database keeps it by itself."""
    _run(connection, [*_DROPPED[connection.vendor], *_MADE[connection.vendor]])


def drop_index(connection: BaseDatabaseWrapper) -> None:
    _run(connection, _DROPPED[connection.vendor])


def index_is_true(connection: BaseDatabaseWrapper) -> bool:
    """Whether the index is there, is kept, and holds what the stored tokens say."""
    asked, expected = _CHECKED[connection.vendor]
    with connection.cursor() as cursor:
        cursor.execute(asked)
        if cursor.fetchone() != (expected,):
            return False
    if connection.vendor == "sqlite":
        try:
            with transaction.atomic(connection.alias):
                _run(connection, [_COMPARED])
        except DatabaseError:
            return False
    return True


# PostgreSQL's index cannot differ from its table.
_COMPARED = "INSERT INTO opportunities_words(opportunities_words, rank) VALUES ('integrity-check', 1)"


def _run(connection: BaseDatabaseWrapper, statements: Iterable[str]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


# --- order ---------------------------------------------------------------------------------------


def sort_key(name: str) -> str:
    """A name's place in a sorted list: its pinyin in ASCII, the same on every database."""
    parts = re.split(f"([{HAN}]+)", normalise(name))
    spelt = unicodedata.normalize("NFKD", " ".join(map(_spelt, parts)))
    return " ".join(spelt.encode("ascii", "ignore").decode().split())[:400]


@lru_cache(LINES_KEPT)
def _spelt(run: str) -> str:
    return " ".join(lazy_pinyin(run, style=Style.TONE3, errors="default"))
