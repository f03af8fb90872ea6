"""What came of a sweep: counts, the front, and some points of all over the space."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from archspec.search.front import Goal, front, undominated
from archspec.search.job import JobPart
from archspec.search.space import Option, Space, settings

MOST_POINTS = 4000
"""So many variants at most are kept for a plot."""


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

    def add(self, part: JobPart) -> None:
        """Add a part's counts, and its rows to the front and to the points of the plot."""
        import numpy as np

        self.counted += part.counted
        self.kept += len(part.rows)
        self.refused.update(part.refused)
        self.undefined += part.undefined
        if self.rows is None:
            self.rows, self.figures = part.rows[:0], {m: column[:0] for m, column in part.figures.items()}
        hopeful = undominated(part.figures, self.figures, self.goals)
        figures = {m: np.concatenate([self.figures[m], part.figures[m][hopeful]]) for m in self.metrics}
        rows = np.concatenate([self.rows, part.rows[hopeful]])
        best = front(figures, self.goals)
        self.rows, self.figures = rows[best], {m: column[best] for m, column in figures.items()}
        every = -(-self.space.combinations * 11 // (10 * MOST_POINTS)) if self.space.sample is None else 1
        some = _scattered(part.rows) % np.uint64(every) == 0
        for metric in self.metrics:
            before = self.points.get(metric)
            own = part.figures[metric][some]
            joined = own if before is None else np.concatenate([before, own])
            self.points[metric] = joined[:MOST_POINTS]


def _scattered(rows: Any) -> Any:
    """Numbers from rows, in which no axis of the space shows: every so-manieth row would take one value of the last."""
    import numpy as np

    mixed: Any = rows.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    return mixed >> np.uint64(33)
