"""Equal parts along an axis."""

from __future__ import annotations

from archspec.opdef import args as arg
from archspec.opdef.allocator import Allocator
from archspec.opdef.axes import axis_index, batched_axis, check_results
from archspec.opdef.entries import Entries, along
from archspec.opdef.fake_tensor import FakeTensor
from archspec.opdef.faults import NotDivisible
from archspec.opdef.op import Op
from archspec.opdef.types import TensorType


class Chunk(Op):
    """``parts`` equal parts along an axis, as several tensors; no arithmetic."""

    parts: int = arg.size()
    axis: int = arg.integer(0)
    inline_args = True
    variadic_outputs = True
    dtypes = ("float", "int")
    saved_for_backward = ()
    examples = ("chunk(2): [4, 3] -> [2, 3], [2, 3]", "chunk(3, axis = -1): [2, 3] -> [2, 1], [2, 1], [2, 1]")

    def infer(self) -> tuple[TensorType, ...]:
        self.at = axis_index(self.name(), self.axis, self.x.rank)
        check_results(self.name(), self.parts)
        size = self.x.shape[self.at]
        if size % self.parts:
            raise NotDivisible(self.name(), f"axis {self.at} of the input", size, "`parts`", self.parts)
        shape = (*self.x.shape[: self.at], size // self.parts, *self.x.shape[self.at + 1 :])
        return (self.x.with_shape(*shape),) * int(self.parts)

    def moved(self, *given: Entries) -> tuple[Entries, ...]:
        size = int(self.x.shape[self.at]) // int(self.parts)
        starts = range(0, size * int(self.parts), size)
        return tuple(along(given[0], self.x.shape, self.at, range(start, start + size)) for start in starts)

    def asks(self) -> tuple[tuple[int, str, int], ...]:
        return ((self.x.shape[self.at], "%", self.parts),)

    def run(self, allocator: Allocator, *inputs: FakeTensor) -> tuple[FakeTensor, ...]:
        """Views."""
        (x,) = inputs
        axis = batched_axis(self.x, self.at)
        return (allocator.look(x.narrowed(axis, x.sizes[axis] // self.parts)),) * self.parts
