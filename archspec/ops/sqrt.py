"""Square root."""

from __future__ import annotations

from archspec.opdef.elementwise import Activation


class Sqrt(Activation):
    """Square root. Arithmetic: 1 an element."""

    saved_for_backward = ("output",)
    examples = ("sqrt: [3, 4] -> [3, 4]",)
