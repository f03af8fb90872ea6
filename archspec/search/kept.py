"""Where the variants that a sweep keeps go: to a file, into memory, or nowhere."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from archspec.output import not_writable
from archspec.search.job import Job, JobPart
from archspec.search.parts import JobParts
from archspec.search.store import TableFile


class InMemory:
    """The columns of all rows that are kept, where somebody wants them."""

    parts: JobParts | None = None

    def __init__(self, metrics: tuple[str, ...], wanted: bool) -> None:
        self.metrics = metrics
        self.gathered: list[JobPart] | None = [] if wanted else None

    def add(self, start: int, part: JobPart) -> None:
        """Take the rows of a part."""
        if self.gathered is not None:
            self.gathered.append(part)

    @property
    def table(self) -> dict[str, Any] | None:
        """The columns by name, ``row`` the first."""
        import numpy as np

        if not self.gathered:
            return None if self.gathered is None else {}
        made = {"row": np.concatenate([part.rows for part in self.gathered])}
        return made | {m: np.concatenate([part.figures[m] for part in self.gathered]) for m in self.metrics}


class OnDisk:
    """A table on disk, and the parts that it is made of for as long as it is not whole."""

    table: None = None

    def __init__(self, job: Job, file: TableFile, parts: JobParts) -> None:
        self.job = job
        self.file = file
        self.parts: JobParts | None = parts

    def add(self, start: int, part: JobPart) -> None:
        """Write the rows of a part."""
        chosen = self.job.space.choices(start, start + part.counted)
        self.file.add(part, [column[part.rows - start] for column in chosen])


@contextmanager
def on_disk(path: Path, job: Job) -> Iterator[OnDisk]:
    """A table that is in its place when the work is done, and otherwise leaves the finished parts for the next call.

    Raises:
        OutputError: it cannot be written.
        SpecError: parts of something else lie where its own would.
    """
    file, parts = _opened(path, job), JobParts(path, job)
    try:
        parts.open()
        yield OnDisk(job, file, parts)
        file.close()
        parts.close()
    except BaseException as error:
        file.discard()
        if isinstance(error, OSError):
            raise not_writable(path, error) from None
        raise


def _opened(path: Path, job: Job) -> TableFile:
    if path.suffix not in (".parquet", ".csv"):
        raise not_writable(path, "a table is a .parquet or a .csv file")
    try:
        if path.exists() and not path.is_file():
            raise not_writable(path, "it is not a file")
        return TableFile(path, job.space, job.metrics)
    except OSError as error:
        raise not_writable(path, error) from None
