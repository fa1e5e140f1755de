"""The search's list, ready to print: its chips, sorts, views and pages, each with its link."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from django.db.models import prefetch_related_objects
from django.template.loader import get_template
from django.urls import get_script_prefix, reverse
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from . import exporting
from .addresses import with_query
from .models import Opportunity
from .search import text
from .search.asking import Interpretation, interpret
from .search.parameters import DEPTH_MAX, EXPORT, FACETS, FEED, PAGE_SIZE, SORTS, VIEWS
from .search.query import Pairs, Search
from .search.refusals import SearchRefused
from .search.saying import either, sentence

# Pages listed on both sides of the current one, beside the first and the last.
AROUND = 2
NAMED_MAX = 3
ROW = {"list": "opportunities/_result.html", "table": "opportunities/_table_row.html"}
# Rows of 2 KB each.
DRAWN_MAX = 5000
NOTHING_TYPED: Mapping[tuple[str, str], str] = MappingProxyType({})

# The table's columns that have an order, with their orders as ``sort`` has them, the usual one first.
COLUMN_SORTS = {"name": ("name",), "investment": ("-investment", "investment"), "cycle": ("cycle", "-cycle")}


@dataclass(frozen=True)
class Link:
    label: object
    query: str
    is_current: bool


@dataclass(frozen=True)
class Export:
    """A way to take the whole search along."""

    label: object
    address: str


@dataclass(frozen=True)
class Head:
    """A head of the table: the query it leads to, and the direction it sorts now (``aria-sort``)."""

    query: str
    direction: str


@dataclass(frozen=True)
class Chip:
    """One condition; ``query`` is that of the search without it, ``typed`` the words it was read from."""

    name: object
    label: object
    query: str
    typed: str = ""


@dataclass(frozen=True)
class Understanding:
    """What of a search was read from a question, and the ways on if it was misread.

    ``typed`` has the words behind each parameter and value; ``literal`` is the query that searches for the
    question as it stands, with how many it finds, None where it has too many words for that. ``speaks_of``
    are the parameters that it gives, where asking it again gives this very search; None where it does not.
    """

    question: str
    typed: Mapping[tuple[str, str], str]
    literal: tuple[str, int] | None
    suggestions: Sequence[tuple[object, str]]
    speaks_of: set[str] | None


@dataclass(frozen=True)
class Pages:
    """The pages of a list: ``links`` with None where some are left out, ``first`` and ``last`` row shown."""

    first: int
    last: int
    links: list[Link | None]
    previous: str | None
    next: str | None


def title(search: Search) -> str:
    """The page's title: the search in one sentence, and which page of it."""
    words = sentence(search)
    if search.page == 1:
        return words
    return _("%(search)s, page %(page)s") % {"search": words, "page": search.page}


def is_for_search_engines(search: Search) -> bool:
    """Whether a search is worth a search engine's while: one value of a facet at most, as it first stands.

    Words and ranges have no end, and an order or a view shows the same opportunities again; further
    pages of a list lead to what stands there alone.
    """
    conditions = [condition.parameter for condition in search.conditions]
    return (
        len(conditions) <= 1
        and set(conditions) <= set(FACETS)
        and search.sort == search.default_sort
        and (search.view, search.page_size) == ("list", PAGE_SIZE)
    )


def place(search: Search) -> str:
    """Where the search looks, for the heading; empty when it looks everywhere."""
    for name in ("district", "region"):
        chosen = search.values[name]
        if chosen and len(chosen) <= NAMED_MAX:
            return either(search.scheme.options[name][value] for value in chosen)
        if chosen:
            return ngettext("%(number)s place", "%(number)s places", len(chosen)) % {"number": len(chosen)}
    return ""


def chips(search: Search, typed: Mapping[tuple[str, str], str] = NOTHING_TYPED) -> list[Chip]:
    return [
        Chip(one.name, one.label, search.query_without(one), typed.get((one.parameter, one.value), ""))
        for one in search.conditions
    ]


def understanding(search: Search, question: str) -> Understanding | None:
    """How a search was read from the question that led to it; None where nothing of it was.

    What a mistyped word may mean stands here only where something is found; where nothing is, it stands
    among the relaxations, with what it finds.
    """
    if not question:
        return None
    try:
        read = interpret(question, search.scheme)
    except SearchRefused:
        return None
    found = {(one.parameter, one.value) for one in search.conditions}
    typed = {
        (one.parameter, one.value): one.text
        for one in read.explanation
        if (one.parameter, one.value) in found
    }
    suggestions = read.suggestions if search.facets.count else []
    # Of a long question that gives no parameter, words alone may be left.
    is_read = bool(typed) or (
        not read.explanation and read.words == search.values["q"] != text.legible(question)
    )
    if not is_read and not suggestions:
        return None
    return Understanding(
        question=question if is_read else "",
        typed=typed,
        literal=_literal(search, question, read) if is_read else None,
        suggestions=[(search.scheme.options[one.parameter][one.value], one.question) for one in suggestions],
        speaks_of=set(read.values) if is_read and _is_the_same(read.applied_to(search), search) else None,
    )


def _is_the_same(one: Search, other: Search) -> bool:
    """Whether two searches are the same but for the page."""
    return one.having().canonical_query == other.having().canonical_query


def _literal(search: Search, question: str, read: Interpretation) -> tuple[str, int] | None:
    words = " ".join(question.split())
    if len(text.words(words)) > text.WORDS_MAX:
        return None
    literal = search.having(**{**dict.fromkeys(read.values), "q": words})
    return literal.canonical_query, literal.count


def cleared(search: Search) -> str:
    """The query of the search without any condition; edition, order and view stay."""
    return search.query_with(**dict.fromkeys((one.parameter for one in search.conditions), None))


def sorts(search: Search) -> list[Link]:
    query = search.choosing("sort")
    return [
        Link(capfirst(str(label)), query(value), value == search.sort)
        for value, (label, _order) in SORTS.items()
        if value != "relevance" or search.values["q"]
    ]


def order(search: Search) -> str:
    """What the list is sorted by, in words."""
    return capfirst(SORTS[search.sort][0])


def heads(search: Search) -> dict[str, Head]:
    """The heads of the table that sort it, each by the column's other order when it has one already."""
    query, found = search.choosing("sort"), {}
    for column, orders in COLUMN_SORTS.items():
        current = search.sort in orders
        following = orders[-1] if search.sort == orders[0] else orders[0]
        direction = "descending" if search.sort.startswith("-") else "ascending"
        found[column] = Head(query(following), direction if current else "")
    return found


def views(search: Search) -> list[Link]:
    return [
        Link(label, search.query_with(view=value, page=search.page), value == search.view)
        for value, label in VIEWS.items()
    ]


def exports(search: Search) -> list[Export]:
    """CSV and feed; a workbook too, unless there are more rows than it takes."""
    query = search.query_for(EXPORT)
    links = [Export(_("CSV file"), with_query(reverse("opportunities:export-csv"), query))]
    if search.facets.count <= exporting.ROWS_MAX:
        links.append(Export(_("Excel workbook"), with_query(reverse("opportunities:export-xlsx"), query)))
    feed = with_query(reverse("opportunities:feed"), search.query_for(FEED))
    return [*links, Export(_("Follow by feed (Atom)"), feed)]


def hidden(search: Search, without: Container[str]) -> Pairs:
    """What a form of this page carries along: the search, but for its own fields and the page."""
    return [(name, value) for name, value in search.canonical_pairs if name not in without and name != "page"]


def rows(search: Search) -> list[SafeString]:
    """The rows of this page as HTML. Raises PageNotFound past the end.

    A row is the same in every search for the same words and places until something is published, so it is
    drawn once.
    """
    words = search.values["q"]
    places = (*search.values["region"], *search.values["district"])
    look = (search.view, get_language(), get_script_prefix(), _is_of_one_sector(search), words, places)
    kept = search.scheme.rows_drawn
    keys = search.keys(search.facets.count)
    drawn = {key: kept.get((look, key)) for key in keys}
    missing = [key for key, row in drawn.items() if row is None]
    found = search.scheme.rows(Opportunity.objects.public().with_keys(missing)) if missing else []
    if words:
        prefetch_related_objects(found, "contacts")  # an excerpt may be of the unit's name
    template = get_template(ROW[search.view])
    for opportunity in found:
        if len(kept) >= DRAWN_MAX:
            kept.clear()
        row = template.render(
            {
                "opportunity": opportunity,
                "search": search,
                "hide_seal": _is_of_one_sector(search),
                # Of other lists alone; a template takes its time to find out that there is none.
                "beside": False,
                "why": "",
            }
        )
        drawn[opportunity.pk] = kept[look, opportunity.pk] = row
    return [row for row in drawn.values() if row is not None]


def _is_of_one_sector(search: Search) -> bool:
    return len(search.values["sector"]) == 1


def pages(search: Search, count: int) -> Pages:
    end = min(search.last_page(count), DEPTH_MAX // search.page_size)
    current = search.page
    query = search.choosing("page")
    numbers = {1, end, *range(current - AROUND, current + AROUND + 1)}
    links: list[Link | None] = []
    before = 0
    for number in sorted(number for number in numbers if 1 <= number <= end):
        if number > before + 1:
            links.append(None)
        links.append(Link(number, query(number), number == current))
        before = number
    first = (current - 1) * search.page_size
    return Pages(
        first=first + 1,
        last=min(first + search.page_size, count),
        links=links,
        previous=query(current - 1) if current > 1 else None,
        next=query(current + 1) if current < end else None,
    )
