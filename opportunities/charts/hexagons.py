"""The schematic's tiles: pointed hexagons in rows, every odd row shifted half a tile to the right.

A place is a pair of whole numbers: half widths of a tile to the right, quarters of its height down.
Corners that tiles share are the same place, so borders and rivers follow the edges exactly.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence
from itertools import pairwise

Place = tuple[int, int]
Point = tuple[float, float]

# In drawing units. A regular hexagon would be 25.98 wide for this height; whole numbers stay short.
HALF_WIDTH, QUARTER = 26, 15
# A tile is drawn a little smaller than its cell, so that neighbours stand apart.
_OUTLINE = "l24 14v28l-24 14-24-14v-28z"
_CELL = "l26 15v30l-26 15-26-15v-30z"
_INNER = "l21 12v24l-21 12-21-12v-24z"

_CORNERS = {"n": (0, -2), "ne": (1, -1), "se": (1, 1), "s": (0, 2), "sw": (-1, 1), "nw": (-1, -1)}
CORNERS = tuple(_CORNERS)
# Where the neighbour behind each edge has its centre, and the two corners of the edge.
_EDGES = {
    (2, 0): ("ne", "se"),
    (1, 3): ("se", "s"),
    (-1, 3): ("s", "sw"),
    (-2, 0): ("sw", "nw"),
    (-1, -3): ("nw", "n"),
    (1, -3): ("n", "ne"),
}


def centre(row: int, column: int) -> Place:
    return 2 * column + row % 2, 3 * row


def corner(row: int, column: int, name: str) -> Place:
    """A corner of a tile, by its point of the compass."""
    return _moved(centre(row, column), _CORNERS[name])


def is_edge(start: Place, end: Place) -> bool:
    """Whether two corners are the ends of one edge of a tile."""
    return (abs(end[0] - start[0]), abs(end[1] - start[1])) in ((1, 1), (0, 2))


def neighbours(tile: Place) -> Iterator[Place]:
    """The centres of the six cells around a tile, clockwise from the right."""
    return (_moved(tile, way) for way in _EDGES)


def edges_between(tile: Place, others: Container[Place]) -> Iterator[tuple[Place, Place]]:
    """The edges of a tile behind which one of the others lies."""
    for way, (start, end) in _EDGES.items():
        if _moved(tile, way) in others:
            yield _moved(tile, _CORNERS[start]), _moved(tile, _CORNERS[end])


def point(place: Place) -> Point:
    """A place in drawing units."""
    return place[0] * HALF_WIDTH, place[1] * QUARTER


# --- paths, as SVG writes them -------------------------------------------------------------------


def outline(tile: Place) -> str:
    x, y = point(tile)
    return f"M{_pair(x, y - 28)}{_OUTLINE}"


def cell(tile: Place) -> str:
    """The whole cell of a tile: what a ring around it follows."""
    x, y = point(tile)
    return f"M{_pair(x, y - 30)}{_CELL}"


def inner(tile: Place) -> str:
    """A line inside a tile, as zones have one."""
    x, y = point(tile)
    return f"M{_pair(x, y - 24)}{_INNER}"


def lines(edges: Iterable[tuple[Place, Place]]) -> str:
    return "".join(f"M{_pair(*point(start))}L{_pair(*point(end))}" for start, end in edges)


def river(corners: Sequence[Place], joints: Container[Place]) -> str:
    """A line along corners, rounded at each but the joints, where another river meets it."""
    return "".join(_curve(reach) for reach in _reaches(corners, joints))


def _reaches(corners: Sequence[Place], joints: Container[Place]) -> Iterator[list[Place]]:
    reach = [corners[0]]
    for place in corners[1:]:
        reach.append(place)
        if place in joints:
            yield reach
            reach = [place]
    if len(reach) > 1:
        yield reach


def _curve(corners: Sequence[Place]) -> str:
    """A curve from the first corner to the last; those between pull it towards themselves."""
    points = [point(place) for place in corners]
    path = f"M{_pair(*points[0])}"
    for control, following in pairwise(points[1:]):
        middle = (control[0] + following[0]) / 2, (control[1] + following[1]) / 2
        path += f"Q{_pair(*control)} {_pair(*middle)}"
    return path + f"L{_pair(*points[-1])}"


def _pair(x: float, y: float) -> str:
    return f"{x:g} {y:g}"


def _moved(place: Place, way: Place) -> Place:
    return place[0] + way[0], place[1] + way[1]
