"""Another size by interpolation."""

from __future__ import annotations

from archspec.opdef import args as arg
from archspec.opdef.allocator import Allocator
from archspec.opdef.fake_tensor import FakeTensor, suggested
from archspec.opdef.faults import WrongRank
from archspec.opdef.op import Op
from archspec.opdef.types import TensorType
from archspec.opdef.window import per_axis, spatial


class Interpolate(Op):
    """Resizes the axes behind the channels to ``size``; ``bilinear`` is linear along each of them.

    Arithmetic: 2 a neighbour and output element, none for nearest. fvcore counts 4 and 1 an output element for images.
    """

    size: int | tuple[int, ...] = arg.sizes()
    mode: str = arg.choice("nearest", "bilinear", "bicubic", default="bilinear")
    remarks = {"fvcore": "4 an output element of an image, 1 in mode nearest"}
    examples = (
        "interpolate(6): [3, 4, 4] -> [3, 6, 6]",
        'interpolate([2, 3], mode = "nearest"): [3, 4, 4] -> [3, 2, 3]',
    )

    def infer(self) -> tuple[TensorType, ...]:
        rank = len(spatial(self.name(), self.x))
        self.sizes = per_axis(self.name(), "size", self.size, rank)
        if self.mode == "bicubic" and rank != 2:
            raise WrongRank(self.name(), "[c, h, w] in mode bicubic", self.x)
        linear = ("linear", "bilinear", "trilinear")[rank - 1]
        mode = linear if self.mode == "bilinear" else self.mode
        self.fvcore_name = f"upsample_{mode}{rank}d" if rank == 2 and self.mode != "bicubic" else None
        return (self.x.with_shape(self.x.shape[0], *self.sizes),)

    def flops(self) -> int:
        neighbours: int = {"nearest": 0, "bicubic": 16}.get(self.mode, 2 ** (self.x.rank - 1))
        return 2 * neighbours * self.y.numel

    def fvcore(self) -> int:
        return (1 if self.mode == "nearest" else 4) * self.y.numel

    def run(self, allocator: Allocator, *inputs: FakeTensor) -> tuple[FakeTensor, ...]:
        """Nothing is kept."""
        x = inputs[0] if self.x.batched else inputs[0].unsqueezed(0)
        sizes = (x.sizes[0], *self.y.shape) if self.x.batched else (1, *self.y.shape)
        made = allocator.new(sizes, *inputs, strides=suggested(x, sizes))
        return (made if self.x.batched else made.selected(0),)
