"""Matrix product."""

from __future__ import annotations

from archspec.opdef.allocator import Allocator
from archspec.opdef.elementwise import broadcast
from archspec.opdef.fake_tensor import FakeTensor
from archspec.opdef.faults import Mismatch, WrongRank
from archspec.opdef.op import Op
from archspec.opdef.types import TensorType


class Matmul(Op):
    """Matrix product of the last two axes, written ``a @ b``; axes in front are broadcast.

    Arithmetic: 2 a multiply-accumulate. fvcore leaves out what broadcasting the left side repeats.
    """

    arity = 2
    fvcore_name = "matmul"
    remarks = {"fvcore": "an element of the left side and column of the right; broadcasting the left side is left out"}
    counts_activation = True
    examples = ("a @ b: [2, 3, 4], [2, 4, 5] -> [2, 3, 5]", "a @ b: [3, 4], [4, 5] -> [3, 5]")

    def infer(self) -> tuple[TensorType, ...]:
        a, b = self.inputs
        for given in self.inputs:
            if given.rank < 2:
                raise WrongRank(self.name(), "[*b, n, m]", given)
        if a.shape[-1] != b.shape[-2]:
            raise Mismatch(self.name(), f"multiply: {int(a.shape[-1])} columns and {int(b.shape[-2])} rows", a, b)
        front = broadcast(
            self.name(), TensorType(a.shape[:-2], a.dtype, a.batched), TensorType(b.shape[:-2], b.dtype, b.batched)
        )
        return (TensorType((*front.shape, a.shape[-2], b.shape[-1]), a.dtype, front.batched),)

    def macs(self) -> int:
        return self.y.numel * self.x.shape[-1]

    def fvcore(self) -> int:
        return self.x.numel * self.inputs[1].shape[-1]

    def fvcore_of(self, batch: int) -> int:
        return (batch if self.x.batched else 1) * self.fvcore()

    def run(self, allocator: Allocator, *inputs: FakeTensor) -> tuple[FakeTensor, ...]:
        """Each side is kept for the gradient of the other, spread and copied where a batch of products needs it."""
        return (allocator.matmul(*inputs),)
