"""x /."""

from __future__ import annotations

from archspec.opdef.elementwise import Activation


class Softsign(Activation):
    """x / (1 + |x|). Arithmetic: 3 an element."""

    cost = 3
    saves = ("input",)
    torch_name = "F.softsign"
    module_name = "nn.Softsign"
    examples = ("softsign: [3, 4] -> [3, 4]",)
