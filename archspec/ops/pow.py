"""Power."""

from __future__ import annotations

from archspec.opdef.elementwise import Arithmetic
from archspec.opdef.strided import Strided
from archspec.opdef.tape import Tape


class Pow(Arithmetic):
    """Power of two tensors, or of a tensor and a number, written ``x ** y``. Arithmetic: 1 an element."""

    symbol = "**"
    examples = ("x ** y: [3, 4], [3, 4] -> [3, 4]", "x ** 2: [3, 4] -> [3, 4]")

    def run(self, tape: Tape, *inputs: Strided) -> tuple[Strided, ...]:
        """The operands are kept, and the result but of a power with a number above."""
        made = tape.new(inputs[0].sizes, *inputs) if self.flipped else tape.elementwise(*inputs)
        tape.save_for(inputs, *inputs)
        if self.flipped or self.number is None:
            tape.save_for(inputs, made)
        return (made,)
