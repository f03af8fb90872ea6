"""Dropout."""

from __future__ import annotations

from archspec.opdef import args as arg
from archspec.opdef.allocator import Allocator
from archspec.opdef.fake_tensor import FakeTensor
from archspec.opdef.faults import WrongInputs, WrongRank
from archspec.opdef.op import Op
from archspec.opdef.types import TensorType
from archspec.sym.number import is_family
from archspec.sym.open import settled


class Dropout(Op):
    """In training, zeroes with probability ``rate`` and scales the rest by 1 / (1 - rate).

    ``per`` says what is drawn together: each element, each channel (arXiv:1411.4280), or each sample (stochastic
    depth, arXiv:1603.09382). Arithmetic is that of inference: none.
    """

    rate: float = arg.rate()
    per: str = arg.choice("element", "channel", "sample", default="element")
    saved_for_backward = ()
    mutable_args = ("rate",)
    listed = True
    examples = (
        "dropout(0.5): [3, 4] -> [3, 4]",
        'dropout(0.5, per = "sample"): [3, 4] -> [3, 4]',
        'dropout(0.5, per = "channel"): [3, 4, 4] -> [3, 4, 4]',
    )

    def infer(self) -> tuple[TensorType, ...]:
        if self.per != "element" and not self.x.batched:
            raise WrongInputs(self.name(), "a tensor with a batch", f"a parameter {self.x}")
        if self.per == "channel" and not self.x.rank:
            raise WrongRank(self.name(), "[c, *s] where channels are dropped", self.x)
        self.rank = self.x.rank + self.x.batched
        return (self.x,)

    def is_identity(self) -> bool:
        rate = settled(self.rate)
        return not is_family(rate) and rate == 0

    @property
    def is_layer(self) -> bool:
        return self.per == "element"

    def reads_twice(self) -> tuple[int, ...]:
        return (0,) if self.per != "element" else ()

    def run(self, allocator: Allocator, *inputs: FakeTensor) -> tuple[FakeTensor, ...]:
        """A new tensor in training; the noise is kept, not the input."""
        (x,) = inputs
        if not allocator.training:
            return (x,)
        if self.per == "element":
            return (allocator.dropped(x, self.rate),)
        kept = 1 if self.per == "sample" else 2
        noise = allocator.new((*x.sizes[:kept], *(1 for _ in x.sizes[kept:])))
        noise = allocator.dropped(noise, self.rate)
        allocator.save_for((x,), noise)
        return (allocator.elementwise(x, noise),)
