"""Reversal along an axis."""

from __future__ import annotations

from archspec.emit.code import Code, Slots, literal, method
from archspec.opdef.axes import batched_axis
from archspec.ops.flip import Flip


def apply(op: Flip, slot: Slots, *inputs: Code) -> Code:
    return method(inputs[0], "flip", literal(batched_axis(op.x, op.at)))
