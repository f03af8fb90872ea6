"""ReLU6."""

from __future__ import annotations

from archspec.opdef.allocator import Allocator
from archspec.opdef.elementwise import Activation
from archspec.opdef.fake_tensor import FakeTensor, preserved


class ReLU6(Activation):
    """min(max(x, 0), 6). Arithmetic: 2 an element."""

    cost = 2
    saved_for_backward = ("input",)
    listed = True
    examples = ("relu6: [3, 4] -> [3, 4]",)

    def run(self, allocator: Allocator, *inputs: FakeTensor) -> tuple[FakeTensor, ...]:
        """The input is kept; the output is laid out like it."""
        (x,) = inputs
        return self.kept(allocator, inputs, inputs, (allocator.new(x.sizes, x, strides=preserved(x)),))
