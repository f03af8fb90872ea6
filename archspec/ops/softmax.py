"""Softmax."""

from __future__ import annotations

from archspec.opdef import args as arg
from archspec.opdef.axes import axis_index
from archspec.opdef.op import Op
from archspec.opdef.types import TensorType


class Softmax(Op):
    """exp(x) / sum(exp(x)) along an axis. Arithmetic: 5 an element (maximum, subtract, exp, sum, divide)."""

    axis: int = arg.integer(-1)
    inline_args = True
    saved_for_backward = ("output",)
    listed = True
    examples = ("softmax: [3, 4] -> [3, 4]", "softmax(axis = 0): [3, 4] -> [3, 4]")

    def infer(self) -> tuple[TensorType, ...]:
        self.at = axis_index(self.name(), self.axis, self.x.rank)
        return (self.x,)

    def flops(self) -> int:
        return 5 * self.x.numel
