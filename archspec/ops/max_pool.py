"""Max pooling."""

from __future__ import annotations

from dataclasses import replace

from archspec.opdef.allocator import INT, Allocator
from archspec.opdef.fake_tensor import FakeTensor, row_major
from archspec.opdef.pool import Pool


class MaxPool(Pool):
    """Largest element of a sliding window; ``stride`` is the window's size unless given.

    Arithmetic: one comparison a window element and output element.
    """

    examples = ("max_pool(3, stride = 2, pad = 1): [4, 6, 6] -> [4, 3, 3]", "max_pool(2): [4, 6] -> [4, 3]")

    def run(self, allocator: Allocator, *inputs: FakeTensor) -> tuple[FakeTensor, ...]:
        """The input and the place of each largest element, 8 bytes each, are kept."""
        (made,) = super().run(allocator, *inputs)
        if self.rank == 1 and not allocator.tracks(*inputs):
            made = replace(made, strides=row_major(made.sizes))
        if self.rank > 1 or allocator.tracks(*inputs):
            places = allocator.new(made.sizes, item=INT)
            allocator.save_for(inputs, places)
            allocator.free(places)
        return (made,)
