"""A report's counts held against the compiled module: its parameters, fvcore's counts and torch's, figure by figure."""

from __future__ import annotations

from archspec.graph.extern import ExternOp
from archspec.graph.nodes import LayerList, Node, OpNode
from archspec.report.model import Report
from archspec.spec.resolved import Resolved
from archspec.verification.measure import Measured, by_fvcore, by_torch, parameter_count
from archspec.verification.verdict import Check


def count_checks(spec: Resolved, report: Report, allow_extern: bool) -> tuple[tuple[Check, ...], tuple[str, ...]]:
    """Count on the compiled module, in eval mode on an input of the report's size and batch, and compare.

    Parameters are those of the live module, buffers left out. fvcore traces a run on the CPU in float32; torch's
    FlopCounterMode counts on the meta device, where nothing is computed, or on the CPU where an op has no meta form.
    What happens inside an extern is set against what the spec declares of it, under its name.

    Returns:
        The checks, and what there is to say of how the tools were run.
    """
    outside = _externs(report.root)
    fvcore = by_fvcore(spec, report, outside, allow_extern)
    torch = by_torch(spec, report, outside, allow_extern)
    checks = [Check("params", "module", report.params, parameter_count(spec, allow_extern))]
    checks += _checks("fvcore", report.by_operator, report.fvcore, fvcore)
    if fvcore.activations is not None:
        checks.append(Check("activations", "fvcore", report.activations, fvcore.activations))
    checks += _checks("torch", report.torch_by_operator, report.torch, torch)
    return tuple(checks), (*fvcore.notes, *torch.notes)


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


def _externs(node: Node, path: tuple[str, ...] = ()) -> dict[str, str]:
    """The name of every extern by its path in the module."""
    if isinstance(node, OpNode):
        return {".".join(path): node.name} if isinstance(node.op, ExternOp) else {}
    children = enumerate(node.items) if isinstance(node, LayerList) else node.layers.items()
    return {key: name for step, child in children for key, name in _externs(child, (*path, str(step))).items()}
