"""Softplus."""

from __future__ import annotations

from archspec.opdef.elementwise import Activation


class Softplus(Activation):
    """log(1 + exp(x)). Arithmetic: 3 an element."""

    cost = 3
    saved_for_backward = ("input",)
    listed = True
    examples = ("softplus: [3, 4] -> [3, 4]",)
