"""What whole-number tensors hold, where that is known: entries row by row, moved as ops move them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import product
from math import prod

Entries = tuple[int, ...]
MOST = 100_000
"""Tensors with more entries are not followed."""


def along(entries: Entries, shape: Sequence[int], axis: int, places: Iterable[int]) -> Entries:
    """The entries at some places of an axis, in their order."""
    size, inner, picked = int(shape[axis]), int(prod(shape[axis + 1 :])), list(places)
    starts = [(row * size + place) * inner for row in range(int(prod(shape[:axis]))) for place in picked]
    return tuple(entry for start in starts for entry in entries[start : start + inner])


def joined(parts: Sequence[Entries], outer: int) -> Entries:
    """Tensors one behind the other along an axis that ``outer`` rows are in front of."""
    widths = [len(part) // outer for part in parts]
    rows = (part[row * n : (row + 1) * n] for row in range(outer) for part, n in zip(parts, widths))
    return tuple(entry for row in rows for entry in row)


def permuted(entries: Entries, shape: Sequence[int], order: Sequence[int]) -> Entries:
    """The entries with the axes in another order."""
    strides = [int(prod(shape[axis + 1 :])) for axis in range(len(shape))]
    places = product(*(range(int(shape[axis])) for axis in order))
    return tuple(entries[sum(at * strides[axis] for at, axis in zip(place, order))] for place in places)
