"""Transposed convolution."""

from __future__ import annotations

from archspec.emit.code import Code, Slots, call
from archspec.ops.conv_transpose import ConvTranspose


def layer(op: ConvTranspose, slot: Slots) -> Code:
    return call(
        f"nn.ConvTranspose{op.rank}d",
        slot("c"),
        slot("out"),
        slot("kernel"),
        stride=slot.unless("stride", 1),
        padding=slot.unless("pad", 0),
        output_padding=slot.unless("extra_pad", 0),
        groups=slot.unless("groups", 1),
        bias=slot.unless("bias", True),
        dilation=slot.unless("dilation", 1),
    )
