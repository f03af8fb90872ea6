"""Leaky ReLU."""

from __future__ import annotations

from archspec.emit.code import Code, Slots, call
from archspec.ops.leaky_relu import LeakyRelu


def layer(op: LeakyRelu, slot: Slots) -> Code | None:
    return call("nn.LeakyReLU", slot("slope"))


def apply(op: LeakyRelu, slot: Slots, *inputs: Code) -> Code:
    return call("F.leaky_relu", *inputs, slot("slope"))
