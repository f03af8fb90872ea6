"""Tanh."""

from __future__ import annotations

from archspec.opdef.elementwise import Activation


class Tanh(Activation):
    """Hyperbolic tangent. Arithmetic: 1 an element."""

    cost = 1
    saved_for_backward = ("output",)
    listed = True
    examples = ("tanh: [3, 4] -> [3, 4]",)
