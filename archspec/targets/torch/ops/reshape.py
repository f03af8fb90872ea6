"""Another shape for the same elements."""

from __future__ import annotations

from archspec.emit.code import Attribute, Code, Slots, Subscript, literal, method
from archspec.ops.reshape import Reshape


def apply(op: Reshape, slot: Slots, *inputs: Code) -> Code:
    front = [Subscript(Attribute(inputs[0], "shape"), (literal(0),))] if op.x.batched else []
    sizes = [literal(-1) if at == op.free else slot(f"size_{at}") for at in range(len(op.shape))]
    return method(inputs[0], "reshape", *front, *sizes)
