"""The schematic map of an edition's districts, each a tile with its figure, tinted by money.

A schematic and no map of boundaries: a tile says where a district lies, not how large it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise
from math import ceil

from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _

from ..amounts import in_cny_bn
from ..models import District, Edition, Region
from ..search.facets import FacetValue
from ..search.query import Search
from ..templatetags.opportunities import figure as exact_figure
from ..templatetags.opportunities import money_text
from . import hexagons
from .elevation import Step, scale
from .hexagons import Place
from .lettering import Box, around, ems, free_room

# Names of at most so many ems stand in one size, on a phone without figures: there its longest have this.
SHORT_NAME = 3
SHORT_SIZE = 17.3
TWO_CHARACTERS = 2
LINE_HEIGHT = 10
# Sizes of longer names, largest first, and the room they have, in drawing units.
NAME_SIZES = (11.5, 10.5, 8.5)
NAME_ROOM = 45
LABEL_SIZES = (19, 14)
# Room for a region's label: its height, and so many ems for any count and money that a search gives.
LABEL_HEIGHT = 44
LINE_ROOM = 10
LEGIBLE_PX = 10
PX_PER_REM = 16
# Widths in rem below which the style sheet can say that the map scrolls.
SCROLLING = (44, 34)
PADDING = 6


@dataclass(frozen=True)
class Lettering:
    """A line of a tile's name; ``size`` is its class."""

    text: str
    size: str
    y: str


@dataclass(frozen=True)
class Tile:
    """One district. ``level`` is its tint 0…5, None where its region is not asked for."""

    code: str
    title: str
    query: str
    level: int | None
    is_selected: bool
    shape: str
    ring: str
    zone: str
    x: str
    name: list[Lettering]
    figure: str
    figure_y: str


@dataclass(frozen=True)
class Label:
    """A region's name with its count and money, or that it is not asked for."""

    name: str
    line: str
    x: str
    y: str
    line_y: str


@dataclass(frozen=True)
class River:
    name: str
    role: str
    path: str


@dataclass(frozen=True)
class DistrictMap:
    """Ready to draw.

    ``least_rem`` is the narrowest at which its names are legible; narrower, it scrolls. ``reading`` says what
    figure and colour are, ``colour_reading`` the colour alone, for where short names stand without figures.
    """

    view_box: str
    least_rem: float
    has_short_names: bool
    tiles: list[Tile]
    borders: str
    rivers: list[River]
    labels: list[Label]
    steps: list[Step]
    reading: str
    colour_reading: str

    @property
    def scrolls_below(self) -> int | None:
        """The greatest width of the style sheet at which the map scrolls, in rem."""
        return next((width for width in SCROLLING if width <= self.least_rem), None)

    @property
    def has_zones(self) -> bool:
        return any(tile.zone for tile in self.tiles)

    @property
    def has_unasked(self) -> bool:
        return any(tile.level is None for tile in self.tiles)

    @property
    def selected(self) -> list[Tile]:
        return [tile for tile in self.tiles if tile.is_selected]


@dataclass(frozen=True)
class Row:
    """A district in the table beside the map, with the query of the list of what lies there."""

    district: District
    region: str
    found: FacetValue
    query: str


@dataclass(frozen=True)
class Table:
    """Its rows in two columns."""

    count: int
    columns: list[list[Row]]


def of_search(search: Search) -> DistrictMap | None:
    """The map of the search page: counts in the tiles, which toggle their district in the search.

    None where the edition's districts have no positions.
    """
    return _drawn(
        search,
        figure=lambda found: f"{found.count:,}",
        query=_toggling(search),
        money=money_text,
        reading=_("The figure is the number of opportunities, the colour the amount in CNY bn."),
    )


def of_money(search: Search) -> DistrictMap | None:
    """The map of a whole list: money in the tiles, which lead to the search in their district.

    None where the edition's districts have no positions.
    """
    return _drawn(
        search,
        figure=lambda found: whole_figure(found.investment),
        query=lambda district: search.query_with(district=[district.code]),
        money=_whole_money,
        reading=_("Figure and colour are the amount in CNY bn."),
    )


def table(search: Search) -> Table:
    """The districts in which something was found, most money first: the map as a table."""
    found = zip(search.scheme.districts, search.facets.facets["district"], strict=True)
    rows = [
        Row(
            district,
            _region_name(district.region),
            value,
            search.query_with(district=[district.code], view=None),
        )
        for district, value in sorted(found, key=lambda pair: -pair[1].investment)
        if value.count
    ]
    half = -(-len(rows) // 2)
    return Table(len(rows), [rows[:half], rows[half:]])


def placed(districts: list[District]) -> dict[Place, District]:
    """The districts that have a tile, by the place of its centre, row by row as one reads."""
    at = {
        hexagons.centre(district.map_row, district.map_column): district
        for district in districts
        if district.map_row is not None and district.map_column is not None
    }
    return dict(sorted(at.items(), key=lambda one: (one[0][1], one[0][0])))


def courses(edition: Edition) -> list[list[Place]]:
    """The corners that each river of an edition passes."""
    return [[hexagons.corner(*step) for step in water["path"]] for water in edition.water]


def rivers(edition: Edition) -> list[River]:
    """The rivers of an edition. One that ends at another's corner meets it there exactly."""
    ways = courses(edition)
    joints = {place for course in ways for place in (course[0], course[-1])}
    return [
        River(
            water["name_en"] if get_language() == "en" else water["name_zh"],
            water["role"],
            hexagons.river(course, joints),
        )
        for water, course in zip(edition.water, ways, strict=True)
    ]


def whole_figure(amount: Decimal) -> str:
    """Money on a tile, rounded: whole 亿元, in English tenths of CNY bn; what would be 0 stays exact."""
    if not amount:
        return "–"
    english = get_language() == "en"
    unit = in_cny_bn(amount) if english else amount
    rounded = unit.quantize(Decimal("0.1" if english else "1"), ROUND_HALF_UP)
    return f"{rounded:,f}" if rounded else exact_figure(amount)


def _whole_money(amount: Decimal) -> str:
    return _("CNY %(figure)s bn") % {"figure": whole_figure(amount)}


# --- drawing -------------------------------------------------------------------------------------


def _drawn(
    search: Search,
    *,
    figure: Callable[[FacetValue], str],
    query: Callable[[District], str],
    money: Callable[[Decimal], str],
    reading: str,
) -> DistrictMap | None:
    at = placed(search.scheme.districts)
    if not at:
        return None
    names = [str(district.short) for district in at.values()]
    is_short = all(ems(name) <= SHORT_NAME for name in names)
    found = {value.value: value for value in search.facets.facets["district"]}
    shown = [found[one.code] for one in at.values() if _is_asked(search, one.region)]
    tint = scale(value.investment for value in shown)
    labels, page = _labels(search, at, money)
    tiles = []
    for place, district in at.items():
        is_asked = _is_asked(search, district.region)
        value = found[district.code]
        x, y = hexagons.point(place)
        tiles.append(
            Tile(
                code=district.code,
                title=_title(district, value) if is_asked else _unasked_title(district),
                query=query(district),
                level=tint.level(value.investment) if is_asked else None,
                is_selected=value.selected,
                shape=hexagons.outline(place),
                ring=hexagons.cell(place),
                zone=hexagons.inner(place) if district.kind == District.Kind.ZONE else "",
                x=f"{x:g}",
                name=_short_name(str(district.short), y) if is_short else _long_name(str(district.short), y),
                figure=figure(value) if value.count else "–",
                figure_y=f"{y + 15:g}",
            )
        )
    smallest = SHORT_SIZE if is_short else NAME_SIZES[-1]
    return DistrictMap(
        view_box=f"{page.left:g} {page.top:g} {page.right - page.left:g} {page.bottom - page.top:g}",
        least_rem=_least_rem(page, smallest),
        has_short_names=is_short,
        tiles=tiles,
        borders=_borders(at, courses(search.scheme.edition)),
        rivers=rivers(search.scheme.edition),
        labels=labels,
        steps=tint.steps,
        reading=reading,
        colour_reading=_("The colour is the amount in CNY bn."),
    )


def _least_rem(page: Box, smallest: float) -> float:
    """The width at which names of the smallest size are legible: it grows with the reader's type."""
    rem = (page.right - page.left) * LEGIBLE_PX / smallest / PX_PER_REM
    return ceil(10 * rem) / 10


def _is_asked(search: Search, region: Region) -> bool:
    return not search.values["region"] or region.slug in search.values["region"]


def _toggling(search: Search) -> Callable[[District], str]:
    """From a district to the search that toggles it; where its region is not asked for, that."""
    by_district, by_region = search.toggling("district"), search.toggling("region")
    return lambda district: (
        by_district(district.code) if _is_asked(search, district.region) else by_region(district.region.slug)
    )


def _title(district: District, found: FacetValue) -> str:
    title = ngettext(
        "%(district)s: %(number)s opportunity, %(total)s",
        "%(district)s: %(number)s opportunities, %(total)s",
        found.count,
    ) % {"district": district.name, "number": f"{found.count:,}", "total": money_text(found.investment)}
    if not found.count:
        title = _("%(district)s: no opportunity") % {"district": district.name}
    return f"{title} {_('(selected)')}" if found.selected else title


def _unasked_title(district: District) -> str:
    names = {"district": district.name, "region": district.region.name}
    return _("%(district)s: %(region)s is not selected") % names


def _short_name(name: str, y: float) -> list[Lettering]:
    return [Lettering(name, "s2" if ems(name) <= TWO_CHARACTERS else "s3", f"{y - 1:g}")]


def _long_name(name: str, y: float) -> list[Lettering]:
    """A name at the largest size that fits its tile; what is too long breaks into two lines."""
    words = name.split(" ")
    lines = [name] if len(words) == 1 or _fits(name, NAME_SIZES[-1]) else [words[0], " ".join(words[1:])]
    fitting = (n for n, size in enumerate(NAME_SIZES, 1) if all(_fits(line, size) for line in lines))
    size = next(fitting, len(NAME_SIZES))
    first = y - 1 - LINE_HEIGHT * (len(lines) - 1)
    return [Lettering(text, f"n{size}", f"{first + LINE_HEIGHT * n:g}") for n, text in enumerate(lines)]


def _fits(text: str, size: float) -> bool:
    return ems(text) * size <= NAME_ROOM


def _borders(at: dict[Place, District], rivers: Iterable[Sequence[Place]]) -> str:
    """The edges between tiles of different regions, each once; where a river runs, it is the border."""
    wet = {frozenset(edge) for course in rivers for edge in pairwise(course)}
    edges = {}
    for place, district in at.items():
        foreign = {other for other, one in at.items() if one.region_id != district.region_id}
        for start, end in hexagons.edges_between(place, foreign):
            edges[frozenset((start, end))] = (start, end)
    return hexagons.lines(edge for both, edge in edges.items() if both not in wet)


def _labels(
    search: Search, at: dict[Place, District], money: Callable[[Decimal], str]
) -> tuple[list[Label], Box]:
    """The regions' labels in free room near their tiles, and the page that holds tiles and labels."""
    page = around(at)
    labels: list[Label] = []
    taken: list[Box] = []
    for region, found in zip(search.scheme.regions, search.facets.facets["region"], strict=True):
        own = tuple(place for place, district in at.items() if district.region_id == region.pk)
        if not own:
            continue
        name = _region_name(region)
        line = _region_line(found, money) if _is_asked(search, region) else _("not selected")
        width = max(ems(name) * LABEL_SIZES[0], LINE_ROOM * LABEL_SIZES[1]) + 2 * PADDING
        others = tuple(place for place in at if place not in own)
        box = free_room(width, LABEL_HEIGHT, own, others, tuple(taken))
        taken.append(box)
        labels.append(Label(name, line, f"{box.left + PADDING:g}", f"{box.top + 18:g}", f"{box.top + 38:g}"))
    boxes = [page, *taken]
    return labels, Box(
        min(box.left for box in boxes) - PADDING,
        min(box.top for box in boxes) - PADDING,
        max(box.right for box in boxes) + PADDING,
        max(box.bottom for box in boxes) + PADDING,
    )


def _region_name(region: Region) -> str:
    return str(region.short if get_language() == "en" else region.name)


def _region_line(found: FacetValue, money: Callable[[Decimal], str]) -> str:
    count = pgettext("a number of opportunities on a chart", "{number}").format(number=f"{found.count:,}")
    return f"{count} · {money(found.investment)}" if found.count else count
