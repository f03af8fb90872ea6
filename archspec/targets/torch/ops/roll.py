"""Cyclic shift."""

from __future__ import annotations

from archspec.emit.code import Code, Slots, call, literal
from archspec.opdef.axes import batched_axis
from archspec.ops.roll import Roll


def apply(op: Roll, slot: Slots, *inputs: Code) -> Code:
    return call("torch.roll", *inputs, literal(op.shifts), literal(tuple(batched_axis(op.x, a) for a in op.axes)))
