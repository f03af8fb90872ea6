"""Layer normalisation."""

from __future__ import annotations

from archspec.emit.code import Code, Slots, call
from archspec.ops.layer_norm import LayerNorm


def layer(op: LayerNorm, slot: Slots) -> Code:
    return call(
        "nn.LayerNorm",
        slot("channels"),
        eps=slot.unless("eps", 1e-5),
        elementwise_affine=slot.unless("affine", True),
        bias=slot.unless("bias", True),
    )
