"""Leaky ReLU."""

from __future__ import annotations

from archspec.opdef import args as arg
from archspec.opdef.elementwise import Activation


class LeakyRelu(Activation):
    """x where positive, slope * x elsewhere. Arithmetic: 2 an element."""

    slope: float = arg.real(0.01)
    cost = 2
    listed = True
    examples = ("leaky_relu: [3, 4] -> [3, 4]", "leaky_relu(0.2): [3] -> [3]")
