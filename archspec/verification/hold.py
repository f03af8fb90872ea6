"""Which input a model is held at by value: its own, or a smaller one where that would take minutes."""

from __future__ import annotations

from dataclasses import dataclass

from archspec.diagnostics import Diagnostic, SpecError
from archspec.report.model import Report
from archspec.spec.resolved import Resolved
from archspec.sym.number import is_free
from archspec.verification.problems import NotRun
from archspec.verification.values import Agreement, Holder

MOST_MACS = 3_000_000_000
MOST_BYTES = 500_000_000
"""What autograd may keep of one sample in float32."""


@dataclass(frozen=True)
class Held:
    """What came of it: the ``agreements``, the diagnostics where one fails, and what there is to say of how."""

    agreements: tuple[Agreement, ...]
    found: tuple[Diagnostic, ...] = ()
    notes: tuple[str, ...] = ()


def hold(spec: Resolved, report: Report, allow_extern: bool = False) -> Held:
    """Hold the compiled module against reference execution."""
    import torch

    from archspec.api import compile_spec

    smaller = _smaller(spec, report, allow_extern)
    root = smaller.root
    sizes = tuple(map(int, root.inputs[0].shape))
    at = spec if smaller is report else spec.at(sizes)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        try:
            model = compile_spec(at, dtype=torch.float64, device="cpu", allow_extern=allow_extern)
        except SpecError:
            raise
        except Exception as error:  # a source that is no Python, or a class from outside, may raise anything
            words = f"{type(error).__name__}: {error}".split("\n")[0]
            if allow_extern:
                return Held((), (), (f"values were not compared: {words}",))
            return Held((), (NotRun(spec.model.span, "", spec.name, words).diagnostic(),))
        holder = Holder(root, model)
        holder.run()
    notes = () if smaller is report else (f"values compared at {'x'.join(map(str, sizes))}, the counts at full size",)
    return Held(tuple(holder.agreements), tuple(holder.found), notes)


def _smaller(spec: Resolved, report: Report, allow_extern: bool) -> Report:
    """The report of the same model at half the size, and half of that, until it can be run in seconds."""
    from archspec.pipeline import report_of

    while report.macs // report.batch > MOST_MACS or report.memory.train_saved_bytes > MOST_BYTES * report.batch:
        sizes = report.root.inputs[0].shape
        half = tuple(int(size) // 2 if is_free(size) and size > 1 else int(size) for size in sizes)
        if half == tuple(map(int, sizes)):
            break
        try:
            report = report_of(spec.at(half), allow_extern)
        except SpecError:
            break
    return report
