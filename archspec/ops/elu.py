"""ELU."""

from __future__ import annotations

from archspec.opdef.elementwise import Activation


class ELU(Activation):
    """x where positive, exp(x) - 1 elsewhere (arXiv:1511.07289). Arithmetic: 3 an element."""

    cost = 3
    saved_for_backward = ("input",)
    listed = True
    examples = ("elu: [3, 4] -> [3, 4]",)
