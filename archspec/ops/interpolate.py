"""Another size by interpolation."""

from __future__ import annotations

from archspec.opdef import args as arg
from archspec.opdef.code import Code, Slots, call, raw
from archspec.opdef.op import Op
from archspec.opdef.types import TensorType
from archspec.opdef.window import per_axis, spatial


class Interpolate(Op):
    """Resizes the axes behind the channels to ``size``. Arithmetic: 2 a neighbour and output element, nearest none."""

    size: int | tuple[int, ...] = arg.sizes()
    mode: str = arg.choice("nearest", "bilinear", "bicubic", default="bilinear")
    saves = ()
    examples = (
        "interpolate(6): [3, 4, 4] -> [3, 6, 6]",
        'interpolate([2, 3], mode = "nearest"): [3, 4, 4] -> [3, 2, 3]',
    )

    def infer(self) -> tuple[TensorType, ...]:
        self.sizes = per_axis(self.name(), "size", self.size, len(spatial(self.name(), self.x)))
        return (self.x.with_shape(self.x.shape[0], *self.sizes),)

    def flops(self) -> int:
        neighbours = {"nearest": 0, "bilinear": 4, "bicubic": 16}[self.mode]
        return 2 * neighbours * self.y.numel

    def torch(self, slot: Slots, *inputs: Code) -> Code:
        smooth = None if self.mode == "nearest" else raw(False)
        return call("F.interpolate", *inputs, size=slot("sizes"), mode=raw(self.mode), align_corners=smooth)
