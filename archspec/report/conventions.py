"""Conventions of counting: what each makes of one use of an op, for a batch, and why.

An op says its numbers, and in its ``remarks`` what a convention's general rule does not say; the rest stands here.
"""

from __future__ import annotations

import re
from typing import ClassVar

from archspec.opdef.op import Op

_RULE = re.compile(r"\barithmetic[^:.;]*: (.+?)(?:\.\s|\.?$)", re.IGNORECASE)


class Convention:
    """One way of counting work."""

    name: ClassVar[str]
    meaning: ClassVar[str]
    """Its definition, for legends."""

    def count(self, op: Op, batch: int) -> int:
        """What it counts of one use of an op on a batch."""
        raise NotImplementedError

    def why(self, op: Op) -> str:
        """How that number comes about, in words."""
        return op.remarks.get(self.name) or self.rule(op)

    def rule(self, op: Op) -> str:
        """The words for ops without a remark."""
        raise NotImplementedError


class Macs(Convention):
    """Multiply-accumulates."""

    name = "macs"
    meaning = "multiply-accumulates of conv, linear, matmul and einsum alone"

    def count(self, op: Op, batch: int) -> int:
        return op.samples(batch) * op.macs()

    def rule(self, op: Op) -> str:
        return "1 a multiply-accumulate, biases left out" if op.macs() else "not conv, linear, matmul or einsum, so 0"


class Flops(Convention):
    """All arithmetic, by the rule that each op's docstring states."""

    name = "flops"
    meaning = "all arithmetic: 2 a multiply-accumulate, elementwise ops and norms included"

    def count(self, op: Op, batch: int) -> int:
        return op.samples(batch) * op.flops()

    def rule(self, op: Op) -> str:
        for item in type(op).__mro__:
            found = _RULE.search(" ".join((item.__doc__ or "").split()))
            if found is not None:
                return found[1]
        return "no arithmetic" if not op.flops() else "its arithmetic"


class Fvcore(Convention):
    """fvcore's FlopCountAnalysis."""

    name = "fvcore"
    meaning = "what fvcore's FlopCountAnalysis counts: a multiply-accumulate is 1, a norm 5 an element"

    def count(self, op: Op, batch: int) -> int:
        return op.fvcore_of(batch) if op.fvcore_name else 0

    def why(self, op: Op) -> str:
        return super().why(op) if op.fvcore_name else self.rule(op)

    def rule(self, op: Op) -> str:
        return "1 a multiply-accumulate, biases left out" if op.fvcore_name else "no rule, so 0"


class Torch(Convention):
    """torch's FlopCounterMode. Where a fused kernel hides products of matrices from it, they are counted."""

    name = "torch"
    meaning = "what torch's FlopCounterMode counts: 2 a multiply-accumulate, and nothing else"

    def count(self, op: Op, batch: int) -> int:
        return op.samples(batch) * op.torch_flops()

    def rule(self, op: Op) -> str:
        return "2 a multiply-accumulate, biases left out" if op.torch_flops() else "no rule, so 0"


MACS, FLOPS, FVCORE, TORCH = Macs(), Flops(), Fvcore(), Torch()
CONVENTIONS: tuple[Convention, ...] = (MACS, FLOPS, FVCORE, TORCH)
