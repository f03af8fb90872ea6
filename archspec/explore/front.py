"""The Pareto front: the variants that no other beats in one goal without falling behind in another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from archspec.diagnostics import SpecError
from archspec.explore.problems import BadGoal
from archspec.source import NOWHERE


@dataclass(frozen=True)
class Goal:
    """A figure to be as small, or as large, as it goes."""

    figure: str
    largest: bool

    def __str__(self) -> str:
        return f"{'max' if self.largest else 'min'}:{self.figure}"


def goals_of(text: str, known: tuple[str, ...]) -> tuple[Goal, ...]:
    """Goals from ``min:macs,max:params``; a figure by itself is to be small.

    Raises:
        SpecError: a direction or figure that does not exist.
    """
    made = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        direction, colon, figure = part.rpartition(":")
        if figure not in known or (colon and direction not in ("min", "max")):
            raise SpecError.of(BadGoal(NOWHERE, part, known))
        made.append(Goal(figure, direction == "max"))
    if not made:
        raise SpecError.of(BadGoal(NOWHERE, text, known))
    return tuple(made)


def front(figures: dict[str, Any], goals: tuple[Goal, ...]) -> Any:
    """The places of the rows on the front, the best in the first goal first; of equal rows the first."""
    import numpy as np

    if not len(next(iter(figures.values()))):
        return np.zeros(0, dtype=np.int64)
    costs = np.stack([-figures[g.figure] if g.largest else figures[g.figure] for g in goals])
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
