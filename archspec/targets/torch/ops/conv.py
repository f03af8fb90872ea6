"""Convolution."""

from __future__ import annotations

from archspec.emit.code import Code, Slots, call
from archspec.ops.conv import Conv


def layer(op: Conv, slot: Slots) -> Code:
    return call(
        f"nn.Conv{op.rank}d",
        slot("c"),
        slot("out"),
        slot("kernel"),
        stride=slot.unless("stride", 1),
        padding=slot.unless("pad", 0),
        dilation=slot.unless("dilation", 1),
        groups=slot.unless("groups", 1),
        bias=slot.unless("bias", True),
        padding_mode=slot.unless("pad_mode", "zeros"),
    )
