"""Transposed convolution."""

from __future__ import annotations

from dataclasses import replace
from math import prod

from archspec.opdef import args as arg
from archspec.opdef.allocator import Allocator
from archspec.opdef.fake_tensor import FakeTensor, row_major
from archspec.opdef.faults import BadArgument, NotDivisible
from archspec.opdef.init import fan_in_uniform, kaiming_uniform
from archspec.opdef.kernels import convolved, takes_onednn
from archspec.opdef.op import Op, Weight
from archspec.opdef.types import TensorType
from archspec.opdef.window import per_axis, spatial


class ConvTranspose(Op):
    """Transposed convolution, the gradient of ``conv`` for its input: ``[c, *s] -> [out, *t]``.

    Arithmetic: 2 a multiply-accumulate, one for each input element and window element and output channel of its group,
    and 1 an output element where there is a bias.
    """

    out: int = arg.size()
    kernel: int | tuple[int, ...] = arg.sizes()
    stride: int | tuple[int, ...] = arg.sizes(1)
    pad: int | tuple[int, ...] = arg.counts(0)
    extra_pad: int | tuple[int, ...] = arg.counts(0)
    groups: int = arg.size(1)
    bias: bool = arg.flag(True)
    dilation: int | tuple[int, ...] = arg.sizes(1)
    knows = "the number of the input's channels"
    fvcore_name = "conv"
    torch_kind = "convolution"
    counts_activation = True
    made_for = ("c", "rank")
    examples = (
        "conv_transpose(8, kernel = 2, stride = 2): [4, 3, 3] -> [8, 6, 6]",
        "conv_transpose(6, kernel = 3, stride = 2, pad = 1, extra_pad = 1, groups = 2): [4, 5] -> [6, 10]",
    )

    def infer(self) -> tuple[TensorType, ...]:
        name, size = self.name(), spatial(self.name(), self.x)
        self.rank = len(size)
        self.c = self.x.shape[0]
        for what, channels in (("the input's channels", self.c), ("`out`", self.out)):
            if channels % self.groups:
                raise NotDivisible(name, what, channels, "`groups`", self.groups)
        names = ("kernel", "stride", "pad", "extra_pad", "dilation")
        self.window, stride, pad, extra, dilation = (per_axis(name, n, self.values[n], self.rank) for n in names)
        self.overhangs = any(e >= s for e, s in zip(extra, stride))
        out = []
        for n, k, s, p, e, d in zip(size, self.window, stride, pad, extra, dilation):
            if e >= max(s, d):
                raise BadArgument(name, "extra_pad", "smaller than `stride` or `dilation`", arg.show(self.extra_pad))
            out.append((n - 1) * s - 2 * p + d * (k - 1) + e + 1)
        if any(n < 1 for n in out):
            raise BadArgument(name, "pad", "such that something is left", arg.show(self.pad))
        return (self.x.with_shape(self.out, *out),)

    def weights(self) -> tuple[Weight, ...]:
        fan_in = self.out // self.groups * prod(self.window)
        weight = Weight("weight", (self.c, self.out // self.groups, *self.window), kaiming_uniform())
        return (weight, Weight("bias", (self.out,), fan_in_uniform(fan_in))) if self.bias else (weight,)

    def macs(self) -> int:
        return self.x.numel * (self.out // self.groups) * prod(self.window)

    def flops(self) -> int:
        return 2 * self.macs() + (self.y.numel if self.bias else 0)

    def run(self, allocator: Allocator, *inputs: FakeTensor) -> tuple[FakeTensor, ...]:
        """The input and the weight are kept."""
        (x,) = inputs
        weight, sizes = allocator.weights["weight"], allocator.sizes(self.y)
        allocator.save_for((x, *allocator.weights.values()), x, weight)
        image = x if self.x.batched else x.unsqueezed(0)
        onednn = self.rank == 3 and not self.overhangs and takes_onednn(allocator, image, self.window, self.groups)
        if self.rank == 3 and not onednn and self.groups == 1 and x.numel > prod(sizes):
            made = allocator.new(x.sizes, x, weight)  # torch makes the output as large as the input, and cuts it
            return (replace(made, sizes=sizes, strides=row_major(sizes)),)
        strides = convolved(image, sizes if self.x.batched else (1, *sizes), onednn)
        return (allocator.new(sizes, x, weight, strides=strides[-len(sizes) :]),)
