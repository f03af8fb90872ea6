"""One tensor for each place along an axis."""

from __future__ import annotations

from archspec.emit.code import Code, Slots, literal, method
from archspec.opdef.axes import batched_axis
from archspec.ops.unbind import Unbind


def apply(op: Unbind, slot: Slots, *inputs: Code) -> Code:
    return method(inputs[0], "unbind", literal(batched_axis(op.x, op.at)))
