"""What the commands share: specs from arguments, errors drawn, terminals recognised."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TextIO, TypeAlias

if TYPE_CHECKING:
    from archspec.spec.asked import ModelReference

WIDEST = 10_000
"""Columns that a terminal has at most."""
ModelRequest: TypeAlias = "tuple[str, str | None, dict[str, str]]"
"""A spec, the model asked for, and its parameters."""


def report_error(error: Any) -> int:
    """Draw an error's diagnostics on stderr; exit status 1."""
    from archspec.diagnostics.render import render

    colour = coloured(sys.stderr)
    for diagnostic in error.diagnostics:
        say(render(diagnostic, error.sources, colour=colour), sys.stderr, colour)
    count = len(error.diagnostics)
    if count > 1:
        say(f"\n{count} problems", sys.stderr)
    return 1


def report_warnings(warnings: Iterable[Any], sources: Any) -> None:
    """Draw warnings on stderr; they change no exit status."""
    drawn = list(warnings)
    if not drawn:
        return
    from archspec.diagnostics.render import render

    colour = coloured(sys.stderr)
    for diagnostic in drawn:
        say(render(diagnostic, sources, colour=colour), sys.stderr, colour)
    if len(drawn) > 1:
        say(f"\n{len(drawn)} warnings", sys.stderr)


def say(text: str, stream: TextIO | None = None, painted: bool = False) -> None:
    """Print a text for people, to standard output unless told otherwise, with nothing in it that cannot be seen.

    Args:
        painted: whether the colours in it are our own, and may stay.
    """
    from archspec.diagnostics.printable import presentable

    print(presentable(text, painted), file=sys.stdout if stream is None else stream)


def coloured(stream: TextIO) -> bool:
    """Whether a stream is a terminal that wants colours."""
    return stream.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"


def drawn(stream: TextIO) -> bool:
    """Whether a stream is such a terminal that also shows lines and bars."""
    return coloured(stream) and (getattr(stream, "encoding", None) or "").lower().replace("-", "") == "utf8"


def columns(stream: TextIO | None = None) -> int:
    """The width of a terminal, 80 where it is none: that of standard output unless told otherwise.

    Importing shutil for it would import every archive format.
    """
    wanted = os.environ.get("COLUMNS", "")
    if wanted.isascii() and wanted.isdecimal() and 0 < int(wanted[:9]) <= WIDEST:
        return int(wanted)
    try:
        return os.get_terminal_size((stream or sys.stdout).fileno()).columns or 80
    except (AttributeError, OSError, ValueError):
        return 80


def asked(spec: str | ModelReference, model: str | None = None, params: Iterable[tuple[str, str]] = ()) -> ModelRequest:
    """A spec as the pipeline takes it, its model and its parameters: ``-`` is the text of standard input.

    Raises:
        SpecError: it is not of the form SPEC#MODEL[KEY=VALUE, ...], or standard input cannot be read.
    """
    from archspec.spec.asked import model_reference, one_model

    item = model_reference(spec) if isinstance(spec, str) else spec
    text = _input(sys.stdin) if item.spec == "-" else item.spec
    return text, one_model(item.model, model), dict(params) | dict(item.params)


@lru_cache(maxsize=1)
def _input(stream: TextIO | None) -> str:
    """The text of standard input, which can be read once."""
    from archspec.spec.files import read_stream

    return read_stream(getattr(stream, "buffer", None)) + "\n"


def together(conditions: list[str]) -> str:
    """One condition that holds where all of some do.

    Raises:
        SpecError: one of several is no expression by itself.
    """
    from archspec.search.where import Filter

    for text in conditions if len(conditions) > 1 else ():
        _ = Filter(text).expression
    return " and ".join(f"({text})" for text in conditions) if len(conditions) > 1 else "".join(conditions)


def searched(options: Any) -> dict[str, Any]:
    """What a sweep and a fit are given alike: the model, what is counted of it, and which variants count."""
    spec, model, params = asked(options.spec, options.model, options.params)
    return {
        "spec": spec,
        "model": model,
        "params": params,
        "input_shape": options.input_shape,
        "where": together(options.where),
        "batch": options.batch,
        "dtype": options.dtype,
        "allow_extern": options.allow_extern,
    }


def resolved(options: Any) -> Any:
    """The spec that a command was given, with its parameters and input size."""
    from archspec.pipeline import resolve_spec

    return resolve_spec(*asked(options.spec, options.model, options.params), options.input_shape)
