"""Self-normalising ELU."""

from __future__ import annotations

from archspec.opdef.elementwise import Activation


class Selu(Activation):
    """Self-normalising ELU (arXiv:1706.02515). Arithmetic: 4 an element."""

    cost = 4
    saved_for_backward = ("input",)
    torch_name = "F.selu"
    module_name = "nn.SELU"
    examples = ("selu: [3, 4] -> [3, 4]",)
