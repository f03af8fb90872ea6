"""log(sigmoid(x))."""

from __future__ import annotations

from archspec.opdef.allocator import Allocator
from archspec.opdef.elementwise import Activation
from archspec.opdef.fake_tensor import FakeTensor


class Logsigmoid(Activation):
    """log(sigmoid(x)). Arithmetic: 4 an element."""

    cost = 4
    listed = True
    examples = ("logsigmoid: [3, 4] -> [3, 4]",)

    def run(self, allocator: Allocator, *inputs: FakeTensor) -> tuple[FakeTensor, ...]:
        """The input is kept, and exp(-|x|) beside it."""
        made, buffer = (allocator.new(inputs[0].sizes, *inputs) for _ in range(2))
        allocator.save_for(inputs, *inputs, buffer)
        allocator.free(buffer)
        return (made,)
