"""The smaller of two tensors."""

from __future__ import annotations

from archspec.emit.code import Code, Slots, call
from archspec.ops.minimum import Minimum


def apply(op: Minimum, slot: Slots, *inputs: Code) -> Code:
    return call("torch.minimum", *inputs)
