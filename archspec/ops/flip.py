"""Reversal along an axis."""

from __future__ import annotations

from archspec.opdef import args as arg
from archspec.opdef.allocator import Allocator
from archspec.opdef.axes import axis_index
from archspec.opdef.entries import Entries, along
from archspec.opdef.fake_tensor import FakeTensor, preserved
from archspec.opdef.op import Op
from archspec.opdef.types import TensorType


class Flip(Op):
    """The elements of an axis in the other order; no arithmetic."""

    axis: int = arg.integer(0)
    inline_args = True
    dtypes = ("float", "int")
    saved_for_backward = ()
    examples = ("flip: [3, 4] -> [3, 4]", "flip(axis = -1): [3, 4] -> [3, 4]")

    def infer(self) -> tuple[TensorType, ...]:
        self.at = axis_index(self.name(), self.axis, self.x.rank)
        return (self.x,)

    def moved(self, *given: Entries) -> tuple[Entries, ...]:
        return (along(given[0], self.x.shape, self.at, reversed(range(int(self.x.shape[self.at])))),)

    def run(self, allocator: Allocator, *inputs: FakeTensor) -> tuple[FakeTensor, ...]:
        """A copy in the same order of axes; nothing is kept."""
        (x,) = inputs
        return (allocator.new(x.sizes, x, strides=preserved(x), item=x.item),)
