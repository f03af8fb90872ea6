"""Affine map."""

from __future__ import annotations

from archspec.emit.code import Code, Slots, call
from archspec.ops.linear import Linear


def layer(op: Linear, slot: Slots) -> Code:
    return call("nn.Linear", slot("i"), slot("out"), bias=slot.unless("bias", True))
