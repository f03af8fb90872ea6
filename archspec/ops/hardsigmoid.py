"""min(max(x + 3, 0), 6) / 6."""

from __future__ import annotations

from archspec.opdef.elementwise import Activation


class Hardsigmoid(Activation):
    """min(max(x + 3, 0), 6) / 6 (arXiv:1905.02244). Arithmetic: 3 an element."""

    cost = 3
    saved_for_backward = ("input",)
    listed = True
    examples = ("hardsigmoid: [3, 4] -> [3, 4]",)
