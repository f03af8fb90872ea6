"""Split, permute and merge axes by name."""

from __future__ import annotations

from archspec.emit.code import Code, Slots, call, display, literal, method
from archspec.opdef.axes import batched_axis
from archspec.ops.rearrange import Rearrange


def apply(op: Rearrange, slot: Slots, *inputs: Code) -> Code:
    (code,) = inputs
    if op.shuffle:
        name, factor = op.shuffle
        return call(f"F.{name}", code, slot(f"size_{factor}"))
    for at, group in reversed(list(enumerate(op.parsed.left))):
        axis = batched_axis(op.x, at)
        if not group:
            code = method(code, "squeeze", axis)
        elif len(group) > 1:
            sizes = [slot(f"size_{name}") if name in op.extras else literal(-1) for name in group]
            code = method(code, "unflatten", axis, display(sizes))
    flat = [name for group in op.parsed.left for name in group]
    code = _permute(op, code, [flat.index(name) for group in op.parsed.right for name in group])
    end = len(flat)
    for group in reversed(op.parsed.right):
        end -= len(group)
        axis = batched_axis(op.x, end)
        if not group:
            code = method(code, "unsqueeze", axis)
        elif len(group) > 1:
            code = method(code, "flatten", axis, axis + len(group) - 1)
    return code


def _permute(op: Rearrange, code: Code, order: list[int]) -> Code:
    moved = [i for i, j in enumerate(order) if i != j]
    if not moved:
        return code
    if len(moved) == 2:
        return method(code, "transpose", *(batched_axis(op.x, i) for i in moved))
    front = [0] if op.x.batched else []
    return method(code, "permute", *front, *(batched_axis(op.x, i) for i in order))
