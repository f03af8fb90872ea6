"""Padding along one axis."""

from __future__ import annotations

from dataclasses import replace

from archspec.opdef import args as arg
from archspec.opdef.allocator import Allocator
from archspec.opdef.axes import axis_index
from archspec.opdef.fake_tensor import FakeTensor, preserved, suggested
from archspec.opdef.faults import BadArgument
from archspec.opdef.op import Op
from archspec.opdef.types import TensorType


class Pad(Op):
    """Puts ``before`` and ``after`` elements of ``value`` at the ends of an axis; no arithmetic."""

    before: int = arg.integer(0)
    after: int = arg.integer(0)
    axis: int = arg.integer(-1)
    value: float = arg.real(0.0)
    positional = 2
    inline_args = True
    saved_for_backward = ()
    examples = ("pad(1, 2): [3, 4] -> [3, 7]", "pad(1, -1, axis = 0): [3, 4] -> [3, 4]")

    def infer(self) -> tuple[TensorType, ...]:
        self.at = axis_index(self.name(), self.axis, self.x.rank)
        own = self.x.shape[self.at]
        size = own + self.before + self.after
        for name, ends in (("before", self.before), ("after", self.after)):
            if own + ends < 0:
                raise BadArgument(
                    self.name(), name, f"at least {-int(own)}, as there are no more to take off", arg.show(ends)
                )
        if size < 1:
            raise BadArgument(self.name(), "before", "such that something is left", arg.show(self.before))
        return (self.x.with_shape(*self.x.shape[: self.at], size, *self.x.shape[self.at + 1 :]),)

    def run(self, allocator: Allocator, *inputs: FakeTensor) -> tuple[FakeTensor, ...]:
        """A copy; nothing is kept."""
        sizes = allocator.sizes(self.y)
        narrowed = replace(inputs[0], sizes=sizes)
        cut = self.before <= 0 and self.after <= 0
        return (allocator.new(sizes, *inputs, strides=preserved(narrowed) if cut else suggested(inputs[0], sizes)),)
