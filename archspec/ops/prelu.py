"""Parametric ReLU."""

from __future__ import annotations

from archspec.opdef.allocator import Allocator
from archspec.opdef.fake_tensor import FakeTensor, preserved
from archspec.opdef.faults import WrongRank
from archspec.opdef.init import Initialiser
from archspec.opdef.op import Op, Weight
from archspec.opdef.types import TensorType


class Prelu(Op):
    """x where positive, a learned slope times x elsewhere (arXiv:1502.01852). Arithmetic: 2 an element."""

    needs_batch = True
    made_for = ("channels",)
    examples = ("prelu: [3, 4] -> [3, 4]",)

    def infer(self) -> tuple[TensorType, ...]:
        if self.x.rank < 1:
            raise WrongRank(self.name(), "[c, *s]", self.x)
        self.channels = self.x.shape[0]
        return (self.x,)

    def weights(self) -> tuple[Weight, ...]:
        return (Weight("weight", (self.channels,), Initialiser("constant", (0.25,), own=True)),)

    def flops(self) -> int:
        return 2 * self.x.numel

    def run(self, allocator: Allocator, *inputs: FakeTensor) -> tuple[FakeTensor, ...]:
        """The input and the slopes are kept."""
        sources = (*inputs, *allocator.weights.values())
        allocator.save_for(sources, *sources)
        return (allocator.new(inputs[0].sizes, *sources, strides=preserved(inputs[0])),)
