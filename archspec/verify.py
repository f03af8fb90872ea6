"""fvcore run beside a report, figure by figure."""

from __future__ import annotations

import logging
from collections import Counter
from dataclasses import dataclass
from math import prod
from typing import Any

from archspec.pipeline import compile_spec
from archspec.report.model import Report
from archspec.report.text import table
from archspec.spec.resolved import Resolved


@dataclass(frozen=True)
class Verdict:
    """Counts by operator, ours and fvcore's; ``inexact`` are those that fvcore itself rounds."""

    ours: dict[str, int]
    theirs: dict[str, int]
    inexact: frozenset[str]
    attention: int

    def agrees(self, name: str) -> bool:
        """Whether one operator's counts are equal, or differ by no more than fvcore's own rounding."""
        ours, theirs = self.ours.get(name, 0), self.theirs.get(name, 0)
        return ours == theirs or (name in self.inexact and abs(ours - theirs) <= 1e-3 * max(ours, theirs))

    @property
    def equal(self) -> bool:
        """Whether all counts agree."""
        return all(self.agrees(name) for name in self.ours.keys() | self.theirs.keys())

    def lines(self) -> list[str]:
        """The comparison as a table with a verdict."""
        names = sorted(self.ours.keys() | self.theirs.keys())
        rows = [[n, f"{self.ours.get(n, 0):,}", f"{self.theirs.get(n, 0):,}", self._word(n)] for n in names]
        lines = ["", *table(["verify", "archspec", "fvcore", ""], rows, frozenset({1, 2}))]
        if self.attention:
            lines.append(f"{self.attention} fused attentions counted by a rule registered for them: their two matmuls")
        lines.append("equal to fvcore" if self.equal else "NOT equal to fvcore")
        return lines

    def _word(self, name: str) -> str:
        if self.ours.get(name, 0) == self.theirs.get(name, 0):
            return "equal"
        return "fvcore rounds to four digits" if self.agrees(name) else "DIFFERS"


def verify(spec: Resolved, report: Report, allow_extern: bool = False) -> Verdict:
    """Run fvcore on the compiled module, in eval mode on an input of the report's size, and compare."""
    import torch
    from fvcore.nn import ActivationCountAnalysis, FlopCountAnalysis

    logging.getLogger("fvcore").setLevel(logging.ERROR)
    model = compile_spec(spec, allow_extern=allow_extern).eval()
    inputs = tuple(
        torch.zeros(1, *map(int, given.shape), dtype=torch.long if given.dtype == "int" else torch.float32)
        for given in report.root.inputs
    )
    fused: list[int] = []

    def attention(arguments: list[Any], outputs: list[Any]) -> Counter[str]:
        q, k, v = (argument.type().sizes() for argument in arguments[:3])
        fused.append(1)
        return Counter({"matmul": prod(q[:-1]) * k[-2] * (q[-1] + v[-1])})

    def activations(arguments: list[Any], outputs: list[Any]) -> Counter[str]:
        return Counter({"attention": prod(outputs[0].type().sizes())})

    name = "aten::scaled_dot_product_attention"
    with torch.no_grad():
        flops = FlopCountAnalysis(model, inputs).set_op_handle(name, attention)
        flops.unsupported_ops_warnings(False).uncalled_modules_warnings(False).tracer_warnings("none")
        theirs = {key: int(count) for key, count in flops.by_operator().items() if count}
        counts = ActivationCountAnalysis(model, inputs).set_op_handle(name, activations)
        counts.unsupported_ops_warnings(False).uncalled_modules_warnings(False).tracer_warnings("none")
        kept = int(counts.total())
    return Verdict(
        {**report.by_operator, "(activations)": report.activations},
        {**theirs, "(activations)": kept},
        frozenset({"einsum"}),
        len(fused),
    )
