"""e to the power of each element."""

from __future__ import annotations

from archspec.opdef.elementwise import Activation


class Exp(Activation):
    """e to the power of each element. Arithmetic: 1 an element."""

    saved_for_backward = ("output",)
    examples = ("exp: [3, 4] -> [3, 4]",)
