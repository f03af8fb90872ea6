"""Average pooling."""

from __future__ import annotations

from dataclasses import replace

from archspec.opdef import args as arg
from archspec.opdef.allocator import Allocator
from archspec.opdef.fake_tensor import FakeTensor, row_major
from archspec.opdef.faults import NotInTorch
from archspec.opdef.pool import Pool
from archspec.opdef.types import TensorType


class AvgPool(Pool):
    """Mean over a sliding window of the axes behind the channels; ``stride`` is the window's size unless given.

    ``count_pad = false`` leaves padding out of the mean. Arithmetic: one a window element and output element.
    """

    count_pad: bool = arg.flag(True)
    examples = (
        "avg_pool(3, stride = 1, pad = 1, count_pad = false): [4, 6, 6] -> [4, 6, 6]",
        "avg_pool(2): [4, 6, 6] -> [4, 3, 3]",
        "avg_pool(3, stride = 2, ceil = true): [4, 6] -> [4, 3]",
    )

    def infer(self) -> tuple[TensorType, ...]:
        outputs = super().infer()
        if self.rank == 3 and any(n < k for n, k in zip(self.x.shape[1:], self.window)):
            why = "the window over a volume is larger than the volume without its padding"
            raise NotInTorch(self.name(), why, self.x, "use a smaller window, or `pad` before it and `pad = 0`")
        return outputs

    def run(self, allocator: Allocator, *inputs: FakeTensor) -> tuple[FakeTensor, ...]:
        """The input is kept; a volume comes out contiguous."""
        (made,) = super().run(allocator, *inputs)
        return (replace(made, strides=row_major(made.sizes)) if self.rank == 3 else made,)
