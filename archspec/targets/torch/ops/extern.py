"""A class from outside."""

from __future__ import annotations

from archspec.emit.code import Code, Slots, call
from archspec.graph.extern import ExternOp


def layer(op: ExternOp, slot: Slots) -> Code:
    return call(op.class_, **{name: slot(f"given_{name}") for name in op.values})
