"""A checkpoint's tensors held against the live module, before the first of them is copied."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from archspec.checkpoints import problems
from archspec.checkpoints.load import extern_paths, fail_for
from archspec.diagnostics import Problem
from archspec.graph.nodes import Instance
from archspec.source import NOWHERE

if TYPE_CHECKING:
    from torch import Tensor, nn


def check_fit(name: str, root: Instance, model: nn.Module, state: Mapping[str, Tensor]) -> None:
    """Check that a load changes the whole model, and no number on the way.

    Args:
        name: what to call the model.
        root: its graph.
        model: the live module, which may have been edited, moved or cast since it was compiled.
        state: a tensor for each of the keys that its spec has.

    Raises:
        CheckpointError: keys or shapes are others by now, a tensor cannot be written to, or its dtype cannot hold the
            values; all of it is listed.
    """
    import torch

    live = model.state_dict(keep_vars=True)
    keys = (*state, *(key for key in live if key not in state))
    fail_for([problem for key in keys for problem in _misfit(name, key, state.get(key), live.get(key), root)])
    held = {key: tensor for key, tensor in live.items() if isinstance(tensor, torch.Tensor)}
    if any(tensor.is_meta for tensor in held.values()):
        fail_for([problems.OnMeta(NOWHERE, name)])
    fail_for([*_changes(state, held), *_unwritable(held), *_apart(held, state)])


def _misfit(name: str, key: str, theirs: Any, ours: Any, root: Instance) -> list[Problem]:
    """What keeps a tensor from its place: in a model that was edited, or in a class from outside that differs."""
    wanted, got = (tuple(tensor.shape) if hasattr(tensor, "shape") else None for tensor in (theirs, ours))
    if wanted == got is not None:
        return []
    if not key.startswith(extern_paths(root)):
        return [problems.Edited(NOWHERE, name, key, wanted, got)]
    if wanted is not None and got is not None:
        return [problems.WrongShape(NOWHERE, key, wanted, got)]
    return [problems.UnexpectedKey(NOWHERE, key) if got is None else problems.MissingKey(NOWHERE, key, key, None)]


def _changes(state: Mapping[str, Tensor], live: Mapping[str, Tensor]) -> list[Problem]:
    found: list[Problem] = []
    for key, value in state.items():
        why = changed(value, live[key])
        if why is not None:
            theirs, ours = (str(tensor.dtype).removeprefix("torch.") for tensor in (value, live[key]))
            found.append(problems.ChangedValues(NOWHERE, key, theirs, ours, why))
    return found


def changed(value: Tensor, place: Tensor) -> str | None:
    """What a copy would do to values that is not the ordinary rounding of fractions; None where it does nothing else.

    Between kinds of fractions numbers are rounded, as everywhere, but stay finite. Whole numbers, and what becomes
    whole, stay as they are to the last digit. Complex numbers keep their imaginary part.
    """
    import torch

    if value.dtype == place.dtype:
        return None
    if value.is_complex() and not place.is_complex():
        return "the imaginary part would be lost"
    made = value.detach().to(place.dtype)
    if not (value.is_floating_point() or value.is_complex()):
        return None if _same_whole(value, made) else "some of its whole numbers would be others"
    if place.is_floating_point() or place.is_complex():
        wide, narrow = (tensor if tensor.is_complex() else tensor.double() for tensor in (value, made))
        beyond = torch.isfinite(wide) & ~torch.isfinite(narrow)
        return "some of its numbers are too large" if bool(beyond.any()) else None
    same = bool((made.double() == value.double()).all())
    return None if same else "some of its numbers are not whole, or too large"


def _same_whole(value: Tensor, made: Tensor) -> bool:
    """Whether whole numbers are the same in another dtype."""
    import torch

    wide = made.real.double() if made.is_complex() else made.double()
    if bool((wide != value.double()).any()) or bool((wide >= 2.0**63).any()):
        return False
    back = wide.to(torch.int64) if made.is_floating_point() or made.is_complex() else made.to(torch.int64)
    return torch.equal(back, value.to(torch.int64))


def _unwritable(live: Mapping[str, Tensor]) -> list[Problem]:
    import torch

    if torch.is_inference_mode_enabled():
        return []
    return [problems.NotInPlace(NOWHERE, key) for key, tensor in live.items() if tensor.is_inference()]


def _apart(live: Mapping[str, Tensor], state: Mapping[str, Tensor]) -> list[Problem]:
    """Keys of one tensor of the model that are different tensors of the checkpoint: the last would win."""
    import torch

    first: dict[int, str] = {}
    found: list[Problem] = []
    for key, tensor in live.items():
        other = first.setdefault(id(tensor), key)
        if other != key and not torch.equal(state[other], state[key]):
            found.append(problems.SharedApart(NOWHERE, other, key))
    return found
