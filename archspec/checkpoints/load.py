"""Checkpoints into models: every key used once, every shape checked, nothing loaded unless all of it fits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from archspec.checkpoints import problems
from archspec.checkpoints.keys import key_map, layouts
from archspec.diagnostics import ArchspecError, Problem, did_you_mean
from archspec.graph.extern import externs_in
from archspec.graph.nodes import Instance
from archspec.graph.walk import weights_of
from archspec.source import NOWHERE
from archspec.spec.asked import refuse
from archspec.spec.resolved import Resolved

if TYPE_CHECKING:
    from torch import Tensor

MAX_SHOWN = 50
OWN = "archspec"


class CheckpointError(ArchspecError):
    """A checkpoint does not fit its model, or cannot be read."""


def fail(*found: Problem) -> CheckpointError:
    """The error for some problems."""
    return CheckpointError([problem.diagnostic() for problem in found])


def fail_for(found: Sequence[Problem]) -> None:
    """Raise the error for some problems, if there are any.

    Raises:
        CheckpointError: the first of them, and how many there are behind.
    """
    rest = [problems.MoreProblems(NOWHERE, len(found) - MAX_SHOWN)] if len(found) > MAX_SHOWN else []
    if found:
        raise fail(*found[:MAX_SHOWN], *rest)


def convert_state(spec: Resolved, root: Instance, state: Mapping[str, Tensor], layout: str) -> dict[str, Tensor]:
    """A checkpoint's tensors under the model's own keys, in the model's order.

    Args:
        layout: the name of a ``checkpoint`` map, or ``archspec`` for the model's own keys.

    Raises:
        CheckpointError: keys are missing, left over or misshapen; all of them are listed.
    """
    if not isinstance(layout, str):
        refuse("layout", layout, "the name of one of the spec's checkpoint maps")
    wanted = dict(weights_of(root))
    if layout == OWN:
        names = {key: key for key in wanted}
    elif layout in layouts(spec):
        names = key_map(spec, root, layout)
    else:
        raise fail(problems.UnknownLayout(NOWHERE, spec.name, layout, (*layouts(spec), OWN)))
    found: list[Problem] = []
    twice = (
        sorted({key for key in names.values() if list(names.values()).count(key) > 1})
        if len(set(names.values())) < len(names)
        else []
    )
    found += [problems.UsedTwice(NOWHERE, key) for key in twice]
    used = set(names.values())
    outside = extern_paths(root)
    own = {key: key for key in state if key.startswith(outside)} if outside else {}
    left = [key for key in state if key not in used and key not in own]
    for ours, theirs in names.items():
        if theirs not in state:
            near = did_you_mean(theirs, left) if len(left) < 200 else None
            found.append(problems.MissingKey(NOWHERE, theirs, ours, near))
        elif tuple(state[theirs].shape) != wanted[ours].shape:
            shapes = tuple(state[theirs].shape), tuple(map(int, wanted[ours].shape))
            found.append(problems.WrongShape(NOWHERE, theirs, *shapes))
    found += [problems.UnexpectedKey(NOWHERE, key) for key in left]
    fail_for(found)
    return {ours: state[theirs] for ours, theirs in (names | own).items()}


def extern_paths(root: Instance) -> tuple[str, ...]:
    """The beginnings of keys whose rest only a class from outside knows."""
    return tuple("".join(f"{part}." for part in path) for path, _ in externs_in(root))
