"""Equal parts along an axis."""

from __future__ import annotations

from archspec.emit.code import Code, Slots, literal, method
from archspec.opdef.axes import batched_axis
from archspec.ops.chunk import Chunk


def apply(op: Chunk, slot: Slots, *inputs: Code) -> Code:
    return method(inputs[0], "chunk", op.parts, dim=literal(batched_axis(op.x, op.at)))
