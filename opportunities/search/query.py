"""``Search``: the one door for page, API and every other reader of the list.

An invalid filter set still hands out every row; behind this door there is no way to forget to ask.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from copy import copy
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote, urlencode

from django.db.models import Count, Q, QuerySet, Sum
from django.http import QueryDict

from .. import amounts
from ..models import Location, Opportunity
from . import facets, parameters, text
from .parameters import CANONICAL, FACETS, FILTERS, PAGE, PLACES, RANGE, SORTS, OpportunityFilterSet
from .refusals import PageNotFound, SearchRefused
from .saying import NAMES, bound_label
from .scheme import Scheme

if TYPE_CHECKING:
    from .ready import Ready

Pairs = list[tuple[str, str]]
# From the lowest and the highest investment (亿元) to a canonical query.
Bounded = Callable[[Decimal | None, Decimal | None], str]
FILTERSET = "the filter set of a scheme"
# Of so many searches the numbers are kept.
NUMBERS_MAX = 100
# So few results are put in order by their keys.
FEW = 1000
EMPTY: tuple[object, ...] = (None, "", [])
# What the form gives for a parameter that is absent; None for the others.
NOTHING: dict[str, Any] = {**{name: [] for name in FACETS}, "q": ""}


@dataclass(frozen=True)
class Condition:
    """One value that narrows a search: what a chip shows and its link removes."""

    parameter: str
    value: str
    name: object
    label: object


class Numbers(NamedTuple):
    """What a search finds: its facets and the keys in its usual order; of a large list the largest first,
    as far as they were asked for."""

    facets: facets.Facets
    keys: list[int]


class Search:
    """A valid search of one edition. Made by ``from_query`` alone."""

    def __init__(self, filterset: OpportunityFilterSet) -> None:
        self.filterset = filterset
        self.scheme = filterset.scheme
        self.values: dict[str, Any] = filterset.form.cleaned_data

    @classmethod
    def from_query(
        cls, query: QueryDict, accepts: Sequence[str] = PAGE, current: Scheme | None = None
    ) -> Search:
        """The search that a query string asks for.

        ``accepts`` are the names that the caller takes; ``current`` is the scheme of the current edition,
        or of the one asked for, where the caller has it at hand. Raises SearchRefused with every reason,
        and NoEdition when nothing was loaded yet.
        """
        filterset = bound(query, accepts, current)
        form = filterset.form
        if not form.is_valid():
            raise SearchRefused(form.refusals())
        return cls(filterset)

    @classmethod
    def everything(cls) -> Search:
        """The current edition without any filter."""
        return cls.from_query(QueryDict())

    def having(self, **changes: Any) -> Search:
        """This search with other values, each as the form would give it; back on the first page.

        None removes a parameter.
        """
        filterset = copy(self.filterset)
        filterset._form = copy(self.filterset.form)
        filterset.form.cleaned_data = self._with(changes)
        return Search(filterset)

    def _with(self, changes: dict[str, Any]) -> dict[str, Any]:
        given = {name: NOTHING.get(name) if value is None else value for name, value in changes.items()}
        return {**self.values, "page": None, **given}

    # --- what it finds ---------------------------------------------------------------------------

    @cached_property
    def matching(self) -> QuerySet[Opportunity]:
        """The opportunities found, each once, in no order."""
        return self.filterset.filter_queryset(self.filterset.queryset)

    @property
    def results(self) -> QuerySet[Opportunity]:
        """The opportunities found, in a total order, the same on every database."""
        return self.matching.order_by(*self._order)

    @property
    def _order(self) -> list[Any]:
        best = [text.relevance(self.values["q"])] if self.values["q"] and self.sort == "relevance" else []
        return [*best, *SORTS[self.sort][1]]

    @cached_property
    def ready(self) -> Ready | None:
        """What is kept ready of a large edition; None where everything is counted live."""
        if not self.scheme.is_large:
            return None
        from .ready import Ready  # with numpy, which small lists do without

        return Ready(self.values, self.scheme)

    @cached_property
    def _totals(self) -> tuple[int, Decimal]:
        if self.ready:
            return self.ready.total.count, amounts.from_cents(self.ready.total.money)
        found = self.matched_locations.aggregate(
            count=Count("opportunity", distinct=True), investment=Sum("investment")
        )
        return found["count"], amounts.two_places(found["investment"])

    @property
    def matched_locations(self) -> QuerySet[Location]:
        """The locations of the results that meet the search's places: what its money is summed over.

        The places are asked of them alone: asked of the results as well, PostgreSQL takes the second
        condition for a further one and expects so few rows that it joins them one by one.
        """
        anywhere = self.filterset.filter_queryset(self.filterset.queryset, without=PLACES)
        return Location.objects.filter(self.filterset.places(), opportunity__in=anywhere)

    @property
    def count(self) -> int:
        return self._totals[0]

    @property
    def total_investment(self) -> Decimal:
        """亿元 of the matching locations."""
        return self._totals[1]

    @cached_property
    def _numbers(self) -> Numbers:
        """What is found, kept by revision and filters: pages, orders and views of a search have the same."""
        kept = self.scheme.numbers
        filters = self.query_for(FILTERS)
        numbers = kept.get(filters)
        if numbers is None:
            if len(kept) >= NUMBERS_MAX:
                kept.clear()
            kept[filters] = numbers = self._counted()
        return numbers

    def _counted(self) -> Numbers:
        if self.ready:
            return Numbers(self.ready.facets, [])
        counts = facets.count(self.filterset)
        return Numbers(facets.of_counts(counts, self.scheme, self.values), counts.keys)

    @property
    def facets(self) -> facets.Facets:
        return self._numbers.facets

    def matched_investment(self, opportunity: Opportunity) -> Decimal:
        """What of an opportunity's investment (亿元) lies in the places searched."""
        regions, districts = self.values["region"], self.values["district"]
        if not regions and not districts:
            return opportunity.investment
        return sum(
            (
                location.investment
                for location in opportunity.locations.all()
                if (not regions or location.district.region.slug in regions)
                and (not districts or location.district.code in districts)
            ),
            Decimal("0.00"),
        )

    # --- its page --------------------------------------------------------------------------------

    @property
    def sort(self) -> str:
        return self.values["sort"] or self.default_sort

    @property
    def default_sort(self) -> str:
        return "relevance" if self.values["q"] else parameters.DEFAULT_SORT

    @property
    def view(self) -> str:
        return self.values["view"] or "list"

    @property
    def page(self) -> int:
        return self.values["page"] or 1

    @property
    def page_size(self) -> int:
        return self.values["page_size"] or parameters.PAGE_SIZE

    def last_page(self, count: int) -> int:
        return max(1, -(-count // self.page_size))

    def check_page(self, count: int) -> None:
        """Raises PageNotFound where ``count`` results do not reach this page."""
        if self.page > self.last_page(count):
            raise PageNotFound(self.page, self.last_page(count))

    def rows(self, count: int) -> list[Opportunity]:
        """The results of this page, out of ``count`` in all. Raises PageNotFound past the end."""
        if not self.ready:
            return self.scheme.rows(self._on_page(self.results, count))
        keys = self.keys(count)
        return _in_order(self.scheme.rows(Opportunity.objects.public().with_keys(keys)), keys)

    def keys(self, count: int) -> list[int]:
        """The keys of the rows of this page. Raises PageNotFound past the end."""
        self.check_page(count)
        end = min(count, self.page * self.page_size)
        if not self.ready and self.sort == self.default_sort:
            return self._numbers.keys[self._start : end]
        if self.ready and self.sort == parameters.DEFAULT_SORT:
            return self._largest(self.ready, end)[self._start : end]
        if self.ready and self.sort == "relevance":
            best = self.ready.most_relevant if self.values["q"] else self.ready.largest
            return best(end)[self._start :]
        results = self.results
        if self.ready and count <= FEW:
            results = Opportunity.objects.filter(pk__in=self.ready.largest(count)).order_by(*self._order)
        return list(self._on_page(results.values_list("pk", flat=True), count))

    def _largest(self, ready: Ready, end: int) -> list[int]:
        """The keys of the results with the largest investments, at least as far as ``end``."""
        numbers = self.scheme.numbers.get(self.query_for(FILTERS))
        if numbers is None:
            return ready.largest(end)
        if len(numbers.keys) < end:
            numbers.keys[:] = ready.largest(end)
        return numbers.keys

    def _on_page(self, results: QuerySet[Any, Any], count: int) -> QuerySet[Any, Any]:
        self.check_page(count)
        return results[self._start : self._start + self.page_size] if count else results.none()

    @property
    def _start(self) -> int:
        return (self.page - 1) * self.page_size

    # --- all of it -------------------------------------------------------------------------------

    def chunks(self, size: int) -> Iterator[list[Opportunity]]:
        """All results in order, ``size`` at a time, each with its parts and its contacts.

        Which ones and in what order is read at once, as keys alone (8 bytes each), so that the list is
        that of one moment however slowly it is taken; nothing is held open in the database meanwhile.
        What is withdrawn before its turn comes is left out.
        """
        keys = array("q", self.results.values_list("pk", flat=True).iterator())
        whole = Opportunity.objects.public().prefetch_related("contacts")
        pieces = (keys[start : start + size] for start in range(0, len(keys), size))
        return (_in_order(self.scheme.rows(whole.with_keys(piece)), piece) for piece in pieces)

    # --- its address -----------------------------------------------------------------------------

    @cached_property
    def canonical_pairs(self) -> Pairs:
        return canonical_pairs(self.values, self.scheme)

    @property
    def canonical_query(self) -> str:
        return encoded(self.canonical_pairs)

    def query_with(self, **changes: Any) -> str:
        """The canonical query of this search with other values; back on the first page.

        A list or a scalar replaces a parameter, None removes it.
        """
        return encoded(canonical_pairs(self._with(changes), self.scheme))

    def query_for(self, accepts: Container[str]) -> str:
        """The canonical query for a caller that takes these names alone; the others are left out."""
        return encoded(pair for pair in self.canonical_pairs if pair[0] in accepts)

    def toggling(self, name: str) -> Callable[[str], str]:
        """For one facet: from a value to the canonical query with it selected, or no longer.

        All but the facet's own values is written once, since a page asks for every value of a facet.
        """
        with_own = self._around(name)
        chosen = set(self.values[name])
        return lambda value: with_own([(name, one) for one in sorted(chosen ^ {value})])

    def bounding(self) -> Bounded:
        """From bounds of the investment to the canonical query with them in place of bracket and range.

        All else is written once, since a page asks for every step of its histogram.
        """
        with_own = self._around("bracket", *RANGE)

        def query(*bounds: Decimal | None) -> str:
            given = zip(RANGE, bounds, strict=True)
            return with_own([(name, written(bound)) for name, bound in given if bound is not None])

        return query

    def choosing(self, name: str) -> Callable[[Any], str]:
        """For a parameter of one value: from a value to the canonical query with it.

        For any but the page itself that is back on the first one. All else is written once.
        """
        with_own = self._around(name)
        default = _defaults(self.values, self.scheme).get(name)
        return lambda value: with_own([] if value == default else [(name, written(value))])

    def _around(self, *names: str) -> Callable[[Pairs], str]:
        """From pairs of names that are neighbours in a canonical query to the query with these pairs alone
        in their place, back on the first page."""
        first, last = CANONICAL.index(names[0]), CANONICAL.index(names[-1])
        pairs = canonical_pairs({**self.values, "page": None}, self.scheme)
        before = encoded(pair for pair in pairs if CANONICAL.index(pair[0]) < first)
        after = encoded(pair for pair in pairs if CANONICAL.index(pair[0]) > last)
        return lambda own: "&".join(filter(None, (before, encoded(own), after)))

    def query_toggling(self, name: str, value: str) -> str:
        """The canonical query with one value of a facet selected, or no longer."""
        return self.toggling(name)(value)

    # --- saying itself ---------------------------------------------------------------------------

    @property
    def conditions(self) -> Iterator[Condition]:
        """What narrows this search, one by one, in the contract's order."""
        for name, filter_ in self.filterset.filters.items():
            if name in ("sort", "edition") or self.values[name] in EMPTY:
                continue
            label = NAMES.get(name, filter_.label)
            if name in FACETS:
                for value in self.values[name]:
                    yield Condition(name, value, label, self.scheme.options[name][value])
            else:
                value = self.values[name]
                yield Condition(name, written(value), label, bound_label(name, value))

    def query_without(self, condition: Condition) -> str:
        if condition.parameter in FACETS:
            return self.query_toggling(condition.parameter, condition.value)
        return self.query_with(**{condition.parameter: None})


def counts(searches: Sequence[Search]) -> list[int]:
    """How many opportunities each of several searches of one edition finds. One query."""
    if not searches:
        return []
    if searches[0].ready:
        return [search.count for search in searches]
    found = searches[0].filterset.queryset.aggregate(
        **{
            f"search_{number}": Count("pk", filter=Q(pk__in=search.matching.values("pk")))
            for number, search in enumerate(searches)
        }
    )
    return list(found.values())


def bound(
    query: QueryDict, accepts: Sequence[str] = PAGE, current: Scheme | None = None
) -> OpportunityFilterSet:
    """The filter set of a query string, valid or not; for whoever shows the form again."""
    data = parameters.given(query, accepts)
    edition = data.get("edition")
    scheme = current or Scheme.of()
    if edition and edition != scheme.edition.code and edition in scheme.editions:
        scheme = Scheme.of(edition)
    if FILTERSET not in scheme.kept:
        public = Opportunity.objects.public().in_edition(scheme.edition)
        scheme.kept[FILTERSET] = OpportunityFilterSet(QueryDict(), public, scheme=scheme)
    filterset: OpportunityFilterSet = scheme.kept[FILTERSET].of(data)
    filterset.form.accepts = accepts
    return filterset


def _in_order(opportunities: Iterable[Opportunity], keys: Iterable[int]) -> list[Opportunity]:
    found = {one.pk: one for one in opportunities}
    return [found[key] for key in keys if key in found]


def _defaults(values: dict[str, Any], scheme: Scheme) -> dict[str, Any]:
    """What a search has for the parameters of one value where they are absent."""
    return {
        "sort": "relevance" if values.get("q") else parameters.DEFAULT_SORT,
        "view": "list",
        "page": 1,
        "page_size": parameters.PAGE_SIZE,
        "edition": scheme.edition.code if scheme.is_current else None,
    }


def canonical_pairs(values: dict[str, Any], scheme: Scheme) -> Pairs:
    """Names in the contract's order, values sorted, defaults left out, amounts in their shortest form."""
    left_out = _defaults(values, scheme)
    pairs: Pairs = []
    for name in CANONICAL:
        value = values.get(name)
        if value in EMPTY or value == left_out.get(name):
            continue
        if name == "sort" and value == "relevance" and not values.get("q"):
            continue
        if isinstance(value, list):
            pairs.extend((name, one) for one in sorted(value))
        else:
            pairs.append((name, written(value)))
    return pairs


def encoded(pairs: Iterable[tuple[str, str]]) -> str:
    return "&".join(_encoded(*pair) for pair in pairs)


@lru_cache(4096)
def _encoded(name: str, value: str) -> str:
    # A page has a hundred links to searches, most of them of the same values.
    return urlencode({name: value}, quote_via=quote)


def written(value: Any) -> str:
    """A value as an address carries it."""
    return amounts.shortest(value) if isinstance(value, Decimal) else str(value)
