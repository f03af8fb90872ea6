"""GELU."""

from __future__ import annotations

from archspec.opdef.elementwise import Activation


class GELU(Activation):
    """Gaussian error linear unit, x * Phi(x) by erf (arXiv:1606.08415). Arithmetic: 5 an element."""

    cost = 5
    saves = ("input",)
    torch_name = "F.gelu"
    examples = ("gelu: [3, 4] -> [3, 4]",)
