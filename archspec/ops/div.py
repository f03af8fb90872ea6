"""Quotient."""

from __future__ import annotations

from archspec.opdef.allocator import Allocator
from archspec.opdef.elementwise import Arithmetic
from archspec.opdef.fake_tensor import FakeTensor


class Div(Arithmetic):
    """Quotient of two tensors, or of a tensor and a number, written ``x / y``. Arithmetic: 1 an element."""

    symbol = "/"
    examples = ("x / y: [3, 4], [3, 4] -> [3, 4]", "x / 2: [3, 4] -> [3, 4]")

    def run(self, allocator: Allocator, *inputs: FakeTensor) -> tuple[FakeTensor, ...]:
        """The divisor is kept, and the dividend where the divisor has a gradient; of a number divided, the inverse."""
        if self.number is None:
            a, b = inputs
            allocator.save_for(inputs, b)
            allocator.save_for((b,), a)
        elif self.flipped:
            inverse = allocator.elementwise(*inputs)
            allocator.save_for(inputs, inverse)
            return (allocator.scaled(inverse),)
        return (self.spread(allocator, *inputs),)
