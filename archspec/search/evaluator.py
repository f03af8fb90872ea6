"""The rows of a job from one to another, evaluated in any order and in any process."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from archspec.report.closed import ClosedForm
from archspec.search.columns import Columns, Watcher, after, column, quietly
from archspec.search.job import Job, JobPart
from archspec.search.space import Option, leaves

BLOCK = 1 << 14
"""So many rows are evaluated at once: their columns stay in the processor's cache."""


@dataclass(frozen=True)
class ClosedFormRows:
    """The rows that one closed form serves: for each open number its axis, and its values option by option."""

    columns: Columns
    tables: dict[str, tuple[int, Any]]

    def evaluate(self, chosen: list[Any], rows: Any, settled: Watcher) -> tuple[dict[str, Any], dict[int, str]]:
        """The figures of some rows, given the places of the options of all."""
        values = {name: table[chosen[axis][rows]] for name, (axis, table) in self.tables.items()}
        return self.columns.evaluate(values, len(rows), settled)


class Evaluator:
    """Evaluates rows of a job, remembering the closed forms that it met."""

    def __init__(self, job: Job) -> None:
        import numpy as np

        self.job = job
        self.axes = job.space.axes
        self.made: dict[tuple[int, ...], ClosedFormRows] = {}
        self.kinds = [np.array([axis.structures.index(o.structure) for o in axis.options]) for axis in self.axes]
        self.entries: dict[str, tuple[int, Any]] = {}
        for at, axis in enumerate(self.axes):
            if axis.options[0].numeric and len(axis.structures) == 1:
                self.entries |= _tables(at, axis.name, axis.options)

    def rows(self, start: int, stop: int, settled: Watcher = quietly) -> JobPart:
        """The rows from start to stop, those kept that the job's condition holds for."""
        part = self.chosen(self.job.space.choices(start, stop), stop - start, settled)
        part.rows = part.rows + start
        return part

    def chosen(self, chosen: list[Any], count: int, settled: Watcher = quietly) -> JobPart:
        """The same for variants given by the places of their options, numbered from 0."""
        import numpy as np

        figures: dict[str, Any] = {metric: np.zeros(count, dtype=np.int64) for metric in self.job.metrics}
        good = np.ones(count, dtype=bool)
        refused: Counter[str] = Counter()
        done = 0
        for group, rows in self._groups(chosen, count):
            if done:
                settled(done)
            found, wrong = group.evaluate(chosen, rows, after(done, settled))
            done += len(rows)
            for metric, figure in found.items():
                if figure.dtype == object:
                    figures[metric] = figures[metric].astype(object)
                figures[metric][rows] = figure
            refused.update(wrong.values())
            good[rows[list(wrong)]] = False
        named = {name: table[chosen[at]] for name, (at, table) in self.entries.items()}
        holds, undefined = self.job.where.holds({**named, **figures})
        kept = np.flatnonzero(good & holds)
        shown = {m: column[kept].astype(np.int64) for m, column in figures.items()}
        return JobPart(kept, shown, count, refused, int(np.count_nonzero(good & undefined)))

    def _groups(self, chosen: list[Any], count: int) -> Iterator[tuple[ClosedFormRows, Any]]:
        """Rows by the structures of their options: those that one closed form serves."""
        import numpy as np

        if all(len(axis.structures) == 1 for axis in self.axes):
            yield self._group((0,) * len(self.axes)), np.arange(count)
            return
        keys = np.stack([kinds[column] for kinds, column in zip(self.kinds, chosen)])
        different, places = np.unique(keys, axis=1, return_inverse=True)
        places = places.reshape(-1)
        for number, key in enumerate(different.T.tolist()):
            yield self._group(tuple(key)), np.flatnonzero(places == number)

    def _group(self, key: tuple[int, ...]) -> ClosedFormRows:
        if key not in self.made:
            values: dict[str, Any] = {}
            tables: dict[str, tuple[int, Any]] = {}
            choices: list[str] = []
            for at, (axis, place) in enumerate(zip(self.axes, key)):
                alike = [option for option in axis.options if option.structure == axis.structures[place]]
                if alike[0].numeric:
                    values[axis.name] = alike[0].value
                    blank = [o if o.structure == axis.structures[place] else alike[0] for o in axis.options]
                    tables |= _tables(at, axis.name, blank)
                else:
                    choices.append(alike[0].text)
            job = self.job
            form = ClosedForm(job.specs[tuple(choices)], values, values, job.batch, job.dtype, job.allow_extern)
            bounds = {name: (min(table.tolist()), max(table.tolist())) for name, (_, table) in tables.items()}
            self.made[key] = ClosedFormRows(Columns(form, bounds, job.metrics), tables)
        return self.made[key]


def _tables(axis: int, name: str, options: Sequence[Option]) -> dict[str, tuple[int, Any]]:
    """For each number in an axis's options, its values option by option."""
    numbers = [dict(leaves(name, option.value)) for option in options]
    return {key: (axis, column([found[key] for found in numbers])) for key in numbers[0]}


@lru_cache(maxsize=4)
def evaluator(job: Job) -> Evaluator:
    """The evaluator of a job; each process keeps those of its last jobs."""
    return Evaluator(job)


def run(job: Job, start: int, stop: int, settled: Watcher = quietly) -> JobPart:
    """The rows of a job from start to stop; ``settled`` is told how many are worked out, as long as some are left."""
    import numpy as np

    own = evaluator(job)
    parts = []
    for at in range(start, stop, BLOCK):
        if at > start:
            settled(at - start)
        parts.append(own.rows(at, min(at + BLOCK, stop), after(at - start, settled)))
    figures = {m: np.concatenate([part.figures[m] for part in parts]) for m in job.metrics}
    refused = sum((part.refused for part in parts), Counter())
    undefined = sum(part.undefined for part in parts)
    return JobPart(np.concatenate([part.rows for part in parts]), figures, stop - start, refused, undefined)
