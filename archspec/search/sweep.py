"""Sweeping a space of variants of a model, each with the metrics that a report of it has."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from archspec.diagnostics import SpecError
from archspec.report.limits import plain
from archspec.report.metrics import CLOSED
from archspec.search import asked
from archspec.search.axes import axes_of
from archspec.search.front import goals_of
from archspec.search.job import Job, Progress, telling
from archspec.search.kept import InMemory, on_disk
from archspec.search.origin import VariantSource, columns_of
from archspec.search.problems import ManyVariants, TooManyVariants
from archspec.search.result import Sweep
from archspec.search.schedule import parts_of
from archspec.search.space import Space
from archspec.search.spot_check import spot_check
from archspec.search.where import Filter
from archspec.source import NOWHERE
from archspec.spec.asked import refuse
from archspec.spec.resolved import Resolved

MOST = 100_000_000
"""So many variants are gone through without being asked for."""
MOST_ROWS = 10**12


def sweep(
    spec: str | os.PathLike[str] | Resolved,
    vary: Mapping[str, Any],
    *,
    model: str | None = None,
    params: Mapping[str, Any] | None = None,
    input_shape: Sequence[int] | int | None = None,
    where: str = "",
    sample: int | None = None,
    seed: int = 0,
    most: int | None = MOST,
    metrics: tuple[str, ...] = CLOSED,
    goals: str = "min:macs,max:params",
    out: str | os.PathLike[str] | None = None,
    executor: Executor | None = None,
    batch: int = 1,
    dtype: str = "float32",
    checks: int = 20,
    keep: bool = True,
    allow_extern: bool = False,
    progress: Progress | None = None,
) -> Sweep:
    """Evaluate every combination of what varies, or a sample, through the model's closed form.

    Args:
        spec, model, params, input_shape: the model, as :func:`archspec.load_spec` takes them.
        vary: by parameter, entry (``dims[2]``), size of the input (``h``) or ``batch``: options with commas between
            them as text, ranges such as ``32..128:16`` among them, or a list of values. Single numbers for a parameter
            that is a list vary each of its entries by itself.
        where: which variants to keep, such as ``"macs < 4G and params < 25M"``.
        sample, seed: draw so many variants evenly at random instead of going through all. The same seed draws the same.
        most: a space of more variants is refused where no ``sample`` is drawn; None goes through any.
        metrics: the figures to work out.
        goals: what makes the front, ``min:FIGURE`` or ``max:FIGURE`` with commas between them.
        out: a .parquet or .csv file; a sweep that was stopped goes on from its finished parts.
        executor: runs parts elsewhere: any of concurrent.futures, or Dask's ``Client.get_executor()``.
        checks: so many variants drawn at random are held against full reports.
        keep: hold all variants in the result's ``table`` where there is no ``out``; else the front alone.
        progress: is told the variants done and those in all, many times a second but while formulas are worked out.

    Raises:
        OutputError: ``out`` cannot be written.
        SpecError: the spec is wrong, or what was asked of it; a variant that is no model is counted, not raised.
    """
    started = time.perf_counter()
    batch, dtype = plain(batch, dtype)
    metrics, out = asked.metrics(metrics), asked.path(out)
    checks, seed = asked.whole("checks", checks, 0), asked.whole("seed", seed, 0)
    sample, most = (None if n is None else asked.whole(name, n, 1) for name, n in (("sample", sample), ("most", most)))
    wanted = goals_of(asked.text("goals", goals, "text such as min:macs,max:params"), metrics)
    condition = Filter(asked.text("where", where, 'text such as "macs < 4G"'))
    varied = asked.mapping("vary", vary, 'values by name, such as {"h": "192,224"}')
    if executor is not None and not callable(getattr(executor, "submit", None)):
        refuse("executor", executor, "an executor of concurrent.futures, or one that works like it")
    source = VariantSource(spec, model, params, input_shape, allow_extern)
    space = Space(axes_of(varied, source.known), sample, seed)
    source.check(space.axes)
    _check_size(space, most)
    condition.check((*metrics, *(name for axis in space.axes for name in columns_of(axis))))
    job = Job(source.specs(space.axes), space, metrics, condition, batch, dtype, allow_extern)
    result = Sweep(space, source.known, metrics, wanted, path=None if out is None else Path(out))
    result.sizes, result.parameters = source.sizes, source.parameters
    _fill(result, job, executor, keep, progress)
    result.checked = spot_check(source, job, checks)
    result.seconds = time.perf_counter() - started
    return result


def _check_size(space: Space, most: int | None) -> None:
    """Check that somebody waits for the end of it.

    Raises:
        SpecError: it is larger than a sweep can be, or than is gone through without being asked for.
    """
    count = space.combinations if space.sample is None else space.sample
    if count > MOST_ROWS:
        raise SpecError.of(TooManyVariants(NOWHERE, count, MOST_ROWS))
    if space.sample is None and most is not None and count > most:
        raise SpecError.of(ManyVariants(NOWHERE, count, most))


def _fill(result: Sweep, job: Job, executor: Executor | None, keep: bool, progress: Progress | None) -> None:
    """Work out all of a job, and add it to what came of it."""
    settled = telling(progress, len(job.space))
    place = nullcontext(InMemory(job.metrics, keep)) if result.path is None else on_disk(result.path, job)
    with place as kept:
        for start, part, fresh in parts_of(job, executor, kept.parts, settled):
            result.add(part)
            result.resumed += 0 if fresh else part.counted
            kept.add(start, part)
            settled(result.counted)
    result.table = kept.table
