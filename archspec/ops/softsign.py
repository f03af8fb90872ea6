"""x / (1 + |x|)."""

from __future__ import annotations

from archspec.opdef.allocator import Allocator
from archspec.opdef.elementwise import Activation
from archspec.opdef.fake_tensor import FakeTensor


class Softsign(Activation):
    """x / (1 + |x|). Arithmetic: 3 an element."""

    cost = 3
    listed = True
    examples = ("softsign: [3, 4] -> [3, 4]",)

    def run(self, allocator: Allocator, *inputs: FakeTensor) -> tuple[FakeTensor, ...]:
        """The input and 1 + |x| are kept."""
        size = allocator.elementwise(*inputs)
        below = allocator.elementwise(size)
        allocator.free(size)
        allocator.save_for(inputs, *inputs, below)
        made = allocator.elementwise(*inputs, below)
        allocator.free(below)
        return (made,)
