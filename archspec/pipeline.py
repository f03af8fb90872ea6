"""The stages in order: source -> tree -> spec -> graph -> report | source. Nothing else knows the order.

Assumes that a caller's limits are in force. The last results of each stage are remembered, so that equal specs under
equal limits are worked out once.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archspec.diagnostics import SpecError
from archspec.source import NOWHERE
from archspec.spec.key import SpecKey
from archspec.spec.resolved import Resolved

if TYPE_CHECKING:
    import torch

    from archspec.graph.nodes import Instance
    from archspec.report.model import Report
    from archspec.spec.files import Loaded


def resolve_spec(
    spec: str | os.PathLike[str] | Resolved,
    model: str | None = None,
    params: Mapping[str, Any] | None = None,
    input_shape: Sequence[int] | int | None = None,
) -> Resolved:
    """A spec with its imports followed, names linked, one model chosen, and its parameters given.

    For the arguments see :func:`archspec.load_spec`, whose schema of pydantic has the same fields.

    Raises:
        SpecError: the text is wrong, a name means nothing, an import, model or parameter does not exist, or a limit is
            passed.
    """
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
    return _graph(SpecKey(spec), allowed(allow_extern))


def allowed(allow_extern: Any) -> bool:
    """Whether classes of Python from outside may be named.

    Raises:
        SpecError: the answer is neither True nor False, of which only the first runs a stranger's code.
    """
    if not isinstance(allow_extern, bool):
        from archspec.spec.asked import refuse

        refuse("allow_extern", allow_extern, "True or False")
    return allow_extern


@lru_cache(maxsize=32)
def _graph(key: SpecKey, allow_extern: bool) -> Instance:
    from archspec.graph.elaborate import Elaborator

    return Elaborator(key.spec, allow_extern).run()


def report_of(
    spec: Resolved, allow_extern: bool = False, batch: int = 1, dtype: torch.dtype | str = "float32"
) -> Report:
    """The report of a resolved spec.

    Raises:
        SpecError: the spec is wrong, the batch or dtype is none, or a figure does not fit into 64 bits.
    """
    from archspec.report.limits import plain

    return _report(SpecKey(spec), allowed(allow_extern), *plain(batch, dtype))


@lru_cache(maxsize=32, typed=True)
def _report(key: SpecKey, allow_extern: bool, batch: int, dtype: str) -> Report:
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


def source_of(spec: Resolved, root: Instance) -> str:
    """The source of a graph."""
    return _source(SpecKey(spec), root)


def check_source(spec: Resolved, root: Instance) -> None:
    """Hold a graph to what source can say: the one member is written, which is half of the work.

    Raises:
        SpecError: something in it cannot be written.
    """
    from archspec.emit.file import write_member
    from archspec.targets.torch.target import TORCH

    write_member(spec, root, TORCH)


@lru_cache(maxsize=32)
def _source(key: SpecKey, root: Instance) -> str:
    from archspec.emit.file import write_file
    from archspec.targets.torch.target import TORCH

    return write_file(key.spec, root, TORCH)


def forget() -> None:
    """Let go of all that is remembered."""
    for remembered in (_graph, _report, _source):
        remembered.cache_clear()


def link(loaded: Loaded) -> None:
    """Check every name of every file of a spec, for files that define no model.

    Raises:
        SpecError: a name means nothing, or is defined twice.
    """
    from archspec.graph.functions import NAMES
    from archspec.opdef.registry import op_names
    from archspec.spec.resolve import Linked

    Linked(loaded, op_names() | NAMES)
