"""The search's panel of filters, ready to print: each value with its numbers and the link that toggles it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.http import QueryDict
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from . import amounts
from .search.facets import AtLeast, FacetValue
from .search.parameters import IN_CNY_BN
from .search.query import Search
from .search.refusals import Refusal
from .search.saying import NAMES
from .search.scheme import at_least_label

# In the order of the panel; the first three stand open, the others when something in them is selected.
ORDER = ("region", "bracket", "sector", "district", "cycle", "cooperation", "status")
OPEN = ("region", "bracket", "sector")
# Of long facets only the fullest values are listed at once.
LISTED_MAX = {"district": 8}
RANGE = ("investment_min", "investment_max")


@dataclass(frozen=True)
class Value:
    """One value. Its numbers are None on a page that carries none; ``bar`` is a width in percent."""

    value: str
    label: object
    selected: bool
    query: str
    count: int | None = None
    investment: Decimal | None = None
    bar: str = "0"


@dataclass(frozen=True)
class Facet:
    """One facet: the values listed at once, and ``more`` behind a fold."""

    name: str
    label: object
    values: Sequence[Value]
    more: Sequence[Value]
    selected: int
    is_open: bool

    @property
    def size(self) -> int:
        return len(self.values) + len(self.more)


@dataclass(frozen=True)
class Threshold:
    """A cumulative link: opportunities of an investment and more, in place of brackets and range."""

    label: object
    query: str
    is_current: bool
    count: int | None = None


def facets(search: Search) -> list[Facet]:
    """The facets of a search with their numbers."""
    return [_facet(search, name, _counted(search, name)) for name in ORDER]


def facets_without_numbers(search: Search) -> list[Facet]:
    """The facets of a page that found nothing out: values and links alone."""
    return [_facet(search, name, _plain(search, name)) for name in ORDER]


def _counted(search: Search, name: str) -> list[Value]:
    found = search.facets.facets[name]
    most = max((one.investment for one in found), default=Decimal(0))
    return [
        Value(
            one.value,
            one.label,
            one.selected,
            search.query_toggling(name, one.value),
            one.count,
            one.investment,
            _percent(one, most),
        )
        for one in found
    ]


def _percent(one: FacetValue, most: Decimal) -> str:
    return f"{100 * one.investment / most:.1f}" if most else "0"


def _plain(search: Search, name: str) -> list[Value]:
    chosen = search.values[name]
    return [
        Value(value, label, value in chosen, search.query_toggling(name, value))
        for value, label in search.scheme.options[name].items()
    ]


def _facet(search: Search, name: str, values: list[Value]) -> Facet:
    listed, more = _split(values, LISTED_MAX.get(name))
    selected = sum(one.selected for one in values)
    label = NAMES.get(name, search.filterset.filters[name].label)
    return Facet(name, label, listed, more, selected, name in OPEN or bool(selected))


def _split(values: list[Value], most: int | None) -> tuple[list[Value], list[Value]]:
    """The selected and then the fullest values first, the rest in the catalogue's order."""
    if most is None or len(values) <= most:
        return values, []
    selected = [one for one in values if one.selected]
    others = [one for one in values if not one.selected]
    fullest = sorted(others, key=lambda one: -(one.count or 0))[: max(0, most - len(selected))]
    listed = [*selected, *fullest]
    return listed, [one for one in values if one not in listed]


def thresholds(search: Search) -> list[Threshold]:
    """The cumulative links of a search with their counts."""
    return [_threshold(search, found.threshold, found) for found in search.facets.investment_at_least]


def thresholds_without_numbers(search: Search) -> list[Threshold]:
    return [_threshold(search, threshold, None) for threshold in search.scheme.thresholds]


def _threshold(search: Search, threshold: Decimal, found: AtLeast | None) -> Threshold:
    current = search.values["investment_min"] == threshold and search.values["investment_max"] is None
    bound = None if current else threshold
    query = search.query_with(bracket=None, investment_min=bound, investment_max=None)
    return Threshold(at_least_label(threshold), query, current, found.count if found else None)


@dataclass(frozen=True)
class RangeField:
    """A bound of the investment: 亿元 in Chinese, CNY bn in English, under the name that says so."""

    name: str
    value: str
    label: str
    placeholder: str
    refusal: Refusal | None


def range_fields(search: Search, typed: QueryDict, refusals: Iterable[Refusal] = ()) -> list[RangeField]:
    """Both bounds as they were typed, or as the search has them, each with why it was refused."""
    refused = {refusal.parameter: refusal for refusal in refusals}
    if get_language() == "en":
        names = {canonical: in_bn for in_bn, canonical in IN_CNY_BN.items()}
    else:
        names = {name: name for name in RANGE}
    labels = (_("Lowest investment"), _("Highest investment"))
    placeholders = (_("min"), _("max"))
    return [
        RangeField(
            names[bound],
            _as_typed(search, typed, bound, names[bound]),
            label,
            placeholder,
            refused.get(names[bound]) or refused.get(bound),
        )
        for bound, label, placeholder in zip(RANGE, labels, placeholders, strict=True)
    ]


def _as_typed(search: Search, typed: QueryDict, bound: str, name: str) -> str:
    written, canonical = str(typed.get(name, "")), str(typed.get(bound, ""))
    if written:
        return written
    amount = search.values[bound]
    if amount is None:
        try:
            amount = amounts.parse(canonical)
        except ValueError:
            return canonical
    return amounts.shortest(amount if name == bound else amounts.in_cny_bn(amount))
