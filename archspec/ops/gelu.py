"""GELU."""

from __future__ import annotations

from archspec.opdef import args as arg
from archspec.opdef.code import Code, Slots, call
from archspec.opdef.elementwise import Activation


class Gelu(Activation):
    """Gaussian error linear unit, x * Phi(x), by erf or by tanh (arXiv:1606.08415). Arithmetic: 5 an element."""

    approximate: str = arg.choice("none", "tanh", default="none")
    cost = 5
    saved_for_backward = ("input",)
    examples = ("gelu: [3, 4] -> [3, 4]", 'gelu(approximate = "tanh"): [3] -> [3]')

    def torch_module(self, slot: Slots) -> Code | None:
        return call("nn.GELU", approximate=slot.unless("approximate", "none"))

    def torch(self, slot: Slots, *inputs: Code) -> Code:
        return call("F.gelu", *inputs, approximate=slot.unless("approximate", "none"))
