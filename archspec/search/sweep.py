"""Sweeping a space of variants of a model, each with the figures that a report of it has."""

from __future__ import annotations

import os
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import BrokenExecutor, CancelledError, Executor, Future
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from archspec.diagnostics import SpecError
from archspec.output import not_writable
from archspec.report.limits import plain
from archspec.report.metrics import CLOSED
from archspec.search import asked
from archspec.search.axes import axes_of
from archspec.search.front import Goal, front, goals_of, undominated
from archspec.search.job import Job, JobPart, run
from archspec.search.origin import VariantSource, columns_of
from archspec.search.problems import Disagreement, TooManyVariants, WorkerLost
from archspec.search.space import Option, Space, settings
from archspec.search.store import JobParts, TableFile
from archspec.search.where import Filter
from archspec.source import NOWHERE
from archspec.spec.asked import refuse
from archspec.spec.resolved import Resolved

STEP = 1 << 16
"""Rows a task."""
MOST_AHEAD = 64
"""So many tasks at most are under way or wait for those before them, so that a long sweep takes little memory."""
MOST_ROWS = 10**12
MOST_POINTS = 4000
"""So many variants at most are kept for a plot."""

Progress = Callable[[int, int], None]


@dataclass
class Sweep:
    """What came of a sweep.

    ``rows`` and ``figures`` are the variants on the front, the best in the first goal first; ``points`` some of those
    kept, for a plot; ``table`` all of them, where they were not written to a file. ``checked`` variants were drawn
    at random and held against full reports.
    """

    space: Space
    base: dict[str, Any]
    metrics: tuple[str, ...]
    goals: tuple[Goal, ...]
    counted: int = 0
    kept: int = 0
    resumed: int = 0
    checked: int = 0
    seconds: float = 0.0
    refused: Counter[str] = field(default_factory=Counter)
    undefined: int = 0
    """Variants for which the condition has no value, since it divides by zero or grows beyond bounds."""
    rows: Any = None
    figures: dict[str, Any] = field(default_factory=dict)
    points: dict[str, Any] = field(default_factory=dict)
    table: dict[str, Any] | None = None
    path: Path | None = None
    sizes: dict[str, int] = field(default_factory=dict)
    """The sizes of the model's input by name."""
    parameters: frozenset[str] = frozenset()
    """The names of the model's parameters."""

    def variant(self, row: int) -> dict[str, Option]:
        """The option of each axis in a row of the space."""
        return self.space.variant(int(row))

    def settings(self, row: int) -> dict[str, str]:
        """A row as values for the model's parameters, as ``--set`` takes them."""
        return settings(self.variant(row), self.base)


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
        sample, seed: draw so many rows at random instead of the whole grid.
        metrics: the figures to work out.
        goals: what makes the front, ``min:FIGURE`` or ``max:FIGURE`` with commas between them.
        out: a .parquet or .csv file; a sweep that was stopped goes on from its finished parts.
        executor: runs parts elsewhere: any of concurrent.futures, or Dask's ``Client.get_executor()``.
        checks: so many variants drawn at random are held against full reports.
        keep: hold all variants in the result's ``table`` where there is no ``out``; else the front alone.
        progress: is told the rows done and the rows in all.

    Raises:
        OutputError: ``out`` cannot be written.
        SpecError: the spec is wrong, or what was asked of it; a variant that is no model is counted, not raised.
    """
    started = time.perf_counter()
    batch, dtype = plain(batch, dtype)
    metrics, out = asked.figures(metrics), asked.path(out)
    checks, seed = asked.whole("checks", checks, 0), asked.whole("seed", seed, 0)
    sample = None if sample is None else asked.whole("sample", sample, 1)
    wanted = goals_of(asked.text("goals", goals, "text such as min:macs,max:params"), metrics)
    condition = Filter(asked.text("where", where, 'text such as "macs < 4G"'))
    varied = asked.mapping("vary", vary, 'values by name, such as {"h": "192,224"}')
    if executor is not None and not callable(getattr(executor, "submit", None)):
        refuse("executor", executor, "an executor of concurrent.futures, or one that works like it")
    source = VariantSource(spec, model, params, input_shape, allow_extern)
    space = Space(axes_of(varied, source.known), sample, seed)
    source.check(space.axes)
    if (space.combinations if sample is None else sample) > MOST_ROWS:
        raise SpecError.of(TooManyVariants(NOWHERE, space.combinations if sample is None else sample, MOST_ROWS))
    numeric = tuple(name for axis in space.axes for name in columns_of(axis))
    condition.check((*metrics, *numeric))
    job = Job(source.specs(space.axes), space, metrics, condition, batch, dtype, allow_extern)
    result = Sweep(space, source.known, metrics, wanted, path=None if out is None else Path(out))
    result.sizes, result.parameters = source.sizes, source.parameters
    table = _opened(Path(out), space, metrics) if out is not None else None
    parts = JobParts(Path(out), job) if out is not None else None
    gathered: list[JobPart] = []
    try:
        if parts is not None:
            parts.open()
        for start, part, fresh in _results(job, executor, parts):
            _take(result, part)
            result.resumed += 0 if fresh else part.counted
            if table is not None:
                table.add(part, [column[part.rows - start] for column in space.choices(start, start + part.counted)])
            elif keep:
                gathered.append(part)
            if progress is not None:
                progress(result.counted, len(space))
        if table is not None and parts is not None:
            table.close()
            parts.close()
    except BaseException as error:
        if table is not None:
            table.discard()
        if isinstance(error, (BrokenExecutor, CancelledError)):
            raise SpecError.of(WorkerLost(NOWHERE, None if parts is None else str(parts.folder))) from None
        if isinstance(error, OSError) and out is not None:
            raise not_writable(out, error) from None
        raise
    result.table = _joined(gathered, metrics) if table is None and keep else None
    result.checked = _spot_check(source, job, result, checks)
    result.seconds = time.perf_counter() - started
    return result


def _opened(path: Path, space: Space, metrics: tuple[str, ...]) -> TableFile:
    if path.suffix not in (".parquet", ".csv"):
        raise not_writable(path, "a table is a .parquet or a .csv file")
    try:
        if path.exists() and not path.is_file():
            raise not_writable(path, "it is not a file")
        return TableFile(path, space, metrics)
    except OSError as error:
        raise not_writable(path, error) from None


def _results(job: Job, executor: Executor | None, parts: JobParts | None) -> Iterator[tuple[int, JobPart, bool]]:
    """All parts of a job in order, those on disk as they are; with whether they are fresh."""
    window: deque[tuple[int, int, Future[JobPart] | None]] = deque()

    def finished() -> tuple[int, JobPart, bool]:
        start, stop, future = window.popleft()
        part = parts.read(start, stop) if parts is not None and future is None else None
        if part is not None:
            return start, part, False
        part = future.result() if future is not None else run(job, start, stop)
        if parts is not None:
            parts.write(start, stop, part)
        return start, part, True

    try:
        for start in range(0, len(job.space), STEP):
            stop = min(start + STEP, len(job.space))
            elsewhere = executor is not None and (parts is None or not parts.has(start, stop))
            window.append((start, stop, executor.submit(run, job, start, stop) if executor and elsewhere else None))
            if len(window) >= (MOST_AHEAD if executor is not None else 1):
                yield finished()
        while window:
            yield finished()
    finally:
        for _, _, future in window:
            if future is not None:
                future.cancel()


def _take(result: Sweep, part: JobPart) -> None:
    """Add a part's counts, and its rows to the front and to the points of the plot."""
    import numpy as np

    result.counted += part.counted
    result.kept += len(part.rows)
    result.refused.update(part.refused)
    result.undefined += part.undefined
    if result.rows is None:
        result.rows, result.figures = part.rows[:0], {m: column[:0] for m, column in part.figures.items()}
    hopeful = undominated(part.figures, result.figures, result.goals)
    figures = {m: np.concatenate([result.figures[m], part.figures[m][hopeful]]) for m in result.metrics}
    rows = np.concatenate([result.rows, part.rows[hopeful]])
    best = front(figures, result.goals)
    result.rows, result.figures = rows[best], {m: column[best] for m, column in figures.items()}
    every = -(-result.space.combinations * 11 // (10 * MOST_POINTS)) if result.space.sample is None else 1
    some = _scattered(part.rows) % np.uint64(every) == 0
    for metric in result.metrics:
        before = result.points.get(metric)
        own = part.figures[metric][some]
        joined = own if before is None else np.concatenate([before, own])
        result.points[metric] = joined[:MOST_POINTS]


def _scattered(rows: Any) -> Any:
    """Numbers from rows, in which no axis of the space shows: every so-manieth row would take one value of the last."""
    import numpy as np

    mixed: Any = rows.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    return mixed >> np.uint64(33)


def _joined(parts: list[JobPart], metrics: tuple[str, ...]) -> dict[str, Any]:
    import numpy as np

    made = {"row": np.concatenate([part.rows for part in parts])} if parts else {}
    return made | {m: np.concatenate([part.figures[m] for part in parts]) for m in metrics if parts}


def _spot_check(source: VariantSource, job: Job, result: Sweep, checks: int) -> int:
    """Hold variants drawn at random against full reports.

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
