"""A report's counts held against the compiled module: its parameters, fvcore's counts and torch's, figure by figure."""

from __future__ import annotations

from archspec.graph.extern import externs_in
from archspec.report.metrics import COUNTS
from archspec.report.model import Report
from archspec.spec.resolved import Resolved
from archspec.verification.measure import TOOLS, Measured, parameter_count
from archspec.verification.verdict import Check, together


def count_checks(spec: Resolved, report: Report, allow_extern: bool) -> tuple[tuple[Check, ...], tuple[str, ...]]:
    """Count on the compiled module, in eval mode on an input of the report's size and batch, and compare.

    Parameters are those of the live module, buffers left out. fvcore traces a run on the CPU in float32; torch's
    FlopCounterMode counts on the meta device, where nothing is computed, or on the CPU where an op has no meta form.
    What happens inside an extern is set against what the spec declares of it, under its name.

    Returns:
        The checks, and what there is to say of how the tools were run.
    """
    outside = {".".join(path): op.name() for path, op in externs_in(report.root)}
    checks = [Check("params", "module", report.params, parameter_count(spec, allow_extern))]
    notes: list[str] = []
    left = [metric.name for metric in COUNTS if metric.name != "params"]
    for tool, measure in TOOLS.items():
        found = measure(spec, report, outside, allow_extern)
        checks += _checks(tool, report.operators[tool], report.counts[tool], found)
        checks += [Check(name, tool, report.counts[name], count) for name, count in found.totals.items()]
        notes += found.notes
        left = [name for name in left if name != tool and name not in found.totals]
    if left:
        notes.append(f"no tool counted {together(left)}: the graph alone says it")
    return tuple(checks), tuple(notes)


def _checks(tool: str, ours: dict[str, int], total: int, measured: Measured) -> list[Check]:
    """A row for each operator, and one for the sum; the sum alone where the tool failed."""
    theirs = measured.by_operator
    if theirs is None:
        return [Check("total", tool, total, None)]
    rows = [
        Check(name, tool, ours.get(name, 0), theirs.get(name, 0), measured.rounded(name))
        for name in sorted(ours.keys() | theirs.keys())
    ]
    off = sum(row.ours - (row.theirs or 0) for row in rows if row.rounding)
    return [*rows, Check("total", tool, total, sum(theirs.values()), abs(off))]
