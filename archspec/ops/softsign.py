"""x / (1 + |x|)."""

from __future__ import annotations

from archspec.opdef.elementwise import Activation
from archspec.opdef.strided import Strided
from archspec.opdef.tape import Tape


class Softsign(Activation):
    """x / (1 + |x|). Arithmetic: 3 an element."""

    cost = 3
    torch_name = "F.softsign"
    module_name = "nn.Softsign"
    examples = ("softsign: [3, 4] -> [3, 4]",)

    def run(self, tape: Tape, *inputs: Strided) -> tuple[Strided, ...]:
        size = tape.elementwise(*inputs)
        below = tape.elementwise(size)
        tape.free(size)
        tape.save_for(inputs, *inputs, below)
        made = tape.elementwise(*inputs, below)
        tape.free(below)
        return (made,)
