"""Places and ranges of axes."""

from __future__ import annotations

from archspec.emit.code import Code, Slice, Slots, Subscript
from archspec.ops.index import IndexOp


def apply(op: IndexOp, slot: Slots, *inputs: Code) -> Code:
    items = [_written(slot, at, item) for at, item in enumerate(op.items)]
    while items and items[-1] == Slice():
        items.pop()
    front = [Slice()] if op.x.batched else []
    return Subscript(inputs[0], (*front, *items)) if items else inputs[0]


def _written(slot: Slots, at: int, item: int | tuple[int | None, int | None]) -> Code:
    if not isinstance(item, tuple):
        return slot(f"place_{at}")
    ends = [None if bound is None else slot(f"{name}_{at}") for name, bound in zip(("start", "stop"), item)]
    return Slice(*ends)
