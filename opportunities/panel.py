"""The search's panel of filters, ready to print: each value with its numbers and the link that toggles it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.http import QueryDict
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from . import amounts
from .models import Text
from .search.facets import AtLeast
from .search.parameters import IN_CNY_BN
from .search.query import Search
from .search.refusals import Refusal
from .search.saying import NAMES
from .search.scheme import at_least_label
from .templatetags.opportunities import money_text

# In the order of the panel; the first three stand open, the others when something in them is selected.
ORDER = ("region", "bracket", "sector", "district", "cycle", "cooperation", "status")
OPEN = ("region", "bracket", "sector")
# Of long facets only the fullest values are listed at once.
LISTED_MAX = {"district": 8}
RANGE = ("investment_min", "investment_max")
# A page prints some 70 values: as one string each, that takes a tenth of what template nodes take.
ITEM = '<li><a href="{}"{}</a></li>'
SELECTED_ITEM = '<li class="on"><a href="{}"{}</a></li>'
# The data- hooks are for programs that read the page (contract, “Pages”).
NUMBERS = (
    ' data-facet="{}" data-value="{}" data-count="{}" data-investment="{}"><span>{}</span>'
    '<span class="num n">{}</span>{}<span class="vh">{}</span>'
)
NO_NUMBERS = '><span>{}</span><span class="vh">{}</span>'
BAR = (
    '<svg class="bar" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">'
    '<path class="a" d="M0 0h{}v4H0z"/></svg>'
)


@dataclass(frozen=True)
class Value:
    """One value: its item of the list as HTML, and what orders it among the others."""

    html: SafeString
    selected: bool
    count: int = 0


@dataclass(frozen=True)
class Facet:
    """One facet: its lists of values, of which the first is listed at once and a second folded away."""

    name: str
    label: object
    lists: Sequence[Sequence[Value]]
    selected: int
    is_open: bool

    @property
    def size(self) -> int:
        return sum(map(len, self.lists))


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
    investment = _(", investment %(investment)s")
    address = _addresses(search, name)
    values = []
    for one in found:
        said = investment % {"investment": money_text(one.investment)} + _selected(one.selected)
        bar = format_html(BAR, f"{100 * one.investment / most:.1f}") if one.investment else ""
        numbers = format_html(
            NUMBERS, name, one.value, one.count, one.investment, _printed(one.label), one.count, bar, said
        )
        values.append(Value(_item(one.selected, address(one.value), numbers), one.selected, one.count))
    return values


def _plain(search: Search, name: str) -> list[Value]:
    chosen = search.values[name]
    address = _addresses(search, name)
    return [
        Value(
            _item(
                value in chosen,
                address(value),
                format_html(NO_NUMBERS, _printed(label), _selected(value in chosen)),
            ),
            value in chosen,
        )
        for value, label in search.scheme.options[name].items()
    ]


def _item(selected: bool, address: str, numbers: SafeString) -> SafeString:
    return format_html(SELECTED_ITEM if selected else ITEM, address, numbers)


def _printed(label: object) -> object:
    """A label with the language of its text where that is not the page's."""
    return label.marked if isinstance(label, Text) else label


def _addresses(search: Search, name: str) -> Callable[[str], str]:
    """Where a value's link leads; back to the panel, so that the sheet of a phone stays open."""
    path = reverse("opportunities:search")
    query_toggling = search.toggling(name)

    def address(value: str) -> str:
        query = query_toggling(value)
        return f"{path}{'?' if query else ''}{query}#filters"

    return address


def _selected(selected: bool) -> str:
    return f" {_('(selected)')}" if selected else ""


def _facet(search: Search, name: str, values: list[Value]) -> Facet:
    selected = sum(one.selected for one in values)
    label = NAMES.get(name, search.filterset.filters[name].label)
    lists = _lists(values, LISTED_MAX.get(name))
    return Facet(name, label, lists, selected, name in OPEN or bool(selected))


def _lists(values: list[Value], most: int | None) -> list[list[Value]]:
    """The selected and then the fullest values first, the rest in the catalogue's order."""
    if most is None or len(values) <= most:
        return [values]
    selected = [one for one in values if one.selected]
    others = [one for one in values if not one.selected]
    fullest = sorted(others, key=lambda one: -one.count)[: max(0, most - len(selected))]
    listed = [*selected, *fullest]
    return [listed, [one for one in values if one not in listed]]


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
