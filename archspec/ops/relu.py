"""ReLU."""

from __future__ import annotations

from archspec.opdef.elementwise import Activation


class ReLU(Activation):
    """Rectified linear unit, max(x, 0). Arithmetic: 1 an element."""

    cost = 1
    saved_for_backward = ("output",)
    listed = True
    examples = ("relu: [3, 4] -> [3, 4]",)
