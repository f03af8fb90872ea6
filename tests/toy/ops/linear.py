"""Affine map."""

from __future__ import annotations

from archspec.emit.code import Atom, Code, Slots, call
from archspec.ops.linear import Linear


def layer(op: Linear, slot: Slots) -> Code:
    return call("fw.Linear", slot("i"), slot("out"), use_bias=slot.unless("bias", True), rng=Atom("rng"))
