"""Another size by interpolation."""

from __future__ import annotations

from archspec.emit.code import Code, Slots, call, literal, method
from archspec.ops.interpolate import Interpolate


def apply(op: Interpolate, slot: Slots, *inputs: Code) -> Code:
    linear = ("linear", "bilinear", "trilinear")[op.x.rank - 2]
    mode = linear if op.mode == "bilinear" else op.mode
    smooth = None if op.mode == "nearest" else literal(False)
    (x,) = inputs
    x = x if op.x.batched else method(x, "unsqueeze", 0)
    made = call("F.interpolate", x, size=slot("sizes"), mode=literal(mode), align_corners=smooth)
    return made if op.x.batched else method(made, "squeeze", 0)
