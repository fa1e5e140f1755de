"""The search's panel of filters, ready to print: each value with its numbers and the link that toggles it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from html import escape
from typing import NamedTuple

from django.http import QueryDict
from django.urls import get_script_prefix
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from . import amounts
from .addresses import search_address, with_query
from .models import Text
from .search.facets import AtLeast
from .search.parameters import IN_CNY_BN, RANGE
from .search.query import Bounded, Search
from .search.refusals import Refusal
from .search.saying import NAMES
from .search.scheme import Scheme, at_least_label
from .templatetags.opportunities import money_in_words

# In the order of the panel; the first three stand open, the others when something in them is selected.
ORDER = ("region", "bracket", "sector", "district", "cycle", "cooperation", "status")
OPEN = ("region", "bracket", "sector")
# Of long facets only the fullest values are listed at once.
LISTED_MAX = {"district": 8}
# How the page's language writes an amount, by whether that is English.
FIGURES = (amounts.format_zh, amounts.format_en)
# A page prints some 70 values: as one string each, that takes a tenth of what template nodes take, and
# what a revision does not change in it is put together once. The data- hooks are for programs that read
# the page (contract, “Pages”).
ITEM = (
    '<li{{}}><a href="{path}{{}}#filters" data-facet="{facet}" data-value="{value}" data-count="{{}}"'
    ' data-investment="{{}}"><span>{label}</span><span class="num n">{{}}</span>{{}}'
    '<span class="vh">{said}{{}}</span></a></li>'
)
PLAIN_ITEM = '<li{}><a href="{}#filters"><span>{}</span><span class="vh">{}</span></a></li>'
ON = format_html(' class="{}"', "on")
BAR = (
    '<svg class="bar" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">'
    '<path class="a" d="M0 0h{:.1f}v4H0z"/></svg>'
)


class Value(NamedTuple):
    """One value: its item of the list as HTML, and what orders it among the others."""

    html: str
    is_selected: bool
    found: int = 0


@dataclass(frozen=True)
class Facet:
    """One facet: the items that are listed at once and those folded away, as HTML.

    There are ``size`` of them, ``selected`` of which are chosen.
    """

    name: str
    label: object
    listed: SafeString
    folded: SafeString
    size: int
    selected: int
    is_open: bool


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
    patterns = _patterns(search.scheme, name)
    query = search.toggling(name)
    chosen = conditional_escape(_selected())
    figure = FIGURES[get_language() == "en"]
    values = []
    for one in found:
        html = patterns[one.value].format(
            ON if one.selected else "",
            escape(with_query("", query(one.value))),
            one.count,
            one.investment,
            one.count,
            BAR.format(100 * one.investment / most) if one.investment else "",
            figure(one.investment),
            chosen if one.selected else "",
        )
        values.append(Value(html, one.selected, one.count))
    return values


def _patterns(scheme: Scheme, name: str) -> Mapping[str, str]:
    """For each value of a facet its item as HTML, with places for what a search puts into it."""
    look = ("patterns", name, get_language(), get_script_prefix())
    if look not in scheme.kept:
        said = _(", investment %(investment)s") % {"investment": money_in_words("{}")}
        scheme.kept[look] = {
            value: format_html(
                ITEM,
                path=search_address(),
                facet=name,
                value=_literal(value),
                label=_literal(_printed(label)),
                said=said,
            )
            for value, label in scheme.options[name].items()
        }
    return scheme.kept[look]


def _literal(text: object) -> SafeString:
    """A text as HTML in a pattern, where braces would be places."""
    return SafeString(conditional_escape(text).replace("{", "{{").replace("}", "}}"))


def _plain(search: Search, name: str) -> list[Value]:
    query = search.toggling(name)
    values = []
    for value, label in search.scheme.options[name].items():
        is_selected = value in search.values[name]
        on, said = (ON, _selected()) if is_selected else ("", "")
        html = format_html(PLAIN_ITEM, on, search_address(query(value)), _printed(label), said)
        values.append(Value(html, is_selected))
    return values


def _printed(label: object) -> object:
    """A label with the language of its text where that is not the page's."""
    return label.marked if isinstance(label, Text) else label


def _selected() -> str:
    return f" {_('(selected)')}"


def _facet(search: Search, name: str, values: list[Value]) -> Facet:
    label = NAMES.get(name, search.filterset.filters[name].label)
    selected = sum(one.is_selected for one in values)
    listed, folded = (
        SafeString("".join(one.html for one in own)) for own in _lists(values, LISTED_MAX.get(name))
    )
    return Facet(name, label, listed, folded, len(values), selected, name in OPEN or bool(selected))


def _lists(values: list[Value], most: int | None) -> tuple[list[Value], list[Value]]:
    """The selected and then the fullest values first, the rest in the catalogue's order."""
    if most is None or len(values) <= most:
        return values, []
    places = range(len(values))
    selected = [place for place in places if values[place].is_selected]
    others = [place for place in places if not values[place].is_selected]
    fullest = sorted(others, key=lambda place: -values[place].found)[: max(0, most - len(selected))]
    listed = [*selected, *fullest]
    return [values[place] for place in listed], [values[place] for place in places if place not in listed]


def thresholds(search: Search) -> list[Threshold]:
    """The cumulative links of a search with their counts."""
    query = search.bounding()
    return [_threshold(search, query, one.threshold, one) for one in search.facets.investment_at_least]


def thresholds_without_numbers(search: Search) -> list[Threshold]:
    query = search.bounding()
    return [_threshold(search, query, threshold, None) for threshold in search.scheme.thresholds]


def _threshold(search: Search, query: Bounded, threshold: Decimal, found: AtLeast | None) -> Threshold:
    current = search.values["investment_min"] == threshold and search.values["investment_max"] is None
    leads_to = query(None if current else threshold, None)
    return Threshold(at_least_label(threshold), leads_to, current, found.count if found else None)


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
