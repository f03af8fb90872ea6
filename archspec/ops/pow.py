"""Power."""

from __future__ import annotations

from archspec.opdef.allocator import Allocator
from archspec.opdef.elementwise import Arithmetic
from archspec.opdef.fake_tensor import FakeTensor


class Pow(Arithmetic):
    """Power of two tensors, or of a tensor and a number, written ``x ** y``. Arithmetic: 1 an element."""

    symbol = "**"
    examples = ("x ** y: [3, 4], [3, 4] -> [3, 4]", "x ** 2: [3, 4] -> [3, 4]")

    def run(self, allocator: Allocator, *inputs: FakeTensor) -> tuple[FakeTensor, ...]:
        """The operands are kept, and the result but of a power with a number above."""
        made = allocator.new(inputs[0].sizes, *inputs) if self.flipped else allocator.elementwise(*inputs)
        allocator.save_for(inputs, *inputs)
        if self.flipped or self.number is None:
            allocator.save_for(inputs, made)
        return (made,)
