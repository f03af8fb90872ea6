"""Max pooling."""

from __future__ import annotations

from archspec.emit.code import Code, Slots
from archspec.ops.max_pool import MaxPool
from archspec.targets.torch.calls import pooling


def layer(op: MaxPool, slot: Slots) -> Code:
    return pooling("nn.MaxPool", op, slot)


def apply(op: MaxPool, slot: Slots, x: Code) -> Code:
    return pooling("F.max_pool", op, slot, x)
