"""The ridge chart: a city's opportunities as a skyline, region by region, from the largest down.

A step of equal width is one opportunity, as high as its investment on a logarithmic scale from 1 亿元. An
opportunity in several regions stands in each with its whole investment, as brackets and thresholds count
it. Of a catalogue with more than ``STEPS_MAX`` a step is several opportunities and shows the largest of
them, so that neither the page nor what is read for it grows with the catalogue.

``ridge(search)`` costs two queries beside those of the search's facets. A page includes, with
``css/blocks/ridge.css``::

    {% include "opportunities/charts/_ridge.html" with ridge=ridge only %}
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby, pairwise

from django.db.models import F, Window
from django.db.models.functions import DenseRank
from django.utils.text import Truncator
from django.utils.translation import get_language

from .. import amounts
from ..models import Opportunity, Region
from ..search.facets import AtLeast, FacetValue
from ..search.query import Search
from . import mark

STEPS_MAX = 400

# Heights in pixels: a line of text for each peak, then the plot.
LINE = 20
PLOT = 272
# Between two regions so many steps are left free; a region takes at least this part of the steps.
GAP = 5
LEAST = 0.2
# A name longer than this is cut in the drawing; the list of the largest has it whole.
NAME = 44
# From this part of the plot on a peak's name stands to the left of the right edge.
RIGHT = 70
ONE = Decimal(1)


@dataclass(frozen=True)
class Band:
    """The part of a region's skyline within one bracket; ``level`` is its tint, 1 to 4."""

    level: int
    path: str


@dataclass(frozen=True)
class Peak:
    """The largest opportunity of a region and where its name stands."""

    opportunity: Opportunity
    name: str
    lang: str
    y: int
    leader: str
    at_right: bool


@dataclass(frozen=True)
class Massif:
    """A region: ``name`` as results write it, ``x`` in percent of the plot."""

    region: Region
    name: object
    value: FacetValue
    x: str
    bands: list[Band]
    peak: Peak | None


@dataclass(frozen=True)
class Line:
    """A mark of the scale, and how many opportunities reach it; None on the base line."""

    y: int
    label: object
    at_least: AtLeast | None


@dataclass(frozen=True)
class Ridge:
    """``width`` is in steps, heights are in pixels; ``each`` opportunities are one step."""

    count: int
    is_repeated: bool
    each: int
    width: int
    height: int
    top: int
    massifs: list[Massif]
    lines: list[Line]

    @property
    def plot(self) -> int:
        return self.height - self.top


def ridge(search: Search) -> Ridge:
    """The ridge of a search that no filter on places narrows."""
    facets = search.facets
    values = {value.value: value for value in facets.facets["region"]}
    drawn = sum(value.count for value in values.values())
    each = max(1, -(-drawn // STEPS_MAX))
    skylines = _skylines(search, each)
    largest = search.matching.in_bulk([steps[0].opportunity for steps in skylines.values()])
    highest = max((steps[0].investment for steps in skylines.values()), default=ONE)
    scale = _Scale(
        end=max(highest, *search.scheme.thresholds),
        top=LINE * len(values) + LINE // 2,
    )
    starts, width = _places([len(skylines.get(slug, ())) for slug in values])
    massifs = []
    for row, (region, start) in enumerate(zip(search.scheme.regions, starts, strict=True)):
        steps = skylines.get(region.slug, [])
        x = 100 * start / width
        massifs.append(
            Massif(
                region=region,
                name=region.short if get_language() == "en" else region.name,
                value=values[region.slug],
                x=f"{x:.2f}%",
                bands=list(_bands([step.investment for step in steps], start, search, scale)),
                peak=_peak(largest[steps[0].opportunity], row, x, scale) if steps else None,
            )
        )
    return Ridge(
        count=facets.count,
        is_repeated=drawn > facets.count,
        each=each,
        width=width,
        height=scale.top + PLOT,
        top=scale.top,
        massifs=massifs,
        lines=list(_lines(search, scale)),
    )


@dataclass(frozen=True)
class _Step:
    region: str
    rank: int
    investment: Decimal
    opportunity: int


def _skylines(search: Search, each: int) -> dict[str, list[_Step]]:
    """For each region the steps to draw, the largest first: of every ``each`` opportunities the first."""
    if search.ready:
        ranked = {region.slug: search.ready.ranked(region.slug, each) for region in search.scheme.regions}
        return {slug: [_Step(slug, *one) for one in steps] for slug, steps in ranked.items() if steps}
    rank = Window(
        DenseRank(),
        partition_by=F("district__region"),
        order_by=[F("opportunity__investment").desc(), F("opportunity__reference")],
    )
    rows = (
        search.matched_locations.annotate(rank=rank)
        .annotate(within=(F("rank") - 1) % each)
        .filter(within=0)
        .order_by("district__region", "rank")
        .values_list("district__region__slug", "rank", "opportunity__investment", "opportunity_id")
    )
    # Two places of one region are one step.
    steps = dict.fromkeys(_Step(*row) for row in rows)
    return {region: list(group) for region, group in groupby(steps, lambda step: step.region)}


@dataclass(frozen=True)
class _Scale:
    end: Decimal
    top: int

    def height(self, amount: Decimal) -> int:
        """Pixels above the base line."""
        return round(PLOT * amounts.on_scale(amount, self.end))


def _places(counts: Sequence[int]) -> tuple[list[int], int]:
    """Where each region begins, in steps, and the width of all."""
    least = round(LEAST * sum(counts))
    starts, x = [], 0
    for count in counts:
        starts.append(x)
        x += max(count + GAP, least)
    # Behind the last region nothing has to be kept free.
    return starts, max(1, starts[-1] + counts[-1]) if counts else 1


def _bands(heights: Sequence[Decimal], start: int, search: Search, scale: _Scale) -> Iterator[Band]:
    """The skyline cut at the thresholds: each bracket's part as one path."""
    for level, (lower, upper) in enumerate(pairwise([*_marks(search), None]), start=1):
        floor = scale.height(lower)
        ceiling = PLOT if upper is None else scale.height(upper)
        tops = [min(scale.height(amount), ceiling) for amount in heights if amount > lower]
        if tops:
            yield Band(min(level, 4), _stair(start, tops, floor))


def _stair(x: int, tops: Sequence[int], floor: int) -> str:
    """A stair from the left, one unit a step, down to a floor; heights count from the base up."""
    path, before = [f"M{x} {PLOT - floor}"], floor
    for top, steps in ((top, len(list(run))) for top, run in groupby(tops)):
        path.append(f"v{before - top}h{steps}")
        before = top
    return "".join([*path, f"V{PLOT - floor}z"])


def _peak(opportunity: Opportunity, row: int, x: float, scale: _Scale) -> Peak:
    """Names stand one under the other, so that no leader crosses the name of a region further left."""
    y = LINE * (row + 1) - 6
    foot = scale.top + PLOT - scale.height(opportunity.investment) - 3
    at_right = x > RIGHT and row > 0
    return Peak(
        opportunity=opportunity,
        name=Truncator(str(opportunity.name)).chars(NAME),
        lang="zh-Hans" if get_language() == "en" and not opportunity.name.en else "",
        y=y,
        leader=f"M1.5 {foot}V{y + 4}" if at_right else f"M1.5 {foot}V{y - 4}h8",
        at_right=at_right,
    )


def _lines(search: Search, scale: _Scale) -> Iterator[Line]:
    counted = {found.threshold: found for found in search.facets.investment_at_least}
    for amount in _marks(search):
        y = scale.top + PLOT - scale.height(amount)
        yield Line(y, mark(amount), counted[amount] if amount > ONE else None)


def _marks(search: Search) -> list[Decimal]:
    """The base line and the thresholds above it."""
    return [ONE, *(threshold for threshold in search.scheme.thresholds if threshold > ONE)]
