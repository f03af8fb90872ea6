"""Running sum."""

from __future__ import annotations

from archspec.opdef import args as arg
from archspec.opdef.axes import axis_index
from archspec.opdef.op import Op
from archspec.opdef.types import TensorType


class Cumsum(Op):
    """The sum of all elements up to each place of an axis. Arithmetic: 1 an element."""

    axis: int = arg.integer(0)
    inline_args = True
    saved_for_backward = ()
    examples = ("cumsum: [3, 4] -> [3, 4]", "cumsum(axis = -1): [3, 4] -> [3, 4]")

    def infer(self) -> tuple[TensorType, ...]:
        self.at = axis_index(self.name(), self.axis, self.x.rank)
        return (self.x,)

    def flops(self) -> int:
        return self.x.numel
