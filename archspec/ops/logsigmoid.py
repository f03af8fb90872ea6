"""log(sigmoid(x))."""

from __future__ import annotations

from archspec.opdef.elementwise import Activation
from archspec.opdef.strided import Strided
from archspec.opdef.tape import Tape


class Logsigmoid(Activation):
    """log(sigmoid(x)). Arithmetic: 4 an element."""

    cost = 4
    torch_name = "F.logsigmoid"
    module_name = "nn.LogSigmoid"
    examples = ("logsigmoid: [3, 4] -> [3, 4]",)

    def run(self, tape: Tape, *inputs: Strided) -> tuple[Strided, ...]:
        """The input is kept, and exp(-|x|) beside it."""
        made, buffer = (tape.new(inputs[0].sizes, *inputs) for _ in range(2))
        tape.save_for(inputs, *inputs, buffer)
        tape.free(buffer)
        return (made,)
