"""x * x."""

from __future__ import annotations

from archspec.opdef.elementwise import Activation


class Square(Activation):
    """x * x. Arithmetic: 1 an element."""

    cost = 1
    saved_for_backward = ("input",)
    examples = ("square: [3, 4] -> [3, 4]",)
