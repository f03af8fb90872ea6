"""Rows by a table of places."""

from __future__ import annotations

from dataclasses import replace

from archspec.opdef.allocator import INT, Allocator
from archspec.opdef.axes import batched_axis
from archspec.opdef.entries import Entries, along
from archspec.opdef.fake_tensor import FakeTensor, row_major, viewed
from archspec.opdef.faults import WrongInputs, within
from archspec.opdef.op import Op
from archspec.opdef.types import TensorType


class Take(Op):
    """The entries of the first axis of a tensor at the places that a constant table names: ``take(table, index)``.

    The table's axes stand in place of the first axis. No arithmetic.
    """

    arity = 2
    dtypes = ("float", "int")
    saved_for_backward = ()
    examples = ("take: [5, 3], int [2, 4] -> [2, 4, 3]",)

    def infer(self) -> tuple[TensorType, ...]:
        table, index = self.inputs
        if index.dtype != "int" or table.rank < 1:
            raise WrongInputs(
                self.name(), "a tensor and a table of whole numbers (`const index: int [...]`)", str(index)
            )
        within(self.name(), index.entries, table.shape[0])
        shape = (*index.shape, *table.shape[1:])
        return (TensorType(shape, table.dtype, table.batched or index.batched),)

    def places(self) -> tuple[int | None, ...]:
        return (None, self.inputs[0].shape[0])

    def moved(self, *given: Entries) -> tuple[Entries, ...]:
        table, index = given
        return (along(table, self.x.shape, 0, index),)

    def reads_twice(self) -> tuple[int, ...]:
        return (0,) if all(given.batched for given in self.inputs) else ()

    def run(self, allocator: Allocator, *inputs: FakeTensor) -> tuple[FakeTensor, ...]:
        """A copy, its axes in order of memory of table and places; the places are kept. One place is a view."""
        table, index = inputs
        if not index.rank:
            return (allocator.look(table.selected(batched_axis(self.x, 0))),)
        places = [index]
        front = 1 if self.x.batched else 0
        if front and self.inputs[1].batched:
            rows = allocator.new(table.sizes[:1], item=INT)
            allocator.save_for((table,), rows)
            spread = replace(rows, sizes=index.sizes, strides=(1, *(0 for _ in index.sizes[1:])))
            front, places = 0, [spread, index]
        allocator.save_for((table,), index)
        gone = table.rank - self.x.rank + 1
        sizes = (*table.sizes[:front], *index.sizes, *table.sizes[gone:])
        steps = (*table.strides[:front], *(0 for _ in index.sizes), *table.strides[gone:])
        behind = len(table.sizes[gone:])
        return (
            allocator.elementwise(
                replace(table, sizes=sizes, strides=steps), *(_padded(x, front, behind) for x in places)
            ),
        )


def _padded(x: FakeTensor, front: int, behind: int) -> FakeTensor:
    """With axes of size 1 in front and behind, as a reshape adds them."""
    sizes = (*(1 for _ in range(front)), *x.sizes, *(1 for _ in range(behind)))
    return replace(x, sizes=sizes, strides=viewed(x, sizes) or row_major(sizes))
