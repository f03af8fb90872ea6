"""Layer normalisation."""

from __future__ import annotations

from archspec.opdef import args as arg
from archspec.opdef.allocator import Allocator
from archspec.opdef.fake_tensor import FakeTensor
from archspec.opdef.faults import WrongRank
from archspec.opdef.norm import Norm
from archspec.opdef.types import TensorType


class LayerNorm(Norm):
    """Normalises over the last axis (arXiv:1607.06450). ``std.norms: channel_layer_norm`` does so over channels."""

    bias: bool = arg.flag(True)
    needs_batch = False
    remarks = {"fvcore": "5 an element where affine, 4 where not; it fails on less than 2 and more than 5 axes"}
    fvcore_name = "layer_norm"
    examples = (
        "layer_norm: [4, 6] -> [4, 6]",
        "layer_norm(eps = 1e-6, bias = false): [6] -> [6]",
        "layer_norm(affine = false): [6] -> [6]",
    )

    @property
    def has_bias(self) -> bool:
        return self.affine and self.bias

    def infer(self) -> tuple[TensorType, ...]:
        if self.x.rank < 1:
            raise WrongRank(self.name(), "[*b, c]", self.x)
        self.channels = self.x.shape[-1]
        return (self.x,)

    def run(self, allocator: Allocator, *inputs: FakeTensor) -> tuple[FakeTensor, ...]:
        """Kept: the input, gain and bias, and the mean and deviation of each row, all in the dtype of the input."""
        (x,) = inputs
        statistics = [allocator.new((*x.sizes[:-1], 1)) for _ in range(2)]
        allocator.save_for((x, *allocator.weights.values()), x, *allocator.weights.values(), *statistics)
        made = allocator.new(x.sizes, x, *allocator.weights.values())
        allocator.free(*statistics)
        return (made,)
