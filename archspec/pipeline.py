"""The stages in order: source -> tree -> spec -> graph -> report | source | module. Nothing else knows the order."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archspec.diagnostics import SpecError
from archspec.limits import Limits, held, now
from archspec.source import NOWHERE
from archspec.spec.resolved import Resolved

if TYPE_CHECKING:
    import torch
    from torch import nn

    from archspec.graph.nodes import Instance
    from archspec.report.model import Report
    from archspec.spec.files import Loaded
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
        input_shape: replaces the declared input size, without the batch: ``(3, 256, 256)``. ``(256, 256)`` and, for
            what is declared as a square, ``256`` are sizes of an image.
        limits: what the spec may take of the machine, where that is not the default: ``{"work": 10_000_000}``.

    Raises:
        SpecError: the text is wrong, a name means nothing, an import, model or parameter does not exist, or a limit is
            passed.
    """
    from archspec.spec.schema import Spec

    with held(limits):
        found = resolve_spec(spec, model, params, input_shape)
    return found if isinstance(found, Spec) else Spec.of(found)


def resolve_spec(
    spec: str | os.PathLike[str] | Resolved,
    model: str | None = None,
    params: Mapping[str, Any] | None = None,
    input_shape: Sequence[int] | int | None = None,
) -> Resolved:
    """What :func:`load_spec` gives, for the stages behind: not a schema of pydantic yet."""
    from archspec.spec import asked

    shape = asked.plain_shape(input_shape)
    given = asked.plain_params(params)
    asked.check_model(model)
    if isinstance(spec, Resolved):
        from archspec.spec.problems import NoModel, Settled

        if model is not None and model != spec.name:
            raise SpecError.of(NoModel(NOWHERE, spec.file, model, (spec.name,)))
        if given:
            raise SpecError.of(Settled(NOWHERE, spec.name))
        return spec if shape is None else spec.at(shape)
    from archspec.graph.functions import NAMES
    from archspec.opdef.registry import op_names
    from archspec.spec.resolve import resolve

    asked.check_spec(spec)
    if isinstance(spec, str):
        reference = asked.model_reference(spec)
        spec, model = reference.spec, asked.one_model(reference.model, model)
        given = given | dict(reference.params)
    return resolve(spec if isinstance(spec, str) else Path(spec), op_names() | NAMES, model, given, shape)


def build_graph(spec: Resolved, allow_extern: bool = False) -> Instance:
    """The graph of a resolved spec: a tree of module instances with every shape checked.

    ``allow_extern`` lets the spec name classes of Python from outside; the source then imports them.

    Raises:
        SpecError: with every independent problem found.
    """
    return _graph(_Same(spec), allowed(allow_extern))


def allowed(allow_extern: Any) -> bool:
    """Whether classes of Python from outside may be named.

    Raises:
        SpecError: the answer is neither True nor False, of which only the first runs a stranger's code.
    """
    if not isinstance(allow_extern, bool):
        from archspec.spec.asked import refuse

        refuse("allow_extern", allow_extern, "True or False")
    return allow_extern


class _Same:
    """A spec as a key: equal where everything that the graph and the source are made from is equal, limits too."""

    def __init__(self, spec: Resolved) -> None:
        self.spec = spec
        scopes = tuple((file, tuple(names.items())) for file, names in spec.scopes.items())
        of_model = (spec.name, spec.doc, spec.file, spec.model, spec.model_file, spec.given, spec.inputs)
        kinds = tuple(type(size) for size in spec.input_shape or ())  # 1, 1.0 and True are equal, and not the same
        self.parts = (
            now(),
            *of_model,
            spec.input_shape,
            kinds,
            tuple(spec.definitions.items()),
            scopes,
            tuple(spec.sources.items()),
        )
        self.hash = hash(self.parts)

    def __hash__(self) -> int:
        return self.hash

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.parts == other.parts


@lru_cache(maxsize=32)
def _graph(key: _Same, allow_extern: bool) -> Instance:
    from archspec.graph.elaborate import Elaborator

    return Elaborator(key.spec, allow_extern).run()


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


def report_of(
    spec: Resolved, allow_extern: bool = False, batch: int = 1, dtype: torch.dtype | str = "float32"
) -> Report:
    """The report of a resolved spec.

    Raises:
        SpecError: the spec is wrong, the batch or dtype is none, or a figure does not fit into 64 bits.
    """
    from archspec.report.limits import plain

    return _report(_Same(spec), allowed(allow_extern), *plain(batch, dtype))


@lru_cache(maxsize=32, typed=True)
def _report(key: _Same, allow_extern: bool, batch: int, dtype: str) -> Report:
    from dataclasses import replace

    from archspec.report.expect import unmet
    from archspec.report.model import make_report

    spec = key.spec
    root = _graph(key, allow_extern)
    try:
        report = make_report(root, batch, dtype)
        of_one = report if batch == 1 or spec.customised else make_report(root)
    except SpecError as error:
        raise SpecError(error.diagnostics, spec.texts()) from None
    wrong = () if spec.customised else unmet(of_one, spec.expectations)
    return replace(report, unmet=wrong, spec=spec, allow_extern=allow_extern)


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
        source_of(found, report.root)
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


def source_of(spec: Resolved, root: Instance) -> str:
    """The source of a graph."""
    return _source(_Same(spec), root)


FAMILY_WORK = 500_000
"""Units of work of a spec up to which its source is that of the family, and of one member beyond."""


@lru_cache(maxsize=32)
def _source(key: _Same, root: Instance) -> str:
    from archspec.checksum import signed
    from archspec.emit.header import facts
    from archspec.emit.source import write_source
    from archspec.graph.elaborate import Elaborator
    from archspec.graph.opening import Opening
    from archspec.sym.open import Specialise
    from archspec.targets.torch import TORCH

    spec, left = key.spec, FAMILY_WORK - root.work
    closed: frozenset[str] = frozenset()
    while left > 0:
        opening = Opening({}, None, closed)
        try:
            with held({"work": left}):
                elaborator = Elaborator(spec, True, opening)
                family = elaborator.run()
            return signed(write_source(family, facts(spec, root), TORCH, opening.algebra))
        except Specialise as wanted:
            if wanted.names <= closed:  # what is closed is no number left open, and wants nothing
                raise
            closed |= wanted.names
            left -= elaborator.work
        except SpecError:  # more work than a family is worth
            break
    return signed(write_source(root, facts(spec, root), TORCH))


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
    from archspec.emit.names import class_name

    with held(limits):
        found = load_spec(spec, model, params, input_shape)
        source = source_of(found, build_graph(found, allow_extern))
        made = build_module(source, found.name, class_name(found.name, set()), *place_of(device, dtype))
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


def link(loaded: Loaded) -> None:
    """Check every name of every file of a spec, for files that define no model.

    Raises:
        SpecError: a name means nothing, or is defined twice.
    """
    from archspec.graph.functions import NAMES
    from archspec.opdef.registry import op_names
    from archspec.spec.resolve import Linked

    Linked(loaded, op_names() | NAMES)
