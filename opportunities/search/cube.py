"""Sums of every combination of facet values, ready to be looked up: a cube with an “all” on each side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.integer[Any]]


# What a cube has as its sides, in their order: columns of a table.
SIDES = ("sector", "bracket", "cycle", "status", "cooperation", "district")
COOPERATION = SIDES.index("cooperation")


class Cube:
    """How many entries of one district there are, and their money, for each combination of values.

    A side has its values and then all of them together; that of cooperation has sets of forms, and with
    each what offers any of them, with the empty one everything. Count and money (hundredths of 亿元) are one
    array with two layers.
    """

    def __init__(self, sums: Integers) -> None:
        self.sums = sums

    @classmethod
    def of(cls, sizes: Sequence[int], cells: Sequence[Integers], money: Integers) -> Cube:
        """The cube of entries: ``sizes`` of its sides without “all”, ``cells`` a column for each side."""
        at = np.ravel_multi_index(tuple(cells), tuple(sizes))
        length = int(np.prod(sizes))
        layers = [np.bincount(at, minlength=length), np.bincount(at, money, length)]
        sums = np.stack([np.asarray(layer, np.int64).reshape(sizes) for layer in layers])
        for side in range(len(sizes)):
            if side == COOPERATION:
                sums = np.moveaxis(np.tensordot(_any_of(sizes[side]), sums, (1, side + 1)), 0, side + 1)
            else:
                sums = np.concatenate((sums, sums.sum(side + 1, keepdims=True)), side + 1)
        return cls(np.ascontiguousarray(sums))

    def adding(self, cells: Sequence[Integers], money: Integers) -> Cube:
        return self._changed(cells, money, 1)

    def without(self, cells: Sequence[Integers], money: Integers) -> Cube:
        return self._changed(cells, money, -1)

    def _changed(self, cells: Sequence[Integers], money: Integers, sign: int) -> Cube:
        if not len(money):
            return self
        sums = self.sums.copy()
        every = [size - 1 for size in sums.shape[1:]]
        asks = _any_of(sums.shape[1 + COOPERATION]).astype(bool)
        for *values, amount in zip(*cells, money, strict=True):
            sides: list[Any] = [[value, last] for value, last in zip(values, every, strict=True)]
            sides[COOPERATION] = np.flatnonzero(asks[:, values[COOPERATION]])
            sums[0][np.ix_(*sides)] += sign
            sums[1][np.ix_(*sides)] += sign * int(amount)
        return Cube(sums)

    def along(self, side: int, chosen: Sequence[Integers]) -> Integers:
        """Count and money for what is chosen of one side, of what is chosen of the others together.

        ``chosen`` has for each side the numbers chosen of it; gives two rows, count and money.
        """
        block = self.sums[np.ix_(np.arange(2), *chosen)]
        return block.sum(tuple(axis for axis in range(1, block.ndim) if axis != side + 1))


def _any_of(sets: int) -> Integers:
    """For each set of forms, as bits, and each other one whether they share any; the empty one has all."""
    bits = np.arange(sets)
    return ((bits[:, None] & bits[None, :] > 0) | (bits[:, None] == 0)).astype(np.int64)
