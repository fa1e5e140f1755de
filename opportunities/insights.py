"""The page of published and computed figures, ready to print: their sheet, and what explains them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from operator import attrgetter

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from . import amounts
from .models import Opportunity, Text
from .reconciling import OTHERS, Figure, Reconciled, Reconciliation, Result
from .search.query import Search
from .search.scheme import at_least_label, bracket_label

# Of the opportunities that lie in several regions so many are named.
NAMED_MAX = 3


@dataclass(frozen=True)
class Remainder:
    """What published figures leave over, to be read as a sum: ``160 − 109 = 51``."""

    whole: Figure
    part: Figure

    @property
    def rest(self) -> Figure:
        return self.whole - self.part

    @property
    def is_money(self) -> bool:
        return isinstance(self.whole, Decimal)


@dataclass(frozen=True)
class Row:
    """One line of the sheet: a count, and money where there is any. Explanations and notes are ours."""

    label: object
    count: Reconciled
    money: Reconciled | None = None
    explanations: list[Text] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    remainders: list[Remainder] = field(default_factory=list)


@dataclass(frozen=True)
class Group:
    label: str
    rows: list[Row]


@dataclass(frozen=True)
class Sheet:
    """Every published figure in its group, with the sums that follow from them."""

    groups: list[Group]
    # How many of the published figures gave which result.
    results: dict[str, int]
    sources: list[str]
    # Those that the source calls “about” and that the opportunities do not give to the last digit.
    rounded: list[Reconciled]
    # The regions together, where something was published of more than one.
    in_regions: Row | None
    is_cumulative: bool

    @property
    def size(self) -> int:
        """The number of published figures."""
        return sum(self.results.values())


def sheet(reconciliation: Reconciliation) -> Sheet:
    claims = list(reconciliation.claims())
    regions, in_regions = _facet_rows(reconciliation, "region")
    sectors, in_sectors = _facet_rows(reconciliation, "sector")
    if in_sectors:
        sectors += _other_sectors(reconciliation, in_sectors, in_regions)
    groups = [
        Group(_("In all"), _totals(reconciliation)),
        Group(_("By amount, cumulative"), _at_least_rows(reconciliation)),
        Group(_("By region"), regions),
        Group(_("By sector"), sectors),
    ]
    return Sheet(
        groups=[group for group in groups if group.rows],
        results=Counter(one.result.value for one in claims),
        sources=list(dict.fromkeys(one.figure.source for one in claims if one.figure)),
        rounded=[one for one in claims if one.result == Result.ROUNDED],
        in_regions=in_regions,
        is_cumulative=bool(reconciliation.values("investment_min")),
    )


def _row(label: object, *cells: Reconciled) -> Row:
    """A line with what the data say of its claims, each explanation once."""
    explanations = [one.figure.explanation for one in cells if one.figure and one.figure.explanation_zh]
    return Row(label, *cells, explanations=list(dict.fromkeys(explanations)))


def _totals(reconciliation: Reconciliation) -> list[Row]:
    rows = []
    if reconciliation.values(""):
        rows.append(_row(_("Opportunities and amount"), *reconciliation.subject("")))
    others = [reconciliation.other(claim) for claim in OTHERS]
    return rows + [_row(one.figure.get_claim_display(), one) for one in others if one.figure]


def _at_least_rows(reconciliation: Reconciliation) -> list[Row]:
    """What was published as “and more”, and what is under the lowest bracket's bound if that was among it."""
    search = reconciliation.search
    lowest = search.scheme.brackets[0]
    rows, under = [], []
    for value in reconciliation.values("investment_min"):
        count, money = reconciliation.subject("investment_min", value)
        threshold = _amount(value)
        rows.append(_row(value if threshold is None else at_least_label(threshold), count, money))
        if threshold == lowest.upper:
            found = search.facets.facets["bracket"][0]
            query = search.query_with(bracket=[lowest.slug])
            under.append(
                Row(
                    bracket_label(lowest),
                    Reconciled(None, found.count, query),
                    Reconciled(None, found.investment, query),
                    remainders=_remainders((reconciliation.subject("")[0], count)),
                )
            )
    return rows + under


def _amount(value: str) -> Decimal | None:
    try:
        return amounts.parse(value)
    except ValueError:
        return None


_TOGETHER = {
    "region": gettext_lazy("These %(number)s regions together"),
    "sector": gettext_lazy("These %(number)s sectors together"),
}


def _facet_rows(reconciliation: Reconciliation, name: str) -> tuple[list[Row], Row | None]:
    """What was published of a facet's values, and below it their sum, where there are several."""
    labels = reconciliation.search.scheme.options[name]
    values = reconciliation.values(name)
    rows = [_row(labels.get(value, value), *reconciliation.subject(name, value)) for value in values]
    if len(rows) < 2:
        return rows, None
    search = _within(reconciliation.search, **{name: [value for value in values if value in labels]})
    count = _sum([row.count for row in rows], search, search.count)
    money = _sum([row.money for row in rows if row.money], search, search.total_investment)
    notes = [_("The sum of the published figures.")]
    twice = count.computed - search.count
    if twice > 0:
        words = _("%(number)s more than there are, as an opportunity in several of them counts in each.")
        notes.append(words % {"number": twice})
    together = Row(_TOGETHER[name] % {"number": len(rows)}, count, money, notes=notes)
    return [*rows, together], together


def _sum(cells: Sequence[Reconciled], search: Search, found: Figure) -> Reconciled:
    """Figures together; the search behind them is linked where it gives just as much."""
    computed = sum(one.computed for one in cells)
    published = [one.published for one in cells if one.published is not None]
    return Reconciled(
        sum(published) if len(published) == len(cells) else None,
        computed,
        search.canonical_query if found == computed else None,
        is_rounded=any(one.is_rounded for one in cells),
    )


def _other_sectors(reconciliation: Reconciliation, named: Row, in_regions: Row | None) -> list[Row]:
    """The sectors of which nothing was published. They do not overlap, so the totals leave them over."""
    search = reconciliation.search
    published = reconciliation.values("sector")
    others = [sector.slug for sector in search.scheme.sectors if sector.slug not in published]
    if not others:
        return []
    count, money = reconciliation.subject("")
    if in_regions and in_regions.money and len(reconciliation.values("region")) == len(search.scheme.regions):
        # The regions' money adds up to the whole, and is seldom “about” so much.
        money = in_regions.money
    rest = _within(search, sector=others)
    label = ngettext("The other %(number)s sector", "The other %(number)s sectors", len(others))
    return [
        Row(
            label % {"number": len(others)},
            Reconciled(None, rest.count, rest.canonical_query),
            Reconciled(None, rest.total_investment, rest.canonical_query),
            remainders=_remainders((count, named.count), (money, named.money)),
        )
    ]


def _remainders(*pairs: tuple[Reconciled, Reconciled | None]) -> list[Remainder]:
    """What exact published figures leave over; nothing of “about” so much."""
    return [
        Remainder(whole.published, part.published)
        for whole, part in pairs
        if part
        and whole.published is not None
        and part.published is not None
        and not whole.is_rounded
        and not part.is_rounded
    ]


def _within(search: Search, **values: object) -> Search:
    return Search.from_query(QueryDict(search.query_with(**values)))


# --- beside the sheet -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Across:
    """The opportunities that lie in several regions: the first of them, and how many more."""

    named: list[Opportunity]
    more: int


def across_regions(search: Search) -> Across:
    """What explains that the regions' counts add up to more than there are."""
    if search.ready:
        keys, count = search.ready.across_regions(NAMED_MAX)
        named = sorted(search.scheme.rows(Opportunity.objects.with_keys(keys)), key=attrgetter("reference"))
        return Across(named, count - len(named))
    found = search.matching.across_regions().order_by("reference")
    named = search.scheme.rows(found[:NAMED_MAX])
    return Across(named, found.count() - len(named) if len(named) == NAMED_MAX else 0)


@dataclass(frozen=True)
class Step:
    """An amount and more; ``parts`` are the counts of the brackets that it is made of."""

    label: object
    count: int
    investment: Decimal
    query: str
    parts: list[int]


def steps(search: Search) -> list[Step]:
    """The published way of counting beside the brackets: each step includes all those after it."""
    brackets = [bracket.count for bracket in search.facets.facets["bracket"]]
    whole = Step(_("All"), search.facets.count, search.facets.total_investment, search.query_with(), brackets)
    return [whole] + [
        Step(
            at_least_label(found.threshold),
            found.count,
            found.investment,
            search.query_with(investment_min=found.threshold),
            brackets[place:],
        )
        for place, found in enumerate(search.facets.investment_at_least, start=1)
    ]
