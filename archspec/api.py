"""What ``import archspec`` gives: from a spec to its schema, its report, its source, its module with weights.

Assumes nothing of what a caller gives: each function raises what its docstring names for what is wrong with it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from archspec.diagnostics import SpecError
from archspec.limits import Limits, held, now
from archspec.pipeline import build_graph, check_source, report_of, resolve_spec, source_of
from archspec.source import NOWHERE
from archspec.spec.resolved import Resolved

if TYPE_CHECKING:
    import torch
    from torch import nn

    from archspec.report.model import Report
    from archspec.spec.schema import Spec


def load_spec(
    spec: str | os.PathLike[str] | Resolved,
    model: str | None = None,
    params: Mapping[str, Any] | None = None,
    input_shape: Sequence[int] | int | None = None,
    limits: Limits | Mapping[str, int] | None = None,
) -> Spec:
    """Parse and resolve a spec: imports followed, names linked, one model chosen, its parameters given.

    Args:
        spec: the path of an .arch file, the name of a shipped model, the text of a spec, or a resolved spec. A path or
            name may have one of its models and parameters behind it: ``"nets.arch#small[classes=10]"``.
        model: which model of the file, where it has several.
        params: values for the model's parameters. A string is an expression of the language; where the model's own
            value is a string it is a string, and one in quotes (``'"circular"'``) is a string everywhere.
        input_shape: replaces the declared input size, without the batch: ``(3, 256, 256)``. A batch of one in front
            is left out, and for an image that is declared as a square ``256`` is the same.
        limits: what the spec may take of the machine, where that is not the default: ``{"work": 10_000_000}``.

    Raises:
        SpecError: the text is wrong, a name means nothing, an import, model or parameter does not exist, or a limit is
            passed.
    """
    from archspec.spec.schema import Spec

    with held(limits):
        found = resolve_spec(spec, model, params, input_shape)
    return found if isinstance(found, Spec) else Spec.of(found)


def stats(
    spec: str | os.PathLike[str] | Resolved,
    input_shape: Sequence[int] | int | None = None,
    *,
    model: str | None = None,
    params: Mapping[str, Any] | None = None,
    batch: int = 1,
    dtype: torch.dtype | str = "float32",
    allow_extern: bool = False,
    limits: Limits | Mapping[str, int] | None = None,
) -> Report:
    """Parameters, multiply-accumulates, FLOPs, the counts of fvcore and torch, activations and memory; nothing is run.

    ``report.unmet`` lists the spec's own expectations that do not hold, for one sample; they are only checked for the
    model as it stands, without ``params`` and ``input_shape``.

    Args:
        batch: samples that work and memory are counted for.
        dtype: of the parameters and activations: float32, bfloat16, float16 or float64, torch's or by name. Counts do
            not depend on it.

    For the other arguments see :func:`load_spec`.

    Raises:
        SpecError: the spec is wrong, the batch or dtype is none, or a figure does not fit into 64 bits.
    """
    with held(limits):
        return report_of(resolve_spec(spec, model, params, input_shape), allow_extern, batch, dtype)


def check(
    spec: str | os.PathLike[str] | Resolved,
    *,
    model: str | None = None,
    params: Mapping[str, Any] | None = None,
    input_shape: Sequence[int] | int | None = None,
    allow_extern: bool = False,
    limits: Limits | Mapping[str, int] | None = None,
) -> Report:
    """Check a spec and what it expects of itself.

    Raises:
        SpecError: the spec is wrong, or an expectation does not hold.
    """
    with held(limits):
        found = resolve_spec(spec, model, params, input_shape)
        report = report_of(found, allow_extern)
        check_source(found, report.root)
    if report.unmet:
        raise SpecError(report.unmet, found.texts())
    return report


def generate_source(
    spec: str | os.PathLike[str] | Resolved,
    *,
    model: str | None = None,
    params: Mapping[str, Any] | None = None,
    input_shape: Sequence[int] | int | None = None,
    allow_extern: bool = False,
    limits: Limits | Mapping[str, int] | None = None,
) -> str:
    """The model as one file of Python that needs only torch. Same spec, same text. For the arguments see load_spec.

    Raises:
        SpecError: the spec is wrong.
    """
    with held(limits):
        found = resolve_spec(spec, model, params, input_shape)
        return source_of(found, build_graph(found, allow_extern))


def compile_spec(
    spec: str | os.PathLike[str] | Resolved,
    *,
    model: str | None = None,
    params: Mapping[str, Any] | None = None,
    input_shape: Sequence[int] | int | None = None,
    device: torch.device | str | None = None,
    dtype: torch.dtype | str | None = None,
    allow_extern: bool = False,
    limits: Limits | Mapping[str, int] | None = None,
) -> nn.Module:
    """Compile a spec to a live module: what :func:`generate_source` writes, run, initialised, in train() mode.

    Args:
        device: where the parameters are made; ``"meta"`` makes none.
        dtype: of the parameters, or its name; float32 unless given.
        allow_extern: let the spec name Python classes from outside, which are then imported and run.

    Raises:
        SpecError: the spec is wrong, or there is no such device or dtype.
    """
    from archspec.backends.torch import build_module, place_of
    from archspec.targets.torch.target import TORCH

    with held(limits):
        found = load_spec(spec, model, params, input_shape)
        source = source_of(found, build_graph(found, allow_extern))
        made = build_module(source, found.name, TORCH.class_name(found.name), *place_of(device, dtype))
        made.__dict__["archspec"] = found
        made.__dict__["archspec_limits"] = now()
    return made


def load_checkpoint(
    model: nn.Module, checkpoint: str | os.PathLike[str] | Mapping[str, Any], layout: str = "official"
) -> nn.Module:
    """Load a published checkpoint into a compiled model: every key is used once and every shape checked, or nothing is.

    Args:
        model: what :func:`compile_spec` made.
        checkpoint: a table of tensors, or the path of one (.safetensors, or torch.save, read without running code).
        layout: the spec's ``checkpoint`` map to read the keys by; ``archspec`` for the model's own keys.

    Returns:
        The same model.

    Raises:
        CheckpointError: keys are missing, left over or misshapen (all are listed), the model was edited so that they
            do not fit it, its dtype cannot hold the values, or the file cannot be read.
    """
    from archspec.checkpoints.fit import check_fit
    from archspec.checkpoints.load import convert_state, fail
    from archspec.checkpoints.problems import NotCompiled
    from archspec.checkpoints.read import read_state

    spec = getattr(model, "__dict__", {}).get("archspec")
    if not isinstance(spec, Resolved):
        raise fail(NotCompiled(NOWHERE, type(model).__name__))
    with held(model.__dict__.get("archspec_limits")):
        root = build_graph(spec, allow_extern=True)
        state = convert_state(spec, root, read_state(checkpoint), layout)
    check_fit(spec.name, root, model, state)
    model.load_state_dict(state, strict=True)
    return model
