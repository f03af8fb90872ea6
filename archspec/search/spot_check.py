"""Variants of a sweep held against full reports."""

from __future__ import annotations

from dataclasses import replace

from archspec.diagnostics import SpecError
from archspec.search.evaluator import run
from archspec.search.job import Job
from archspec.search.origin import VariantSource
from archspec.search.problems import Disagreement
from archspec.search.where import Filter
from archspec.source import NOWHERE


def spot_check(source: VariantSource, job: Job, checks: int) -> int:
    """Hold variants drawn at random against full reports, and say how many.

    Raises:
        SpecError: a figure differs, which is a defect of archspec.
    """
    import numpy as np

    count = min(checks, len(job.space))
    drawn: list[int] = np.random.default_rng(0).integers(0, len(job.space), count).tolist() if count else []
    for row in drawn:
        part = run(replace(job, where=Filter()), row, row + 1)
        try:
            report = source.report(job.space.variant(row), job.batch, job.dtype)
        except SpecError as error:
            if not part.refused:
                raise SpecError.of(Disagreement(NOWHERE, f"row {row} was counted, and is no model")) from error
            continue
        for metric in job.metrics:
            own = report.metrics[metric]
            if part.refused or own != int(part.figures[metric][0]):
                figures = [int(n) for n in part.figures[metric]]
                raise SpecError.of(Disagreement(NOWHERE, f"{metric} of row {row} is {figures}, and {own} in a report"))
    return len(drawn)
