"""Text on the map: widths, and room for labels that touches nothing."""

from __future__ import annotations

from itertools import product

import pytest

from opportunities.charts.hexagons import centre, point
from opportunities.charts.lettering import around, ems, free_room

FIELD = [centre(row, column) for row, column in product(range(5), range(7))]


def test_han_is_wider_than_latin_and_capitals_wider_than_small_letters() -> None:
    assert ems("渝中") == 2
    assert ems("Yuzhong") < 5
    assert ems("ill") < ems("ace") < ems("ACE") < ems("MWM")


@pytest.mark.parametrize("own", [FIELD[:3], FIELD[12:16], FIELD[-2:], FIELD])
def test_a_label_touches_no_tile_and_no_other_label(own: list[tuple[int, int]]) -> None:
    others = tuple(tile for tile in FIELD if tile not in own)
    first = free_room(150, 44, tuple(own), others, ())
    second = free_room(150, 44, tuple(own), others, (first,))
    assert not first.meets(second)
    for box in (first, second):
        # The centre of a tile is nowhere nearer than half its height.
        assert min(box.distance(point(tile)) for tile in FIELD) >= 26
        page = around(FIELD)
        assert page.left <= box.left and box.right <= page.right


def test_a_label_stands_at_its_own_tiles() -> None:
    left, right = tuple(FIELD[:2]), tuple(FIELD[5:7])
    rest = tuple(tile for tile in FIELD if tile not in left + right)
    assert free_room(80, 44, left, rest + right, ()).right < free_room(80, 44, right, rest + left, ()).left


def test_the_smallest_map_has_room_for_many_labels() -> None:
    taken: tuple = ()
    for _each in range(8):
        taken += (free_room(400, 44, (centre(0, 0),), (), taken),)
    assert not any(one.meets(other) for i, one in enumerate(taken) for other in taken[:i])
