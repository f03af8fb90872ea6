"""Leaky ReLU."""

from __future__ import annotations

from archspec.opdef import args as arg
from archspec.opdef.code import Code, Slots, call
from archspec.opdef.elementwise import Activation


class LeakyRelu(Activation):
    """x where positive, slope * x elsewhere. Arithmetic: 2 an element."""

    slope: float = arg.real(0.01)
    cost = 2
    examples = ("leaky_relu: [3, 4] -> [3, 4]", "leaky_relu(0.2): [3] -> [3]")

    def torch_module(self, slot: Slots) -> Code | None:
        return call("nn.LeakyReLU", slot("slope"))

    def torch(self, slot: Slots, *inputs: Code) -> Code:
        return call("F.leaky_relu", *inputs, slot("slope"))
