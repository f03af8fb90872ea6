"""The state of a compiled module held against its graph: keys, starting values, tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archspec.checkpoints.load import extern_paths
from archspec.graph.nodes import Instance
from archspec.graph.walk import tables_of, weights_of
from archspec.verification.reference import tensor_of
from archspec.verification.starts import fixed_start, off_start
from archspec.verification.trail import attribute_path

if TYPE_CHECKING:
    from torch import Generator, Tensor, nn

StatePair = tuple[dict[str, "Tensor"], dict[str, "Tensor"]]


def unlike_keys(root: Instance, model: nn.Module) -> str | None:
    """Keys that only the graph or only the module has, in words; those inside classes from outside are not known."""
    wanted, state = dict(weights_of(root)), model.state_dict()
    outside = extern_paths(root)
    left = [key for key in state if key not in wanted and not key.startswith(outside)]
    missing = [key for key in wanted if key not in state]
    return f"missing: {missing[:8]}, not in the graph: {left[:8]}" if left or missing else None


def fixed_starts(root: Instance, model: nn.Module) -> StatePair:
    """The parameters and buffers that start at a fixed number: as declared, and as they are."""
    import torch

    state = model.state_dict()
    ours, theirs = {}, {}
    for key, weight in weights_of(root):
        value = fixed_start(weight)
        if value is not None and key in state:
            theirs[key] = state[key].double()
            ours[key] = torch.full(tuple(map(int, weight.shape)), value, dtype=torch.float64)
    return ours, theirs


def drawn_starts(root: Instance, model: nn.Module) -> tuple[int, dict[str, str]]:
    """How many numbers were drawn, and by key what is wrong with their distribution."""
    state = model.state_dict()
    drawn = [(key, weight) for key, weight in weights_of(root) if fixed_start(weight) is None and key in state]
    judged = {key: off_start(weight, state[key].double()) for key, weight in drawn}
    return sum(state[key].numel() for key, _ in drawn), {key: why for key, why in judged.items() if why is not None}


def tables(root: Instance, model: nn.Module) -> StatePair:
    """Every table as the elaborator worked it out, and as the module holds it."""
    ours, theirs = {}, {}
    for path, table in tables_of(root):
        owner = attribute_path(model, root, path)
        if owner is not None and hasattr(owner, table.name):
            key = ".".join((*path, table.name))
            ours[key], theirs[key] = tensor_of(table), getattr(owner, table.name)
    return ours, theirs


def shake(model: nn.Module, random: Generator) -> None:
    """Move every parameter and saved buffer away from its start, by amounts that keep deep models tame."""
    import torch

    saved = model.state_dict().keys()
    with torch.no_grad():
        for parameter in model.parameters():
            fan_in = max(1, parameter[0].numel()) if parameter.dim() > 1 else 100
            parameter.add_(torch.randn(parameter.shape, generator=random, dtype=parameter.dtype) / fan_in**0.5)
        for name, buffer in model.named_buffers():
            if name in saved and buffer.is_floating_point():
                buffer += 0.1 * torch.rand(buffer.shape, generator=random, dtype=buffer.dtype)
