"""Scaled dot-product attention."""

from __future__ import annotations

from dataclasses import replace
from math import prod

from archspec.opdef import args as arg
from archspec.opdef.allocator import Allocator
from archspec.opdef.elementwise import broadcast
from archspec.opdef.fake_tensor import FakeTensor, preserved
from archspec.opdef.faults import Mismatch, NotInTorch, WrongInputs, WrongRank
from archspec.opdef.op import Op
from archspec.opdef.types import TensorType


class Attend(Op):
    """softmax(q k^T * scale + bias) v over ``[*heads, n, d]``, by the fused kernel: ``attend(q, k, v)``.

    A fourth tensor, where given, is added to the scores; minus infinity hides. ``scale`` is 1/sqrt(d) unless given.
    Arithmetic: its two matrix products, 2 a multiply-accumulate, and 6 a score (scale and softmax).
    """

    arity = None
    causal: bool = arg.flag(False)
    scale: float | None = arg.real(None)
    dropout: float = arg.rate()
    fvcore_name = "matmul"
    remarks = {
        "macs": "1 a multiply-accumulate of its two matrix products",
        "fvcore": "no rule for the fused kernel; counted here as its two matrix products, as --verify registers them",
        "torch": "2 a multiply-accumulate of its two matrix products; the CPU's flash kernel hides them from the tool",
    }
    counts_activation = True
    mutable_args = ("dropout",)
    saved_for_backward = ("input", "output")
    examples = (
        "attend: [2, 5, 4], [2, 6, 4], [2, 6, 3] -> [2, 5, 3]",
        "attend: [2, 5, 4], [2, 6, 4], [2, 6, 3], [2, 5, 6] -> [2, 5, 3]",
        "attend(causal = true, scale = 0.5): [2, 5, 4], [2, 5, 4], [2, 5, 4] -> [2, 5, 4]",
    )

    def infer(self) -> tuple[TensorType, ...]:
        if len(self.inputs) not in (3, 4):
            raise WrongInputs(self.name(), "three tensors, and a bias if any", str(len(self.inputs)))
        q, k, v = self.inputs[:3]
        batched = any(given.batched for given in (q, k, v))
        for given in self.inputs:
            if given.rank < 2:
                raise WrongRank(self.name(), "[*heads, n, d]", given)
        if q.shape[:-2] != k.shape[:-2] or q.shape[-1] != k.shape[-1]:
            raise Mismatch(self.name(), "match as queries and keys", q, k)
        if k.shape[:-1] != v.shape[:-1]:
            raise Mismatch(self.name(), "match as keys and values", k, v)
        if len(self.inputs) == 4:
            if self.causal:
                why = "it takes either a bias or `causal`"
                raise NotInTorch(
                    self.name(), why, q, "put minus infinity into the bias where it hides: a table, or `tril`"
                )
            scores = TensorType((*q.shape[:-1], k.shape[-2]), q.dtype, batched)
            if broadcast(self.name(), scores, self.inputs[3]) != scores:
                raise Mismatch(self.name(), "match as scores and bias", scores, self.inputs[3])
        return (TensorType((*q.shape[:-1], v.shape[-1]), q.dtype, batched),)

    @property
    def scores(self) -> int:
        """Entries of the attention map."""
        return prod(self.x.shape[:-1]) * self.inputs[1].shape[-2]

    def macs(self) -> int:
        return self.scores * (self.x.shape[-1] + self.inputs[2].shape[-1])

    def flops(self) -> int:
        return 2 * self.macs() + 6 * self.scores

    def run(self, allocator: Allocator, *inputs: FakeTensor) -> tuple[FakeTensor, ...]:
        """The flash kernel keeps inputs, output and a number a row; the formula scaled q and k, the map, and v."""
        q, k, v = inputs[:3]
        if self._fused(allocator, inputs):
            statistics = allocator.new(q.sizes[:-1], item=allocator.wide)
            made = allocator.new(q.sizes, q, k, v, strides=preserved(q))
            allocator.save_for((q, k, v), *inputs, statistics, made)
            allocator.free(statistics)
            return (made,)
        q, k, v = (allocator.cast(x, allocator.wide) for x in (q, k, v))
        scaled, turned = allocator.scaled(q), allocator.scaled(k.swapped(k.rank - 1, k.rank - 2))
        scores = replace(allocator.matmul(scaled, turned), grad=allocator.tracks(q, k, *inputs[3:]))
        allocator.free(scaled, turned)
        weights = allocator.new(scores.sizes, scores, item=allocator.wide)
        allocator.free(scores)
        allocator.save_for((scores,), weights)
        if self.dropout and allocator.training:
            weights = allocator.dropped(weights, self.dropout)
        made = allocator.matmul(weights, v)
        return (allocator.cast(made, allocator.item),)

    def _fused(self, allocator: Allocator, inputs: tuple[FakeTensor, ...]) -> bool:
        """Whether torch takes its flash kernel on a CPU, which keeps no scores, and not the spelled-out formula."""
        q, k, v, *bias = inputs
        plain = (
            q.rank == k.rank == v.rank == 4
            and q.sizes[-1] == v.sizes[-1]
            and all(x.strides[-1] == 1 for x in (q, k, v))
        )
        dropped = self.dropout and allocator.training
        return plain and not dropped and all(not x.grad and x.rank in (2, 4) for x in bias)
