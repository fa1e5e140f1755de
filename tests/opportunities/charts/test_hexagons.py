"""The geometry of the schematic: shared corners, shifted rows, rivers along edges."""

from __future__ import annotations

from itertools import product

import pytest

from opportunities.charts import hexagons
from opportunities.charts.hexagons import CORNERS, centre, corner, edges_between, is_edge, neighbours

TILES = list(product(range(6), range(6)))


@pytest.mark.parametrize(("row", "column"), [(2, 3), (3, 3)])
def test_a_tile_touches_two_beside_it_and_two_in_each_row_above_and_below(row: int, column: int) -> None:
    shift = row % 2
    beside = {(row, column - 1), (row, column + 1)}
    others = {(row + step, column - 1 + shift + side) for step in (-1, 1) for side in (0, 1)}
    assert set(neighbours(centre(row, column))) == {centre(*tile) for tile in beside | others}


def test_neighbours_share_one_edge_and_others_none() -> None:
    for one, other in product(TILES, TILES):
        shared = {corner(*one, name) for name in CORNERS} & {corner(*other, name) for name in CORNERS}
        edges = list(edges_between(centre(*one), {centre(*other)}))
        if centre(*other) in neighbours(centre(*one)):
            assert [set(edge) for edge in edges] == [shared]
            assert is_edge(*shared)
        elif one != other:
            assert edges == []
            assert len(shared) == 0


def test_an_edge_joins_corners_that_follow_each_other_around_a_tile() -> None:
    corners = [corner(3, 4, name) for name in CORNERS]
    for place, start in enumerate(corners):
        joined = {place_ for place_, end in enumerate(corners) if is_edge(start, end)}
        assert joined == {(place + 1) % 6, (place - 1) % 6}


def test_a_tile_is_drawn_within_its_cell_around_its_centre() -> None:
    assert hexagons.point(centre(1, 2)) == (5 * 26, 3 * 15)
    assert hexagons.cell(centre(1, 2)) == "M130 15l26 15v30l-26 15-26-15v-30z"
    assert hexagons.outline(centre(1, 2)) == "M130 17l24 14v28l-24 14-24-14v-28z"


def test_a_river_is_rounded_at_its_corners_and_meets_another_in_a_point() -> None:
    course = [corner(0, 0, name) for name in ("nw", "n", "ne", "se")]
    assert hexagons.river(course, set()) == "M-26 -15Q0 -30 13 -22.5Q26 -15 26 0L26 15"
    meeting = corner(0, 0, "ne")
    assert hexagons.river(course, {meeting}) == "M-26 -15Q0 -30 13 -22.5L26 -15M26 -15L26 15"
