"""Batch normalisation."""

from __future__ import annotations

from archspec.emit.code import Code, Slots, call
from archspec.ops.batch_norm import BatchNorm


def layer(op: BatchNorm, slot: Slots) -> Code:
    return call(
        f"nn.BatchNorm{op.rank}d",
        slot("channels"),
        eps=slot.unless("eps", 1e-5),
        momentum=slot.unless("momentum", 0.1),
        affine=slot.unless("affine", True),
    )
