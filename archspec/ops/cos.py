"""Cosine."""

from __future__ import annotations

from archspec.opdef.elementwise import Activation


class Cos(Activation):
    """Cosine. Arithmetic: 1 an element."""

    saved_for_backward = ("input",)
    examples = ("cos: [3, 4] -> [3, 4]",)
