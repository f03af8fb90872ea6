"""Copies along an axis."""

from __future__ import annotations

from archspec.opdef import args as arg
from archspec.opdef.axes import axis_index
from archspec.opdef.entries import Entries, along
from archspec.opdef.op import Op
from archspec.opdef.types import TensorType


class Repeat(Op):
    """``times`` copies one behind the other along an axis; no arithmetic."""

    times: int = arg.size()
    axis: int = arg.integer(0)
    inline_args = True
    dtypes = ("float", "int")
    saved_for_backward = ()
    examples = ("repeat(3): [2, 4] -> [6, 4]", "repeat(2, axis = -1): [2, 4] -> [2, 8]")

    def infer(self) -> tuple[TensorType, ...]:
        self.at = axis_index(self.name(), self.axis, self.x.rank)
        shape = list(self.x.shape)
        shape[self.at] = shape[self.at] * self.times
        return (self.x.with_shape(*shape),)

    def moved(self, *given: Entries) -> tuple[Entries, ...]:
        return (along(given[0], self.x.shape, self.at, [*range(int(self.x.shape[self.at]))] * int(self.times)),)
