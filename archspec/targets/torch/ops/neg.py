"""Negation."""

from __future__ import annotations

from archspec.emit.code import Code, Slots, UnaryOp
from archspec.ops.neg import Neg


def apply(op: Neg, slot: Slots, *inputs: Code) -> Code:
    return UnaryOp("-", inputs[0])
