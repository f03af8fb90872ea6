"""Product."""

from __future__ import annotations

from archspec.opdef.elementwise import Arithmetic
from archspec.opdef.strided import Strided
from archspec.opdef.tape import Tape


class Mul(Arithmetic):
    """Product of two tensors, or of a tensor and a number, written ``x * y``. Arithmetic: 1 an element."""

    symbol = "*"
    examples = ("x * y: [3, 4], [3, 4] -> [3, 4]", "x * 2: [3, 4] -> [3, 4]")

    def run(self, tape: Tape, *inputs: Strided) -> tuple[Strided, ...]:
        """Each side is kept for the gradient of the other, and a number costs nothing."""
        if self.number is None:
            a, b = inputs
            tape.save_for((a,), b)
            tape.save_for((b,), a)
        return (self.spread(tape, *inputs),)
