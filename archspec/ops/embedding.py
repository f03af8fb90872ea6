"""Rows of a table by whole numbers."""

from __future__ import annotations

from archspec.opdef import args as arg
from archspec.opdef.allocator import Allocator
from archspec.opdef.fake_tensor import FakeTensor
from archspec.opdef.faults import within
from archspec.opdef.init import Initialiser
from archspec.opdef.op import Op, Weight
from archspec.opdef.types import TensorType


class Embedding(Op):
    """A learned row of ``dim`` numbers for each whole number below ``entries``; no arithmetic."""

    entries: int = arg.size()
    dim: int = arg.size()
    positional = 2
    dtypes = ("int",)
    examples = ("embedding(10, 4): int [3] -> [3, 4]",)

    def infer(self) -> tuple[TensorType, ...]:
        within(self.name(), self.x.entries, self.entries)
        return (TensorType((*self.x.shape, self.dim), "float", self.x.batched),)

    def places(self) -> tuple[int | None, ...]:
        return (self.entries,)

    def weights(self) -> tuple[Weight, ...]:
        return (Weight("weight", (self.entries, self.dim), Initialiser("normal", (1.0, 0.0), own=True)),)

    def run(self, allocator: Allocator, *inputs: FakeTensor) -> tuple[FakeTensor, ...]:
        """The whole numbers are kept."""
        allocator.save_for(tuple(allocator.weights.values()), *inputs)
        return (allocator.make(self.y, *allocator.weights.values()),)
