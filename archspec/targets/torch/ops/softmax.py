"""Softmax."""

from __future__ import annotations

from archspec.emit.code import Code, Slots, call, literal, method
from archspec.opdef.axes import batched_axis
from archspec.ops.softmax import Softmax


def layer(op: Softmax, slot: Slots) -> Code | None:
    return call("nn.Softmax", literal(batched_axis(op.x, op.at)))


def apply(op: Softmax, slot: Slots, *inputs: Code) -> Code:
    return method(inputs[0], "softmax", literal(batched_axis(op.x, op.at)))
