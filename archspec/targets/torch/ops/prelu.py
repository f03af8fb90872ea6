"""Parametric ReLU."""

from __future__ import annotations

from archspec.emit.code import Code, Slots, call
from archspec.ops.prelu import Prelu


def layer(op: Prelu, slot: Slots) -> Code:
    return call("nn.PReLU", slot("channels"))
