"""Padding along one axis."""

from __future__ import annotations

from archspec.emit.code import Code, Slots, call, literal
from archspec.ops.pad import Pad


def apply(op: Pad, slot: Slots, *inputs: Code) -> Code:
    behind = (0, 0) * (op.x.rank - 1 - op.at)
    value = None if op.value == 0 else literal(op.value)
    return call("F.pad", *inputs, literal((*behind, int(op.before), int(op.after))), value=value)
