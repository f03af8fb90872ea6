"""1 / sqrt(x)."""

from __future__ import annotations

from archspec.opdef.elementwise import Activation


class Rsqrt(Activation):
    """1 / sqrt(x). Arithmetic: 2 an element."""

    cost = 2
    saved_for_backward = ("output",)
    examples = ("rsqrt: [3, 4] -> [3, 4]",)
