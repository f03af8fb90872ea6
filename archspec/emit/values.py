"""Values that instances of a class have in common: which are one, and which are open still."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

from archspec.graph.nodes import LayerList, Node
from archspec.opdef.types import TensorType
from archspec.sym.number import is_number, is_open
from archspec.sym.open import identical, settled


@dataclass(frozen=True, eq=False)
class RampRow:
    """``count`` numbers of a ramp from ``start`` to ``stop``, from place ``first`` on; ``last`` is the last."""

    start: Any
    stop: Any
    first: Any
    last: Any
    count: Any

    def parts(self) -> tuple[Any, ...]:
        """All that it is made of."""
        return (self.start, self.stop, self.first, self.last, self.count)


def same(a: Any, b: Any) -> bool:
    """Whether one literal says both values: 1 and 1.0 are one number, 0 and -0.0 are two, true is none."""
    if isinstance(a, (Node, TensorType)) or isinstance(b, Node):
        return a is b
    if isinstance(a, RampRow) or isinstance(b, RampRow):
        return isinstance(a, RampRow) and isinstance(b, RampRow) and same(a.parts(), b.parts())
    if isinstance(a, tuple) and isinstance(b, tuple):
        return len(a) == len(b) and all(map(same, a, b))
    a, b = settled(a), settled(b)
    if is_open(a) or is_open(b):
        return identical(a, b)
    if is_number(a) and is_number(b):
        return bool(a == b) and math.copysign(1, a) == math.copysign(1, b)
    return type(a) is type(b) and bool(a == b)


def constant(values: list[Any]) -> bool:
    """Whether values are one, and what it is has been decided."""
    return not open_in(values[0]) and all(same(value, values[0]) for value in values)


def open_in(value: Any) -> bool:
    """Whether a number is open still, or any in a list."""
    value = settled(value)
    return is_open(value) or isinstance(value, RampRow) or (isinstance(value, tuple) and any(map(open_in, value)))


def rounds(layers: LayerList, decide: bool = False) -> LayerList:
    """A list with all of its entries; one whose length is open stays as it is, unless that is to be decided now."""
    if not layers.runs or (not decide and any(open_in(times) for _, times in layers.runs)):
        return layers
    items = tuple(item for part in layers.parts for item in part.items * int(settled(part.times)))
    return replace(layers, items=items, runs=())
