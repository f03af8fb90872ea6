"""Cyclic shift."""

from __future__ import annotations

from archspec.emit.code import Code, Slots, call, literal
from archspec.opdef.axes import batched_axis
from archspec.ops.roll import Roll


def apply(op: Roll, slot: Slots, *inputs: Code) -> Code:
    axes = tuple(batched_axis(op.x, axis) for axis in op.axes)
    dims = axes if isinstance(op.shift, tuple) else axes[0]
    return call("torch.roll", *inputs, slot("shift"), dims=literal(dims))
