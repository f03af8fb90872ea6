"""Average pooling to a given size."""

from __future__ import annotations

from archspec.opdef import args as arg
from archspec.opdef.allocator import Allocator
from archspec.opdef.fake_tensor import FakeTensor
from archspec.opdef.op import Op
from archspec.opdef.pool import pooled
from archspec.opdef.types import TensorType
from archspec.opdef.window import per_axis, spatial


class AdaptiveAvgPool(Op):
    """Means over as many windows as ``size`` says along each axis. Arithmetic: 1 an input element, as fvcore counts."""

    size: int | tuple[int, ...] = arg.sizes()
    remarks = {"fvcore": "1 an input element, of images alone"}
    listed = True
    examples = ("adaptive_avg_pool(1): [4, 6, 6] -> [4, 1, 1]", "adaptive_avg_pool([2, 3]): [4, 6, 6] -> [4, 2, 3]")

    def infer(self) -> tuple[TensorType, ...]:
        self.rank = len(spatial(self.name(), self.x))
        self.fvcore_name = "adaptive_avg_pool2d" if self.rank == 2 else None
        return (self.x.with_shape(self.x.shape[0], *per_axis(self.name(), "size", self.size, self.rank)),)

    def asks(self) -> tuple[tuple[int, str, int], ...]:
        return tuple((size, ">", 0) for size in self.y.shape[1:])

    def flops(self) -> int:
        return self.x.numel

    def fvcore(self) -> int:
        return self.x.numel

    def run(self, allocator: Allocator, *inputs: FakeTensor) -> tuple[FakeTensor, ...]:
        """The input is kept, and nothing where a plane becomes one number."""
        (x,) = inputs
        sizes = allocator.sizes(self.y)
        whole = all(n == 1 for n in self.y.shape[1:])
        if not whole:
            allocator.save_for(inputs, x)
        strides = pooled(x, sizes, self.rank) if self.rank < 3 or whole else None
        return (allocator.new(sizes, *inputs, strides=strides),)
