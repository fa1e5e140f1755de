"""Where text of a map stands: the size a name fits its tile in, and free room for a region's label."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from math import hypot

from .hexagons import HALF_WIDTH, QUARTER, Place, Point, point

# Between a label and a tile, in drawing units.
MARGIN = 6
# A map of few districts has no larger tiles than another: it leaves the rest free.
WIDTH_MIN = 520


@dataclass(frozen=True)
class Box:
    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: Box) -> bool:
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )

    def distance(self, at: Point) -> float:
        across = max(self.left - at[0], 0, at[0] - self.right)
        down = max(self.top - at[1], 0, at[1] - self.bottom)
        return hypot(across, down)

    @property
    def middle(self) -> Point:
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2


def ems(text: str) -> float:
    """How wide a text is about, in ems: a Han character fills one, others less."""
    return sum(map(_em, text))


def _em(character: str) -> float:
    if unicodedata.east_asian_width(character) in "WF":
        return 1
    if character in "fijlrt'’-.,· ":
        return 0.32
    return 0.88 if character in "mwMW" else 0.7 if character.isupper() else 0.58


def tile_box(tile: Place) -> Box:
    x, y = point(tile)
    return Box(x - HALF_WIDTH, y - 2 * QUARTER, x + HALF_WIDTH, y + 2 * QUARTER)


def around(tiles: Iterable[Place]) -> Box:
    """The page that a map of these tiles needs."""
    boxes = [tile_box(tile) for tile in tiles]
    left = min(box.left for box in boxes)
    return Box(
        left,
        min(box.top for box in boxes),
        max(left + WIDTH_MIN, *(box.right for box in boxes)),
        max(box.bottom for box in boxes),
    )


@lru_cache(maxsize=256)
def free_room(
    width: float, height: float, own: tuple[Place, ...], others: tuple[Place, ...], taken: tuple[Box, ...]
) -> Box:
    """Room for a label of this size that touches no tile and nothing ``taken``, nearest to its own tiles.

    It lies nearer to one of its own tiles than to any other where it can, and between the sides of the
    map; below the map there is always room. The same for every search of an edition, so found once.
    """
    page = around([*own, *others])
    blocked = [*taken, *(box for tile in (*own, *others) for box in _body(tile))]
    ours, theirs = [point(tile) for tile in own], [point(tile) for tile in others]
    heart = sum(x for x, _y in ours) / len(ours), sum(y for _x, y in ours) / len(ours)

    def cost(box: Box) -> tuple[bool, float]:
        near = min(map(box.distance, ours))
        is_others = bool(theirs) and min(map(box.distance, theirs)) < near
        outside = max(page.top - box.top, 0) + max(box.bottom - page.bottom, 0)
        return is_others, near + outside / 2 + hypot(box.middle[0] - heart[0], box.middle[1] - heart[1]) / 4

    end = page.bottom + (len(taken) + 1) * (height + MARGIN)
    free = (box for box in _boxes(width, height, page, end) if not any(map(box.meets, blocked)))
    return min(free, key=cost)


def _boxes(width: float, height: float, page: Box, end: float) -> Iterator[Box]:
    """Where a label could stand: from a row above the page down to ``end``."""
    top = page.top - height - MARGIN
    while top <= end:
        left = page.left
        while left <= max(page.left, page.right - width):
            yield Box(left, top, left + width, top + height)
            left += HALF_WIDTH
        top += QUARTER / 2


def _body(tile: Place) -> Iterator[Box]:
    """A tile as two boxes: its middle, and the narrower whole of it."""
    x, y = point(tile)
    yield Box(x - HALF_WIDTH, y - QUARTER - MARGIN, x + HALF_WIDTH, y + QUARTER + MARGIN)
    yield Box(x - HALF_WIDTH / 2, y - 2 * QUARTER - MARGIN, x + HALF_WIDTH / 2, y + 2 * QUARTER + MARGIN)
