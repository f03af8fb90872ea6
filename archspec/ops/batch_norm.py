"""Batch normalisation."""

from __future__ import annotations

from archspec.opdef import args as arg
from archspec.opdef.allocator import Allocator
from archspec.opdef.fake_tensor import FakeTensor, Sizes, channels_last, is_contiguous, lies_last, row_major, suggested
from archspec.opdef.faults import WrongRank
from archspec.opdef.init import ONES, ZEROS
from archspec.opdef.norm import Norm
from archspec.opdef.op import Weight
from archspec.opdef.types import TensorType


class BatchNorm(Norm):
    """Normalises each channel of ``[c, *s]`` over the batch, by running statistics in inference (arXiv:1502.03167).

    It takes two values of a channel at least to train: with one place a sample, torch refuses a batch of one.
    Arithmetic is that of inference: 2 an element, and 2 more where affine. fvcore counts 2 and 1.
    """

    eps: float = arg.eps(1e-5, zero=False)
    momentum: float = arg.rate(0.1)
    fvcore_name = "batch_norm"
    remarks = {"fvcore": "2 an element where affine, 1 where not, as in inference"}
    made_for = ("channels", "rank")
    examples = (
        "batch_norm: [4, 3, 3] -> [4, 3, 3]",
        "batch_norm(affine = false): [4, 3] -> [4, 3]",
        "batch_norm: [4] -> [4]",
    )

    def infer(self) -> tuple[TensorType, ...]:
        if not 1 <= self.x.rank <= 4:
            raise WrongRank(self.name(), "[c], [c, n], [c, h, w] or [c, d, h, w]", self.x)
        self.channels = self.x.shape[0]
        self.rank = max(1, self.x.rank - 1)
        return (self.x,)

    def weights(self) -> tuple[Weight, ...]:
        return (
            *super().weights(),
            Weight("running_mean", (self.channels,), ZEROS, trained=False),
            Weight("running_var", (self.channels,), ONES, trained=False),
            Weight("num_batches_tracked", (), ZEROS, trained=False, dtype="int"),
        )

    def flops(self) -> int:
        return (4 if self.affine else 2) * self.x.numel

    def fvcore(self) -> int:
        return (2 if self.affine else 1) * self.x.numel

    def run(self, allocator: Allocator, *inputs: FakeTensor) -> tuple[FakeTensor, ...]:
        """Kept: the input, the gain, the running statistics and those of the batch."""
        (x,) = inputs
        kept = [
            weight for name, weight in allocator.weights.items() if name in ("weight", "running_mean", "running_var")
        ]
        statistics = [allocator.new((self.channels,)) for _ in range(2 if allocator.training else 0)]
        allocator.save_for((x, *allocator.weights.values()), x, *kept, *statistics)
        made = allocator.new(x.sizes, x, *allocator.weights.values(), strides=_strides(x))
        allocator.free(*statistics)
        return (made,)


def _strides(x: FakeTensor) -> Sizes:
    """Dense memory stays as it is; of any other, its format is guessed."""
    if is_contiguous(x):
        return row_major(x.sizes)
    return channels_last(x.sizes) if lies_last(x) else suggested(x, x.sizes)
