"""The base of the ops that reduce axes to one number."""

from __future__ import annotations

from typing import ClassVar

from archspec.opdef import args as arg
from archspec.opdef.axes import axis_list, torch_axis
from archspec.opdef.code import Code, Slots, literal, method
from archspec.opdef.op import Op
from archspec.opdef.types import TensorType


class Reduction(Op):
    """Reduces the axes ``axis`` (one or a list, counted without the batch). Arithmetic: 1 an input element."""

    axis: int | tuple[int, ...] = arg.integers()
    keep: bool = arg.flag(False)
    inline_args = True
    torch_name: ClassVar[str]

    def infer(self) -> tuple[TensorType, ...]:
        self.axes = axis_list(self.name(), self.axis, self.x.rank)
        sizes = [1 if i in self.axes else n for i, n in enumerate(self.x.shape) if self.keep or i not in self.axes]
        return (self.x.with_shape(*sizes),)

    def flops(self) -> int:
        return self.x.numel

    def torch(self, slot: Slots, *inputs: Code) -> Code:
        axes = tuple(torch_axis(self.x, axis) for axis in self.axes)
        where = literal(axes if len(axes) > 1 else axes[0])
        return method(inputs[0], self.torch_name, where, keepdim=literal(True) if self.keep else None)
