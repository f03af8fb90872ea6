"""Rows by a table of places."""

from __future__ import annotations

from archspec.opdef.code import Code, Member, Raw, Slice, Slots, Subscript, call, raw
from archspec.opdef.faults import WrongInputs
from archspec.opdef.op import Op
from archspec.opdef.strided import Strided
from archspec.opdef.tape import INT, Tape
from archspec.opdef.types import TensorType


class Take(Op):
    """The entries of the first axis of a tensor at the places that a constant table names: ``take(table, index)``.

    The table's axes stand in place of the first axis. No arithmetic.
    """

    arity = 2
    dtypes = ("float", "int")
    saves = ()
    examples = ("take: [5, 3], int [2, 4] -> [2, 4, 3]",)

    def infer(self) -> tuple[TensorType, ...]:
        table, index = self.inputs
        if index.dtype != "int" or table.rank < 1:
            raise WrongInputs(
                self.name(), "a tensor and a table of whole numbers (`const index: int [...]`)", str(index)
            )
        shape = (*index.shape, *table.shape[1:])
        return (TensorType(shape, table.dtype, table.batched or index.batched),)

    def places(self) -> tuple[int | None, ...]:
        return (None, self.inputs[0].shape[0])

    def reads_twice(self) -> tuple[int, ...]:
        return (0,) if all(given.batched for given in self.inputs) else ()

    def run(self, tape: Tape, *inputs: Strided) -> tuple[Strided, ...]:
        """A copy; the places are kept."""
        table, index = inputs
        if all(given.batched for given in self.inputs):
            rows = tape.new(table.sizes[:1], item=INT)
            tape.save_for((table,), rows)
        tape.save_for((table,), index)
        return (tape.make(self.y, table),)

    def torch(self, slot: Slots, *inputs: Code) -> Code:
        table, index = inputs
        given, places = self.inputs
        if given.batched and places.batched:
            batch = Subscript(Member(table, "shape"), (raw(0),))
            rows = call("torch.arange", batch, device=Member(table, "device"))
            return Subscript(table, (Subscript(rows, (Slice(), *[Raw("None")] * places.rank)), index))
        return Subscript(table, (Slice(), index) if given.batched else (index,))
