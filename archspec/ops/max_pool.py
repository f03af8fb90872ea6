"""Max pooling."""

from __future__ import annotations

from math import prod

from archspec.opdef import args as arg
from archspec.opdef.code import Code, Slots, call
from archspec.opdef.faults import BadArgument
from archspec.opdef.op import Op
from archspec.opdef.types import TensorType
from archspec.opdef.window import per_axis, slide, spatial


class MaxPool(Op):
    """Largest element of a sliding window; ``stride`` is the window's size unless given.

    Arithmetic: one comparison a window element and output element.
    """

    kernel: int | tuple[int, ...] = arg.sizes()
    stride: int | tuple[int, ...] | None = arg.sizes(None)
    pad: int | tuple[int, ...] = arg.counts(0)
    ceil: bool = arg.flag(False)
    examples = ("max_pool(3, stride = 2, pad = 1): [4, 6, 6] -> [4, 3, 3]", "max_pool(2): [4, 6] -> [4, 3]")

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
            f"nn.MaxPool{self.rank}d",
            slot("kernel"),
            stride=slot.unless("stride", None),
            padding=slot.unless("pad", 0),
            ceil_mode=slot.unless("ceil", False),
        )

    def torch(self, slot: Slots, *inputs: Code) -> Code:
        return call(
            f"F.max_pool{self.rank}d",
            *inputs,
            slot("kernel"),
            stride=slot.unless("stride", None),
            padding=slot.unless("pad", 0),
            ceil_mode=slot.unless("ceil", False),
        )
