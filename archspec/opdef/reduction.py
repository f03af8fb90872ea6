"""The base of the ops that reduce axes to one number."""

from __future__ import annotations

from archspec.opdef import args as arg
from archspec.opdef.axes import axis_list
from archspec.opdef.op import Op
from archspec.opdef.types import TensorType


class Reduction(Op):
    """Reduces the axes ``axis`` (one or a list, counted without the batch). Arithmetic: 1 an input element."""

    axis: int | tuple[int, ...] = arg.integers()
    keep: bool = arg.flag(False)
    inline_args = True

    def infer(self) -> tuple[TensorType, ...]:
        self.axes = axis_list(self.name(), self.axis, self.x.rank)
        sizes = [1 if i in self.axes else n for i, n in enumerate(self.x.shape) if self.keep or i not in self.axes]
        return (self.x.with_shape(*sizes),)

    def flops(self) -> int:
        return self.x.numel
