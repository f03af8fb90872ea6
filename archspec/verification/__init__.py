"""A model held against what others make of it: reference execution by value, fvcore and torch by count."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from archspec.limits import Limits, held
from archspec.verification.verdict import Check, Verdict

if TYPE_CHECKING:
    from archspec.report.model import Report
    from archspec.spec.resolved import Resolved

__all__ = ["Check", "Verdict", "verify", "verify_report"]


def verify(
    spec: str | os.PathLike[str] | Resolved,
    *,
    model: str | None = None,
    params: Mapping[str, Any] | None = None,
    input_shape: Sequence[int] | int | None = None,
    batch: int = 1,
    allow_extern: bool = False,
    limits: Limits | Mapping[str, int] | None = None,
) -> Verdict:
    """Hold the compiled module against reference execution of its graph, and against the counts of fvcore and torch.

    Reference execution runs every node of the graph by itself, with its own numbers. In float64, on random input and
    with one random state, in inference and in training, outputs and the gradients of all parameters and inputs have to
    agree, and so do the tables, the fixed starting values and the keys of the state.

    Args:
        batch: samples that are counted for; values are compared on two.

    For the other arguments see :func:`archspec.load_spec`.

    Returns:
        The :class:`Verdict`: ``equal``, the ``checks`` of counts, the ``agreements`` of values, and ``found``, the
        diagnostics that say which module differs first and where in the spec it stands.

    Raises:
        SpecError: the spec is wrong.
    """
    from archspec.pipeline import report_of, resolve_spec

    with held(limits):
        found = resolve_spec(spec, model, params, input_shape)
        return verify_report(found, report_of(found, allow_extern, batch), allow_extern)


def verify_report(spec: Resolved, report: Report, allow_extern: bool = False) -> Verdict:
    """The same for a report that there is already."""
    from archspec.verification.counts import count_checks
    from archspec.verification.hold import hold

    checks, notes = count_checks(spec, report, allow_extern)
    by_value = hold(spec, report, allow_extern)
    return Verdict(checks, (*notes, *by_value.notes), by_value.agreements, by_value.found)
