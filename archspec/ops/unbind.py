"""One tensor for each place along an axis."""

from __future__ import annotations

from archspec.opdef import args as arg
from archspec.opdef.allocator import Allocator
from archspec.opdef.axes import axis_index, batched_axis, check_results
from archspec.opdef.entries import Entries, along
from archspec.opdef.fake_tensor import FakeTensor
from archspec.opdef.op import Op
from archspec.opdef.types import TensorType


class Unbind(Op):
    """One tensor for each place along an axis, without that axis; no arithmetic."""

    axis: int = arg.integer(0)
    inline_args = True
    variadic_outputs = True
    dtypes = ("float", "int")
    saved_for_backward = ()
    examples = ("unbind: [3, 4] -> [4], [4], [4]", "unbind(axis = 1): [3, 2] -> [3], [3]")

    def infer(self) -> tuple[TensorType, ...]:
        self.at = axis_index(self.name(), self.axis, self.x.rank)
        check_results(self.name(), self.x.shape[self.at])
        rest = self.x.with_shape(*self.x.shape[: self.at], *self.x.shape[self.at + 1 :])
        return (rest,) * int(self.x.shape[self.at])

    def moved(self, *given: Entries) -> tuple[Entries, ...]:
        return tuple(along(given[0], self.x.shape, self.at, [at]) for at in range(int(self.x.shape[self.at])))

    def counted(self) -> tuple[int, ...]:
        return (self.x.shape[self.at],)

    def run(self, allocator: Allocator, *inputs: FakeTensor) -> tuple[FakeTensor, ...]:
        """Views."""
        return (allocator.look(inputs[0].selected(batched_axis(self.x, self.at))),) * len(self.outputs)
