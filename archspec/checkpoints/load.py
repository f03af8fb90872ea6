"""Checkpoints into models: every key used once, every shape checked, nothing loaded unless all of it fits."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archspec.checkpoints import problems
from archspec.checkpoints.keys import key_map, layouts
from archspec.diagnostics import ArchspecError, Problem, did_you_mean
from archspec.graph.extern import Extern
from archspec.graph.nodes import Chain, Instance, Node, OpNode, weights_of
from archspec.source import NOWHERE
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


def convert_state(spec: Resolved, root: Instance, state: Mapping[str, Tensor], layout: str) -> dict[str, Tensor]:
    """A checkpoint's tensors under the model's own keys, in the model's order.

    Args:
        layout: the name of a ``checkpoint`` map, or ``archspec`` for the model's own keys.

    Raises:
        CheckpointError: keys are missing, left over or misshapen; all of them are listed.
    """
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
    if found:
        rest = [problems.MoreProblems(NOWHERE, len(found) - MAX_SHOWN)] if len(found) > MAX_SHOWN else []
        raise fail(*found[:MAX_SHOWN], *rest)
    return {ours: state[theirs] for ours, theirs in (names | own).items()}


def extern_paths(node: Node, prefix: str = "") -> tuple[str, ...]:
    """The beginnings of keys whose rest only a class from outside knows."""
    if isinstance(node, OpNode):
        return (prefix,) if isinstance(node.op, Extern) else ()
    children = enumerate(node.items) if isinstance(node, Chain) else node.layers.items()
    return tuple(path for name, child in children for path in extern_paths(child, f"{prefix}{name}."))


def read_state(source: str | os.PathLike[str] | Mapping[str, Any]) -> Mapping[str, Tensor]:
    """The tensors of a checkpoint: a mapping, a .safetensors file, or a file of torch.save read without running code.

    A mapping that holds the tensors under ``state_dict``, ``model`` or ``state_dict_ema`` is opened.

    Raises:
        CheckpointError: the file cannot be read or holds something else.
    """
    import torch

    name = "the mapping" if isinstance(source, Mapping) else os.fspath(source)
    held: Any = source
    if not isinstance(source, Mapping):
        held = _read_file(Path(source))
    for inner in ("state_dict", "model", "state_dict_ema"):
        if isinstance(held, Mapping) and isinstance(held.get(inner), Mapping):
            held = held[inner]
    tensors = [v for v in held.values() if isinstance(v, torch.Tensor)] if isinstance(held, Mapping) else []
    if any(tensor.is_meta or tensor.layout is not torch.strided or tensor.is_quantized for tensor in tensors):
        raise fail(
            problems.NotReadable(NOWHERE, name, "it holds tensors without plain numbers (meta, sparse, quantized)")
        )
    if not isinstance(held, Mapping) or not all(isinstance(value, torch.Tensor) for value in held.values()):
        raise fail(problems.NotReadable(NOWHERE, name, "it holds no table of tensors"))
    return {str(key): value for key, value in held.items()}


def _read_file(path: Path) -> Any:
    import torch

    try:
        if path.suffix == ".safetensors":
            from safetensors.torch import load_file

            return load_file(path)
        return torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError:
        raise fail(problems.NotReadable(NOWHERE, str(path), "no such file")) from None
    except Exception as error:
        words = str(error).strip().splitlines()
        why = words[0][:160] if words else "it is empty or cut short"
        if "Weights only load failed" in why or "code" in why:
            why = "it is no table of tensors, and code in it is not run"
        raise fail(problems.NotReadable(NOWHERE, str(path), why)) from None
