"""The schematic map of an edition's districts, each a tile with its figure, tinted by money.

A schematic and no map of boundaries: a tile says where a district lies, not how large it is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _

from ..amounts import in_cny_bn
from ..models import District, Edition, Region
from ..search.facets import FacetValue
from ..search.query import Search
from ..search.scheme import Scheme
from ..templatetags.opportunities import figure as exact_figure
from ..templatetags.opportunities import money_text
from . import hexagons
from .elevation import Scale, Step, scale
from .hexagons import Place
from .lettering import Box, around, ems, free_room

# In drawing units: sizes of a tile's name, largest first, and the room it has; sizes of a region's label.
NAME_SIZES = (13.5, 12, 10.5, 9)
NAME_ROOM = 46
LABEL_SIZES = (19, 14)
# Room for a region's label: its height, and so many ems for any count and money that a search gives.
LABEL_HEIGHT = 44
LINE_ROOM = 10
# Names of at most so many ems are large enough on a phone without their figures; what a map then needs.
SHORT_NAME = 3
SHORT_SIZE = 17.5
LEGIBLE_PX = 10
PX_PER_REM = 16
PADDING = 6
# A city of few districts has no larger tiles than another.
WIDTH_MIN = 520


@dataclass(frozen=True)
class Lettering:
    """A line of a tile's text: ``size`` counts from 1, the largest."""

    text: str
    size: int
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
    """Ready to draw. ``least_width`` is the narrowest at which its names are legible."""

    view_box: str
    least_width: str
    has_short_names: bool
    tiles: list[Tile]
    borders: str
    rivers: list[River]
    labels: list[Label]
    steps: list[Step]
    reading: str

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
        query=lambda district: _toggled(search, district),
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
        Row(district, value, search.query_with(district=[district.code], view=None))
        for district, value in sorted(found, key=lambda pair: -pair[1].investment)
        if value.count
    ]
    half = -(-len(rows) // 2)
    return Table(len(rows), [rows[:half], rows[half:]])


def placed(districts: list[District]) -> dict[Place, District]:
    """The districts that have a tile, by the place of its centre."""
    return {
        hexagons.centre(district.map_row, district.map_column): district
        for district in districts
        if district.map_row is not None and district.map_column is not None
    }


def rivers(edition: Edition) -> list[River]:
    """The rivers of an edition. One that ends at another's corner meets it there exactly."""
    courses = [[hexagons.corner(*step) for step in water["path"]] for water in edition.water]
    joints = {place for course in courses for place in (course[0], course[-1])}
    return [
        River(
            water["name_en"] if get_language() == "en" else water["name_zh"],
            water["role"],
            hexagons.river(course, joints),
        )
        for water, course in zip(edition.water, courses, strict=True)
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
    scheme = search.scheme
    at = placed(scheme.districts)
    if not at:
        return None
    found = {value.value: value for value in search.facets.facets["district"]}
    asked = {region.slug for region in scheme.regions if _is_asked(search, region)}
    shown = [found[district.code] for district in at.values() if district.region.slug in asked]
    tint = scale(value.investment for value in shown)
    tiles = [
        _tile(place, district, found[district.code], tint, figure, query(district))
        if district.region.slug in asked
        else _unasked(place, district, query(district))
        for place, district in at.items()
    ]
    labels, page = _labels(search, at, money)
    sizes = [NAME_SIZES[line.size - 1] for tile in tiles for line in tile.name]
    is_short = all(ems(line.text) <= SHORT_NAME for tile in tiles for line in tile.name)
    smallest = SHORT_SIZE if is_short else min(sizes)
    return DistrictMap(
        view_box=f"{page.left:g} {page.top:g} {page.right - page.left:g} {page.bottom - page.top:g}",
        least_width=f"{(page.right - page.left) * LEGIBLE_PX / smallest / PX_PER_REM:.1f}rem",
        has_short_names=is_short,
        tiles=tiles,
        borders=_borders(at),
        rivers=rivers(scheme.edition),
        labels=labels,
        steps=tint.steps,
        reading=reading,
    )


def _is_asked(search: Search, region: Region) -> bool:
    return not search.values["region"] or region.slug in search.values["region"]


def _toggled(search: Search, district: District) -> str:
    """The search with a district selected or no longer; where its region is not asked for, with that."""
    if _is_asked(search, district.region):
        return search.query_toggling("district", district.code)
    return search.query_toggling("region", district.region.slug)


def _tile(
    place: Place,
    district: District,
    found: FacetValue,
    tint: Scale,
    figure: Callable[[FacetValue], str],
    query: str,
) -> Tile:
    title = ngettext(
        "%(district)s: %(number)s opportunity, %(total)s",
        "%(district)s: %(number)s opportunities, %(total)s",
        found.count,
    ) % {"district": district.name, "number": f"{found.count:,}", "total": money_text(found.investment)}
    if not found.count:
        title = _("%(district)s: no opportunity") % {"district": district.name}
    if found.selected:
        title = f"{title} {_('(selected)')}"
    return _shaped(
        place,
        district,
        title=title,
        query=query,
        level=tint.level(found.investment),
        is_selected=found.selected,
        figure=figure(found) if found.count else "–",
    )


def _unasked(place: Place, district: District, query: str) -> Tile:
    names = {"district": district.name, "region": district.region.name}
    title = _("%(district)s: %(region)s is not selected") % names
    return _shaped(place, district, title=title, query=query, level=None, is_selected=False, figure="–")


def _shaped(
    place: Place,
    district: District,
    *,
    title: str,
    query: str,
    level: int | None,
    is_selected: bool,
    figure: str,
) -> Tile:
    x, y = hexagons.point(place)
    size, lines = _fitted(str(district.short))
    first = y - 1 if len(lines) == 1 else y - 10
    return Tile(
        code=district.code,
        title=title,
        query=query,
        level=level,
        is_selected=is_selected,
        shape=hexagons.outline(place),
        ring=hexagons.cell(place),
        zone=hexagons.inner(place) if district.kind == District.Kind.ZONE else "",
        x=f"{x:g}",
        name=[Lettering(text, size, f"{first + 11 * n:g}") for n, text in enumerate(lines)],
        figure=figure,
        figure_y=f"{y + 15:g}",
    )


def _fitted(name: str) -> tuple[int, list[str]]:
    """The largest size, counted from 1, at which a name fits its tile; long ones break into two lines."""
    words = name.split(" ")
    lines = [name] if len(words) == 1 or _fits(name, NAME_SIZES[-1]) else [words[0], " ".join(words[1:])]
    sizes = enumerate(NAME_SIZES, 1) if len(lines) == 1 else enumerate(NAME_SIZES[2:], 3)
    return next((n for n, size in sizes if all(_fits(line, size) for line in lines)), len(NAME_SIZES)), lines


def _fits(text: str, size: float) -> bool:
    return ems(text) * size <= NAME_ROOM


def _borders(at: dict[Place, District]) -> str:
    """The edges between tiles of different regions, each once."""
    edges = {}
    for place, district in at.items():
        others = {one for one in hexagons.neighbours(place) if one in at and at[one].region != district.region}
        for start, end in hexagons.edges_between(place, others):
            edges[frozenset((start, end))] = (start, end)
    return hexagons.lines(edges.values())


def _labels(
    search: Search, at: dict[Place, District], money: Callable[[Decimal], str]
) -> tuple[list[Label], Box]:
    """The regions' labels in free room near their tiles, and the page that holds tiles and labels."""
    page = around(at)
    labels: list[Label] = []
    taken: list[Box] = []
    for region, found in zip(search.scheme.regions, search.facets.facets["region"], strict=True):
        own = tuple(place for place, district in at.items() if district.region == region)
        if not own:
            continue
        name = str(region.short if get_language() == "en" else region.name)
        line = _region_line(found, money) if _is_asked(search, region) else _("not selected")
        width = max(ems(name) * LABEL_SIZES[0], LINE_ROOM * LABEL_SIZES[1]) + 2 * PADDING
        others = tuple(place for place in at if place not in own)
        box = free_room(width, LABEL_HEIGHT, own, others, tuple(taken))
        taken.append(box)
        labels.append(Label(name, line, f"{box.left + PADDING:g}", f"{box.top + 18:g}", f"{box.top + 38:g}"))
    boxes = [page, *taken]
    left, right = min(box.left for box in boxes), max(box.right for box in boxes)
    return labels, Box(
        left - PADDING,
        min(box.top for box in boxes) - PADDING,
        max(right, left + WIDTH_MIN) + PADDING,
        max(box.bottom for box in boxes) + PADDING,
    )


def _region_line(found: FacetValue, money: Callable[[Decimal], str]) -> str:
    count = pgettext("a number of opportunities on a chart", "{number}").format(number=f"{found.count:,}")
    return f"{count} · {money(found.investment)}"
