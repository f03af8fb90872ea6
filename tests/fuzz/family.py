"""The class of a model called with other arguments, against the module compiled with these parameters."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from random import Random
from typing import Any

import torch
from torch import Tensor, nn

import archspec
from archspec.diagnostics import SpecError
from archspec.pipeline import build_graph
from archspec.spec.resolved import Resolved
from archspec.targets.torch.target import TORCH
from archspec.verification.inputs import random_inputs

BATCH = 2


def arguments_of(model: nn.Module) -> dict[str, Any]:
    """The arguments of a model's class with their defaults."""
    own = inspect.signature(type(model).__init__).parameters.values()
    return {parameter.name: parameter.default for parameter in own if parameter.default is not inspect.Parameter.empty}


def drawn(defaults: Mapping[str, Any], random: Random) -> dict[str, Any]:
    """Other arguments: some of them as they are."""
    return {name: _drawn(value, random) for name, value in defaults.items() if random.random() < 0.7}


def _drawn(value: Any, random: Random) -> Any:
    if isinstance(value, tuple):
        return tuple(_drawn(item, random) for item in value)
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        return random.choice([value, value + 1, value - 1, 2 * value, value // 2, 1, 2, 3, 4, 6, 8])
    return random.choice([value, 0.0, 0.1, 0.5, 1.0, 2 * value, -value])


def difference(
    model: nn.Module, text: str, name: str, given: Mapping[str, Any], args: Mapping[str, Any], **more: Any
) -> tuple[str, str] | None:
    """What is wrong with the class of a model called with some arguments: a kind and words; None where nothing is.

    Raises:
        Refusal: the class takes no such arguments.
    """
    own: Any = None
    torch.set_default_dtype(torch.float64)
    try:
        own = type(model)(**args)
    except ValueError as error:
        raise Refusal(str(error)) from None
    except Exception as error:
        own = error
    finally:
        torch.set_default_dtype(torch.float32)
    spec = getattr(model, "archspec", None)
    assert isinstance(spec, Resolved)
    names = {TORCH.variable(parameter.name): parameter.name for parameter in spec.model.parameters}
    params = {**given, **{names[key]: _plain(value) for key, value in args.items()}}
    try:
        theirs = archspec.compile_spec(text, model=name, params=params, dtype=torch.float64, **more)
    except SpecError as error:
        if isinstance(own, Exception):
            return None
        return "takes what is no spec", f"{args}: {error}"
    if isinstance(own, Exception):
        return f"raises {type(own).__name__}", f"{args}: {own}"
    wanted = {key: tuple(value.shape) for key, value in theirs.state_dict().items()}
    if {key: tuple(value.shape) for key, value in own.state_dict().items()} != wanted:
        return "keys", str(args)
    own.load_state_dict(theirs.state_dict())
    inputs = random_inputs(build_graph(theirs.archspec), BATCH, torch.Generator().manual_seed(1))  # type: ignore[arg-type]
    with torch.no_grad():
        results = [_tensors(module.eval()(*inputs)) for module in (own, theirs)]
    for one, two in zip(*results):
        if one.shape != two.shape or not torch.allclose(one, two, rtol=1e-9, atol=1e-12, equal_nan=True):
            return "outputs", str(args)
    return None


class Refusal(Exception):
    """A class was not written for some arguments."""


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _tensors(value: Any) -> list[Tensor]:
    return list(value) if isinstance(value, (list, tuple)) else [value]
