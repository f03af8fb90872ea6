"""Optuna's sampler, which learns from the variants that were met what comes near a budget."""

from __future__ import annotations

from typing import Any

from archspec.diagnostics import SpecError
from archspec.search.columns import Watcher
from archspec.search.nearest import Nearest
from archspec.search.problems import NeedsPackage
from archspec.search.space import Space
from archspec.source import NOWHERE


def find_optuna(what: str) -> Any:
    """The package.

    Raises:
        SpecError: it is not there, and ``what`` needs it.
    """
    try:
        import optuna
    except ImportError:
        raise SpecError.of(NeedsPackage(NOWHERE, what, "optuna")) from None
    return optuna


def go_on(optuna: Any, search: Nearest, space: Space, trials: int, seed: int, settled: Watcher) -> None:
    """Go on from the best variants so far; ``settled`` is told how many trials are over."""
    import numpy as np

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=seed, multivariate=True))
    for _, _, places in search.best:
        study.enqueue_trial({axis.name: place for axis, place in zip(space.axes, places)})

    def objective(trial: Any) -> float:
        places = [trial.suggest_int(axis.name, 0, len(axis.options) - 1) for axis in space.axes]
        part = search.take([np.array([place]) for place in places], 1)
        settled(trial.number + 1)
        if not len(part.rows):
            raise optuna.TrialPruned
        return float(search.error(part)[0])

    study.optimize(objective, n_trials=trials)
