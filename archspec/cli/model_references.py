"""Several models on a command line: ``nets/mine.arch#small[num_classes=10, drop_path_rate=0.1]``."""

from __future__ import annotations

from typing import Any

from archspec.cli.common import asked, report_error
from archspec.spec.asked import ModelReference


def resolve_all(references: list[ModelReference], options: Any) -> list[Any]:
    """The specs that a command was given, all checked; the problems of each are reported, and then none is returned."""
    from archspec.diagnostics import ArchspecError
    from archspec.pipeline import build_graph, resolve_spec

    found, failed = [], False
    for item in references:
        try:
            spec = resolve_spec(*asked(item, None, options.params), options.input_shape)
            build_graph(spec, options.allow_extern)
            found.append(spec)
        except ArchspecError as error:
            report_error(error)
            failed = True
    return [] if failed else found


def labels(references: list[ModelReference], specs: list[Any]) -> list[str]:
    """What to call each model: its name and its own parameters, or as it was written where that is not enough."""
    names = [
        spec.name + (f"[{', '.join(f'{key}={value}' for key, value in item.params)}]" if item.params else "")
        for item, spec in zip(references, specs)
    ]
    texts = [name if names.count(name) == 1 else item.text for name, item in zip(names, references)]
    return [
        f"{text} ({texts[: at + 1].count(text)})" if texts.count(text) > 1 else text for at, text in enumerate(texts)
    ]
