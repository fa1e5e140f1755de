"""What pages of opportunities print again and again: money, seals, states, links to searches."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache
from html import escape
from typing import Any, NamedTuple, Protocol

from django import template
from django.utils.formats import date_format
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import get_language, gettext, gettext_lazy, pgettext, pgettext_lazy

from .. import amounts
from ..addresses import search_address, with_query
from ..models import CooperationForm, Opportunity, Sector, Text
from ..search.parameters import FACETS
from ..search.query import Search, canonical_pairs, encoded
from ..search.refusals import Refusal, shown
from ..search.saying import in_months

register = template.Library()

# Between the parts of a list and around a region's short name, as each script writes them.
COMMA = pgettext_lazy("between the items of a list", ", ")
REGION_BEFORE = pgettext_lazy("before a district", "{regions}: ")
SLASH = pgettext_lazy("between regions", "/")


def _english() -> bool:
    return get_language() == "en"


# --- money ---------------------------------------------------------------------------------------


@register.filter
def figure(amount: Decimal) -> str:
    """The bare figure of an amount in 亿元: ``18.25``, in English ``1.825`` (CNY bn)."""
    return amounts.format_en(amount) if _english() else amounts.format_zh(amount)


@register.filter
def money_text(amount: Decimal) -> str:
    """An amount in 亿元 as plain text, for titles and attributes: ``18.25 亿元``, ``CNY 1.825 bn``."""
    return money_in_words(figure(amount))


def money_in_words(figure: str) -> str:
    """The figure of an amount with its unit."""
    return f"CNY {figure} bn" if _english() else f"{figure} 亿元"


MONEY_ZH = '<span class="money"><b>{}</b> <small>亿元</small></span>'
MONEY_EN = '<span class="money"><small>CNY</small> <b>{}</b> <small>bn</small></span>'


@register.filter
def money(amount: Decimal) -> SafeString:
    """An amount in 亿元 for people: the figure bold, the unit small, never broken apart."""
    # Of digits alone, there is nothing to escape.
    return SafeString((MONEY_EN if _english() else MONEY_ZH).format(figure(amount)))


@register.filter
def money_in_column(amount: Decimal) -> SafeString:
    """The figure of an amount, its missing decimals kept as invisible zeros so that points align."""
    text = figure(amount)
    missing = (3 if _english() else 2) - len(text.partition(".")[2])
    pad = format_html('<span class="pad" aria-hidden="true">{}</span>', "0" * missing) if missing else ""
    return format_html("<b>{}{}</b>", text, pad)


@register.filter
def hook(amount: Decimal) -> str:
    """An amount for programs that read the page, as the API writes it: ``1089.62``."""
    return f"{amounts.two_places(amount)}"


# --- dates ---------------------------------------------------------------------------------------


@register.filter
def long_date(day: date) -> str:
    """A day in running text: ``2024 年 4 月 10 日``, ``10 April 2024``."""
    return date_format(day, pgettext("format of a day in running text", "j F Y"), use_l10n=False)


# --- marks ---------------------------------------------------------------------------------------


@register.simple_tag
def seal(sector: Sector, variant: str = "") -> SafeString:
    """A sector's seal. ``variant`` is a class: ``o`` outlined as in rows, ``lg`` or ``sm`` by size."""
    return _seal(sector.colour, f" {variant}" if variant else "", str(sector.seal))


# A list has few sectors, states and sets of forms, each in row after row.
@lru_cache
def _seal(colour: int, variant: str, seal: str) -> SafeString:
    return format_html('<span class="seal s-{}{}" aria-hidden="true">{}</span>', colour, variant, seal)


_DISC = {
    Opportunity.Status.OPEN: '<circle cx="5" cy="5" r="4" fill="none" stroke="currentColor" '
    'stroke-width="2"/>',
    Opportunity.Status.NEGOTIATING: '<circle cx="5" cy="5" r="4" fill="none" stroke="currentColor" '
    'stroke-width="2"/><path d="M5 1a4 4 0 0 1 0 8z" fill="currentColor"/>',
    Opportunity.Status.SIGNED: '<circle cx="5" cy="5" r="5" fill="currentColor"/>',
}


@register.simple_tag
def status(opportunity: Opportunity) -> SafeString:
    """The state of a deal: a disc open, half or full, with its word."""
    return _status(Opportunity.Status(opportunity.status), get_language())


@lru_cache
def _status(status: Opportunity.Status, _language: str | None) -> SafeString:
    return format_html(
        '<span class="status {}"><svg viewBox="0 0 10 10" aria-hidden="true">{}</svg>{}</span>',
        status,
        SafeString(_DISC[status]),
        status.label,
    )


@register.simple_tag
def sample_mark() -> SafeString:
    """That what stands before it is made up."""
    return _sample_mark(get_language())


@lru_cache
def _sample_mark(_language: str | None) -> SafeString:
    return format_html('<span class="demo">{}</span>', gettext("Sample"))


@register.filter
def offers(opportunity: Opportunity) -> SafeString:
    """The forms of cooperation of a result row; a narrow one shows the first alone."""
    return _offers(tuple(opportunity.cooperation), get_language())


@lru_cache(256)
def _offers(forms: Sequence[CooperationForm], _language: str | None) -> SafeString:
    first = "".join(str(form.label) for form in forms[:1])
    others = ((COMMA, form.label) for form in forms[1:])
    return format_html("{}{}", first, format_html_join("", '<span class="c2">{}{}</span>', others))


register.filter("months", in_months)


@register.filter
def marked(label: object) -> SafeString | str:
    """A label, marked as Chinese where there is no English: a text of the catalogue or a message of ours."""
    return label.marked if isinstance(label, Text) else str(label)


# --- lists of names ------------------------------------------------------------------------------


@register.filter
def joined(items: Iterable[object]) -> str:
    """Names in one line: ``涪陵区、武隆区``, in English ``Fuling, Wulong``."""
    return _in_one_line(items, COMMA)


def _in_one_line(items: Iterable[object], mark: object) -> str:
    # Most have one name; looking up the mark takes as long as that.
    names = [str(item) for item in items]
    return str(mark).join(names) if len(names) != 1 else names[0]


@register.simple_tag
def comma() -> str:
    return str(COMMA)


@register.filter
def sector_name(opportunity: Opportunity) -> str:
    """The sector of a result row: its full name, in English the short one."""
    return str(opportunity.sector.short if _english() else opportunity.sector.name)


class Places(NamedTuple):
    """Where an opportunity lies, as a result row says it: full names, in English the short ones.

    ``mark`` has the regions in short before the districts on a narrow row: ``〔东北〕``, ``Northeast: ``.
    """

    mark: str
    districts: str
    regions: str


@register.simple_tag
def places(opportunity: Opportunity) -> Places:
    """Its districts and its regions, each once."""
    found = [location.district for location in opportunity.locations.all()]
    regions = list(dict.fromkeys(district.region for district in found))
    kind = "short" if _english() else "name"
    return Places(
        _region_mark(_in_one_line((region.short for region in regions), SLASH), get_language()),
        joined(getattr(district, kind) for district in found),
        joined(getattr(region, kind) for region in regions),
    )


# A list has few regions, in row after row.
@lru_cache
def _region_mark(regions: str, _language: str | None) -> str:
    return str(REGION_BEFORE).format(regions=regions)


@register.filter
def districts(opportunity: Opportunity) -> str:
    return places(opportunity).districts


@register.filter
def regions(opportunity: Opportunity) -> str:
    return places(opportunity).regions


# --- a result row --------------------------------------------------------------------------------


@register.simple_tag
def matched_part(opportunity: Opportunity, search: Search | None) -> Decimal | None:
    """What of an opportunity's investment lies in the places searched, where that is not all of it."""
    if not search:
        return None
    part = search.matched_investment(opportunity)
    return part if part != opportunity.investment else None


# A ruler is so many units wide; its last mark stands before the end, for what is larger.
RULER = 152
CLOSE = 26


@register.simple_tag
def ruler(amount: Decimal, thresholds: Sequence[Decimal]) -> SafeString:
    """An amount on the table's ruler: logarithmic from 1 亿元, with a tick at each threshold."""
    at = _on_ruler(amount, thresholds)
    ticks = format_html_join(
        "", '<path class="tk" d="M{} 8V15"/>', ((_on_ruler(t, thresholds),) for t in thresholds)
    )
    return format_html(
        '<svg class="ruler" viewBox="0 0 {width} 18" width="{width}" height="18" aria-hidden="true">'
        '<path class="ax" d="M0 11.5H{width}"/>{ticks}<path class="fl" d="M0 11.5H{at}"/>'
        '<path class="f" d="M{at} 11l-4.5-9h9z"/></svg>',
        width=RULER,
        ticks=ticks,
        at=at,
    )


@register.simple_tag
def ruler_marks(thresholds: Sequence[Decimal]) -> SafeString:
    """The head of the ruler's column: the thresholds in the page's unit."""
    places = [_on_ruler(threshold, thresholds) for threshold in thresholds]
    marks: list[tuple[float, str, str]] = []
    for i, (at, threshold) in enumerate(zip(places, thresholds, strict=True)):
        label = amounts.shortest(amounts.in_cny_bn(threshold) if _english() else threshold)
        # Neighbours too close for both labels lean away from each other.
        if i + 1 < len(places) and places[i + 1] - at < CLOSE:
            marks.append((round(at + 3), "end", label))
        elif i and at - places[i - 1] < CLOSE:
            marks.append((round(at - 4), "start", label))
        else:
            marks.append((at, "middle", label))
    return format_html(
        '<svg class="ruler" viewBox="0 0 {width} 14" width="{width}" height="14" role="img"'
        ' aria-label="{name}">{marks}</svg>',
        width=RULER,
        name=gettext("Logarithmic scale: %(marks)s")
        % {"marks": joined(label for _at, _anchor, label in marks)},
        marks=format_html_join("", '<text x="{}" y="11" text-anchor="{}">{}</text>', marks),
    )


def _on_ruler(amount: Decimal, thresholds: Sequence[Decimal]) -> float:
    end = amounts.HEADROOM * max(thresholds)
    return round(min(RULER - 5, RULER * amounts.on_scale(amount, end)), 1)


# Parameters that no form shows by their own name.
SPOKEN = {"reference": gettext_lazy("reference")}


@register.filter
def in_code(refusal: Refusal) -> SafeString:
    """A refusal's sentence with the refused value as code; it says of which parameter."""
    marked: dict[str, str] = {
        "value": format_html("<code>{}</code>", shown(refusal.value)),
        "parameter": format_html("<code>{}</code>", shown(refusal.parameter)),
    }
    # Code needs no quotation marks around it.
    words = re.sub(r"“?%\((\w+)\)s”?", r"{\1}", str(refusal.text))
    if "{parameter}" not in words and "{label}" not in words:
        if refusal.parameter in SPOKEN:
            marked["parameter"] = capfirst(str(SPOKEN[refusal.parameter]))
        words = f"{{parameter}} · {words}"
    return format_html(words, **{**marked, **refusal.params})


# --- links ---------------------------------------------------------------------------------------


class SearchLink(Protocol):
    """A link to a search; that of the page at hand is current."""

    @property
    def label(self) -> object: ...
    @property
    def query(self) -> str: ...
    @property
    def is_current(self) -> bool: ...


class Export(Protocol):
    """A way to take a search along."""

    @property
    def label(self) -> object: ...
    @property
    def address(self) -> str: ...


class Threshold(SearchLink, Protocol):
    """A cumulative link; ``count`` is None where nothing was found out."""

    @property
    def count(self) -> int | None: ...


@register.simple_tag(takes_context=True)
def search_url(context: template.Context, **values: Any) -> str:
    """The canonical address of a search of the current edition: ``{% search_url sector=sector.slug %}``."""
    asked = {
        name: [value] if name in FACETS and not isinstance(value, list) else value
        for name, value in values.items()
    }
    query = encoded(canonical_pairs(asked, context["site"].scheme))
    return search_address(query)


register.filter(search_address)


# A page has dozens of links: as one string each, they take a third of what ``format_html`` takes.
ITEM = '<li><a href="{address}"{current}>{label}</a></li>'
SEGMENT = '<a href="{address}"{current}>{label}</a>'
PAGE = '<li><a class="num" href="{address}"{current}>{label}</a></li>'
LEFT_OUT = "<li><span>…</span></li>"
AT_LEAST = '<a href="{address}#filters"{current} id="at-least-{number}">{label}{count}</a>'
COUNT = ' <span class="num">{}</span>'


@register.filter
def as_items(links: Iterable[SearchLink]) -> SafeString:
    """Links to searches as items of a list."""
    path = search_address()
    return SafeString("".join(_link(ITEM, path, one) for one in links))


@register.filter
def as_downloads(exports: Iterable[Export]) -> SafeString:
    """Ways to take a search along as items of a list; a search engine has no use for them."""
    return format_html_join(
        "", '<li><a href="{}" rel="nofollow">{}</a></li>', ((one.address, one.label) for one in exports)
    )


@register.filter
def as_segments(links: Iterable[SearchLink]) -> SafeString:
    """Links to searches side by side."""
    path = search_address()
    return SafeString("".join(_link(SEGMENT, path, one) for one in links))


@register.filter
def as_pages(links: Iterable[SearchLink | None]) -> SafeString:
    """Links to the pages of a list, with a mark where some are left out."""
    path = search_address()
    return SafeString("".join(_link(PAGE, path, one, "page") if one else LEFT_OUT for one in links))


@register.filter
def as_thresholds(thresholds: Iterable[Threshold]) -> SafeString:
    """The cumulative links of a search, numbered, each with its count where there is one."""
    path = search_address()
    links = []
    for number, one in enumerate(thresholds, start=1):
        count = "" if one.count is None else COUNT.format(one.count)
        links.append(_link(AT_LEAST, path, one, number=number, count=count))
    return SafeString("".join(links))


def _link(pattern: str, path: str, link: SearchLink, current: str = "true", **others: object) -> str:
    """A link as HTML; ``current`` is what ``aria-current`` says of that of the page at hand."""
    return pattern.format(
        address=escape(with_query(path, link.query)),
        current=f' aria-current="{current}"' if link.is_current else "",
        label=conditional_escape(link.label),
        **others,
    )
