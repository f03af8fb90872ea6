"""Product."""

from __future__ import annotations

from archspec.opdef.allocator import Allocator
from archspec.opdef.elementwise import Arithmetic
from archspec.opdef.fake_tensor import FakeTensor


class Mul(Arithmetic):
    """Product of two tensors, or of a tensor and a number, written ``x * y``. Arithmetic: 1 an element."""

    symbol = "*"
    examples = ("x * y: [3, 4], [3, 4] -> [3, 4]", "x * 2: [3, 4] -> [3, 4]")

    def run(self, allocator: Allocator, *inputs: FakeTensor) -> tuple[FakeTensor, ...]:
        """Each side is kept for the gradient of the other, and a number costs nothing."""
        if self.number is None:
            a, b = inputs
            allocator.save_for((a,), b)
            allocator.save_for((b,), a)
        return (self.spread(allocator, *inputs),)
