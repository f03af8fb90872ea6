"""The variants nearest to a budget, of all that were met."""

from __future__ import annotations

from math import log
from typing import Any, TypeAlias

from archspec.search.columns import Watcher, after, quietly
from archspec.search.evaluator import Evaluator
from archspec.search.job import Job, JobPart
from archspec.search.space import Space, leaves

STEP = 1 << 16
"""So many variants are worked out at once."""
Best: TypeAlias = tuple[float, float, tuple[int, ...]]
"""The error of a variant, how far its numbers are from the model's own, and the places of its options."""


class Nearest:
    """Keeps the best variants met: by the error in half per cents, the distance from the model, then the error."""

    def __init__(self, job: Job, budget: dict[str, int], own: dict[str, float], top: int) -> None:
        self.job = job
        self.budget = budget
        self.own = own
        self.top = top
        self.evaluator = Evaluator(job)
        self.best: list[Best] = []
        self.evaluated = 0

    def take_all(self, space: Space, settled: Watcher) -> None:
        """Work out all rows of a space with the job's axes; ``settled`` is told how many are."""
        for start in range(0, len(space), STEP):
            stop = min(start + STEP, len(space))
            self.take(space.choices(start, stop), stop - start, after(start, settled))
            settled(stop)

    def take(self, chosen: list[Any], count: int, settled: Watcher = quietly) -> JobPart:
        """Work out variants given by the places of their options."""
        import numpy as np

        part = self.evaluator.chosen(chosen, count, settled)
        self.evaluated += count
        if not len(part.rows):
            return part
        error = self.error(part)
        far = self._distance([column[part.rows] for column in chosen])
        order = np.lexsort((error, far, np.floor(error * 200)))[: self.top]
        for at in order.tolist():
            places = tuple(int(column[part.rows[at]]) for column in chosen)
            self.best.append((float(error[at]), float(far[at]), places))
        unique = {item[2]: item for item in self.best}
        self.best = sorted(unique.values(), key=lambda item: (int(item[0] * 200), item[1], item[0]))[: self.top]
        return part

    def error(self, part: JobPart) -> Any:
        """By how much each row of a part misses the budget at worst."""
        import numpy as np

        return np.max([np.abs(part.figures[name] / wanted - 1) for name, wanted in self.budget.items()], axis=0)

    def _distance(self, chosen: list[Any]) -> Any:
        import numpy as np

        total = np.zeros(len(chosen[0]))
        for axis, column in zip(self.job.space.axes, chosen):
            table = [sum(_apart(self.own.get(name), value) for name, value in leaves(axis.name, option.value))
                     for option in axis.options]  # fmt: skip
            total += np.array(table)[column]
        return total


def _apart(own: float | None, value: Any) -> float:
    return abs(log(value / own)) if own and isinstance(value, (int, float)) and value > 0 else 0.0
