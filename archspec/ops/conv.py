"""Convolution."""

from __future__ import annotations

from math import prod

from archspec.opdef import args as arg
from archspec.opdef.allocator import Allocator
from archspec.opdef.fake_tensor import FakeTensor, suggested
from archspec.opdef.faults import BadArgument, NotDivisible
from archspec.opdef.init import fan_in_uniform, kaiming_uniform
from archspec.opdef.kernels import convolved, takes_onednn
from archspec.opdef.op import Op, Weight
from archspec.opdef.types import TensorType
from archspec.opdef.window import per_axis, slide, spatial


class Conv(Op):
    """Convolution over the axes behind the channels: ``[c, *s] -> [out, *t]`` with one to three of them.

    Arithmetic: 2 a multiply-accumulate, and 1 an output element where there is a bias.
    """

    out: int = arg.size()
    kernel: int | tuple[int, ...] = arg.sizes()
    stride: int | tuple[int, ...] = arg.sizes(1)
    pad: int | tuple[int, ...] = arg.counts(0)
    dilation: int | tuple[int, ...] = arg.sizes(1)
    groups: int = arg.size(1)
    bias: bool = arg.flag(True)
    pad_mode: str = arg.choice("zeros", "reflect", "replicate", "circular", default="zeros")
    knows = "the number of the input's channels"
    fvcore_name = "conv"
    torch_kind = "convolution"
    counts_activation = True
    made_for = ("c", "rank")
    examples = (
        "conv(8, kernel = 3): [4, 9, 9] -> [8, 7, 7]",
        "conv(8, kernel = 3, stride = 2, pad = 1, groups = 4, bias = false): [4, 9, 9] -> [8, 5, 5]",
        "conv(6, kernel = [1, 3], pad = [0, 2], dilation = [1, 2]): [4, 5, 9] -> [6, 5, 9]",
        'conv(8, kernel = 3, pad = 1, pad_mode = "circular"): [4, 9] -> [8, 9]',
        "conv(8, kernel = 2, stride = 2): [4, 4, 6, 8] -> [8, 2, 3, 4]",
    )

    def infer(self) -> tuple[TensorType, ...]:
        size = spatial(self.name(), self.x)
        self.rank = len(size)
        self.c = self.x.shape[0]
        for what, channels in (("the input's channels", self.c), ("`out`", self.out)):
            if channels % self.groups:
                raise NotDivisible(self.name(), what, channels, "`groups`", self.groups)
        names = ("kernel", "stride", "pad", "dilation")
        windows = [per_axis(self.name(), name, self.values[name], self.rank) for name in names]
        self.window = windows[0]
        kernel, stride, pad, dilation = windows
        limit = {"reflect": 1, "circular": 0}.get(self.pad_mode)
        if limit is not None and any(p > n - limit for p, n in zip(pad, size)):
            raise BadArgument(self.name(), "pad", f"smaller than the input in mode {self.pad_mode}", arg.show(self.pad))
        return (self.x.with_shape(self.out, *slide(self.name(), self.x, size, kernel, stride, pad, dilation)),)

    def weights(self) -> tuple[Weight, ...]:
        fan_in = self.c // self.groups * prod(self.window)
        weight = Weight("weight", (self.out, self.c // self.groups, *self.window), kaiming_uniform())
        return (weight, Weight("bias", (self.out,), fan_in_uniform(fan_in))) if self.bias else (weight,)

    def macs(self) -> int:
        return self.y.numel * (self.c // self.groups) * prod(self.window)

    def flops(self) -> int:
        return 2 * self.macs() + (self.y.numel if self.bias else 0)

    def run(self, allocator: Allocator, *inputs: FakeTensor) -> tuple[FakeTensor, ...]:
        """The input, padded where that is not with zeros, and the weight are kept."""
        (x,) = inputs
        weight, sizes = allocator.weights["weight"], allocator.sizes(self.y)
        if self.pad_mode != "zeros":
            x = self._padded(allocator, x)
        allocator.save_for((x, *allocator.weights.values()), x, weight)
        image = x if self.x.batched else x.unsqueezed(0)
        onednn = self.rank == 3 and takes_onednn(allocator, image, self.window, self.groups)
        strides = convolved(image, sizes if self.x.batched else (1, *sizes), onednn)
        return (allocator.new(sizes, x, weight, strides=strides[-len(sizes) :]),)

    def _padded(self, allocator: Allocator, x: FakeTensor) -> FakeTensor:
        """The input with its ends put on beforehand; reflection and replication keep the input."""
        pad = per_axis(self.name(), "pad", self.pad, self.rank)
        front = x.sizes[: x.rank - self.rank]
        sizes = (*front, *(n + 2 * p for n, p in zip(x.sizes[len(front) :], pad)))
        if self.pad_mode == "circular":
            return allocator.new(sizes, x)
        allocator.save_for((x,), x)
        return allocator.new(sizes, x, strides=suggested(x, sizes))
