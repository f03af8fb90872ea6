"""-1, 0 or 1."""

from __future__ import annotations

from archspec.opdef.elementwise import Activation


class Sign(Activation):
    """-1, 0 or 1. Arithmetic: 1 an element."""

    cost = 1
    saved_for_backward = ()
    examples = ("sign: [3, 4] -> [3, 4]",)
