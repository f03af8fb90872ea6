"""Matrix product."""

from __future__ import annotations

from archspec.emit.code import BinOp, Code, Slots
from archspec.ops.matmul import Matmul


def apply(op: Matmul, slot: Slots, *inputs: Code) -> Code:
    return BinOp("@", *inputs)
