"""Natural logarithm."""

from __future__ import annotations

from archspec.opdef.elementwise import Activation


class Log(Activation):
    """Natural logarithm. Arithmetic: 1 an element."""

    saved_for_backward = ("input",)
    examples = ("log: [3, 4] -> [3, 4]",)
