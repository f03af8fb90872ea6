"""Tensors joined along an axis."""

from __future__ import annotations

from math import prod

from archspec.opdef import args as arg
from archspec.opdef.allocator import Allocator
from archspec.opdef.axes import axis_index
from archspec.opdef.entries import Entries, joined
from archspec.opdef.fake_tensor import FakeTensor, channels_last, is_channels_last
from archspec.opdef.faults import Mismatch, WrongInputs
from archspec.opdef.op import Op
from archspec.opdef.types import TensorType


class Concat(Op):
    """Tensors of one shape but for an axis, joined along it: ``concat([a, b], axis = 0)``; no arithmetic.

    A parameter among tensors with a batch is the same in every sample: a class token in front of tokens.
    """

    arity = None
    axis: int = arg.integer(0)
    inline_args = True
    dtypes = ("float", "int")
    saved_for_backward = ()
    examples = ("concat(axis = 0): [2, 3], [4, 3] -> [6, 3]", "concat(axis = -1): [2, 3], [2, 1] -> [2, 4]")

    def infer(self) -> tuple[TensorType, ...]:
        if not self.inputs:
            raise WrongInputs(self.name(), "at least one tensor", "none")
        self.at = at = axis_index(self.name(), self.axis, self.x.rank)
        total = self.x.shape[at]
        batched = any(given.batched for given in self.inputs)
        for other in self.inputs[1:]:
            same = other.rank == self.x.rank
            rest = [(m, n) for i, (m, n) in enumerate(zip(self.x.shape, other.shape)) if i != at]
            if not same or any(m != n for m, n in rest):
                raise Mismatch(self.name(), f"join along axis {at}", self.x, other)
            if other.dtype != self.x.dtype:
                raise Mismatch(self.name(), "hold the same kind of numbers", self.x, other)
            total = total + other.shape[at]
        return (TensorType((*self.x.shape[:at], total, *self.x.shape[at + 1 :]), self.x.dtype, batched),)

    def moved(self, *given: Entries) -> tuple[Entries, ...]:
        return (joined(given, int(prod(self.x.shape[: self.at]))),)

    def reads_twice(self) -> tuple[int, ...]:
        spread = any(given.batched != self.y.batched for given in self.inputs)
        return (next(i for i, given in enumerate(self.inputs) if given.batched),) if spread else ()

    def run(self, allocator: Allocator, *inputs: FakeTensor) -> tuple[FakeTensor, ...]:
        """A copy; nothing is kept."""
        sizes = allocator.sizes(self.y)
        last = all(map(is_channels_last, inputs))
        return (allocator.new(sizes, *inputs, strides=channels_last(sizes) if last else None, item=inputs[0].item),)
