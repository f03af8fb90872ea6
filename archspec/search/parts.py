"""The finished parts of a sweep on disk, so that one that was stopped goes on."""

from __future__ import annotations

import json
import os
import shutil
import zlib
from collections import Counter
from pathlib import Path
from zipfile import BadZipFile

from archspec.diagnostics import SpecError
from archspec.search.job import Job, JobPart
from archspec.search.problems import NotResumable
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
