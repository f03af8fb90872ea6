"""The lower triangle."""

from __future__ import annotations

from archspec.opdef import args as arg
from archspec.opdef.allocator import BOOL, Allocator
from archspec.opdef.fake_tensor import FakeTensor
from archspec.opdef.faults import WrongRank
from archspec.opdef.op import Op
from archspec.opdef.types import TensorType


class Tril(Op):
    """Keeps the last two axes on and below the diagonal ``offset`` and puts ``fill`` elsewhere: what a causal map may
    see. No arithmetic.
    """

    fill: float = arg.real(0.0)
    offset: int = arg.integer(0)
    positional = 0
    inline_args = True
    saved_for_backward = ()
    examples = ("tril: [3, 4] -> [3, 4]", "tril(fill = 2.5, offset = 1): [2, 4, 4] -> [2, 4, 4]")

    def infer(self) -> tuple[TensorType, ...]:
        if self.x.rank < 2:
            raise WrongRank(self.name(), "[*b, n, m]", self.x)
        return (self.x,)

    def reads_twice(self) -> tuple[int, ...]:
        return (0,) if self.fill != 0 else ()

    def run(self, allocator: Allocator, *inputs: FakeTensor) -> tuple[FakeTensor, ...]:
        """A copy; with ``fill``, the mask of what is hidden is kept, a byte an element."""
        (x,) = inputs
        if self.fill == 0:
            return (allocator.new(x.sizes, x),)
        ones = allocator.new(x.sizes, item=BOOL)
        hidden = allocator.new(x.sizes, item=BOOL)
        allocator.free(ones)
        allocator.save_for(inputs, hidden)
        made = allocator.new(x.sizes, x)
        allocator.free(hidden)
        return (made,)
