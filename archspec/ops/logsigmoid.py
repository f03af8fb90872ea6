"""log(sigmoid(x))."""

from __future__ import annotations

from archspec.opdef.elementwise import Activation


class Logsigmoid(Activation):
    """log(sigmoid(x)). Arithmetic: 4 an element."""

    cost = 4
    saves = ("input",)
    torch_name = "F.logsigmoid"
    module_name = "nn.LogSigmoid"
    examples = ("logsigmoid: [3, 4] -> [3, 4]",)
