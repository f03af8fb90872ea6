"""Copies along an axis."""

from __future__ import annotations

from archspec.emit.code import Code, Slots, literal, method
from archspec.ops.repeat import Repeat


def apply(op: Repeat, slot: Slots, *inputs: Code) -> Code:
    front = [literal(1)] if op.x.batched else []
    return method(inputs[0], "repeat", *front, *(literal(op.times if i == op.at else 1) for i in range(op.x.rank)))
