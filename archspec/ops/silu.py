"""SiLU."""

from __future__ import annotations

from archspec.opdef.elementwise import Activation


class SiLU(Activation):
    """x * sigmoid(x), also called swish (arXiv:1702.03118). Arithmetic: 5 an element."""

    cost = 5
    saved_for_backward = ("input",)
    listed = True
    examples = ("silu: [3, 4] -> [3, 4]",)
