"""Bounds."""

from __future__ import annotations

from archspec.emit.code import Code, Slots, method
from archspec.ops.clamp import Clamp


def apply(op: Clamp, slot: Slots, *inputs: Code) -> Code:
    return method(inputs[0], "clamp", min=slot.unless("low", None), max=slot.unless("high", None))
