"""Average pooling."""

from __future__ import annotations

from archspec.emit.code import Code, Slots
from archspec.ops.avg_pool import AvgPool
from archspec.targets.torch.calls import pooling


def layer(op: AvgPool, slot: Slots) -> Code:
    return pooling("nn.AvgPool", op, slot, count_include_pad=slot.unless("count_pad", True))


def apply(op: AvgPool, slot: Slots, x: Code) -> Code:
    return pooling("F.avg_pool", op, slot, x, count_include_pad=slot.unless("count_pad", True))
