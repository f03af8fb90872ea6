"""The larger of two tensors."""

from __future__ import annotations

from archspec.opdef.allocator import Allocator
from archspec.opdef.elementwise import broadcast
from archspec.opdef.fake_tensor import FakeTensor
from archspec.opdef.op import Op
from archspec.opdef.types import TensorType


class Maximum(Op):
    """The larger of two tensors, element by element with broadcasting. Arithmetic: 1 an element."""

    arity = 2
    examples = ("maximum: [3, 4], [3, 4] -> [3, 4]",)

    def infer(self) -> tuple[TensorType, ...]:
        return (broadcast(self.name(), *self.inputs),)

    def flops(self) -> int:
        return self.y.numel

    def run(self, allocator: Allocator, *inputs: FakeTensor) -> tuple[FakeTensor, ...]:
        """Both sides are kept."""
        return self.kept(allocator, inputs, inputs, (allocator.elementwise(*inputs),))
