"""Average pooling to a given size."""

from __future__ import annotations

from archspec.emit.code import Code, Slots, call, display, flat
from archspec.ops.adaptive_avg_pool import AdaptiveAvgPool


def layer(op: AdaptiveAvgPool, slot: Slots) -> Code | None:
    return call(f"nn.AdaptiveAvgPool{op.rank}d", slot("size"))


def apply(op: AdaptiveAvgPool, slot: Slots, *inputs: Code) -> Code:
    size = slot("size")
    if not isinstance(op.size, tuple) and not flat(size).isdecimal():
        size = display([size] * op.rank)  # torch asks it for its length, which a size has not while it is traced
    return call(f"F.adaptive_avg_pool{op.rank}d", *inputs, size)
