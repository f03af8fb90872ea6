"""Sum."""

from __future__ import annotations

from archspec.emit.code import BinOp, Code, Slots
from archspec.ops.add import Add


def apply(op: Add, slot: Slots, *inputs: Code) -> Code:
    return BinOp("+", *inputs) if op.number is None else BinOp("+", inputs[0], slot("number"))
