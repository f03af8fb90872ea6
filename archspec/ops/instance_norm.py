"""Instance normalisation."""

from __future__ import annotations

from math import prod

from archspec.opdef import args as arg
from archspec.opdef.allocator import Allocator
from archspec.opdef.fake_tensor import FakeTensor
from archspec.opdef.faults import OneValue
from archspec.opdef.norm import Norm
from archspec.opdef.types import TensorType
from archspec.opdef.window import spatial


class InstanceNorm(Norm):
    """Normalises each channel of each sample over its places (arXiv:1607.08022)."""

    eps: float = arg.eps(1e-5, zero=False)
    affine: bool = arg.flag(False)
    fvcore_name = "instance_norm"
    made_for = ("channels", "rank")
    examples = ("instance_norm: [4, 3, 3] -> [4, 3, 3]", "instance_norm(affine = true): [4, 6] -> [4, 6]")

    def infer(self) -> tuple[TensorType, ...]:
        self.rank = len(spatial(self.name(), self.x))
        self.channels = self.x.shape[0]
        if prod(self.x.shape[1:]) == 1:
            raise OneValue(self.name(), "the axes behind the channels", self.x)
        return (self.x,)

    def fvcore(self) -> int:
        return (5 if self.affine else 4) * self.x.numel

    def run(self, allocator: Allocator, *inputs: FakeTensor) -> tuple[FakeTensor, ...]:
        """Kept: the input, the gain repeated for each sample, and the statistics of each plane."""
        x = allocator.contiguous(inputs[0])
        sources, planes = (*inputs, *allocator.weights.values()), x.sizes[0] * self.channels
        repeated = [allocator.new((planes,)) for _ in allocator.weights]
        statistics = [allocator.new((planes,)) for _ in range(2)]
        allocator.save_for(sources, x, *repeated[:1], *statistics)
        made = allocator.new(x.sizes, *sources)
        allocator.free(*repeated, *statistics)
        return (made,)
