"""The Pareto front: the variants that no other beats in one goal without falling behind in another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from archspec.diagnostics import SpecError
from archspec.search.problems import BadGoal
from archspec.source import NOWHERE

SIEVE = 32
"""So many rows of the front so far are held against new ones before these are sorted."""


@dataclass(frozen=True)
class Goal:
    """A metric to be as small, or as large, as it goes."""

    metric: str
    largest: bool

    def __str__(self) -> str:
        return f"{'max' if self.largest else 'min'}:{self.metric}"


def goals_of(text: str, known: tuple[str, ...]) -> tuple[Goal, ...]:
    """Goals from ``min:macs,max:params``; a metric by itself is to be small.

    Raises:
        SpecError: a direction or metric that does not exist.
    """
    made = []
    for part in (part.strip() for part in text.split(",")):
        direction, colon, metric = part.rpartition(":")
        if metric not in known or (colon and direction not in ("min", "max")):
            raise SpecError.of(BadGoal(NOWHERE, part, known))
        made.append(Goal(metric, direction == "max"))
    return tuple(made)


def undominated(columns: dict[str, Any], best: dict[str, Any], goals: tuple[Goal, ...]) -> Any:
    """The places of the rows that some rows of the front so far do not beat at once: few are left to be sorted."""
    import numpy as np

    own, theirs = _costs(columns, goals), _costs(best, goals)
    left = np.arange(own.shape[1])
    for place in np.linspace(0, theirs.shape[1] - 1, min(SIEVE, theirs.shape[1])).astype(np.int64):
        better = np.zeros(len(left), dtype=bool)
        for row, bound in zip(own, theirs[:, place]):
            better |= row < bound
        own, left = own[:, better], left[better]
    return left


def _costs(columns: dict[str, Any], goals: tuple[Goal, ...]) -> Any:
    """What is to be small, a row a goal."""
    import numpy as np

    return np.stack([-columns[goal.metric] if goal.largest else columns[goal.metric] for goal in goals])


def front(columns: dict[str, Any], goals: tuple[Goal, ...]) -> Any:
    """The places of the rows on the front, the best in the first goal first; of equal rows the first."""
    import numpy as np

    if not len(next(iter(columns.values()))):
        return np.zeros(0, dtype=np.int64)
    costs = _costs(columns, goals)
    order = np.lexsort(costs[::-1])
    costs = costs[:, order]
    if len(goals) <= 2:
        last = costs[-1]
        best = np.minimum.accumulate(last)
        on = np.ones(len(last), dtype=bool)
        on[1:] = last[1:] < best[:-1]
        if len(goals) == 1:
            on[1:] = False
        return order[on]
    kept: list[int] = []
    left = np.arange(costs.shape[1])
    while len(left):
        first = left[0]
        kept.append(int(first))
        left = left[(costs[:, left] < costs[:, first : first + 1]).any(axis=0)]
    return order[kept]
