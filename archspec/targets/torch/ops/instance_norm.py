"""Instance normalisation."""

from __future__ import annotations

from archspec.emit.code import Code, Slots, call
from archspec.ops.instance_norm import InstanceNorm


def layer(op: InstanceNorm, slot: Slots) -> Code:
    return call(
        f"nn.InstanceNorm{op.rank}d",
        slot("channels"),
        eps=slot.unless("eps", 1e-5),
        affine=slot.unless("affine", False),
    )
