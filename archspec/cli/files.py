"""Where commands write: to a file, into a folder, or to standard output."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TextIO

from archspec.diagnostics.printable import on_one_line
from archspec.output import check_free, not_writable, write_whole


def written(output: str | None, name: str, content: bytes, force: bool) -> tuple[str, TextIO]:
    """Write to where a person asked for, and give back what to call it and where to say so.

    Args:
        output: a path; a folder, or what ends with a slash and is made, for ``name`` inside it; ``-`` for standard
            output, where nothing else may be said then; None for ``name`` in this folder.

    Raises:
        OutputError: it cannot be written, or is somebody else's.
    """
    if output == "-":
        _to_stdout(content)
        return "standard output", sys.stderr
    path = place(output, name)
    try:
        if output is not None and output.endswith(("/", os.sep)):
            os.makedirs(output, exist_ok=True)
    except OSError as error:
        raise not_writable(output or "", error) from None
    check_free(path, force)
    write_whole(path, content)
    return on_one_line(str(path)), sys.stdout


def check_output(output: str, name: str, force: bool) -> Path:
    """The path of a file asked for beside what goes to standard output, checked before a long work.

    Raises:
        OutputError: it would have to be standard output, or holds what would be lost.
    """
    if output == "-":
        raise not_writable("-", "standard output is taken: what is shown goes there")
    path = place(output, name)
    check_free(path, force)
    return path


def place(output: str | None, name: str) -> Path:
    """The path of a file asked for; a folder is where to put ``name``."""
    into = output is not None and (output.endswith(("/", os.sep)) or os.path.isdir(output))
    return Path(output or ".", name) if into or output is None else Path(output)


def _to_stdout(content: bytes) -> None:
    sys.stdout.flush()
    binary = getattr(sys.stdout, "buffer", None)
    if binary is not None:
        binary.write(content)
    else:
        sys.stdout.write(content.decode("utf-8", "replace"))
