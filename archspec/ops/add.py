"""Sum."""

from __future__ import annotations

from archspec.opdef.elementwise import Arithmetic


class Add(Arithmetic):
    """Sum of two tensors, or of a tensor and a number, written ``x + y``. Arithmetic: 1 an element."""

    symbol = "+"
    saved_for_backward = ()
    examples = ("x + y: [3, 4], [3, 4] -> [3, 4]", "x + 2: [3, 4] -> [3, 4]")
