"""Sine."""

from __future__ import annotations

from archspec.opdef.elementwise import Activation


class Sin(Activation):
    """Sine. Arithmetic: 1 an element."""

    saved_for_backward = ("input",)
    examples = ("sin: [3, 4] -> [3, 4]",)
