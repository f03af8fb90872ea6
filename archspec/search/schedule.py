"""The parts of a job in order: worked out here, by an executor, or by an earlier sweep that was stopped."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from concurrent.futures import BrokenExecutor, CancelledError, Executor, Future

from archspec.diagnostics import SpecError
from archspec.search.columns import Watcher, after
from archspec.search.evaluator import run
from archspec.search.job import Job, JobPart
from archspec.search.parts import JobParts
from archspec.search.problems import WorkerLost
from archspec.source import NOWHERE

STEP = 1 << 16
"""Rows a part."""
MOST_AHEAD = 64
"""So many parts at most are under way or wait for those before them, so that a long sweep takes little memory."""


def parts_of(
    job: Job, executor: Executor | None, stored: JobParts | None, settled: Watcher
) -> Iterator[tuple[int, JobPart, bool]]:
    """All parts of a job in order: where each starts, the part, and whether it is fresh rather than from the disk.

    Args:
        settled: is told how many rows of the job are worked out, while a part is being worked out here.

    Raises:
        SpecError: a process of the executor ended before its work was done.
    """
    window: deque[tuple[int, int, Future[JobPart] | None]] = deque()

    def finished() -> tuple[int, JobPart, bool]:
        start, stop, future = window.popleft()
        part = stored.read(start, stop) if stored is not None and future is None else None
        if part is not None:
            return start, part, False
        part = future.result() if future is not None else run(job, start, stop, after(start, settled))
        if stored is not None:
            stored.write(start, stop, part)
        return start, part, True

    try:
        for start in range(0, len(job.space), STEP):
            stop = min(start + STEP, len(job.space))
            elsewhere = executor is not None and (stored is None or not stored.has(start, stop))
            window.append((start, stop, executor.submit(run, job, start, stop) if executor and elsewhere else None))
            if len(window) >= (MOST_AHEAD if executor is not None else 1):
                yield finished()
        while window:
            yield finished()
    except (BrokenExecutor, CancelledError):
        raise SpecError.of(WorkerLost(NOWHERE, None if stored is None else str(stored.folder))) from None
    finally:
        for _, _, future in window:
            if future is not None:
                future.cancel()
