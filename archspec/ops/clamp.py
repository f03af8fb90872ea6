"""Bounds."""

from __future__ import annotations

from archspec.opdef import args as arg
from archspec.opdef.allocator import Allocator
from archspec.opdef.fake_tensor import FakeTensor
from archspec.opdef.faults import BadArgument
from archspec.opdef.op import Op
from archspec.opdef.types import TensorType


class Clamp(Op):
    """Moves elements below ``low`` up to it and those above ``high`` down to it. Arithmetic: 1 an element a bound."""

    low: float | None = arg.real(None)
    high: float | None = arg.real(None)
    positional = 2
    examples = ("clamp(low = 0.5): [3, 4] -> [3, 4]", "clamp(low = 0.2, high = 0.9): [3] -> [3]")

    def infer(self) -> tuple[TensorType, ...]:
        if self.low is None and self.high is None:
            raise BadArgument(self.name(), "low", "given, or `high`", "none")
        return (self.x,)

    def flops(self) -> int:
        return ((self.low is not None) + (self.high is not None)) * self.x.numel

    def run(self, allocator: Allocator, *inputs: FakeTensor) -> tuple[FakeTensor, ...]:
        """The input is kept."""
        return self.kept(allocator, inputs, inputs, (allocator.elementwise(*inputs),))
