"""Where a few districts lie among the others: the schematic without figures, tints or links."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from ..models import District
from ..search.scheme import Scheme
from . import hexagons
from .district_map import River, placed, rivers
from .hexagons import Place
from .lettering import around

PADDING = 6


@dataclass(frozen=True)
class Locator:
    """``here`` are the tiles meant, ``region`` the others of their regions, ``rest`` all others."""

    names: list[object]
    view_box: str
    rest: str
    region: str
    here: str
    rivers: list[River]


def locator(scheme: Scheme, districts: Collection[District]) -> Locator | None:
    """The position of an edition's districts; None where none of them has one."""
    at = placed(scheme.districts)
    here = {place for place, district in at.items() if district in districts}
    if not here:
        return None
    regions = {at[place].region_id for place in here}
    region = {place for place, district in at.items() if district.region_id in regions} - here
    page = around(at)
    return Locator(
        names=[at[place].name for place in at if place in here],
        view_box=f"{page.left - PADDING:g} {page.top - PADDING:g}"
        f" {page.right - page.left + 2 * PADDING:g} {page.bottom - page.top + 2 * PADDING:g}",
        rest=_outlines(place for place in at if place not in region | here),
        region=_outlines(place for place in at if place in region),
        here=_outlines(place for place in at if place in here),
        rivers=rivers(scheme.edition),
    )


def neighbours(scheme: Scheme, district: District) -> list[District]:
    """The districts whose tiles touch that of a district, clockwise from the right."""
    at = placed(scheme.districts)
    return [
        at[beside]
        for place, one in at.items()
        if one == district
        for beside in hexagons.neighbours(place)
        if beside in at
    ]


def _outlines(tiles: Iterable[Place]) -> str:
    return "".join(map(hexagons.outline, tiles))
