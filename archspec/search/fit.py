"""Finding variants on a budget: all of a small space, or the promising parts of a large one."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import log
from typing import Any, TypeAlias

from archspec.diagnostics import SpecError
from archspec.opdef.args import show
from archspec.report.limits import plain
from archspec.report.metrics import CLOSED, Metrics
from archspec.report.problems import UnknownNumber
from archspec.search import asked
from archspec.search.axes import axes_of
from archspec.search.job import Evaluator, Job, JobPart
from archspec.search.origin import VariantSource, columns_of
from archspec.search.problems import BadOptions, NeedsPackage, NoBudget, OffBudget
from archspec.search.space import Option, SearchAxis, Space, leaves, settings
from archspec.search.sweep import Progress
from archspec.search.where import Filter
from archspec.source import NOWHERE
from archspec.spec.commas import split
from archspec.spec.resolved import Resolved

EXHAUSTIVE = 40_000_000
"""Spaces up to this size are worked out whole."""
STEP = 1 << 16
DRAWN = 1_000_000
"""So many variants of a larger space are drawn before Optuna goes on from the best of them."""


Best: TypeAlias = tuple[float, float, tuple[int, ...]]
"""The error of a variant, how far its numbers are from the model's own, and the places of its options."""


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

    Raises:
        SpecError: the spec is wrong, or what was asked of it.
    """
    started = time.perf_counter()
    batch, dtype = plain(batch, dtype)
    figures = asked.budget(budget)
    if not figures or any(name not in CLOSED for name in figures):
        raise SpecError.of(NoBudget(NOWHERE, CLOSED))
    top, trials, seed = asked.whole("top", top, 1), asked.whole("trials", trials, 1), asked.whole("seed", seed, 0)
    condition = Filter(asked.text("where", where, 'text such as "macs < 4G"'))
    if not isinstance(free, str):
        free = asked.mapping("free", free, 'text such as "dims,depths=1..12", or values by name')
    source = VariantSource(spec, model, params, input_shape, allow_extern)
    space = Space(_axes(source, free))
    source.check(space.axes)
    if not space.axes:
        raise SpecError.of(UnknownNumber(NOWHERE, source.spec.name, "", (*source.known, "batch")))
    condition.check((*CLOSED, *(name for axis in space.axes for name in columns_of(axis))))
    looked_at = tuple(metric for metric in CLOSED if metric in {*figures, *condition.columns})
    job = Job(source.specs(space.axes), space, looked_at, condition, batch, dtype, allow_extern)
    search = _Search(job, figures, _own(source, space.axes), top)
    small = space.combinations <= EXHAUSTIVE
    if small:
        search.take_all(space, progress)
    else:
        optuna = _optuna(space)
        search.take_all(replace(space, sample=DRAWN, seed=seed), progress)
        _with_optuna(optuna, search, space, trials, seed)
    if not search.best:
        raise SpecError.of(OffBudget(NOWHERE, "no variant of the space is a model that meets the condition"))
    found = _found(source, replace(job, metrics=CLOSED), search.best)
    method = "exhaustive" if small else "optuna"
    seconds = time.perf_counter() - started
    return Fit(
        source.spec.name, search.budget, found, method, space.combinations, search.evaluated, seconds,
        sizes=source.sizes, parameters=source.parameters,
    )  # fmt: skip


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


def _axes(source: VariantSource, free: str | Mapping[str, Any]) -> tuple[SearchAxis, ...]:
    """The axes of what is free; those without values get a range around the model's own."""
    if isinstance(free, str):
        parts: list[str] = []
        for part in split(free):
            if not part:
                raise SpecError.of(BadOptions(NOWHERE, "free", free, "there is nothing between two commas"))
            if "=" in part or not parts or part.partition("[")[0] in source.parameters or part in source.known:
                parts.append(part)
            else:
                parts[-1] += f",{part}"
        free = {name.strip(): values.strip() or None for name, _, values in (part.partition("=") for part in parts)}
    vary: dict[str, Any] = {}
    for name, values in free.items():
        if values is not None:
            vary[name] = values
            continue
        if name not in source.known:
            raise SpecError.of(UnknownNumber(NOWHERE, source.spec.name, name, tuple(source.known)))
        for leaf, value in leaves(name, source.known[name]):
            vary[leaf] = _around(source, leaf, value)
    return axes_of(vary, source.known)


def _around(source: VariantSource, name: str, value: Any) -> str:
    """Values from half to twice a number's own."""
    if not isinstance(value, bool) and isinstance(value, (int, float)) and value <= 0:
        why = f"there is no range around it; give one, as in {name}=0..0.3:0.1"
        raise SpecError.of(BadOptions(NOWHERE, name, show(value), why))
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        numbers = tuple(n for n, v in source.known.items() if isinstance(v, (int, float)) and not isinstance(v, bool))
        raise SpecError.of(UnknownNumber(NOWHERE, source.spec.name, name, numbers))
    if isinstance(value, float):
        return f"{value / 2}..{2 * value}:{value / 8}"
    if value <= 32:
        return f"{max(1, value // 2)}..{2 * value}"
    step = 1 << ((value // 8).bit_length() - 1)
    while step > 1 and value % step:
        step //= 2
    return f"{(value // 2) // step * step or step}..{2 * value}:{step}"


def _own(source: VariantSource, axes: tuple[SearchAxis, ...]) -> dict[str, float]:
    """The model's own numbers, to tell how far a variant is from it."""
    own = dict(item for axis in axes for item in leaves(axis.name, source.known.get(axis.name)))
    return {n: v for n, v in own.items() if isinstance(v, (int, float)) and not isinstance(v, bool) and v > 0}


class _Search:
    """Keeps the best variants met: by the error in half per cents, the distance from the model, then the error."""

    def __init__(self, job: Job, budget: dict[str, int], own: dict[str, float], top: int) -> None:
        self.job = job
        self.budget = budget
        self.own = own
        self.top = top
        self.evaluator = Evaluator(job)
        self.best: list[Best] = []
        self.evaluated = 0

    def take_all(self, space: Space, progress: Progress | None) -> None:
        """Work out all rows of a space with the job's axes."""
        for start in range(0, len(space), STEP):
            stop = min(start + STEP, len(space))
            self.take(space.choices(start, stop), stop - start)
            if progress is not None:
                progress(stop, len(space))

    def take(self, chosen: list[Any], count: int) -> JobPart:
        """Work out variants given by the places of their options."""
        import numpy as np

        part = self.evaluator.chosen(chosen, count)
        self.evaluated += count
        if not len(part.rows):
            return part
        errors = [np.abs(part.figures[name] / wanted - 1) for name, wanted in self.budget.items()]
        error = np.max(errors, axis=0)
        far = self._distance([column[part.rows] for column in chosen])
        order = np.lexsort((error, far, np.floor(error * 200)))[: self.top]
        for at in order.tolist():
            places = tuple(int(column[part.rows[at]]) for column in chosen)
            self.best.append((float(error[at]), float(far[at]), places))
        unique = {item[2]: item for item in self.best}
        self.best = sorted(unique.values(), key=lambda item: (int(item[0] * 200), item[1], item[0]))[: self.top]
        return part

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


def _optuna(space: Space) -> Any:
    try:
        import optuna
    except ImportError:
        what = f"a space of {space.combinations:,} variants (more than {EXHAUSTIVE:,})"
        raise SpecError.of(NeedsPackage(NOWHERE, what, "optuna")) from None
    return optuna


def _with_optuna(optuna: Any, search: _Search, space: Space, trials: int, seed: int) -> None:
    """Go on from the best variants with Optuna's sampler, which learns what comes near the budget."""
    import numpy as np

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=seed, multivariate=True))
    for _, _, places in search.best:
        study.enqueue_trial({axis.name: place for axis, place in zip(space.axes, places)})

    def objective(trial: Any) -> float:
        places = [trial.suggest_int(axis.name, 0, len(axis.options) - 1) for axis in space.axes]
        part = search.take([np.array([place]) for place in places], 1)
        if not len(part.rows):
            raise optuna.TrialPruned
        return max(abs(int(part.figures[name][0]) / wanted - 1) for name, wanted in search.budget.items())

    study.optimize(objective, n_trials=trials)
