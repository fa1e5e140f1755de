"""A search in words: its parameters and values as chips and titles write them."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from ..amounts import format_en, format_zh, shortest
from ..models import Text
from .scheme import at_least_label

if TYPE_CHECKING:
    from .query import Search

# Several parameters stand under one name for people.
NAMES = {
    "q": gettext_lazy("Keywords"),
    "bracket": gettext_lazy("Investment"),
    "investment_min": gettext_lazy("Investment"),
    "investment_max": gettext_lazy("Investment"),
    "cycle_min": gettext_lazy("Construction period"),
    "cycle_max": gettext_lazy("Construction period"),
}


def bound_label(name: str, value: Any) -> object:
    """One value of a parameter that is no facet: “12 亿元及以上”, “up to 24 months”, “电池”."""
    if name == "investment_min":
        return at_least_label(value)
    if name == "cycle_min":
        return _("%(value)s or more") % {"value": bound_value(name, value)}
    if name in ("investment_max", "cycle_max"):
        return _("up to %(value)s") % {"value": bound_value(name, value)}
    return str(value)


def bound_value(name: str, value: Decimal) -> object:
    """A bound of a range with its unit: “12 亿元”, “CNY 1.2 bn”, “24 months”."""
    if name.startswith("investment"):
        return Text(f"{shortest(value)} 亿元", f"CNY {format_en(value)} bn")
    return in_months(int(value))


def in_months(count: int) -> str:
    """A duration: “24 months”."""
    return ngettext("%(months)s month", "%(months)s months", count) % {"months": count}


def range_label(name: str, lower: Decimal, upper: Decimal) -> object:
    """A range with its unit: “100–120 亿元”, “CNY 10.0–12.0 bn”, “12–24 months”."""
    if name.startswith("investment"):
        return Text(
            f"{shortest(lower)}–{shortest(upper)} 亿元", f"CNY {format_en(lower)}–{format_en(upper)} bn"
        )
    return _("%(lower)s–%(upper)s months") % {"lower": lower, "upper": upper}


def either(labels: Iterable[object]) -> str:
    """Values of one parameter, any of which will do."""
    return pgettext("between values any of which will do", " or ").join(map(str, labels))


def sentence(search: Search) -> str:
    """The search in one sentence, in the active language: the title of whatever shows it."""
    asked = _asked(search)
    if not asked:
        return _("Find investment opportunities")
    return _("Opportunities: %(conditions)s") % {"conditions": asked}


def summary(search: Search) -> str:
    """What a search finds, how many and for how much, as whoever has not opened it yet is told."""
    count, total = search.facets.count, search.facets.total_investment
    found = ngettext(
        "%(number)s investment opportunity in %(place)s, %(money)s in all",
        "%(number)s investment opportunities in %(place)s, %(money)s in all",
        count,
    ) % {
        "number": f"{count:,}",
        "place": search.scheme.edition.catalogue.place,
        "money": Text(f"{format_zh(total)} 亿元", f"CNY {format_en(total)} bn"),
    }
    asked = _asked(search)
    if not asked:
        return _("%(found)s.") % {"found": found}
    return _("%(found)s: %(conditions)s.") % {"found": found, "conditions": asked}


def _asked(search: Search) -> str:
    """The conditions of a search in one line; empty when nothing narrows it."""
    parts = [
        either(condition.label for condition in conditions)
        for _parameter, conditions in groupby(search.conditions, attrgetter("parameter"))
    ]
    return pgettext("between the conditions of a search", "; ").join(parts)
