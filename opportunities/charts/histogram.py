"""The investment histogram: how many opportunities of a search lie in each step of a logarithmic scale.

Bars are links to the search of their step, in place of bracket and range; the number on a bar is the
result count of its link. The full part of a bar is what the search finds as it is, the pale rest is
what bracket and range leave out.

A page asks ``histogram(search)`` and includes, with ``css/blocks/charts.css``::

    {% include "opportunities/charts/_histogram.html" with histogram=histogram only %}

That draws steps of 1.26 with the brackets above and a table below, and on phones steps of 1.58. For a
narrow place ``narrow_histogram(search)`` draws the latter alone. ``fragment="#filters"`` may follow
``with``: it is appended to every link.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from .. import amounts
from ..amounts import CENT, Band
from ..search.facets import FacetValue, Step
from ..search.query import Bounded, Search
from ..search.saying import bound_label, range_label
from . import mark

# Marks of the wide scale beside the thresholds, in every decade; not nearer to one than this part of it.
SERIES = (Decimal(1), Decimal("2.5"), Decimal(5))
APART = 0.08


@dataclass(frozen=True)
class Bar:
    """One step with anything in it: its link, its name in words, and its shapes as SVG paths."""

    number: int
    label: object
    name: str
    query: str
    count: int
    column: str
    whole: str
    found: str
    x: str
    y: str


@dataclass(frozen=True)
class Mark:
    """An amount below the scale; ``anchor`` as SVG has it."""

    x: str
    label: str
    anchor: str


@dataclass(frozen=True)
class Bracket:
    """The words and numbers of a bracket, where there is room for them."""

    x: str
    value: FacetValue


@dataclass(frozen=True)
class Drawing:
    """One drawing of ``width`` × ``height`` units; ``kind`` is its class.

    ``lines`` is the path of the lines where brackets begin, ``headed`` the brackets with a heading.
    """

    kind: str
    width: int
    height: int
    base: int
    top: int
    bars: list[Bar]
    marks: list[Mark]
    lines: str
    headed: list[Bracket]


@dataclass(frozen=True)
class Histogram:
    """``drawings`` of the same ``count`` opportunities, of which a page shows one; ``rows`` of the table."""

    count: int
    drawings: list[Drawing]
    rows: list[Bar]


@dataclass(frozen=True)
class Frame:
    """Where a drawing puts things, in its units: from ``left`` to ``right``, from ``base`` up to ``top``."""

    kind: str
    width: int
    height: int
    left: int
    right: int
    base: int
    highest: int
    top: int
    gap: float


WIDE = Frame("wide", 1280, 320, left=40, right=1240, base=286, highest=84, top=16, gap=1)
NARROW = Frame("narrow", 280, 132, left=0, right=280, base=112, highest=18, top=12, gap=1)

# A heading over a bracket needs so many units.
HEADING = 118


def histogram(search: Search) -> Histogram:
    """The histogram of a search for a whole page."""
    steps = search.facets.investment_steps
    wide = _drawing(search, steps, WIDE)
    narrow = _drawing(search, _in_pairs(steps), NARROW)
    return Histogram(_count(steps), [wide, narrow], wide.bars)


def narrow_histogram(search: Search) -> Histogram:
    """The histogram of a search for a narrow place."""
    steps = search.facets.investment_steps
    return Histogram(_count(steps), [_drawing(search, _in_pairs(steps), NARROW)], [])


def _count(steps: Sequence[Step]) -> int:
    return sum(step.count for step in steps)


def _in_pairs(steps: Sequence[Step]) -> list[Step]:
    """Steps twice as wide; what lies under and above the scale stays as it is."""
    under, *inner, above = steps
    return [under, *(_joined(*pair) for pair in zip(inner[::2], inner[1::2], strict=True)), above]


def _joined(one: Step, next_: Step) -> Step:
    band = Band(f"{one.band.slug}+", one.band.lower, next_.band.upper)
    return Step(band, one.count + next_.count, one.found + next_.found)


def _drawing(search: Search, steps: Sequence[Step], frame: Frame) -> Drawing:
    under, *inner, above = steps
    # What lies under or above the scale has a column where there is any.
    columns = [*([under] if under.count else []), *inner, *([above] if above.count else [])]
    query = search.bounding()
    scale = _Scale(frame, len(columns), len(inner), bool(under.count), above.band.lower)
    most = max((step.count for step in columns), default=0)
    return Drawing(
        kind=frame.kind,
        width=frame.width,
        height=frame.height,
        base=frame.base,
        top=frame.top,
        bars=[_bar(query, step, number, scale, most) for number, step in enumerate(columns) if step.count],
        marks=list(_marks(search, scale)),
        lines="".join(_lines(search, scale)),
        headed=list(_headed(search, scale)) if frame is WIDE else [],
    )


@dataclass(frozen=True)
class _Scale:
    """From numbers of columns and amounts to units of a drawing."""

    frame: Frame
    columns: int
    steps: int
    has_under: bool
    end: Decimal

    @property
    def column(self) -> float:
        return (self.frame.right - self.frame.left) / self.columns

    def at(self, number: float) -> float:
        """The left edge of a column."""
        return self.frame.left + number * self.column

    def of(self, amount: Decimal) -> float:
        """Where an amount in 亿元 stands."""
        return self.at(self.has_under + self.steps * amounts.on_scale(amount, self.end))

    def height(self, count: int, most: int) -> float:
        """Of a bar; what is there at all can be seen."""
        return max(2.0, (self.frame.base - self.frame.highest) * count / most) if count else 0.0


def _bar(query: Bounded, step: Step, number: int, scale: _Scale, most: int) -> Bar:
    upper = step.band.upper
    # The bounds of a search are inclusive and have two places.
    bounds = (step.band.lower or None, None if upper is None else upper - CENT)
    frame, left = scale.frame, scale.at(number)
    height = scale.height(step.count, most)
    label = _label(*bounds)
    return Bar(
        number=number,
        label=label,
        name=_name(label, step),
        query=query(*bounds),
        count=step.count,
        column=_rectangle(left, scale.column, frame.base, frame.base - frame.top),
        whole=_rectangle(left + frame.gap, scale.column - 2 * frame.gap, frame.base, height),
        found=_rectangle(
            left + frame.gap, scale.column - 2 * frame.gap, frame.base, scale.height(step.found, most)
        ),
        x=_units(left + scale.column / 2),
        y=_units(frame.base - height - 5),
    )


def _label(lower: Decimal | None, upper: Decimal | None) -> object:
    if upper is None:
        return bound_label("investment_min", lower)
    if lower is None:
        return bound_label("investment_max", upper)
    return range_label("investment_min", lower, upper)


def _name(label: object, step: Step) -> str:
    name = ngettext(
        "%(range)s: %(number)s opportunity", "%(range)s: %(number)s opportunities", step.count
    ) % {"range": label, "number": step.count}
    if step.found == step.count:
        return name
    return _("%(name)s, %(found)s of them in this search") % {"name": name, "found": step.found}


def _marks(search: Search, scale: _Scale) -> Iterator[Mark]:
    """The amounts below the scale: its start with the unit, the thresholds, on a wide one more between."""
    one = Decimal(1)
    yield Mark(_units(scale.of(one)), str(mark(one)), "start")
    thresholds = [threshold for threshold in search.scheme.thresholds if one < threshold < scale.end]
    between = _between(thresholds, scale.end) if scale.frame is WIDE else ()
    for amount in sorted({*thresholds, *between}):
        yield Mark(_units(scale.of(amount)), _figure(amount), "middle")


def _between(thresholds: Sequence[Decimal], end: Decimal) -> Iterator[Decimal]:
    decade = Decimal(1)
    while decade < end:
        for part in SERIES:
            amount = decade * part
            near = any(abs((amount / threshold).log10()) < APART for threshold in thresholds)
            if 1 < amount < end and not near:
                yield amount
        decade *= 10


def _lines(search: Search, scale: _Scale) -> Iterator[str]:
    for band in search.scheme.brackets:
        if band.lower:
            yield f"M{_units(scale.of(band.lower))} {scale.frame.top}V{scale.frame.base}"


def _headed(search: Search, scale: _Scale) -> Iterator[Bracket]:
    values = {one.value: one for one in search.facets.facets["bracket"]}
    for band in search.scheme.brackets:
        start = scale.of(band.lower) if band.lower else float(scale.frame.left)
        end = scale.frame.right if band.upper is None else scale.of(band.upper)
        if end - start >= HEADING:
            yield Bracket(_units(start + 7), values[band.slug])


def _figure(amount: Decimal) -> str:
    """An amount in the page's unit, as short as it can be."""
    return amounts.shortest(amounts.in_cny_bn(amount) if get_language() == "en" else amount)


def _rectangle(x: float, width: float, base: float, height: float) -> str:
    return f"M{_units(x)} {_units(base - height)}h{_units(width)}V{_units(base)}h-{_units(width)}z"


def _units(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")
