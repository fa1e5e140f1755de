"""A large edition's public entries as columns in memory, and what they add up to.

Read once from the facet rows and then kept up with what each revision changed, in every process by
itself: the rows are written in the transaction of the change, so all count the same.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..amounts import cents
from ..models import CooperationForm, FacetRow, Opportunity
from . import text
from .scheme import CYCLES, Scheme

Integers = NDArray[np.integer[Any]]
Numbers = NDArray[np.float64]

CHUNK = 50_000
_REFERENCE = np.dtype("S32")
# Of so many questions the rows found are kept.
FOUND_KEPT = 16
# With more changes than these the rows are read anew.
FOLLOWED_MAX = 2_000
# Revisions that a replica may still be at when another is further.
SEEN_MAX = 100

_COLUMNS = ("pk", "reference", "sector_id", "cents", "cycle_months", "status", "cooperation", "places")
Row = tuple[int, str, int, int, int, str, str, str]
# Sets of districts, each by its number within the key of a cell.
Sets = dict[tuple[int, ...], int]


@dataclass(frozen=True)
class Layout:
    """The numbers by which columns name the values of an edition's facets.

    ``bounds`` are the lower bounds, in hundredths of 亿元, of bands that every bracket, threshold and step
    of the histogram is made of.
    """

    sectors: dict[int, int]
    districts: dict[int, int]
    region_of: tuple[int, ...]
    bounds: tuple[int, ...]

    @classmethod
    def of(cls, scheme: Scheme) -> Layout:
        regions = {region.pk: number for number, region in enumerate(scheme.regions)}
        return cls(
            sectors={sector.pk: number for number, sector in enumerate(scheme.sectors)},
            districts={district.pk: number for number, district in enumerate(scheme.districts)},
            region_of=tuple(regions[district.region_id] for district in scheme.districts),
            bounds=tuple(sorted({cents(band.lower) for band in (*scheme.brackets, *scheme.steps)} | {0})),
        )

    @property
    def sizes(self) -> tuple[int, ...]:
        """How many values there are of sector, band, cycle, status and set of forms of cooperation."""
        return len(self.sectors), len(self.bounds), len(CYCLES), len(STATUSES), 1 << len(FORMS)

    @property
    def size(self) -> int:
        return math.prod(self.sizes)


STATUSES = {status: number for number, status in enumerate(Opportunity.Status.values)}
FORMS = {form: 1 << number for number, form in enumerate(CooperationForm.values)}


@dataclass(frozen=True, eq=False)
class Cells:
    """One cell for each distinct combination of facet values that there is or was.

    ``keys`` has one number for each cell and ``sets`` those of its sets of districts; all else has one
    for each part of a cell: a part is a district, those of a cell stand next to each other and by region.
    """

    layout: Layout
    sets: Sets
    keys: Integers
    first: Integers
    cell: Integers
    sector: Integers
    band: Integers
    cycle: Integers
    status: Integers
    offer: Integers
    district: Integers
    region: Integers

    @classmethod
    def of(cls, layout: Layout, sets: Sets, keys: Integers) -> Cells:
        number, rest = np.divmod(keys, layout.size)
        sector, band, cycle, status, offer = np.unravel_index(rest, layout.sizes)
        own = list(sets)
        lengths = np.fromiter(map(len, own), np.int64, len(own))[number]
        district = np.fromiter((one for at in number for one in own[at]), np.int16, int(lengths.sum()))

        def by_part(column: Integers) -> Integers:
            return np.repeat(column.astype(np.int32), lengths)

        return cls(
            layout=layout,
            sets=sets,
            keys=keys,
            first=np.cumsum(lengths) - lengths,
            cell=by_part(np.arange(len(keys))),
            sector=by_part(sector),
            band=by_part(band),
            cycle=by_part(cycle),
            status=by_part(status),
            offer=by_part(offer),
            district=district,
            region=np.array(layout.region_of, np.int16)[district],
        )

    def __len__(self) -> int:
        return len(self.cell)

    def with_all(self, keys: Integers) -> Cells:
        """These cells, and after them those that there are not yet."""
        new = np.setdiff1d(keys, self.keys)
        return Cells.of(self.layout, self.sets, np.concatenate((self.keys, new))) if len(new) else self

    def first_parts(self, keys: Integers) -> Integers:
        """The first part of the cell of each key."""
        order = np.argsort(self.keys)
        return self.first[order[np.searchsorted(self.keys, keys, sorter=order)]]


def starts(groups: Integers, *more: Integers) -> NDArray[np.bool_]:
    """Where another group than the one before begins, in columns whose groups stand together."""
    found = np.ones(len(groups), bool)
    if len(groups):
        differs = groups[1:] != groups[:-1]
        for column in more:
            differs |= column[1:] != column[:-1]
        found[1:] = differs
    return found


@dataclass(frozen=True, eq=False)
class Columns:
    """The public entries of an edition, the largest first and then by reference.

    Each column has one number for each district that an entry lies in, those of an entry next to each
    other: ``money`` is what of its ``cents`` lies there, ``part`` the part of a cell that it counts in.
    """

    revision: str
    seen: tuple[str, ...]
    cells: Cells
    opportunity: Integers
    reference: NDArray[np.bytes_]
    cents: Integers
    months: Integers
    money: Integers
    part: Integers
    # Where words were found, for whoever asks for the same ones in this revision.
    found: dict[str, Integers] = field(default_factory=dict)

    @property
    def layout(self) -> Layout:
        return self.cells.layout

    @cached_property
    def all(self) -> Sums:
        """What all entries add up to."""
        return self.sums(slice(None))

    def sums(self, rows: slice | Integers) -> Sums:
        """What some rows add up to, in each part of each cell."""
        part, size = self.part[rows], len(self.cells)
        return Sums(
            np.asarray(np.bincount(part, minlength=size), np.float64),
            np.asarray(np.bincount(part, self.money[rows], size), np.float64),
        )

    def with_investment(self, lower: int | None, upper: int | None) -> slice:
        """The rows of the entries with an investment within bounds (hundredths of 亿元), both inclusive."""
        rising, length = self.cents[::-1], len(self.cents)
        start = 0 if upper is None else length - int(np.searchsorted(rising, upper, "right"))
        stop = length if lower is None else length - int(np.searchsorted(rising, lower, "left"))
        return slice(start, max(start, stop))

    def holding(self, question: str) -> Integers:
        """The rows of the entries that have every word of a question."""
        words = " ".join(text.asked(question))
        rows = self.found.get(words)
        if rows is None:
            if len(self.found) >= FOUND_KEPT:
                self.found.clear()
            held = self.are(text.keys_holding(question))
            self.found[words] = rows = np.flatnonzero(held[self.opportunity])
        return rows

    def are(self, keys: Sequence[int]) -> NDArray[np.bool_]:
        """For each key up to the last one in use whether it is one of some."""
        table = np.zeros(self.keys_end, bool)
        some = np.array(keys, np.int64)
        table[some[some < len(table)]] = True
        return table

    @cached_property
    def keys_end(self) -> int:
        return int(self.opportunity.max(initial=0)) + 1

    def following(self, revision: str, rows: Sequence[Row], gone: Sequence[int]) -> Columns:
        """These columns with other rows in place of their old ones, and without those that are gone."""
        kept = ~np.isin(self.opportunity, [*(row[0] for row in rows), *gone])
        coded = _coded(rows, self.layout, self.cells.sets)
        cells = self.cells.with_all(coded.key)
        new = coded.placed(cells)
        old: dict[str, Any] = {name: getattr(self, name)[kept] for name in new}
        entries = zip(new["cents"], new["reference"], strict=True)
        at = [_place(old["cents"], old["reference"], *entry) for entry in entries]
        merged: dict[str, Any] = {name: np.insert(column, at, new[name]) for name, column in old.items()}
        return Columns(
            revision=revision,
            seen=(*self.seen[1 - SEEN_MAX :], revision),
            cells=cells,
            **merged,
        )


def _place(cents: Integers, references: NDArray[np.bytes_], amount: int, reference: bytes) -> int:
    """Where an entry stands among falling amounts, and among equal ones by reference."""
    rising = cents[::-1]
    low = len(cents) - int(np.searchsorted(rising, amount, "right"))
    high = len(cents) - int(np.searchsorted(rising, amount, "left"))
    return low + int(np.searchsorted(references[low:high], reference, "right"))


@dataclass(frozen=True, eq=False)
class Sums:
    """Of each part of each cell the number of entries, and their money there in hundredths of 亿元.

    Whole numbers in floating point, exact up to 2^53: ninety million times the largest amount.
    """

    count: Numbers
    money: Numbers


# --- reading ---------------------------------------------------------------------------------------


def of(scheme: Scheme) -> Columns:
    """The columns of an edition as of its revision, read or brought up to date where they are not."""
    layout = Layout.of(scheme)
    with _lock:
        kept = _kept.get(scheme.edition.pk)
        if kept is None or kept.layout != layout:
            columns = _load(scheme, layout)
        elif scheme.revision in kept.seen:
            return kept
        else:
            columns = _follow(kept, scheme)
        _kept.pop(scheme.edition.pk, None)
        for oldest in list(_kept)[: 1 - _KEPT_MAX]:
            del _kept[oldest]
        _kept[scheme.edition.pk] = columns
        return columns


_KEPT_MAX = 2
_kept: dict[int, Columns] = {}
_lock = Lock()


def _number(revision: str) -> int:
    return int(revision.partition("-")[0])


def _load(scheme: Scheme, layout: Layout) -> Columns:
    public = FacetRow.objects.filter(edition=scheme.edition, is_public=True)
    found = public.order_by("-cents", "reference").values_list(*_COLUMNS).iterator(CHUNK)
    sets: Sets = {}
    pieces = [_coded([], layout, sets)]
    while rows := list(islice(found, CHUNK)):
        pieces.append(_coded(rows, layout, sets))
    coded = _Coded(*map(np.concatenate, zip(*(piece.columns for piece in pieces), strict=True)))
    cells = Cells.of(layout, sets, np.unique(coded.key))
    return Columns(scheme.revision, (scheme.revision,), cells, **coded.placed(cells))


def _follow(kept: Columns, scheme: Scheme) -> Columns:
    number = _number(kept.revision)
    changed = FacetRow.objects.filter(edition=scheme.edition, revision__gt=number)
    if _number(scheme.revision) < number or changed[: FOLLOWED_MAX + 1].count() > FOLLOWED_MAX:
        return _load(scheme, kept.layout)
    rows = changed.filter(is_public=True).order_by("-cents", "reference").values_list(*_COLUMNS)
    gone = changed.filter(is_public=False).values_list("pk", flat=True)
    return kept.following(scheme.revision, list(rows), list(gone))


@dataclass(frozen=True, eq=False)
class _Coded:
    """Facet rows in numbers: one for each entry, of ``money`` one for each of its districts."""

    opportunity: Integers
    reference: NDArray[np.bytes_]
    cents: Integers
    months: Integers
    key: Integers
    districts: Integers
    money: Integers

    @property
    def columns(self) -> tuple[Any, ...]:
        return tuple(vars(self).values())

    def placed(self, cells: Cells) -> dict[str, Any]:
        """The columns with one number for each district, by name."""
        within = np.arange(len(self.money)) - np.repeat(
            np.cumsum(self.districts) - self.districts, self.districts
        )
        first = np.repeat(cells.first_parts(self.key), self.districts)
        repeated = {
            name: np.repeat(getattr(self, name), self.districts)
            for name in ("opportunity", "reference", "cents", "months")
        }
        return {**repeated, "money": self.money, "part": (first + within).astype(np.int32)}


def _coded(rows: Sequence[Row], layout: Layout, sets: Sets) -> _Coded:
    """Rows in numbers; sets of districts that are new are numbered."""
    columns = list(zip(*rows, strict=True)) or [()] * len(_COLUMNS)
    opportunity, reference, sector, amount, months, status, forms, places = columns
    number, length, money = [], [], []
    for written in places:
        parts = sorted(_parts(written, layout))
        number.append(sets.setdefault(tuple(district for _region, district, _cents in parts), len(sets)))
        length.append(len(parts))
        money += [part_cents for _region, _district, part_cents in parts]
    offers = {one: sum(FORMS[form] for form in one.split()) for one in set(forms)}
    values = (
        [layout.sectors[one] for one in sector],
        np.searchsorted(layout.bounds, amount, "right") - 1,
        np.searchsorted([int(band.lower) for band in CYCLES], months, "right") - 1,
        [STATUSES[one] for one in status],
        [offers[one] for one in forms],
    )
    within = np.ravel_multi_index(tuple(np.asarray(column, np.int64) for column in values), layout.sizes)
    return _Coded(
        np.array(opportunity, np.int64),
        np.array(reference, _REFERENCE),
        np.array(amount, np.int32),
        np.array(months, np.int16),
        np.array(number, np.int64) * layout.size + within,
        np.array(length, np.int64),
        np.array(money, np.int32),
    )


def _parts(written: str, layout: Layout) -> Iterator[tuple[int, int, int]]:
    for part in written.split():
        district, _colon, part_cents = part.partition(":")
        at = layout.districts[int(district)]
        yield layout.region_of[at], at, int(part_cents)
