"""ReLU6."""

from __future__ import annotations

from archspec.opdef.elementwise import Activation


class ReLU6(Activation):
    """min(max(x, 0), 6). Arithmetic: 2 an element."""

    cost = 2
    saves = ("input",)
    torch_name = "F.relu6"
    module_name = "nn.ReLU6"
    examples = ("relu6: [3, 4] -> [3, 4]",)
