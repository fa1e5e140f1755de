"""Facets, totals and pages of a search from columns: for large lists, what is counted live for others.

What a search asks of facets is asked of cells, of which there are fewer than entries; words and free
bounds choose the entries that the cells then add up.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from decimal import Decimal
from functools import cached_property, reduce
from operator import and_
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..amounts import cents, from_cents
from ..models.catalogue import CYCLE_MONTHS_MAX
from . import columns, text
from .columns import FORMS, Cells, Columns, Integers, Sums, starts
from .facets import Counts, Facets, Tally, of_counts
from .scheme import Scheme

Mask = NDArray[np.bool_]
# The first rows are looked through for a page, then ever more.
LOOKED_AT = 8192


class Ready:
    """One search of a large edition, asked of its columns."""

    def __init__(self, values: dict[str, Any], scheme: Scheme) -> None:
        self.values = values
        self.scheme = scheme
        self.columns: Columns = columns.of(scheme)
        self.cells: Cells = self.columns.cells

    # --- what is counted ---------------------------------------------------------------------------

    @property
    def total(self) -> Tally:
        """How many entries are found, and their money in the places searched."""
        found = self._by_band
        return Tally(int(found.count.sum()), int(found.money.sum()))

    @property
    def facets(self) -> Facets:
        counts = Counts(total=self.total)
        for name, sums in self._by_value():
            for value, count, money in zip(
                self.scheme.options[name], sums.count.tolist(), sums.money.tolist(), strict=True
            ):
                counts.values[name, value] = Tally(int(count), int(money))
        bounds = self.columns.layout.bounds
        for threshold in self.scheme.thresholds:
            above = slice(bounds.index(cents(threshold)), None)
            of_any = self._by_band_of_any
            counts.at_least[threshold] = Tally(int(of_any.count[above].sum()), int(of_any.money[above].sum()))
        step_of = self._band_in(step.lower for step in self.scheme.steps)
        for counted, bands in ((counts.steps, self._by_band_of_any), (counts.found, self._by_band)):
            numbers = np.bincount(step_of, bands.count, len(self.scheme.steps))
            counted.update(enumerate(map(int, numbers.tolist())))
        return of_counts(counts, self.scheme, self.values)

    def _by_value(self) -> Iterator[tuple[str, Sums]]:
        """Each facet with what its values add up to, in their order."""
        cells, sizes = self.cells, {name: len(values) for name, values in self.scheme.options.items()}
        for name, column in (("sector", cells.sector), ("cycle", cells.cycle), ("status", cells.status)):
            yield name, _added(self._found, column, sizes[name], self._met_but({name}))
        bands = _added(self._found, cells.band, self._bands, self._met_but({"bracket"}))
        yield "bracket", _added(bands, self._band_in(b.lower for b in self.scheme.brackets), sizes["bracket"])
        offers = _added(self._found, cells.offer, 1 << len(FORMS), self._met_but({"cooperation"}))
        yield "cooperation", Sums(_OFFERED @ offers.count, _OFFERED @ offers.money)
        met = self._met_but(set())
        by_region = self._in(self._within, self._selected.get("district"), cells.cell, cells.region)
        yield "region", _added(by_region, cells.region, sizes["region"], met)
        by_district = self._in(self._within, self._selected.get("region"), cells.cell, cells.district)
        yield "district", _added(by_district, cells.district, sizes["district"], met)

    @cached_property
    def _by_band(self) -> Sums:
        return _added(self._found, self.cells.band, self._bands, self._met_but(set()))

    @cached_property
    def _by_band_of_any(self) -> Sums:
        """What there is in each band whatever the bracket and the bounds of the investment."""
        if not (self.values["bracket"] or self._has_bounds):
            return self._by_band
        anywhere = self._in_places(self._whatever_investment)
        return _added(anywhere, self.cells.band, self._bands, self._met_but({"bracket"}))

    @property
    def _bands(self) -> int:
        return len(self.columns.layout.bounds)

    def _band_in(self, lowest: Iterator[Decimal]) -> Integers:
        """For each band which one of wider ones it lies in, these by their lower bounds."""
        return np.searchsorted([cents(one) for one in lowest], self.columns.layout.bounds, "right") - 1

    # --- places ------------------------------------------------------------------------------------

    @cached_property
    def _found(self) -> Sums:
        return self._in_places(self._within)

    def _in_places(self, sums: Sums) -> Sums:
        """What of sums lies in the places searched, each entry counted once."""
        return self._in(sums, self._places, self.cells.cell)

    @cached_property
    def _places(self) -> Mask | None:
        return _all(self._selected.get(name) for name in ("region", "district"))

    def _in(self, sums: Sums, places: Mask | None, *once: Integers) -> Sums:
        """What of sums lies in places, each entry counted in the first part of every ``once``."""
        if places is None:
            return Sums(sums.count * starts(*once), sums.money)
        at = np.flatnonzero(places)
        first = np.zeros(len(places), bool)
        first[at[starts(*(column[at] for column in once))]] = True
        return Sums(sums.count * first, sums.money * places)

    # --- which cells meet it -----------------------------------------------------------------------

    def _met_but(self, without: Collection[str]) -> Mask | None:
        """Of each part whether its cell meets the facets but for places and some; None where all do."""
        of_cells = ("sector", "bracket", "cycle", "cooperation", "status")
        return _all(self._selected.get(name) for name in of_cells if name not in without)

    @cached_property
    def _selected(self) -> dict[str, Mask]:
        """For each facet with a selection, which parts meet it."""
        cells = self.cells
        bracket_of = self._band_in(one.lower for one in self.scheme.brackets)
        columns_of = {
            "sector": cells.sector,
            "region": cells.region,
            "district": cells.district,
            "bracket": bracket_of[cells.band],
            "cycle": cells.cycle,
            "status": cells.status,
        }
        met = {
            name: np.array([value in self.values[name] for value in self.scheme.options[name]])[column]
            for name, column in columns_of.items()
            if self.values[name]
        }
        if self.values["cooperation"]:
            asked = [form in self.values["cooperation"] for form in FORMS]
            met["cooperation"] = (asked @ _OFFERED > 0)[cells.offer]
        return met

    # --- which entries meet it ---------------------------------------------------------------------

    @cached_property
    def _within(self) -> Sums:
        """What the entries with the words and within the bounds add up to."""
        if not self._has_bounds:
            return self._whatever_investment
        return self.columns.sums(self._rows)

    @cached_property
    def _whatever_investment(self) -> Sums:
        return self.columns.all if self._named is None else self.columns.sums(self._named)

    @property
    def _has_bounds(self) -> bool:
        return self.values["investment_min"] is not None or self.values["investment_max"] is not None

    @cached_property
    def _rows(self) -> slice | Integers:
        """The rows of the columns with the words and within the bounds."""
        bounds = (self.values["investment_min"], self.values["investment_max"])
        within = self.columns.with_investment(*(None if one is None else cents(one) for one in bounds))
        if self._named is None:
            return within
        start, stop = np.searchsorted(self._named, (within.start, within.stop))
        return self._named[start:stop]

    @cached_property
    def _named(self) -> Integers | None:
        """The rows with the words and within the bounds of the period; None where neither is asked."""
        rows = None
        if self.values["q"]:
            rows = self.columns.holding(self.values["q"])
        lower, upper = self.values["cycle_min"], self.values["cycle_max"]
        if lower is None and upper is None:
            return rows
        months = self.columns.months if rows is None else self.columns.months[rows]
        met = (months >= (lower or 0)) & (months <= (upper or CYCLE_MONTHS_MAX))
        return np.flatnonzero(met) if rows is None else rows[met]

    # --- a page of it ------------------------------------------------------------------------------

    def largest(self, count: int) -> list[int]:
        """The keys of the ``count`` entries found with the largest investments, then by reference."""
        found: list[int] = []
        for rows in self._pieces():
            keys = self._found_in(rows).tolist()
            # The parts of an entry may be in two pieces.
            found += keys[1:] if found and keys and keys[0] == found[-1] else keys
            if len(found) >= count:
                break
        return found[:count]

    def most_relevant(self, count: int) -> list[int]:
        """The keys of the ``count`` entries found that answer the words best, then the largest first."""
        question, keys = self.values["q"], self._found_in(self._rows)
        # Most entries have nothing of it in name, sector and districts, which come first.
        headed = keys[self.columns.are(text.keys_headed(question))[keys]]
        tiers = np.full(self.columns.keys_end, text.ELSEWHERE, np.int8)
        for key, tier in text.tiers(question, headed.tolist()):
            if key < len(tiers):
                tiers[key] = tier
        return keys[np.argsort(tiers[keys], kind="stable")][:count].tolist()

    def extent(self, column: str) -> tuple[Any, Any]:
        """The least and the greatest ``investment`` or ``cycle_months`` found. Something must be found."""
        columns = self.columns
        numbers = (columns.cents if column == "investment" else columns.months)[self._met(self._rows)]
        extent = int(numbers.min()), int(numbers.max())
        return (from_cents(extent[0]), from_cents(extent[1])) if column == "investment" else extent

    def _found_in(self, rows: slice | Integers) -> Integers:
        """The keys of the entries found in some rows, in order."""
        opportunity = self.columns.opportunity[self._met(rows)]
        return opportunity[starts(opportunity)]

    def _met(self, rows: slice | Integers) -> slice | Integers:
        """Those of some rows that meet what is selected in the facets."""
        parts = _all((self._places, self._met_but(set())))
        if parts is None:
            return rows
        met = np.flatnonzero(parts[self.columns.part[rows]])
        return met + rows.start if isinstance(rows, slice) else rows[met]

    def _pieces(self) -> Iterator[slice | Integers]:
        """The rows in order, first a few and then ever more."""
        rows, at, size = self._rows, 0, LOOKED_AT
        start, stop = (rows.start, rows.stop) if isinstance(rows, slice) else (0, len(rows))
        while start + at < stop:
            piece = slice(start + at, min(start + at + size, stop))
            yield piece if isinstance(rows, slice) else rows[piece]
            at, size = at + size, 2 * size


# For each form of cooperation and each set of forms whether it is one of them.
_OFFERED = np.array(
    [[offer & form > 0 for offer in range(1 << len(FORMS))] for form in FORMS.values()], float
)


def _added(sums: Sums, column: Integers, size: int, met: Mask | None = None) -> Sums:
    """What sums add up to for each value of a column, of those that meet something."""
    return Sums(
        *(
            np.asarray(np.bincount(column, numbers if met is None else numbers * met, size), np.float64)
            for numbers in (sums.count, sums.money)
        )
    )


def _all(masks: Iterable[Mask | None]) -> Mask | None:
    """What meets all of some masks; None is one that all meet."""
    given = [mask for mask in masks if mask is not None]
    return reduce(and_, given) if given else None
