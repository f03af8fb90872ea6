"""Group normalisation."""

from __future__ import annotations

from archspec.emit.code import Code, Slots, call
from archspec.ops.group_norm import GroupNorm


def layer(op: GroupNorm, slot: Slots) -> Code:
    return call(
        "nn.GroupNorm",
        slot("groups"),
        slot("channels"),
        eps=slot.unless("eps", 1e-5),
        affine=slot.unless("affine", True),
    )
