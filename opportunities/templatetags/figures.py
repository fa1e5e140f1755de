"""Figures as pages print them: bars, shares, phones, further facts, published figures."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from django import template
from django.db.models import Choices
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext, pgettext

from .. import amounts
from ..addresses import search_address
from ..models import Fact
from ..reconciling import Reconciled
from ..search.facets import FacetValue
from ..search.query import Search
from .opportunities import joined

register = template.Library()

MU_PER_HECTARE = Decimal(15)


@register.filter
def largest(values: Iterable[FacetValue]) -> Decimal:
    """The largest investment (亿元) among the values of a facet: what their bars are drawn against."""
    return max((value.investment for value in values), default=Decimal(0))


@register.simple_tag
def bar(amount: Decimal, whole: Decimal) -> SafeString:
    """An ochre bar: an amount as a part of ``whole``. The figure stands beside it."""
    width = 100 * amount / whole if whole else Decimal(0)
    return format_html(
        '<svg class="bar" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">'
        '<rect class="a" width="{}" height="4"/></svg>',
        f"{width:.1f}",
    )


@register.filter
def percent(share: Decimal) -> str:
    """A share as per cent, in its shortest form: ``60 %``."""
    return f"{amounts.shortest(share * 100)} %"


@register.filter
def short_figure(amount: Decimal) -> str:
    """The figure of a published sum or of a chart's label: ``4,972``, in English ``497.2`` (CNY bn)."""
    amount = amounts.in_cny_bn(amount) if get_language() == "en" else amount
    return _with_separators(amount)


@register.filter
def short_money(amount: Decimal) -> SafeString:
    """A sum for people, its figure short and bold, its unit small."""
    return _money(short_figure(amount))


def _money(figure: str) -> SafeString:
    if get_language() == "en":
        return format_html(
            '<span class="money"><small>CNY</small> <b>{}</b> <small>bn</small></span>', figure
        )
    return format_html('<span class="money"><b>{}</b> <small>亿元</small></span>', figure)


@register.filter
def counted(number: int | Decimal) -> SafeString:
    """A number of opportunities, with its counting word where the language has one: ``35 个``."""
    return format_html(pgettext("a number of opportunities", "{number}"), number=f"{number:,.0f}")


@register.filter
def counted_out(number: int) -> SafeString:
    """A number of opportunities that stands alone, with what it counts: ``35 个``, ``35 opportunities``."""
    words = ngettext("{number} <small>opportunity</small>", "{number} <small>opportunities</small>", number)
    return format_html(words, number=f"{number:,}")


@register.filter
def labels(choices: Iterable[Choices]) -> str:
    """The labels of choices in one line."""
    return joined(choice.label for choice in choices)


@register.simple_tag
def within(search: Search, name: str, value: str) -> str:
    """The canonical address of a search narrowed to one value of a facet."""
    return search_address(search.query_with(**{name: [value]}))


@register.filter
def whole(number: int) -> str:
    """A count with separators: ``2,700``."""
    return f"{number:,}"


@register.filter
def quantity(figure: int | Decimal) -> SafeString:
    """A figure of the sheet with its unit: a number of opportunities, or money in 亿元."""
    return short_money(figure) if isinstance(figure, Decimal) else counted(figure)


@register.filter
def quantity_in_column(figure: int | Decimal) -> SafeString:
    """As ``quantity``, the money with its missing decimals as invisible zeros so that points align."""
    return _money(_padded(figure)) if isinstance(figure, Decimal) else counted(figure)


def _padded(amount: Decimal) -> SafeString:
    text = short_figure(amount)
    _whole, point, decimals = text.partition(".")
    missing = ("" if point else ".") + "0" * ((3 if get_language() == "en" else 2) - len(decimals))
    return format_html('{}<span class="pad" aria-hidden="true">{}</span>', text, missing)


@register.filter
def bare(figure: int | Decimal) -> str:
    """A figure of the sheet without its unit: ``161``, ``4,972``, in English ``497.2`` (CNY bn)."""
    return short_figure(figure) if isinstance(figure, Decimal) else whole(figure)


@register.filter
def difference(one: Reconciled) -> str:
    """Computed less published, with its sign: ``+1``, ``−28``; money in the page's unit."""
    sign = "+" if one.difference > 0 else "−"
    size = abs(Decimal(one.difference))
    return sign + (short_figure(size) if one.is_money else whole(int(size)))


@register.filter
def tel(phone: str) -> str:
    """The address that dials a phone number as it is printed."""
    return "tel:" + "".join(character for character in phone if character.isdigit() or character == "+")


@register.filter
def measured(fact: Fact) -> SafeString | str:
    """The number of a further fact with its unit; empty where the fact is words alone."""
    if fact.number is None:
        return ""
    number = _with_separators(fact.number)
    if fact.unit == "亿元":
        english = f"CNY {amounts.format_en(fact.number)} bn"
    elif fact.unit == "亩":
        english = f"{number} mu ({fact.number / MU_PER_HECTARE:,.1f} ha)"
    elif fact.unit == "平方米":
        english = f"{number} m²"
    else:
        english = ""
    if get_language() != "en" or not fact.unit:
        return f"{number} {fact.unit}".strip()
    return english or format_html('{} <span lang="zh-Hans">{}</span>', number, fact.unit)


def _with_separators(number: Decimal) -> str:
    text = f"{number:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
