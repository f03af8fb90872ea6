"""The larger of two tensors."""

from __future__ import annotations

from archspec.emit.code import Code, Slots, call
from archspec.ops.maximum import Maximum


def apply(op: Maximum, slot: Slots, *inputs: Code) -> Code:
    return call("torch.maximum", *inputs)
