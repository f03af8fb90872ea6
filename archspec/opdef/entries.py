"""What whole-number tensors hold, where that is known: entries row by row, moved as ops move them.

Bounds of them are known at once, and mostly all that is wanted; the numbers are worked out when somebody needs them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from itertools import product
from math import prod

Entries = tuple[int, ...]
MOST = 100_000
"""Tensors with more entries are not followed."""


class KnownEntries:
    """The entries of a tensor: all between ``low`` and ``high``."""

    def __init__(self, low: int, high: int, make: Callable[[], Entries]) -> None:
        self.low = low
        self.high = high
        self.make = make

    @cached_property
    def values(self) -> Entries:
        """The entries."""
        return self.make()

    def __eq__(self, other: object) -> bool:
        if self is other or not isinstance(other, KnownEntries):
            return self is other
        return (self.low, self.high) == (other.low, other.high) and self.values == other.values

    def __hash__(self) -> int:
        return hash((self.low, self.high))


def known_entries(values: Entries) -> KnownEntries:
    """Entries that are there."""
    return KnownEntries(min(values), max(values), lambda: values)


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
