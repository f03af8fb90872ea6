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
        made = tape.elementwise(*inputs)
        tape.save_for(inputs, *inputs)
        if self.flipped or (self.number is None and inputs[1].grad):
            tape.save_for(inputs, made)
        return (made,)
