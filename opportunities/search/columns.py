"""A large edition's public entries as columns in memory.

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

from ..amounts import Band, cents
from ..models import CooperationForm, FacetRow, Opportunity
from . import text
from .cube import SIDES, Cube
from .scheme import CYCLES, Scheme

Integers = NDArray[np.integer[Any]]
Mask = NDArray[np.bool_]
Row = tuple[int, str, int, int, int, str, str, str]

CHUNK = 50_000
# A cube of so many sums takes 400 MB; 9 sectors and 41 districts make 1.1 million.
CUBE_MAX = 20_000_000
# Of so many questions the entries found are kept.
HELD_MAX = 16
# With more changes than these the rows are read anew.
FOLLOWED_MAX = 2_000
# Revisions that a replica may still be at when another is further.
SEEN_MAX = 100

_READ = ("pk", "reference", "sector_id", "cents", "cycle_months", "status", "cooperation", "places")
_STATUSES = {status: number for number, status in enumerate(Opportunity.Status.values)}
# A set of forms of cooperation is the sum of their bits.
FORMS = {form: 1 << number for number, form in enumerate(CooperationForm.values)}


@dataclass(frozen=True)
class Layout:
    """The numbers by which columns name what an edition counts by, each its place in the scheme's list."""

    sectors: dict[int, int]
    districts: dict[int, int]
    region_of: tuple[int, ...]
    brackets: tuple[int, ...]

    @classmethod
    def of(cls, scheme: Scheme) -> Layout:
        regions = {region.pk: number for number, region in enumerate(scheme.regions)}
        return cls(
            sectors={sector.pk: number for number, sector in enumerate(scheme.sectors)},
            districts={district.pk: number for number, district in enumerate(scheme.districts)},
            region_of=tuple(regions[district.region_id] for district in scheme.districts),
            brackets=lowest(scheme.brackets),
        )

    @property
    def sizes(self) -> tuple[int, ...]:
        """How many values the sides of a cube have."""
        of_side = {
            "sector": len(self.sectors),
            "bracket": len(self.brackets),
            "cycle": len(CYCLES),
            "status": len(_STATUSES),
            "cooperation": 1 << len(FORMS),
            "district": len(self.districts),
        }
        return tuple(of_side[side] for side in SIDES)

    def knows(self, row: Row) -> bool:
        """Whether a facet row is of a sector and of districts that the scheme has."""
        places = (int(part.partition(":")[0]) for part in row[-1].split())
        return row[2] in self.sectors and all(place in self.districts for place in places)


def lowest(bands: Sequence[Band]) -> tuple[int, ...]:
    """The lower bounds of bands of investments, in hundredths of 亿元."""
    return tuple(cents(band.lower) for band in bands)


def band_of(numbers: Integers, bounds: Sequence[int]) -> Integers:
    """Of each number the band that it lies in, these by their lower bounds."""
    return np.searchsorted(bounds, numbers, "right") - 1


def starts(*columns: Integers) -> Integers:
    """The rows at which another group than the one before begins, in columns whose groups stand together."""
    found = np.ones(len(columns[0]), bool)
    if len(found):
        found[1:] = False
        for column in columns:
            found[1:] |= column[1:] != column[:-1]
    # By their numbers, rows are taken in a fifth of the time that a mask takes.
    return np.flatnonzero(found)


@dataclass(frozen=True, eq=False)
class Table:
    """Entries, the largest first and then by reference, with one number for each of their districts.

    What is the same of an entry in each of its districts stands once for each, next to each other and by
    region; ``money`` is what of its ``cents`` lies in the district, both in hundredths of 亿元.
    """

    opportunity: Integers
    reference: NDArray[np.bytes_]
    cents: Integers
    months: Integers
    money: Integers
    sector: Integers
    bracket: Integers
    cycle: Integers
    status: Integers
    cooperation: Integers
    district: Integers
    region: Integers
    _kept: dict[tuple[str, int], Mask] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.opportunity)

    @property
    def columns(self) -> dict[str, Any]:
        return {name: column for name, column in vars(self).items() if name in _OF_TABLE}

    @property
    def cells(self) -> tuple[Integers, ...]:
        """The columns that a cube has as its sides."""
        return tuple(getattr(self, side) for side in SIDES)

    def take(self, rows: slice | Integers | Mask) -> Table:
        return Table(**{name: column[rows] for name, column in self.columns.items()})

    def having(self, facet: str, number: int) -> Mask:
        """Which rows have a value of a facet; kept, since the same few are asked for again and again."""
        mask = self._kept.get((facet, number))
        if mask is None:
            column = getattr(self, facet)
            mask = (column & (1 << number)) > 0 if facet == "cooperation" else column == number
            self._kept[facet, number] = mask
        return mask

    def within(self, lower: int | None, upper: int | None) -> slice:
        """The rows with an investment within bounds, both inclusive."""
        start = 0 if upper is None else int(np.searchsorted(self._falling, np.int32(-upper), "left"))
        stop = len(self) if lower is None else int(np.searchsorted(self._falling, np.int32(-lower), "right"))
        return slice(start, max(start, stop))

    @cached_property
    def _falling(self) -> Integers:
        # Looked up as it lies, in numbers of its own size; else all of it is copied first.
        return -self.cents

    def following(self, changed: Mask, new: Table) -> Table:
        """These rows without those that changed, and with new ones in their places."""
        kept = self.take(~changed)
        at = [kept._place(*entry) for entry in zip(new.cents, new.reference, strict=True)]
        old, own = kept.columns, new.columns
        columns: dict[str, Any] = {name: np.insert(old[name], at, own[name]) for name in _OF_TABLE}
        return Table(**columns)

    def _place(self, amount: int, reference: bytes) -> int:
        equal = self.within(amount, amount)
        return equal.start + int(np.searchsorted(self.reference[equal], reference, "right"))


_OF_TABLE = tuple(name for name in Table.__dataclass_fields__ if not name.startswith("_"))


@dataclass(frozen=True, eq=False)
class Columns:
    """The public entries of an edition: those of one district, which a cube adds up, and the others.

    There is no cube where so many sectors and districts would make it too large.
    """

    revision: str
    seen: tuple[str, ...]
    layout: Layout
    one: Table
    several: Table
    cube: Cube | None
    _held: dict[str, Mask] = field(default_factory=dict)

    def holding(self, question: str) -> Mask:
        """For each key that entries have whether its entry has every word of a question."""
        words = " ".join(text.asked(question))
        held = self._held.get(words)
        if held is None:
            if len(self._held) >= HELD_MAX:
                self._held.clear()
            self._held[words] = held = self.are(text.keys_holding(question))
        return held

    def are(self, keys: Sequence[int]) -> Mask:
        """For each key that entries have whether it is one of some."""
        table = np.zeros(self.keys_end, bool)
        some = np.array(keys, np.int64)
        table[some[some < len(table)]] = True
        return table

    @cached_property
    def keys_end(self) -> int:
        return 1 + max(int(table.opportunity.max(initial=0)) for table in (self.one, self.several))

    def following(self, revision: str, rows: Sequence[Row], gone: Sequence[int]) -> Columns:
        """These columns with other rows in place of their old ones, and without those that are gone."""
        changed = [*(row[0] for row in rows), *gone]
        new, new_several = _tables(_read(rows, self.layout))
        was_one = np.isin(self.one.opportunity, changed)
        old = self.one.take(was_one)
        return Columns(
            revision=revision,
            seen=(*self.seen[1 - SEEN_MAX :], revision),
            layout=self.layout,
            one=self.one.following(was_one, new),
            several=self.several.following(np.isin(self.several.opportunity, changed), new_several),
            cube=self.cube and self.cube.without(old.cells, old.money).adding(new.cells, new.money),
        )


# --- keeping ---------------------------------------------------------------------------------------


def of(scheme: Scheme) -> Columns:
    """The columns of an edition as of its revision, read or brought up to date where they are not."""
    kept = _kept.get(scheme.edition.pk)
    if kept is not None and kept.revision == scheme.revision:
        return kept
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
    found = public.order_by("-cents", "reference").values_list(*_READ).iterator(CHUNK)
    pieces = [_coded([], layout)]
    while rows := list(islice(found, CHUNK)):
        pieces.append(_read(rows, layout))
    one, several = _tables({name: np.concatenate([piece[name] for piece in pieces]) for name in pieces[0]})
    is_small = math.prod(layout.sizes) <= CUBE_MAX
    cube = Cube.of(layout.sizes, one.cells, one.money) if is_small else None
    return Columns(scheme.revision, (scheme.revision,), layout, one, several, cube)


def _follow(kept: Columns, scheme: Scheme) -> Columns:
    number = _number(kept.revision)
    changed = FacetRow.objects.filter(edition=scheme.edition, revision__gt=number)
    if _number(scheme.revision) < number or changed[: FOLLOWED_MAX + 1].count() > FOLLOWED_MAX:
        return _load(scheme, kept.layout)
    rows = changed.filter(is_public=True).order_by("-cents", "reference").values_list(*_READ)
    gone = changed.filter(is_public=False).values_list("pk", flat=True)
    return kept.following(scheme.revision, list(rows), list(gone))


def _tables(columns: dict[str, Any]) -> tuple[Table, Table]:
    several = columns.pop("places") > 1
    whole = Table(**columns)
    return whole.take(~several), whole.take(several)


def _read(rows: Sequence[Row], layout: Layout) -> dict[str, Any]:
    """Facet rows as columns, without those of places or sectors that came later than the scheme was read."""
    try:
        return _coded(rows, layout)
    except KeyError:
        return _coded([row for row in rows if layout.knows(row)], layout)


def _coded(rows: Sequence[Row], layout: Layout) -> dict[str, Any]:
    """Facet rows as columns of a table, and as ``places`` in how many districts each entry lies."""
    opportunity, reference, sector, amount, months, status, forms, written = (
        zip(*rows, strict=True) if rows else [()] * len(_READ)
    )
    parts = [sorted(_parts(one, layout)) for one in written]
    offered = {one: sum(FORMS[form] for form in one.split()) for one in set(forms)}
    places = np.array([len(one) for one in parts], np.int16)
    of_entries = {
        "opportunity": np.array(opportunity, np.int64),
        "reference": np.array(reference, "S32"),
        "cents": np.array(amount, np.int32),
        "months": np.array(months, np.int16),
        "sector": np.array([layout.sectors[one] for one in sector], np.int16),
        "bracket": band_of(np.array(amount, np.int64), layout.brackets).astype(np.int16),
        "cycle": band_of(np.array(months, np.int64), [int(one.lower) for one in CYCLES]).astype(np.int16),
        "status": np.array([_STATUSES[one] for one in status], np.int16),
        "cooperation": np.array([offered[one] for one in forms], np.int16),
        "places": places,
    }
    by_part = np.array([part for one in parts for part in one], np.int64).reshape(-1, 3)
    return {
        **{name: np.repeat(column, places) for name, column in of_entries.items()},
        "region": by_part[:, 0].astype(np.int16),
        "district": by_part[:, 1].astype(np.int16),
        "money": by_part[:, 2].astype(np.int32),
    }


def _parts(written: str, layout: Layout) -> Iterator[tuple[int, int, int]]:
    for part in written.split():
        district, _colon, money = part.partition(":")
        at = layout.districts[int(district)]
        yield layout.region_of[at], at, int(money)
