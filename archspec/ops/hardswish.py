"""Hardswish."""

from __future__ import annotations

from archspec.opdef.elementwise import Activation


class Hardswish(Activation):
    """x * min(max(x + 3, 0), 6) / 6 (arXiv:1905.02244). Arithmetic: 4 an element."""

    cost = 4
    saved_for_backward = ("input",)
    listed = True
    examples = ("hardswish: [3, 4] -> [3, 4]",)
