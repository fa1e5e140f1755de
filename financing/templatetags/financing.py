"""What pages print of the finance plan, and its part on pages of opportunities."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from django import template
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext, ngettext, pgettext

from opportunities import amounts
from opportunities.models import Opportunity, Text
from opportunities.search import text
from opportunities.templatetags.opportunities import joined

from ..charts import Quarter
from ..matching import Match, Options, conditions_of, matches_of
from ..models import Comparison, Evidence, Figure, Indicator, Milestone, Report, Rule, Task, Unit
from ..models.steps import PROGRESS
from ..outlook import Outlook, Values

register = template.Library()

Measure = Indicator.Measure


def _english() -> bool:
    return get_language() == "en"


# --- figures --------------------------------------------------------------------------------------


@register.filter
def measure(indicator: Indicator) -> str:
    """The unit that a page prints an indicator's figures in: ``亿元``, in English ``CNY bn``."""
    return {
        Measure.YI: "CNY bn" if _english() else "亿元",
        Measure.TRILLION: "CNY tn" if _english() else "万亿元",
        Measure.PERCENT: "%",
        Measure.COMPANIES: gettext("companies"),
    }[Measure(indicator.measure)]


@register.simple_tag
def number(indicator: Indicator, figure: Figure) -> str:
    """A figure without its unit: ``2,591``, in English ``259.1``; growth in per cent as it is printed."""
    if figure.kind == Figure.Kind.GROWTH:
        return f"{figure.value:.1f} %"
    shown = _number(indicator, figure.value)
    if figure.comparison == Comparison.MORE_THAN:
        return gettext("more than %(number)s") % {"number": shown}
    return shown


def _number(indicator: Indicator, value: Decimal) -> str:
    if indicator.measure == Measure.YI and _english():
        value = amounts.in_cny_bn(value)
    text = f"{value:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


@register.filter
def asides(values: Values) -> list[str]:
    """What else the source tells of a year: how much an indicator grew, how many were added."""
    said = [
        gettext("grew by %(percent)s %% in %(year)s") % {"percent": f"{one.value:.1f}", "year": one.year}
        for one in values.of(Figure.Kind.GROWTH)
    ]
    said += [
        gettext("%(number)s added in %(year)s")
        % {"number": _number(values.indicator, one.value), "year": one.year}
        for one in values.of(Figure.Kind.ADDED)
    ]
    return said


@register.simple_tag
def needed(indicator: Indicator, outlook: Outlook) -> str:
    """What is still needed to reach the target, with its unit; after which year, where it is not told."""
    if not outlook.needed:
        return gettext("target reached")
    number = _number(indicator, outlook.needed)
    match Measure(indicator.measure):
        case Measure.PERCENT:
            amount = gettext("%(number)s percentage points") % {"number": number}
        case Measure.COMPANIES:
            amount = ngettext("%(number)s company", "%(number)s companies", int(outlook.needed)) % {
                "number": number
            }
        case Measure.YI:
            amount = f"CNY {number} bn" if _english() else f"{number} 亿元"
        case Measure.TRILLION:
            amount = f"CNY {number} tn" if _english() else f"{number} 万亿元"
    if outlook.is_from_a_target:
        return gettext("%(amount)s more after %(year)s") % {"amount": amount, "year": outlook.base.year}
    if outlook.is_more_than:
        return gettext("more than %(amount)s still needed") % {"amount": amount}
    return gettext("%(amount)s still needed") % {"amount": amount}


@register.simple_tag
def growth(outlook: Outlook) -> str:
    """The yearly growth that takes; the years with it, where it starts from a target."""
    if outlook.growth is None:
        return ""
    said = {"percent": outlook.growth, "first": outlook.base.year, "last": outlook.goal.year}
    if outlook.is_from_a_target:
        return gettext("%(percent)s %% a year (%(first)s–%(last)s)") % said
    return gettext("%(percent)s %% a year") % said


@register.simple_tag
def spoken(values: Values) -> str:
    """An indicator's track as text: “Deposits: 2023 5.36, target 2025 6.2, target 2027 8 (CNY tn)”."""
    shown = [figure for figure in (values.actual, *values.targets) if figure]
    figures = [
        (
            gettext("target %(year)s: %(number)s")
            if one.kind == Figure.Kind.TARGET
            else gettext("%(year)s: %(number)s")
        )
        % {"year": one.year, "number": number(values.indicator, one)}
        for one in shown
    ]
    return f"{values.indicator.name}{gettext(': ')}{joined(figures)} ({measure(values.indicator)})"


# --- the ledger -----------------------------------------------------------------------------------


@register.simple_tag
def quarter(row: Figure | Milestone | Report) -> str:
    """The year of a row, with its quarter where it is of one."""
    return quarter_text(row.year, row.quarter) if row.quarter else str(row.year)


@register.simple_tag
def quarter_text(year: int, number: int) -> str:
    return gettext("Q%(quarter)s %(year)s") % {"year": year, "quarter": number}


@register.simple_tag
def spoken_quarters(quarters: Sequence[Quarter]) -> str:
    """The quarters of which there is something to tell, as text."""
    told = [
        gettext("%(quarter)s: %(progress)s")
        % {"quarter": quarter_text(one.year, one.quarter), "progress": one.report.get_progress_display()}
        for one in quarters
        if one.report
    ]
    return joined(told) or gettext("No quarter is reported.")


@register.filter
def any_told(quarters: Sequence[Quarter]) -> bool:
    return any(one.milestone or one.report for one in quarters)


@register.filter
def unit_names(units: Sequence[Unit]) -> str:
    """Names in running text: “A, B and C”."""
    names = [str(unit.name) for unit in units]
    if len(names) < 2:
        return joined(names)
    said = {"first": joined(names[:-1]), "last": names[-1]}
    return pgettext("names in running text", "%(first)s and %(last)s") % said


@register.filter
def item_names(rows: Iterable[Task]) -> str:
    return joined(row.name for row in rows)


@register.filter
def progress_label(progress: str | None) -> str:
    return str(PROGRESS[progress or "not-reported"])


@register.filter
def titled(evidence: Evidence) -> SafeString:
    """A title, which is in one language alone: a Chinese one says so on English pages."""
    return Text(evidence.title, "" if text.has_han(evidence.title) else evidence.title).marked


# --- matching -------------------------------------------------------------------------------------


@register.simple_tag
def finance_matches(opportunity: Opportunity) -> list[Match]:
    """The items of the finance plan that can serve an opportunity, in the lists' order."""
    return matches_of([opportunity])[opportunity.pk]


@register.simple_tag
def finance_row(columns: Iterable[tuple[Opportunity, str]]) -> list[list[Match] | None]:
    """Those of each column of a comparison, None for one that is not public; empty if there are none."""
    opportunities = [opportunity for opportunity, _query in columns]
    found = matches_of([one for one in opportunities if one.is_public])
    return [found.get(one.pk) for one in opportunities] if any(found.values()) else []


@register.filter
def reasons(match: Match) -> str:
    """Why, in one sentence: “the sector is Advanced materials; the investment is ≥ CNY 1.0 bn”."""
    return gettext("Because: %(reasons)s") % {"reasons": _listed(match.reasons)}


@register.simple_tag
def conditions(rule: Rule, options: Options) -> str:
    """What a rule asks for, in words; ``options`` are the facet values of the edition."""
    return _listed([condition.asked(rule, options) for condition in conditions_of(rule)])


def _listed(parts: Sequence[object]) -> str:
    return pgettext("between the conditions of a search", "; ").join(map(str, parts))
