"""GELU."""

from __future__ import annotations

from archspec.opdef import args as arg
from archspec.opdef.elementwise import Activation


class Gelu(Activation):
    """Gaussian error linear unit, x * Phi(x), by erf or by tanh (arXiv:1606.08415). Arithmetic: 5 an element."""

    approximate: str = arg.choice("none", "tanh", default="none")
    cost = 5
    saved_for_backward = ("input",)
    listed = True
    examples = ("gelu: [3, 4] -> [3, 4]", 'gelu(approximate = "tanh"): [3] -> [3]')
