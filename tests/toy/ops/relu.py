"""ReLU."""

from __future__ import annotations

from archspec.emit.code import Atom, Code, Slots, call
from archspec.ops.relu import ReLU


def layer(op: ReLU, slot: Slots) -> Code:
    return Atom("fw.relu")


def apply(op: ReLU, slot: Slots, x: Code) -> Code:
    return call("fw.relu", x)
