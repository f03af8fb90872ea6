"""Group normalisation."""

from __future__ import annotations

from archspec.opdef import args as arg
from archspec.opdef.allocator import Allocator
from archspec.opdef.fake_tensor import FakeTensor, suggested
from archspec.opdef.faults import NotDivisible, OneValue, WrongRank
from archspec.opdef.norm import Norm
from archspec.opdef.types import TensorType


class GroupNorm(Norm):
    """Normalises each group of channels over the group and all axes behind it (arXiv:1803.08494)."""

    groups: int = arg.size()
    fvcore_name = "group_norm"
    examples = ("group_norm(2): [4, 3, 3] -> [4, 3, 3]", "group_norm(1, affine = false): [4, 3] -> [4, 3]")

    def infer(self) -> tuple[TensorType, ...]:
        if self.x.rank < 1:
            raise WrongRank(self.name(), "[c, *s]", self.x)
        self.channels = self.x.shape[0]
        if self.channels % self.groups:
            raise NotDivisible(self.name(), "the input's channels", self.channels, "`groups`", self.groups)
        if self.x.numel == self.groups:
            raise OneValue(self.name(), "each of its groups of channels", self.x)
        return (self.x,)

    def run(self, allocator: Allocator, *inputs: FakeTensor) -> tuple[FakeTensor, ...]:
        """Kept: the input (a dense copy of it), the gain, and the mean and deviation of each group."""
        x = allocator.packed(inputs[0])
        statistics = [allocator.new((x.sizes[0], self.groups)) for _ in range(2)]
        allocator.save_for((x, *allocator.weights.values()), x, *statistics)
        if "weight" in allocator.weights:
            allocator.save(allocator.weights["weight"])
        made = allocator.new(x.sizes, x, *allocator.weights.values(), strides=suggested(x, x.sizes))
        allocator.free(*statistics)
        return (made,)
