"""Bases of the ops that work element by element."""

from __future__ import annotations

from typing import Any, ClassVar

from archspec.opdef.allocator import Allocator
from archspec.opdef.fake_tensor import FakeTensor
from archspec.opdef.faults import Mismatch, WrongInputs
from archspec.opdef.op import Op
from archspec.opdef.types import TensorType


class Activation(Op):
    """A function of each element. ``cost`` is its arithmetic an element: every add, multiply, exp, erf counts 1."""

    cost: ClassVar[int] = 1

    def flops(self) -> int:
        return self.cost * self.x.numel

    def run(self, allocator: Allocator, *inputs: FakeTensor) -> tuple[FakeTensor, ...]:
        return self.kept(allocator, inputs, inputs, (allocator.elementwise(*inputs),))


def broadcast(op: str, a: TensorType, b: TensorType) -> TensorType:
    """The type of two tensors broadcast together, axes aligned from the last; the batch is shared.

    Raises:
        Mismatch: two sizes differ and neither is 1.
    """
    rank = max(a.rank, b.rank)
    left = (1,) * (rank - a.rank) + a.shape
    right = (1,) * (rank - b.rank) + b.shape
    outside = (b if a.batched else a).rank if a.batched != b.batched else 0
    inside = (a if a.batched else b).rank
    if any(m != n and m != 1 and n != 1 for m, n in zip(left, right)) or outside > inside:
        raise Mismatch(op, "broadcast", a, b)
    if a.batched and b.batched and a.rank != b.rank:
        raise Mismatch(op, "have the same number of axes", a, b)
    shape = tuple(n if m == 1 else m for m, n in zip(left, right))
    return TensorType(shape, a.dtype, a.batched or b.batched)


class Arithmetic(Op):
    """Two tensors, or a tensor and a number, element by element with broadcasting. Costs 1 an element."""

    arity: ClassVar[int | None] = None
    symbol: ClassVar[str]

    def __init__(self, values: Any, inputs: tuple[TensorType, ...]) -> None:
        self.number = values.get("number")
        self.flipped = bool(values.get("flipped"))
        super().__init__({}, inputs)

    def infer(self) -> tuple[TensorType, ...]:
        if self.number is not None:
            return (self.x,)
        if len(self.inputs) != 2:
            raise WrongInputs(self.name(), "two tensors", str(len(self.inputs)))
        return (broadcast(self.symbol, *self.inputs),)

    def flops(self) -> int:
        return self.y.numel

    def run(self, allocator: Allocator, *inputs: FakeTensor) -> tuple[FakeTensor, ...]:
        return self.kept(allocator, inputs, inputs, (self.spread(allocator, *inputs),))

    def spread(self, allocator: Allocator, *inputs: FakeTensor) -> FakeTensor:
        """The result, new."""
        return allocator.elementwise(*inputs) if self.number is None else allocator.scaled(*inputs)

    def numbers(self) -> tuple[Any, ...]:
        return (self.number,)
