"""Finding variants on a budget: all of a small space, or the promising parts of a large one."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from archspec.diagnostics import SpecError
from archspec.report.limits import plain
from archspec.report.metrics import CLOSED, Metrics
from archspec.report.problems import UnknownNumber
from archspec.search import asked
from archspec.search.columns import after
from archspec.search.evaluator import Evaluator
from archspec.search.free import free_axes
from archspec.search.job import Job, Progress, telling
from archspec.search.nearest import Best, Nearest
from archspec.search.origin import VariantSource, columns_of
from archspec.search.problems import NoBudget, OffBudget
from archspec.search.sampler import find_optuna, go_on
from archspec.search.space import Option, SearchAxis, Space, leaves, settings
from archspec.search.where import Filter
from archspec.source import NOWHERE
from archspec.spec.resolved import Resolved

EXHAUSTIVE = 40_000_000
"""Spaces up to this size are worked out whole."""
DRAWN = 1_000_000
"""So many variants of a larger space are drawn before Optuna goes on from the best of them."""


@dataclass(frozen=True)
class Found:
    """A variant: how to set it, its figures, and by how much it misses the budget at worst (0.01 is one per cent)."""

    settings: dict[str, str]
    figures: Metrics
    error: float


@dataclass(frozen=True)
class Fit:
    """The best variants of a space, the best first; ``method`` is ``exhaustive`` or ``optuna``."""

    model: str
    budget: dict[str, int]
    found: list[Found]
    method: str
    variants: int
    evaluated: int
    seconds: float
    sizes: dict[str, int] = field(default_factory=dict)
    """The sizes of the model's input by name."""
    parameters: frozenset[str] = frozenset()
    """The names of the model's parameters."""


def fit(
    spec: str | os.PathLike[str] | Resolved,
    budget: Mapping[str, int],
    free: str | Mapping[str, Any],
    *,
    model: str | None = None,
    params: Mapping[str, Any] | None = None,
    input_shape: Sequence[int] | int | None = None,
    where: str = "",
    batch: int = 1,
    dtype: str = "float32",
    top: int = 20,
    trials: int = 500,
    seed: int = 0,
    allow_extern: bool = False,
    progress: Progress | None = None,
) -> Fit:
    """Find the variants of a model that come nearest to a budget.

    Nearest is the smallest of the worst relative error over the budget's figures; of equal ones, to half a per cent,
    the variant whose numbers are nearest to the model's own.

    Args:
        spec, model, params, input_shape: the model, as :func:`archspec.load_spec` takes them.
        budget: wanted figures by name, such as ``{"macs": 4e9, "params": 25e6}``.
        free: what may vary, as text (``"dims,depths=1..12"``) or as for :func:`archspec.sweep`. Without values, a
            number goes from half to twice the model's own: in steps of a power of two near an eighth of it, a small one
            (up to 32) in steps of 1.
        where: which variants count.
        trials, seed: of Optuna, for spaces of more than forty million variants.
        progress: is told the variants done and those in all.

    Raises:
        SpecError: the spec is wrong, or what was asked of it.
    """
    started = time.perf_counter()
    batch, dtype = plain(batch, dtype)
    wanted = asked.budget(budget)
    if not wanted or any(name not in CLOSED for name in wanted):
        raise SpecError.of(NoBudget(NOWHERE, CLOSED))
    top, trials, seed = asked.whole("top", top, 1), asked.whole("trials", trials, 1), asked.whole("seed", seed, 0)
    condition = Filter(asked.text("where", where, 'text such as "macs < 4G"'))
    if not isinstance(free, str):
        free = asked.mapping("free", free, 'text such as "dims,depths=1..12", or values by name')
    source = VariantSource(spec, model, params, input_shape, allow_extern)
    space = Space(free_axes(source, free))
    source.check(space.axes)
    if not space.axes:
        raise SpecError.of(UnknownNumber(NOWHERE, source.spec.name, "", (*source.known, "batch")))
    condition.check((*CLOSED, *(name for axis in space.axes for name in columns_of(axis))))
    looked_at = tuple(metric for metric in CLOSED if metric in {*wanted, *condition.columns})
    job = Job(source.specs(space.axes), space, looked_at, condition, batch, dtype, allow_extern)
    search = Nearest(job, wanted, _own(source, space.axes), top)
    method = _run(search, space, trials, seed, progress)
    if not search.best:
        raise SpecError.of(OffBudget(NOWHERE, "no variant of the space is a model that meets the condition"))
    found = _found(source, replace(job, metrics=CLOSED), search.best)
    seconds = time.perf_counter() - started
    return Fit(
        source.spec.name, wanted, found, method, space.combinations, search.evaluated, seconds,
        sizes=source.sizes, parameters=source.parameters,
    )  # fmt: skip


def _run(search: Nearest, space: Space, trials: int, seed: int, progress: Progress | None) -> str:
    """Go through a small space; through some of a large one, and on from the best of them. Says which it was."""
    if space.combinations <= EXHAUSTIVE:
        search.take_all(space, telling(progress, len(space)))
        return "exhaustive"
    optuna = find_optuna(f"a space of {space.combinations:,} variants (more than {EXHAUSTIVE:,})")
    settled = telling(progress, DRAWN + trials)
    search.take_all(replace(space, sample=DRAWN, seed=seed), settled)
    go_on(optuna, search, space, trials, seed, after(DRAWN, settled))
    return "optuna"


def _found(source: VariantSource, job: Job, best: list[Best]) -> list[Found]:
    """The best variants with all of their figures."""
    import numpy as np

    chosen = [np.array(column) for column in zip(*(places for _, _, places in best))]
    figures = Evaluator(job).chosen(chosen, len(best)).figures
    made = []
    for at, (error, _, places) in enumerate(best):
        own = Metrics({metric: int(figures[metric][at]) for metric in CLOSED})
        made.append(Found(settings(_options(job.space.axes, places), source.known), own, error))
    return made


def _options(axes: tuple[SearchAxis, ...], places: tuple[int, ...]) -> dict[str, Option]:
    return {axis.name: axis.options[place] for axis, place in zip(axes, places)}


def _own(source: VariantSource, axes: tuple[SearchAxis, ...]) -> dict[str, float]:
    """The model's own numbers, to tell how far a variant is from it."""
    own = dict(item for axis in axes for item in leaves(axis.name, source.known.get(axis.name)))
    return {n: v for n, v in own.items() if isinstance(v, (int, float)) and not isinstance(v, bool) and v > 0}
