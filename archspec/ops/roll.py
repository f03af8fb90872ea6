"""Cyclic shift."""

from __future__ import annotations

from archspec.opdef import args as arg
from archspec.opdef.axes import axis_index, torch_axis
from archspec.opdef.code import Code, Slots, call, raw
from archspec.opdef.faults import BadArgument
from archspec.opdef.op import Op
from archspec.opdef.types import TensorType


class Roll(Op):
    """Shifts elements along one or more axes, what falls off one end coming in at the other; no arithmetic."""

    shift: int | tuple[int, ...] = arg.integers()
    axis: int | tuple[int, ...] = arg.integers()
    literal = True
    dtypes = ("float", "int")
    saves = ()
    examples = ("roll(1, axis = 0): [3, 4] -> [3, 4]", "roll([-1, 2], axis = [0, 1]): [3, 4] -> [3, 4]")

    def infer(self) -> tuple[TensorType, ...]:
        self.shifts = self.shift if isinstance(self.shift, tuple) else (self.shift,)
        axes = self.axis if isinstance(self.axis, tuple) else (self.axis,)
        self.axes = tuple(axis_index(self.name(), axis, self.x.rank) for axis in axes)
        if len(self.shifts) != len(self.axes):
            raise BadArgument(self.name(), "shift", f"one number for each of {len(axes)} axes", arg.show(self.shift))
        return (self.x,)

    def torch(self, slot: Slots, *inputs: Code) -> Code:
        return call("torch.roll", *inputs, raw(self.shifts), raw(tuple(torch_axis(self.x, a) for a in self.axes)))
