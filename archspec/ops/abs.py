"""Absolute value."""

from __future__ import annotations

from archspec.opdef.elementwise import Activation


class Abs(Activation):
    """Absolute value. Arithmetic: 1 an element."""

    saved_for_backward = ("input",)
    examples = ("abs: [3, 4] -> [3, 4]",)
