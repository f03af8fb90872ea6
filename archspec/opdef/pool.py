"""The base of the ops that pool a sliding window."""

from __future__ import annotations

from math import prod

from archspec.opdef import args as arg
from archspec.opdef.allocator import Allocator
from archspec.opdef.fake_tensor import FakeTensor, Sizes, suggested
from archspec.opdef.faults import BadArgument
from archspec.opdef.op import Op
from archspec.opdef.types import TensorType
from archspec.opdef.window import per_axis, slide, spatial


def pooled(x: FakeTensor, sizes: Sizes, rank: int) -> Sizes:
    """The strides of what is pooled over ``rank`` axes; a line is pooled as an image of one row."""
    if rank != 1 or x.rank != 3:
        return suggested(x, sizes)
    batch, channels, _, places = suggested(x.unsqueezed(2), (*sizes[:2], 1, sizes[2]))
    return (batch, channels, places)


class Pool(Op):
    """Pools the axes behind the channels; ``stride`` is the window's size unless given.

    Arithmetic: one a window element and output element.
    """

    kernel: int | tuple[int, ...] = arg.sizes()
    stride: int | tuple[int, ...] | None = arg.sizes(None)
    pad: int | tuple[int, ...] = arg.counts(0)
    ceil: bool = arg.flag(False)
    listed = True

    def infer(self) -> tuple[TensorType, ...]:
        name, size = self.name(), spatial(self.name(), self.x)
        self.rank = len(size)
        self.window = per_axis(name, "kernel", self.kernel, self.rank)
        stride = per_axis(name, "stride", self.kernel if self.stride is None else self.stride, self.rank)
        pad = per_axis(name, "pad", self.pad, self.rank)
        if any(2 * p > k for p, k in zip(pad, self.window)):
            raise BadArgument(name, "pad", "at most half of `kernel`", arg.show(self.pad))
        places = slide(name, self.x, size, self.window, stride, pad, (1,) * self.rank, self.ceil)
        return (self.x.with_shape(self.x.shape[0], *places),)

    def flops(self) -> int:
        return self.y.numel * prod(self.window)

    def run(self, allocator: Allocator, *inputs: FakeTensor) -> tuple[FakeTensor, ...]:
        made = allocator.new(
            allocator.sizes(self.y), *inputs, strides=pooled(inputs[0], allocator.sizes(self.y), self.rank)
        )
        return self.kept(allocator, inputs, inputs, (made,))
