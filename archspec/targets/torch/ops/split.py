"""Parts of given sizes along an axis."""

from __future__ import annotations

from archspec.emit.code import Code, Display, Slots, call, display, literal
from archspec.opdef.axes import batched_axis
from archspec.ops.split import Split


def apply(op: Split, slot: Slots, *inputs: Code) -> Code:
    sizes = slot("sizes")
    sizes = display(sizes.items, "[]") if isinstance(sizes, Display) else call("list", sizes)
    return call("torch.split", inputs[0], sizes, dim=literal(batched_axis(op.x, op.at)))
