"""Self-normalising ELU."""

from __future__ import annotations

from archspec.opdef.elementwise import Activation


class Selu(Activation):
    """Self-normalising ELU (arXiv:1706.02515). Arithmetic: 4 an element."""

    cost = 4
    saved_for_backward = ("input",)
    listed = True
    examples = ("selu: [3, 4] -> [3, 4]",)
