"""Runs a command and reports what went wrong."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from io import TextIOWrapper
from typing import TextIO

from archspec.cli.arguments import parser
from archspec.cli.common import report_error, say
from archspec.diagnostics.printable import on_one_line
from archspec.limits import held


def run(argv: Sequence[str] | None = None) -> int:
    """Run ``archspec`` with these arguments and give back its exit status.

    Each command is the function ``run`` of the module of its name in ``archspec/cli``. Where nothing can be said any
    more, since standard error is closed or full, the status alone says what happened.
    """
    from archspec.diagnostics import ArchspecError

    _open_streams()
    options = parser().parse_args(argv)
    try:
        try:
            with held(dict(getattr(options, "limits", ()))):
                status: int = import_module(f"archspec.cli.{options.command}").run(options)
            sys.stdout.flush()
        except ArchspecError as error:
            status = report_error(error)
            sys.stderr.flush()
        return status
    except OSError as error:
        _give_up(sys.stdout)
        if not isinstance(error, BrokenPipeError):
            place = on_one_line(str(error.filename or "the standard output"))
            with suppress(OSError):
                say(f"archspec: cannot write {place}: {(error.strerror or str(error)).lower()}", sys.stderr)
                sys.stderr.flush()
        with suppress(OSError):
            sys.stderr.flush()
            return 1
        _give_up(sys.stderr)
        return 1


def _open_streams() -> None:
    """Standard streams that are there, whatever the shell has closed, and that write any character as they can."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_WRONLY), "w", encoding="utf-8"))
        elif isinstance(stream, TextIOWrapper) and stream.errors == "strict":
            stream.reconfigure(errors="replace")


def _give_up(stream: TextIO) -> None:
    """Let what a stream still holds go nowhere, so that nothing complains of it at the end."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
