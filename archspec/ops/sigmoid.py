"""Sigmoid."""

from __future__ import annotations

from archspec.opdef.elementwise import Activation


class Sigmoid(Activation):
    """Logistic function, 1 / (1 + exp(-x)). Arithmetic: 4 an element."""

    cost = 4
    saved_for_backward = ("output",)
    listed = True
    examples = ("sigmoid: [3, 4] -> [3, 4]",)
