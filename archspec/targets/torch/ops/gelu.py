"""GELU."""

from __future__ import annotations

from archspec.emit.code import Code, Slots, call
from archspec.ops.gelu import Gelu


def layer(op: Gelu, slot: Slots) -> Code | None:
    return call("nn.GELU", approximate=slot.unless("approximate", "none"))


def apply(op: Gelu, slot: Slots, *inputs: Code) -> Code:
    return call("F.gelu", *inputs, approximate=slot.unless("approximate", "none"))
