"""Affine map."""

from __future__ import annotations

from archspec.opdef import args as arg
from archspec.opdef.allocator import Allocator
from archspec.opdef.fake_tensor import FakeTensor
from archspec.opdef.init import fan_in_uniform, kaiming_uniform
from archspec.opdef.op import Op, Weight


class Linear(Op):
    """Affine map over the last axis: y = x W^T + b.

    Arithmetic: 2 a multiply-accumulate, and 1 an output element where there is a bias.
    """

    out: int = arg.size()
    bias: bool = arg.flag(True)
    knows = "the size of the input's last axis"
    rule = "*b i -> *b out"
    fvcore_name = "linear"
    counts_activation = True
    made_for = ("i",)
    examples = (
        "linear(5): [3] -> [5]",
        "linear(5): [2, 3] -> [2, 5]",
        "linear(5, bias = false): [4, 2, 3] -> [4, 2, 5]",
    )
    i: int

    def weights(self) -> tuple[Weight, ...]:
        weight = Weight("weight", (self.out, self.i), kaiming_uniform())
        return (weight, Weight("bias", (self.out,), fan_in_uniform(self.i))) if self.bias else (weight,)

    def macs(self) -> int:
        return self.y.numel * self.i

    def flops(self) -> int:
        return 2 * self.macs() + (self.y.numel if self.bias else 0)

    def run(self, allocator: Allocator, *inputs: FakeTensor) -> tuple[FakeTensor, ...]:
        """Kept: the input, as rows (a copy where they are not), and the weight where the input has a gradient."""
        (x,) = inputs
        weight = allocator.weights["weight"]
        rows = x if x.rank <= 2 else allocator.reshape(x, (x.numel // self.i, self.i))
        made = allocator.product(rows, weight, allocator.sizes(self.y))
        if rows.storage is not x.storage:
            allocator.free(rows)
        return (made,)
