"""Average pooling."""

from __future__ import annotations

from math import prod

from archspec.opdef import args as arg
from archspec.opdef.code import Code, Slots, call
from archspec.opdef.faults import BadArgument
from archspec.opdef.op import Op
from archspec.opdef.types import TensorType
from archspec.opdef.window import per_axis, slide, spatial


class AvgPool(Op):
    """Mean over a sliding window of the axes behind the channels; ``stride`` is the window's size unless given.

    ``count_pad = false`` leaves padding out of the mean. Arithmetic: one a window element and output element.
    """

    kernel: int | tuple[int, ...] = arg.sizes()
    stride: int | tuple[int, ...] | None = arg.sizes(None)
    pad: int | tuple[int, ...] = arg.counts(0)
    count_pad: bool = arg.flag(True)
    ceil: bool = arg.flag(False)
    examples = (
        "avg_pool(3, stride = 1, pad = 1, count_pad = false): [4, 6, 6] -> [4, 6, 6]",
        "avg_pool(2): [4, 6, 6] -> [4, 3, 3]",
        "avg_pool(3, stride = 2, ceil = true): [4, 6] -> [4, 3]",
    )

    def infer(self) -> tuple[TensorType, ...]:
        name, size = self.name(), spatial(self.name(), self.x)
        self.rank = len(size)
        self.window = per_axis(name, "kernel", self.kernel, self.rank)
        stride = per_axis(name, "stride", self.kernel if self.stride is None else self.stride, self.rank)
        pad = per_axis(name, "pad", self.pad, self.rank)
        if any(2 * p > k for p, k in zip(pad, self.window)):
            raise BadArgument(name, "pad", "at most half of `kernel`", arg.show(self.pad))
        ones = (1,) * self.rank
        return (
            self.x.with_shape(self.x.shape[0], *slide(name, self.x, size, self.window, stride, pad, ones, self.ceil)),
        )

    def flops(self) -> int:
        return self.y.numel * prod(self.window)

    def structure(self) -> tuple[object, ...]:
        return (*super().structure(), self.rank)

    def torch_module(self, slot: Slots) -> Code | None:
        return call(
            f"nn.AvgPool{self.rank}d",
            slot("kernel"),
            stride=slot.unless("stride", None),
            padding=slot.unless("pad", 0),
            ceil_mode=slot.unless("ceil", False),
            count_include_pad=slot.unless("count_pad", True),
        )

    def torch(self, slot: Slots, *inputs: Code) -> Code:
        return call(
            f"F.avg_pool{self.rank}d",
            *inputs,
            slot("kernel"),
            stride=slot.unless("stride", None),
            padding=slot.unless("pad", 0),
            ceil_mode=slot.unless("ceil", False),
            count_include_pad=slot.unless("count_pad", True),
        )
