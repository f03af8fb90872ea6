"""Parts of given sizes along an axis."""

from __future__ import annotations

from itertools import accumulate

from archspec.opdef import args as arg
from archspec.opdef.allocator import Allocator
from archspec.opdef.axes import axis_index, batched_axis, check_results
from archspec.opdef.entries import Entries, along
from archspec.opdef.fake_tensor import FakeTensor
from archspec.opdef.faults import BadArgument
from archspec.opdef.op import Op
from archspec.opdef.types import TensorType


class Split(Op):
    """Parts of the sizes ``sizes`` along an axis, as several tensors; no arithmetic."""

    sizes: tuple[int, ...] = arg.shape()
    axis: int = arg.integer(0)
    variadic_outputs = True
    dtypes = ("float", "int")
    saved_for_backward = ()
    examples = ("split([1, 3]): [4, 3] -> [1, 3], [3, 3]",)

    def infer(self) -> tuple[TensorType, ...]:
        self.at = axis_index(self.name(), self.axis, self.x.rank)
        check_results(self.name(), len(self.sizes))
        whole = self.x.shape[self.at]
        if sum(self.sizes) != whole or min(self.sizes) < 1:
            raise BadArgument(self.name(), "sizes", f"positive and {int(whole)} together", arg.show(self.sizes))
        front, behind = self.x.shape[: self.at], self.x.shape[self.at + 1 :]
        return tuple(self.x.with_shape(*front, size, *behind) for size in self.sizes)

    def asks(self) -> tuple[tuple[int, str, int], ...]:
        return tuple((size, ">", 0) for size in self.sizes)

    def moved(self, *given: Entries) -> tuple[Entries, ...]:
        ends = list(accumulate(map(int, self.sizes)))
        ranges = [range(end - int(size), end) for end, size in zip(ends, self.sizes)]
        return tuple(along(given[0], self.x.shape, self.at, places) for places in ranges)

    def run(self, allocator: Allocator, *inputs: FakeTensor) -> tuple[FakeTensor, ...]:
        """Views."""
        (x,) = inputs
        axis = batched_axis(self.x, self.at)
        return tuple(allocator.look(x.narrowed(axis, size)) for size in self.sizes)
