"""One of several models on a command line: ``nets/mine.arch#small[classes=10, drop_path=0.1]``."""

from __future__ import annotations

import argparse
import os
from dataclasses import dataclass
from typing import Any

from archspec.cli.common import given, report_error
from archspec.explore.commas import split


@dataclass(frozen=True)
class Pick:
    """A spec, which of its models, and the parameters it alone is given; ``text`` is what was written."""

    text: str
    spec: str
    model: str | None = None
    params: tuple[tuple[str, str], ...] = ()


def pick(text: str) -> Pick:
    """Read ``SPEC#MODEL[KEY=VALUE, ...]``; the model and the brackets may be left out. A file of that name goes first.

    Raises:
        argparse.ArgumentTypeError: the brackets hold no settings, or are not closed.
    """
    if os.path.exists(text):
        return Pick(text, text)
    spec, bracket, inside = text.partition("[")
    if bracket and not inside.endswith("]"):
        raise argparse.ArgumentTypeError(f"`{text}` is not of the form SPEC#MODEL[KEY=VALUE, ...]")
    params = tuple(setting(part) for part in split(inside[:-1])) if inside[:-1].strip() else ()
    spec, mark, model = spec.strip().partition("#")
    if not spec or (mark and not model.isidentifier()):
        raise argparse.ArgumentTypeError(f"`{text}` is not of the form SPEC#MODEL[KEY=VALUE, ...]")
    return Pick(text, spec, model or None, params)


def setting(text: str) -> tuple[str, str]:
    """Read ``KEY=VALUE``.

    Raises:
        argparse.ArgumentTypeError: it is something else.
    """
    key, equals, value = text.partition("=")
    if not equals or not key.strip().isidentifier() or not value.strip():
        raise argparse.ArgumentTypeError(f"`{text.strip()}` is not KEY=VALUE")
    return key.strip(), value.strip()


def resolve_all(picks: list[Pick], options: Any) -> list[Any]:
    """The specs that a command was given, all checked; the problems of each are reported, and then none is returned."""
    from archspec.diagnostics import ArchspecError
    from archspec.pipeline import build_graph, load_spec

    found, failed = [], False
    texts: dict[str, str] = {}
    for item in picks:
        if item.spec not in texts:
            texts[item.spec] = given(item.spec)
        try:
            params = dict(options.params) | dict(item.params)
            spec = load_spec(texts[item.spec], item.model, params, options.input_shape)
            build_graph(spec, options.allow_extern)
            found.append(spec)
        except ArchspecError as error:
            report_error(error)
            failed = True
    return [] if failed else found


def labels(picks: list[Pick], specs: list[Any]) -> list[str]:
    """What to call each model: its name and its own parameters, or as it was written where that is not enough."""
    names = [
        spec.name + (f"[{', '.join(f'{key}={value}' for key, value in item.params)}]" if item.params else "")
        for item, spec in zip(picks, specs)
    ]
    texts = [name if names.count(name) == 1 else item.text for name, item in zip(names, picks)]
    return [
        f"{text} ({texts[: at + 1].count(text)})" if texts.count(text) > 1 else text for at, text in enumerate(texts)
    ]
