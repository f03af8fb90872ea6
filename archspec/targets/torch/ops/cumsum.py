"""Running sum."""

from __future__ import annotations

from archspec.emit.code import Code, Slots, literal, method
from archspec.opdef.axes import batched_axis
from archspec.ops.cumsum import Cumsum


def apply(op: Cumsum, slot: Slots, *inputs: Code) -> Code:
    return method(inputs[0], "cumsum", literal(batched_axis(op.x, op.at)))
