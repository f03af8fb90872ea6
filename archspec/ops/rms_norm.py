"""Root-mean-square normalisation."""

from __future__ import annotations

from dataclasses import replace

from archspec.opdef import args as arg
from archspec.opdef.allocator import Allocator
from archspec.opdef.fake_tensor import FakeTensor, Sizes, is_channels_last, is_contiguous, merged, row_major
from archspec.opdef.faults import WrongRank
from archspec.opdef.init import ONES
from archspec.opdef.op import Op, Weight
from archspec.opdef.types import TensorType


class RmsNorm(Op):
    """Divides by the root mean square of the last axis, with a gain (arXiv:1910.07467); fvcore does not count it.

    Arithmetic: 3 an element, and 1 more where affine.
    """

    eps: float = arg.eps(1e-6)
    affine: bool = arg.flag(True)
    made_for = ("channels",)
    examples = ("rms_norm: [4, 6] -> [4, 6]", "rms_norm(affine = false): [6] -> [6]")

    def infer(self) -> tuple[TensorType, ...]:
        if self.x.rank < 1:
            raise WrongRank(self.name(), "[*b, c]", self.x)
        self.channels = self.x.shape[-1]
        return (self.x,)

    def weights(self) -> tuple[Weight, ...]:
        return (Weight("weight", (self.channels,), ONES),) if self.affine else ()

    @property
    def stateful(self) -> bool:
        return True

    def flops(self) -> int:
        return (3 + self.affine) * self.x.numel

    def run(self, allocator: Allocator, *inputs: FakeTensor) -> tuple[FakeTensor, ...]:
        """Kept: the input, each row's scale, and where affine the scaled rows and the gain; half is widened."""
        (x,) = inputs
        scale = allocator.new((*x.sizes[:-1], 1), item=allocator.wide)
        strides = self._strides(x, scale, *allocator.weights.values())
        if not allocator.training:
            made = allocator.new(x.sizes, strides=strides)
            allocator.free(scale)
            return (made,)
        wide = allocator.cast(x, allocator.wide)
        sources = (*inputs, *allocator.weights.values())
        allocator.save_for(inputs, wide, scale)
        scaled = allocator.elementwise(wide, scale, item=allocator.wide)
        if self.affine:
            allocator.save_for(tuple(allocator.weights.values()), scaled)
            allocator.save_for((scaled,), *allocator.weights.values())
        made = allocator.new(x.sizes, *sources, strides=strides)
        allocator.free(scale, scaled)
        return (made,)

    def _strides(self, x: FakeTensor, *others: FakeTensor) -> Sizes:
        """Those of a product with each of the others in turn, made contiguous unless channels are last."""
        made = x
        for other in others:
            made = replace(made, strides=merged((made, other), x.sizes))
        return made.strides if is_channels_last(x) or is_contiguous(made) else row_major(x.sizes)
