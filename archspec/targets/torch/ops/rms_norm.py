"""Root-mean-square normalisation."""

from __future__ import annotations

from archspec.emit.code import Code, Slots, call, literal
from archspec.ops.rms_norm import RmsNorm


def layer(op: RmsNorm, slot: Slots) -> Code:
    return call(
        "nn.RMSNorm", slot("channels"), eps=slot("eps"), elementwise_affine=None if op.affine else literal(False)
    )
