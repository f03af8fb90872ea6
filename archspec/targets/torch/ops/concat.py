"""Tensors joined along an axis."""

from __future__ import annotations

from archspec.emit.code import Attribute, Code, Slots, Subscript, call, display, literal, method
from archspec.opdef.axes import batched_axis
from archspec.ops.concat import Concat


def apply(op: Concat, slot: Slots, *inputs: Code) -> Code:
    first = next((code for code, given in zip(inputs, op.inputs) if given.batched), None)
    parts = [
        code if given.batched or first is None else _spread(code, first, given.rank)
        for code, given in zip(inputs, op.inputs)
    ]
    return call("torch.cat", display(parts), dim=literal(batched_axis(op.y, op.at)))


def _spread(code: Code, sample: Code, rank: int) -> Code:
    """A parameter repeated over the batch of another tensor."""
    size = Subscript(Attribute(sample, "shape"), (literal(0),))
    return method(code, "expand", size, *(literal(-1) for _ in range(rank)))
