"""The table of a sweep on disk."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import Any

from archspec.diagnostics import SpecError
from archspec.report.table import csv_cell, csv_line
from archspec.search.columns import column as column_of
from archspec.search.job import JobPart
from archspec.search.problems import NeedsPackage
from archspec.search.space import Space
from archspec.source import NOWHERE


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
