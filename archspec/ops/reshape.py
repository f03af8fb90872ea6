"""Another shape for the same elements."""

from __future__ import annotations

from collections import Counter
from math import prod
from typing import Any

from archspec.opdef import args as arg
from archspec.opdef.allocator import Allocator
from archspec.opdef.axes import check_axes
from archspec.opdef.entries import Entries
from archspec.opdef.fake_tensor import FakeTensor
from archspec.opdef.faults import Mismatch
from archspec.opdef.op import Op
from archspec.opdef.types import TensorType
from archspec.sym.expr import factors, product
from archspec.sym.number import expr_of, follows, traced


class Reshape(Op):
    """The same elements in another shape, row by row; no arithmetic. ``rearrange`` says more where axes have names."""

    shape: tuple[int, ...] = arg.shape()
    dtypes = ("float", "int")
    saved_for_backward = ()
    examples = ("reshape([2, 6]): [4, 3] -> [2, 6]", "reshape([4, 1, 1]): [4] -> [4, 1, 1]")

    def infer(self) -> tuple[TensorType, ...]:
        check_axes(self.name(), len(self.shape))
        y = self.x.with_shape(*self.shape)
        if prod(self.shape) != self.x.numel:
            raise Mismatch(
                self.name(), f"hold the same number of elements ({self.x.numel:,} and {y.numel:,})", self.x, y
            )
        for at, size in enumerate(self.shape):
            setattr(self, f"size_{at}", size)
        return (y,)

    def moved(self, *given: Entries) -> tuple[Entries, ...]:
        return given

    def asks(self) -> tuple[tuple[int, str, int], ...]:
        """As many elements: of the axis that is left to be worked out, the framework takes whatever comes out."""
        sides = [factors(map(expr_of, shape)) for shape in (self.shape, self.x.shape)]
        if not follows(self.x.shape) or None in sides:
            return ()
        made, given = (Counter(side) for side in sides if side is not None)
        if made == given:
            return ()
        left, right = (product((more - less).elements()) for more, less in ((made, given), (given, made)))
        count = self.x.numel
        return ((traced(count, left), "==", traced(count, right)),) if left and right else ()

    @property
    def free(self) -> int | None:
        """The axis that is left to be worked out when the source runs: the largest, unless it alone stays the same."""
        largest = max(range(len(self.shape)), key=lambda i: self.shape[i], default=0)
        return None if follows(self.x.shape) and not follows(self.shape[largest : largest + 1]) else largest

    def reads_twice(self) -> tuple[int, ...]:
        return (0,) if self.x.batched else ()

    def numbers(self) -> tuple[Any, ...]:
        return tuple(size for at, size in enumerate(self.shape) if at != self.free)

    def run(self, allocator: Allocator, *inputs: FakeTensor) -> tuple[FakeTensor, ...]:
        """A view where the strides allow it, else a copy."""
        return (allocator.reshape(inputs[0], allocator.sizes(self.y)),)
