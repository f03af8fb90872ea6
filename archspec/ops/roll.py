"""Cyclic shift."""

from __future__ import annotations

from archspec.opdef import args as arg
from archspec.opdef.allocator import Allocator
from archspec.opdef.axes import axis_index, batched_axis
from archspec.opdef.entries import Entries, along
from archspec.opdef.fake_tensor import FakeTensor, channels_last, is_channels_last
from archspec.opdef.faults import BadArgument
from archspec.opdef.op import Op
from archspec.opdef.types import TensorType


class Roll(Op):
    """Shifts elements along one or more axes, what falls off one end coming in at the other; no arithmetic."""

    shift: int | tuple[int, ...] = arg.integers()
    axis: int | tuple[int, ...] = arg.integers()
    dtypes = ("float", "int")
    saved_for_backward = ()
    examples = ("roll(1, axis = 0): [3, 4] -> [3, 4]", "roll([-1, 2], axis = [0, 1]): [3, 4] -> [3, 4]")

    def infer(self) -> tuple[TensorType, ...]:
        self.shifts = self.shift if isinstance(self.shift, tuple) else (self.shift,)
        axes = self.axis if isinstance(self.axis, tuple) else (self.axis,)
        self.axes = tuple(axis_index(self.name(), axis, self.x.rank) for axis in axes)
        if len(self.shifts) != len(self.axes):
            raise BadArgument(self.name(), "shift", f"one number for each of {len(axes)} axes", arg.show(self.shift))
        return (self.x,)

    def moved(self, *given: Entries) -> tuple[Entries, ...]:
        (entries,) = given
        for shift, axis in zip(self.shifts, self.axes):
            size = int(self.x.shape[axis])
            entries = along(entries, self.x.shape, axis, [(at - int(shift)) % size for at in range(size)])
        return (entries,)

    def run(self, allocator: Allocator, *inputs: FakeTensor) -> tuple[FakeTensor, ...]:
        """A copy for each axis in turn: two ranges joined the other way round."""
        (x,) = inputs
        for shift, axis in zip(self.shifts, self.axes):
            at = batched_axis(self.x, axis)
            front = -shift % x.sizes[at]
            parts = [x.narrowed(at, n) for n in (x.sizes[at] - front, front)]
            last = front != 0 and all(map(is_channels_last, parts))
            made = allocator.new(x.sizes, x, strides=channels_last(x.sizes) if last else None, item=x.item)
            if x is not inputs[0]:
                allocator.free(x)
            x = made
        return (x,)
