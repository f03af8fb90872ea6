"""The smaller of two tensors."""

from __future__ import annotations

from archspec.opdef.code import Code, Slots, call
from archspec.opdef.elementwise import broadcast
from archspec.opdef.op import Op
from archspec.opdef.strided import Strided
from archspec.opdef.tape import Tape
from archspec.opdef.types import TensorType


class Minimum(Op):
    """The smaller of two tensors, element by element with broadcasting. Arithmetic: 1 an element."""

    arity = 2
    examples = ("minimum: [3, 4], [3, 4] -> [3, 4]",)

    def infer(self) -> tuple[TensorType, ...]:
        return (broadcast(self.name(), *self.inputs),)

    def flops(self) -> int:
        return self.y.numel

    def run(self, tape: Tape, *inputs: Strided) -> tuple[Strided, ...]:
        return self.kept(tape, inputs, inputs, (tape.elementwise(*inputs),))

    def torch(self, slot: Slots, *inputs: Code) -> Code:
        return call("torch.minimum", *inputs)
