"""Results of a sweep on disk: finished parts while it runs, so that it can be resumed, and one table at the end."""

from __future__ import annotations

import json
import os
import shutil
import zlib
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from archspec.diagnostics import SpecError
from archspec.report.table import csv_cell, csv_line
from archspec.search.columns import column as column_of
from archspec.search.job import Job, JobPart
from archspec.search.problems import NeedsPackage, NotResumable
from archspec.search.space import Space
from archspec.source import NOWHERE


class JobParts:
    """The finished parts of a job, in a folder beside the table that they will make."""

    def __init__(self, path: Path, job: Job) -> None:
        self.folder = path.with_name(path.name + ".parts")
        self.job = job

    def open(self) -> None:
        """Make the folder, or take up one of the same job.

        Raises:
            SpecError: it holds something else.
        """
        manifest = self.folder / "job.json"
        wanted = {"schema": "archspec.sweep/1", "digest": self.job.digest, "rows": len(self.job.space)}
        if self.folder.exists():
            try:
                found = json.loads(manifest.read_text())
            except (OSError, ValueError):
                found = None
            if found != wanted:
                raise SpecError.of(NotResumable(NOWHERE, str(self.folder)))
            return
        self.folder.mkdir(parents=False)
        manifest.write_text(json.dumps(wanted))

    def read(self, start: int, stop: int) -> JobPart | None:
        """A finished part, or None where there is none that is whole."""
        import numpy as np

        try:
            with self._path(start, stop).open("rb") as file, np.load(file, allow_pickle=False) as found:
                if str(found["job"]) != self._job(start, stop):
                    return None
                refused = Counter(json.loads(str(found["refused"])))
                figures = {metric: found[f"figure.{metric}"] for metric in self.job.metrics}
                return JobPart(found["rows"], figures, stop - start, refused, int(found["undefined"]))
        except (OSError, ValueError, KeyError, EOFError, BadZipFile, zlib.error):
            return None

    def has(self, start: int, stop: int) -> bool:
        """Whether a part is there, whole or not."""
        return self._path(start, stop).exists()

    def write(self, start: int, stop: int, part: JobPart) -> None:
        """Keep a finished part."""
        import numpy as np

        path = self._path(start, stop)
        temporary = path.with_suffix(".tmp")
        with temporary.open("wb") as file:
            figures = {f"figure.{metric}": column for metric, column in part.figures.items()}
            np.savez(
                file,
                job=np.array(self._job(start, stop)),
                rows=part.rows,
                refused=np.array(json.dumps(part.refused)),
                undefined=np.array(part.undefined),
                **figures,
            )
        os.replace(temporary, path)

    def close(self) -> None:
        """Remove the folder: its table is written."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _job(self, start: int, stop: int) -> str:
        """What a part is of."""
        return f"{self.job.digest} {start}-{stop}"

    def _path(self, start: int, stop: int) -> Path:
        return self.folder / f"{start}-{stop}.npz"


class TableFile:
    """A table being written, part by part, to a file that appears when it is whole: Parquet, or CSV."""

    def __init__(self, path: Path, space: Space, metrics: tuple[str, ...]) -> None:
        self.path = path
        self.temporary = path.with_name(f".{path.name}.tmp")
        self.space = space
        self.metrics = metrics
        self.parquet: Any = None
        self.lines: Any = None
        if path.suffix == ".parquet":
            self._arrow()
        else:
            self.lines = self.temporary.open("w", encoding="utf-8")
            self.lines.write(csv_line((*(axis.name for axis in space.axes), *metrics)) + "\n")

    def add(self, part: JobPart, chosen: list[Any]) -> None:
        """Append the rows of a part; ``chosen`` are the places of their options, axis by axis."""
        if self.path.suffix == ".parquet":
            self._add_arrow(part, chosen)
            return
        columns = [
            [words[place] for place in column.tolist()]
            for words, column in zip(([csv_cell(o.text) for o in a.options] for a in self.space.axes), chosen)
        ]
        columns += [list(map(str, part.figures[metric].tolist())) for metric in self.metrics]
        self.lines.writelines(",".join(row) + "\n" for row in zip(*columns))

    def close(self) -> None:
        """Finish the file and put it in its place."""
        for file in (self.parquet, self.lines):
            if file is not None:
                file.close()
        os.replace(self.temporary, self.path)

    def discard(self) -> None:
        """Give up the file."""
        for file in (self.parquet, self.lines):
            if file is not None:
                with suppress(OSError):
                    file.close()
        self.temporary.unlink(missing_ok=True)

    def _arrow(self) -> Any:
        try:
            import pyarrow
        except ImportError:
            raise SpecError.of(NeedsPackage(NOWHERE, "a Parquet file", "pyarrow")) from None
        return pyarrow

    def _add_arrow(self, part: JobPart, chosen: list[Any]) -> None:
        import numpy as np

        arrow = self._arrow()
        columns: dict[str, Any] = {}
        for axis, column in zip(self.space.axes, chosen):
            if (
                axis.numbers
                and len(axis.structures) == 1
                and (table := column_of([option.value for option in axis.options])).dtype != object
            ):
                columns[axis.name] = arrow.array(table[column])
            else:
                words = arrow.array([option.text for option in axis.options])
                columns[axis.name] = arrow.DictionaryArray.from_arrays(arrow.array(column.astype(np.int32)), words)
        columns |= {metric: arrow.array(part.figures[metric]) for metric in self.metrics}
        table = arrow.table(columns)
        if self.parquet is None:
            from pyarrow import parquet

            self.parquet = parquet.ParquetWriter(self.temporary, table.schema)
        self.parquet.write_table(table)
