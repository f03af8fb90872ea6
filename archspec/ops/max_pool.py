"""Max pooling."""

from __future__ import annotations

from dataclasses import replace

from archspec.opdef.pool import Pool
from archspec.opdef.strided import Strided, row_major
from archspec.opdef.tape import INT, Tape


class MaxPool(Pool):
    """Largest element of a sliding window; ``stride`` is the window's size unless given.

    Arithmetic: one comparison a window element and output element.
    """

    torch_names = ("F.max_pool", "nn.MaxPool")
    examples = ("max_pool(3, stride = 2, pad = 1): [4, 6, 6] -> [4, 3, 3]", "max_pool(2): [4, 6] -> [4, 3]")

    def run(self, tape: Tape, *inputs: Strided) -> tuple[Strided, ...]:
        """The input and the place of each largest element, 8 bytes each, are kept."""
        (made,) = super().run(tape, *inputs)
        if self.rank == 1 and not tape.tracks(*inputs):
            made = replace(made, strides=row_major(made.sizes))
        if self.rank > 1 or tape.tracks(*inputs):
            places = tape.new(made.sizes, item=INT)
            tape.save_for(inputs, places)
            tape.free(places)
        return (made,)
