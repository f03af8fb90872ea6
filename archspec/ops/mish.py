"""Mish."""

from __future__ import annotations

from archspec.opdef.elementwise import Activation


class Mish(Activation):
    """x * tanh(softplus(x)) (arXiv:1908.08681). Arithmetic: 5 an element."""

    cost = 5
    saved_for_backward = ("input",)
    listed = True
    examples = ("mish: [3, 4] -> [3, 4]",)
