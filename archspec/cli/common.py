"""What the commands share: specs from arguments, errors drawn, terminals recognised."""

from __future__ import annotations

import os
import sys
from typing import Any, TextIO


def report_error(error: Any) -> int:
    """Draw an error's diagnostics on stderr; exit status 1."""
    from archspec.diagnostics.render import render

    colour = coloured(sys.stderr)
    for diagnostic in error.diagnostics:
        print(render(diagnostic, error.sources, colour=colour), file=sys.stderr)
    count = len(error.diagnostics)
    if count > 1:
        print(f"\n{count} problems", file=sys.stderr)
    return 1


def coloured(stream: TextIO) -> bool:
    """Whether a stream is a terminal that wants colours."""
    return stream.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"


def drawn(stream: TextIO) -> bool:
    """Whether a stream is such a terminal that also shows lines and bars."""
    return coloured(stream) and (getattr(stream, "encoding", None) or "").lower().replace("-", "") == "utf8"


def columns() -> int:
    """The width of the terminal, 80 where there is none. Importing shutil for it would import every archive format."""
    try:
        return int(os.environ.get("COLUMNS") or os.get_terminal_size(sys.stdout.fileno()).columns)
    except (AttributeError, OSError, ValueError):
        return 80


def given(spec: str) -> str:
    """The spec as the pipeline takes it: ``-`` is the text of standard input."""
    if spec != "-":
        return spec
    try:
        return sys.stdin.read() + "\n"
    except UnicodeDecodeError:
        from archspec.diagnostics import SpecError
        from archspec.source import NOWHERE
        from archspec.spec.problems import FileNotReadable

        raise SpecError.of(FileNotReadable(NOWHERE, "-", "it is not UTF-8 text")) from None


def together(conditions: list[str]) -> str:
    """One condition that holds where all of some do.

    Raises:
        SpecError: one of several is no expression by itself.
    """
    from archspec.explore.where import Filter

    for text in conditions if len(conditions) > 1 else ():
        _ = Filter(text).expression
    return " and ".join(f"({text})" for text in conditions) if len(conditions) > 1 else "".join(conditions)


def resolved(options: Any) -> Any:
    """The spec that a command was given, with its parameters and input size."""
    from archspec.pipeline import resolve_spec

    return resolve_spec(given(options.spec), options.model, dict(options.params), options.input_shape)
