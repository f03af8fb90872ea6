"""Error function."""

from __future__ import annotations

from archspec.opdef.elementwise import Activation


class Erf(Activation):
    """Error function. Arithmetic: 1 an element."""

    cost = 1
    saved_for_backward = ("input",)
    examples = ("erf: [3, 4] -> [3, 4]",)
