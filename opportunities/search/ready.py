"""Facets, totals and pages of a search of a large list, from columns: what is counted live for others.

Without words and free bounds, entries of one district are looked up in a cube; all others are added up
row by row, of which there are few or which take the time that a search for words takes anyway.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property, reduce
from operator import and_, or_
from typing import Any

import numpy as np

from ..amounts import cents, from_cents
from . import columns, text
from .columns import FORMS, Columns, Integers, Mask, Table, band_of, lowest, starts
from .cube import COOPERATION, SIDES, Cube
from .entries import Tally
from .facets import Counts, Facets, of_counts
from .parameters import MONTHS, PLACES, RANGE
from .scheme import Scheme

Rows = slice | Integers
BOUNDS = (*RANGE, *MONTHS)
# In so many rows at first, and then in ever more, a page is looked for.
LOOKED_AT = 8192


@dataclass
class Sums:
    """What is found of a search: of each facet two rows, counts and money (hundredths of 亿元) by value.

    ``any_bracket`` has the same by bracket, and ``steps`` counts by step of the histogram, whatever the
    bracket and the bounds; ``found`` has counts by step with them.
    """

    facets: dict[str, Integers]
    any_bracket: Integers
    steps: Integers
    found: Integers

    def __add__(self, other: Sums) -> Sums:
        return Sums(
            {name: sums + other.facets[name] for name, sums in self.facets.items()},
            self.any_bracket + other.any_bracket,
            self.steps + other.steps,
            self.found + other.found,
        )


@dataclass
class _Found:
    """Some rows of a table, one for each district of an entry, and what they add up to."""

    table: Table
    rows: Rows

    @cached_property
    def _first(self) -> Integers:
        return starts(self.table.opportunity[self.rows])

    @cached_property
    def _money(self) -> Integers:
        """What of each entry lies in its rows."""
        money = self.table.money[self.rows]
        return money if len(self._first) == len(money) else np.add.reduceat(money, self._first)

    def of_entries(self, name: str) -> Integers:
        """A column that is the same in all rows of an entry, once for each."""
        column = getattr(self.table, name)[self.rows]
        return column if len(self._first) == len(column) else column[self._first]

    def by_value(self, facet: str, size: int) -> Integers:
        """Count and money of each of ``size`` values of a facet, an entry once for each."""
        if facet in PLACES:
            column, money = getattr(self.table, facet)[self.rows], self.table.money[self.rows]
            once = column[starts(self.table.opportunity[self.rows], column)]
        else:
            once = column = self.of_entries(facet)
            money = self._money
        of_sets = facet == "cooperation"
        size = 1 << len(FORMS) if of_sets else size
        counts = np.bincount(once, minlength=size)
        sums = np.stack((counts, np.bincount(column, money, size))).astype(np.int64)
        return sums @ _OFFERED if of_sets else sums


def _tallies(counts: Integers, money: Integers) -> list[Tally]:
    return list(map(Tally, counts.tolist(), money.tolist()))


class Ready:
    """One search of a large edition, asked of its columns."""

    def __init__(self, values: dict[str, Any], scheme: Scheme) -> None:
        self.values = values
        self.scheme = scheme
        self.columns: Columns = columns.of(scheme)
        self.chosen = {
            name: [number for number, value in enumerate(options) if value in values[name]]
            for name, options in scheme.options.items()
        }

    # --- what is counted ---------------------------------------------------------------------------

    @cached_property
    def total(self) -> Tally:
        """How many entries are found, and their money in the places searched."""
        cube = self._cube
        one = self._total_of(self.columns.one) if cube is None else cube.along(0, self._sides()).sum(1)
        return Tally(*(one + self._total_of(self.columns.several)).tolist())

    @property
    def facets(self) -> Facets:
        one = self._by_row(self.columns.one) if self._cube is None else self._by_cube(self._cube)
        sums = one + self._by_row(self.columns.several)
        # From each threshold on; the first bracket lies below the first.
        at_least = sums.any_bracket[:, :0:-1].cumsum(1)[:, ::-1]
        counts = Counts(
            total=self.total,
            keys=[],
            values={name: _tallies(*found) for name, found in sums.facets.items()},
            at_least=_tallies(*at_least),
            steps=sums.steps.tolist(),
            found=sums.found.tolist(),
        )
        return of_counts(counts, self.scheme, self.values)

    # --- from the cube -----------------------------------------------------------------------------

    @property
    def _cube(self) -> Cube | None:
        """The cube, where nothing is asked that it does not know."""
        is_known = not (self.values["q"] or any(self.values[name] is not None for name in BOUNDS))
        return self.columns.cube if is_known else None

    def _by_cube(self, cube: Cube) -> Sums:
        facets = {name: self._looked_up(cube, name) for name in self.scheme.options}
        one = self.columns.one
        found = self._by_step(one, self._met(one))
        steps = self._by_step(one, self._met(one, but=("bracket",))) if self.chosen["bracket"] else found
        return Sums(facets=facets, any_bracket=facets["bracket"], steps=steps, found=found)

    def _looked_up(self, cube: Cube, facet: str) -> Integers:
        """Count and money of each value of a facet."""
        layout, sides = self.columns.layout, self._sides(but=facet)
        if facet in PLACES:
            every = len(layout.districts)
            places = np.arange(every) if every in sides[-1] else sides[-1]
            number = places if facet == "district" else np.array(layout.region_of)[places]
            found = cube.along(len(sides) - 1, [*sides[:-1], places])
            size = len(self.scheme.options[facet])
            return np.stack([np.bincount(number, layer, size) for layer in found]).astype(np.int64)
        side = SIDES.index(facet)
        own = list(FORMS.values()) if facet == "cooperation" else range(layout.sizes[side])
        return cube.along(side, [*sides[:side], np.array(own), *sides[side + 1 :]])

    def _by_step(self, table: Table, met: Mask | None) -> Integers:
        """Of a table's rows, each an entry of its own, those that meet something by step of the histogram."""
        bounds = lowest(self.scheme.steps)
        # The largest come first, and are in the last step.
        ends = [0, *(table.within(bound, None).stop for bound in reversed(bounds))]
        steps = [slice(*pair) for pair in zip(ends, ends[1:], strict=False)]
        counts = [step.stop - step.start if met is None else np.count_nonzero(met[step]) for step in steps]
        return np.array(counts[::-1], np.int64)

    # --- row by row --------------------------------------------------------------------------------

    def _by_row(self, table: Table) -> Sums:
        within = self._rows(table)
        found = _Found(table, self._meeting(table, within))
        facets = {}
        for name, options in self.scheme.options.items():
            # Where nothing of a facet is chosen, leaving it out leaves what is found.
            own = _Found(table, self._meeting(table, within, but=(name,))) if self.chosen[name] else found
            facets[name] = own.by_value(name, len(options))
        steps = self._stepped(found)
        if not self.chosen["bracket"] and all(self.values[name] is None for name in RANGE):
            return Sums(facets=facets, any_bracket=facets["bracket"], steps=steps, found=steps)
        anything = _Found(table, self._meeting(table, self._rows(table, but=RANGE), but=("bracket",)))
        return Sums(
            facets=facets,
            any_bracket=anything.by_value("bracket", len(self.scheme.options["bracket"])),
            steps=self._stepped(anything),
            found=steps,
        )

    def _stepped(self, found: _Found) -> Integers:
        bounds = lowest(self.scheme.steps)
        return np.bincount(band_of(found.of_entries("cents"), bounds), minlength=len(bounds))

    def _total_of(self, table: Table) -> Integers:
        rows = self._meeting(table, self._rows(table))
        return np.array((len(starts(table.opportunity[rows])), table.money[rows].sum()))

    def _rows(self, table: Table, but: Collection[str] = ()) -> Rows:
        """The rows of a table with the words and within the bounds, but for some of them."""
        asked = {name: None if name in but else self.values[name] for name in BOUNDS}
        rows = table.within(*(None if (bound := asked[name]) is None else cents(bound) for name in RANGE))
        masks = []
        if self.values["q"]:
            masks.append(self.columns.holding(self.values["q"])[table.opportunity[rows]])
        if asked["cycle_min"] is not None:
            masks.append(table.months[rows] >= asked["cycle_min"])
        if asked["cycle_max"] is not None:
            masks.append(table.months[rows] <= asked["cycle_max"])
        return rows.start + np.flatnonzero(reduce(and_, masks)) if masks else rows

    # --- what is chosen of the facets --------------------------------------------------------------

    def _met(self, table: Table, but: Collection[str] = ()) -> Mask | None:
        """Which rows of a table meet what is chosen of the facets, but for some; None where all do."""
        masks = [
            reduce(or_, (table.having(name, number) for number in numbers))
            for name, numbers in self.chosen.items()
            if numbers and name not in but
        ]
        return reduce(and_, masks) if masks else None

    def _meeting(self, table: Table, rows: Rows, but: Collection[str] = ()) -> Rows:
        """Those of some rows of a table that meet it."""
        met = self._met(table, but)
        if met is None:
            return rows
        meeting = np.flatnonzero(met[rows])
        return meeting + rows.start if isinstance(rows, slice) else rows[meeting]

    def _sides(self, but: str = "") -> list[Integers]:
        """The numbers of each side of the cube that are chosen, but for one facet."""
        sizes = self.columns.layout.sizes
        sides = [
            np.array(self.chosen[name] if name != but and self.chosen[name] else [size])
            for name, size in zip(SIDES, sizes, strict=True)
        ]
        forms = [] if but == "cooperation" else self.chosen["cooperation"]
        sides[COOPERATION] = np.array([sum(1 << number for number in forms)])
        sides[SIDES.index("district")] = self._districts(but)
        return sides

    def _districts(self, but: str = "") -> Integers:
        """The districts that the places chosen have in common, but for one facet; without any, all as one."""
        layout = self.columns.layout
        regions, districts = (self.chosen[name] if name != but else [] for name in PLACES)
        if not regions and not districts:
            return np.array([len(layout.districts)])
        common = [
            number
            for number, region in enumerate(layout.region_of)
            if (not regions or region in regions) and (not districts or number in districts)
        ]
        return np.array(common, np.int64)

    # --- what else is drawn of it ------------------------------------------------------------------

    def by_sector_and_region(self) -> dict[tuple[str, str], tuple[int, Decimal]]:
        """How many entries and how much money (亿元) lie in each sector and region, both by slug."""
        sectors, regions = (list(self.scheme.options[name]) for name in ("sector", "region"))
        sums = np.zeros((2, len(sectors) * len(regions)), np.int64)
        for table in (self.columns.one, self.columns.several):
            rows = self._meeting(table, self._rows(table))
            cell = table.sector[rows].astype(np.int64) * len(regions) + table.region[rows]
            first = starts(table.opportunity[rows], table.region[rows])
            sums[0] += np.bincount(cell[first], minlength=sums.shape[1])
            sums[1] += np.bincount(cell, table.money[rows], sums.shape[1]).astype(np.int64)
        places = [(sector, region) for sector in sectors for region in regions]
        return {
            place: (count, from_cents(money))
            for place, count, money in zip(places, *sums.tolist(), strict=True)
            if count
        }

    def ranked(self, region: str, each: int) -> list[tuple[int, Decimal, int]]:
        """Of a region's entries, the largest first and then by reference, the first of every ``each``.

        Of each its rank from 1, its investment in 亿元 and its key.
        """
        number = list(self.scheme.options["region"]).index(region)
        found = []
        for table in (self.columns.one, self.columns.several):
            there = table.having("region", number)
            met = self._met(table)
            rows = np.flatnonzero(there if met is None else there & met)
            found.append(table.take(rows[starts(table.opportunity[rows])]))
        keys, amounts, references = (
            np.concatenate([getattr(table, name) for table in found])
            for name in ("opportunity", "cents", "reference")
        )
        # Both tables are in order: only among equal amounts does it have to be looked for.
        order = np.argsort(-amounts, kind="stable")
        falling = -amounts[order]
        steps = []
        for place in range(0, len(order), each):
            start, stop = (int(np.searchsorted(falling, falling[place], side)) for side in ("left", "right"))
            equal = order[start:stop]
            one = equal[np.argsort(references[equal], kind="stable")][place - start]
            steps.append((place + 1, from_cents(int(amounts[one])), int(keys[one])))
        return steps

    def across_regions(self, most: int) -> tuple[list[int], int]:
        """The keys of the first entries, by reference, that lie in several regions, and how many do."""
        table = self.columns.several
        there = table.take(self._meeting(table, self._rows(table)))
        there = there.take(starts(there.opportunity, there.region))
        several = there.take(np.delete(np.arange(len(there)), starts(there.opportunity)))
        several = several.take(starts(several.opportunity))
        return several.opportunity[np.argsort(several.reference)][:most].tolist(), len(several)

    # --- a page of it ------------------------------------------------------------------------------

    def largest(self, count: int) -> list[int]:
        """The keys of the ``count`` entries found with the largest investments, then by reference."""
        one, several = self.columns.one, self.columns.several
        found = [(one, self._first(one, count)), (several, self._meeting(several, self._rows(several)))]
        return _best(found, count)

    def most_relevant(self, count: int) -> list[int]:
        """The keys of the ``count`` entries found that answer the words best, then the largest first."""
        tables = (self.columns.one, self.columns.several)
        found = [(table, self._meeting(table, self._rows(table))) for table in tables]
        keys = np.concatenate([table.opportunity[rows] for table, rows in found])
        # Most entries have nothing of it in name, sector and districts, which come first.
        headed = keys[self.columns.are(text.keys_headed(self.values["q"]))[keys]]
        tiers = np.full(self.columns.keys_end, text.ELSEWHERE, np.int64)
        for tier, own in text.tiers(self.values["q"], headed.tolist()):
            tiers[self.columns.are(own)] = tier
        return _best(found, count, tiers)

    def around(self, amount: Decimal, count: int, but: int) -> set[int]:
        """The keys of the entries found next to an amount in 亿元, so many with as much or more and so many
        with less, among equals by reference; without one entry."""
        near: list[tuple[int, bytes, int]] = []
        for table in (self.columns.one, self.columns.several):
            rows = self._meeting(table, self._rows(table))
            falling = -table.cents[rows]
            if len(falling):
                place = int(np.searchsorted(falling, -cents(amount)))
                # With all equals of the outermost, and one more for the entry left out.
                first, last = (
                    falling[min(max(at, 0), len(falling) - 1)]
                    for at in (place - count - 1, place + count + 1)
                )
                beside = slice(
                    *(np.searchsorted(falling, *end) for end in ((first, "left"), (last, "right")))
                )
                found = table.take(rows).take(beside)
                near += zip(
                    found.cents.tolist(), found.reference.tolist(), found.opportunity.tolist(), strict=True
                )
        others = [one for one in dict.fromkeys(near) if one[2] != but]
        above = sorted(one for one in others if one[0] >= cents(amount))
        below = sorted(
            ((-money, reference, key) for money, reference, key in others if money < cents(amount))
        )
        return {key for _money, _reference, key in (*above[:count], *below[:count])}

    def extent(self, column: str) -> tuple[Any, Any]:
        """The least and the greatest ``investment`` or ``cycle_months`` found. Something must be found."""
        name = "cents" if column == "investment" else "months"
        tables = (self.columns.one, self.columns.several)
        numbers = np.concatenate(
            [getattr(table, name)[self._meeting(table, self._rows(table))] for table in tables]
        )
        extent = int(numbers.min()), int(numbers.max())
        return (from_cents(extent[0]), from_cents(extent[1])) if name == "cents" else extent

    def _first(self, table: Table, count: int) -> Integers:
        """The first ``count`` rows found of a table whose rows are entries of their own."""
        rows, met = self._rows(table), self._met(table)
        found: list[Integers] = []
        for piece in _pieces(rows):
            numbers = np.arange(piece.start, piece.stop) if isinstance(piece, slice) else piece
            found.append(numbers if met is None else numbers[met[numbers]])
            if sum(map(len, found)) >= count:
                break
        return np.concatenate(found)[:count] if found else np.zeros(0, np.int64)


def _pieces(rows: Rows) -> Iterator[Rows]:
    """Rows in order, a few first and then ever more."""
    start, stop = (rows.start, rows.stop) if isinstance(rows, slice) else (0, len(rows))
    size = LOOKED_AT
    while start < stop:
        piece = slice(start, min(start + size, stop))
        yield piece if isinstance(rows, slice) else rows[piece]
        start, size = piece.stop, 2 * size


def _best(found: Sequence[tuple[Table, Rows]], count: int, tiers: Integers | None = None) -> list[int]:
    """The keys of the first ``count`` entries in rows found: by tier, the largest first, by reference."""
    each = []
    for table, rows in found:
        first = starts(table.opportunity[rows])
        each.append([column[rows][first] for column in (table.opportunity, table.cents, table.reference)])
    keys, amounts, references = map(np.concatenate, zip(*each, strict=True))
    rank = -amounts.astype(np.int64)
    if tiers is not None:
        rank += tiers[keys] << 40
    if count < len(rank):
        best = np.flatnonzero(rank <= np.partition(rank, count - 1)[count - 1])
        keys, rank, references = keys[best], rank[best], references[best]
    return keys[np.lexsort((references, rank))][:count].tolist()


# For each set of forms of cooperation and each form whether it is one of them.
_OFFERED = np.array(
    [[offer >> number & 1 for number in range(len(FORMS))] for offer in range(1 << len(FORMS))]
)
