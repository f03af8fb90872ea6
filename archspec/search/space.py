"""A space of variants: what varies, and the values that it takes. Row ``i`` of a space is always the same variant."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from math import prod
from typing import Any

from archspec.opdef.args import show


@dataclass(frozen=True)
class Option:
    """One value: as the language writes it, and as numbers where it is one or a list of them."""

    text: str
    value: Any = None

    @property
    def numeric(self) -> bool:
        """Whether it is a number or a list of numbers, which formulas can leave open."""
        return self.value is not None

    @property
    def structure(self) -> Any:
        """What two options must have in common for one formula to serve both."""
        return shape_of(self.value) if self.numeric else self.text


def shape_of(value: Any) -> Any:
    """The kinds of the numbers in a value."""
    return tuple(map(shape_of, value)) if isinstance(value, tuple) else type(value).__name__


def leaves(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    """The numbers in a value by name: ``dims[2]`` is the third of ``dims``."""
    if isinstance(value, tuple):
        for index, item in enumerate(value):
            yield from leaves(f"{name}[{index}]", item)
    else:
        yield name, value


@dataclass(frozen=True)
class SearchAxis:
    """One thing that varies: a parameter, an entry of one, a size of the input, or the batch."""

    name: str
    options: tuple[Option, ...]

    @cached_property
    def structures(self) -> tuple[Any, ...]:
        """The structures that its options have, each once."""
        return tuple(dict.fromkeys(option.structure for option in self.options))

    @cached_property
    def numbers(self) -> bool:
        """Whether all options are single numbers, so that its column is one of numbers."""
        return all(option.numeric and not isinstance(option.value, tuple) for option in self.options)


@dataclass(frozen=True)
class Space:
    """All combinations of the options of some axes, or ``sample`` of them drawn at random with a seed.

    The first axis varies slowest. Each row of a sample draws every axis by itself; rows can come twice.
    """

    axes: tuple[SearchAxis, ...]
    sample: int | None = None
    seed: int = 0

    @property
    def combinations(self) -> int:
        """How many variants there are to draw from."""
        return prod(len(axis.options) for axis in self.axes)

    def __len__(self) -> int:
        return self.combinations if self.sample is None else self.sample

    @property
    def digest(self) -> str:
        """A hash of everything that decides which variant a row is."""
        named = [[axis.name, [option.text for option in axis.options]] for axis in self.axes]
        text = json.dumps([named, self.sample, self.seed])
        return hashlib.sha256(text.encode()).hexdigest()

    def choices(self, start: int, stop: int) -> list[Any]:
        """For each axis, a column with the places of the options that the rows from start to stop take."""
        import numpy as np

        if self.sample is not None:
            return [self._drawn(axis, start, stop) for axis in range(len(self.axes))]
        places = np.arange(start, stop, dtype=np.int64)
        columns = []
        for axis in reversed(self.axes):
            places, chosen = np.divmod(places, len(axis.options))
            columns.append(chosen)
        return columns[::-1]

    def _drawn(self, axis: int, start: int, stop: int) -> Any:
        """Draws of whole blocks of rows, so that a row is the same however the space is cut."""
        import numpy as np

        block = 1 << 16
        first, last = start // block, max(start, stop - 1) // block
        parts = [
            np.random.default_rng([self.seed, axis, number]).integers(0, len(self.axes[axis].options), block)
            for number in range(first, last + 1)
        ]
        return np.concatenate(parts)[start - first * block : stop - first * block]

    def variant(self, row: int) -> dict[str, Option]:
        """The option of each axis in a row."""
        chosen = self.choices(row, row + 1)
        return {axis.name: axis.options[int(column[0])] for axis, column in zip(self.axes, chosen)}


def settings(variant: Mapping[str, Option], base: Mapping[str, Any]) -> dict[str, str]:
    """A variant as values for the model's parameters, as ``--set`` takes them.

    Args:
        variant: the option of each axis.
        base: the model's own values of the lists of which entries vary.
    """
    made: dict[str, str] = {}
    entries: dict[str, list[str]] = {}
    for name, option in variant.items():
        parameter, _, place = name.partition("[")
        if place:
            entries.setdefault(parameter, list(map(show, base[parameter])))[int(place.rstrip("]"))] = option.text
        else:
            made[name] = option.text
    return made | {name: f"[{', '.join(items)}]" for name, items in entries.items()}
