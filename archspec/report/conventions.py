"""What is counted of one use of an op, for a batch: work by several conventions, each with its reasons; activations.

An op says its numbers, and in its ``remarks`` what a convention's general rule does not say; the rest stands here. A
subclass of ``Convention`` is counted, explained and shown wherever the others are: nothing else lists them.
"""

from __future__ import annotations

import re
from typing import ClassVar

from archspec.opdef.op import Op

_RULE = re.compile(r"\barithmetic[^:.;]*: (.+?)(?:\.\s|\.?$)", re.IGNORECASE)


class Count:
    """What is counted of every use of an op, and adds up over a model."""

    name: ClassVar[str]
    meaning: ClassVar[str]
    """Its definition, for legends."""
    by_layer: ClassVar[bool] = False
    """Whether tables of layers have a column for it."""
    by_stage: ClassVar[bool] = False
    """Whether tables of stages have one."""
    brief: ClassVar[bool] = False
    """Whether the short tables of variants show it."""
    traced: ClassVar[bool] = False
    """Whether it counts what is left in a trace alone: what some result of the model needs."""
    breakdown: ClassVar[str] = ""
    """What a report calls its parts by operator, where it has such parts."""

    def count(self, op: Op, batch: int) -> int:
        """What it counts of one use of an op on a batch. Arithmetic alone: sizes may be more than numbers."""
        raise NotImplementedError

    def operator(self, op: Op) -> str | None:
        """The operator that an op counts as, for what has parts by operator."""
        return None


class Convention(Count):
    """One way of counting work."""

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
    by_layer = by_stage = brief = True

    def count(self, op: Op, batch: int) -> int:
        return op.samples(batch) * op.macs()

    def rule(self, op: Op) -> str:
        return "1 a multiply-accumulate, biases left out" if op.macs() else "not conv, linear, matmul or einsum, so 0"


class Flops(Convention):
    """All arithmetic, by the rule that each op's docstring states."""

    name = "flops"
    meaning = "all arithmetic: 2 a multiply-accumulate, elementwise ops and norms included"
    by_layer = True

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
    traced = True
    breakdown = "by_operator"

    def count(self, op: Op, batch: int) -> int:
        return op.fvcore_of(batch) if op.fvcore_name else 0

    def operator(self, op: Op) -> str | None:
        return op.fvcore_name

    def why(self, op: Op) -> str:
        return super().why(op) if op.fvcore_name else self.rule(op)

    def rule(self, op: Op) -> str:
        return "1 a multiply-accumulate, biases left out" if op.fvcore_name else "no rule, so 0"


class Torch(Convention):
    """torch's FlopCounterMode. Where a fused kernel hides products of matrices from it, they are counted."""

    name = "torch"
    meaning = "what torch's FlopCounterMode counts: 2 a multiply-accumulate, and nothing else"
    breakdown = "torch_by_operator"

    def count(self, op: Op, batch: int) -> int:
        return op.samples(batch) * op.torch_flops()

    def operator(self, op: Op) -> str | None:
        return op.torch_kind

    def rule(self, op: Op) -> str:
        return "2 a multiply-accumulate, biases left out" if op.torch_flops() else "no rule, so 0"


class Activations(Count):
    """fvcore's ActivationCountAnalysis."""

    name = "activations"
    meaning = "elements of the outputs of conv, linear, matmul and einsum, as fvcore counts them"
    brief = traced = True

    def count(self, op: Op, batch: int) -> int:
        return sum(t.numel * (batch if t.batched else 1) for t in op.outputs) if op.counts_activation else 0


CONVENTIONS: tuple[Convention, ...] = tuple(convention() for convention in Convention.__subclasses__())
"""Every convention above, in that order."""
COUNTED: tuple[Count, ...] = (*CONVENTIONS, Activations())
