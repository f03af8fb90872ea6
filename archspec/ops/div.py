"""Quotient."""

from __future__ import annotations

from archspec.opdef.elementwise import Arithmetic
from archspec.opdef.strided import Strided
from archspec.opdef.tape import Tape


class Div(Arithmetic):
    """Quotient of two tensors, or of a tensor and a number, written ``x / y``. Arithmetic: 1 an element."""

    symbol = "/"
    examples = ("x / y: [3, 4], [3, 4] -> [3, 4]", "x / 2: [3, 4] -> [3, 4]")

    def run(self, tape: Tape, *inputs: Strided) -> tuple[Strided, ...]:
        """The divisor is kept, and the dividend where the divisor has a gradient; of a number divided, the inverse."""
        if self.number is None:
            a, b = inputs
            tape.save_for(inputs, b)
            tape.save_for((b,), a)
        elif self.flipped:
            inverse = tape.elementwise(*inputs)
            tape.save_for(inputs, inverse)
            return (tape.scaled(inverse),)
        return (self.spread(tape, *inputs),)
