"""Files that commands write: whole or not at all, and never over what somebody else wrote unless told to."""

from __future__ import annotations

import os
import stat
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TextIO

from archspec.checkpoints.load import fail
from archspec.checkpoints.problems import NotWritable, WouldReplace
from archspec.checksum import untouched
from archspec.diagnostics.printable import on_one_line
from archspec.source import NOWHERE

LARGEST = 50_000_000
"""Bytes; no text that a command writes is longer."""


def written(output: str | None, name: str, content: bytes, force: bool) -> tuple[str, TextIO]:
    """Write to where a person asked for, and give back what to call it and where to say so.

    Args:
        output: a path; a folder, or what ends with a slash and is made, for ``name`` inside it; ``-`` for standard
            output, where nothing else may be said then; None for ``name`` in this folder.

    Raises:
        CheckpointError: it cannot be written, or is somebody else's.
    """
    if output == "-":
        _to_stdout(content)
        return "standard output", sys.stderr
    path = place(output, name)
    try:
        if output is not None and output.endswith(("/", os.sep)):
            os.makedirs(output, exist_ok=True)
    except OSError as error:
        raise _not_writable(output or "", error) from None
    check_free(path, force)
    write_whole(path, content)
    return on_one_line(str(path)), sys.stdout


def check_output(output: str, name: str, force: bool) -> Path:
    """The path of a file asked for beside what goes to standard output, checked before a long work.

    Raises:
        CheckpointError: it would have to be standard output, or holds what would be lost.
    """
    if output == "-":
        raise fail(NotWritable(NOWHERE, "-", "standard output is taken: what is shown goes there"))
    path = place(output, name)
    check_free(path, force)
    return path


def place(output: str | None, name: str) -> Path:
    """The path of a file asked for; a folder is where to put ``name``."""
    into = output is not None and (output.endswith(("/", os.sep)) or os.path.isdir(output))
    return Path(output or ".", name) if into or output is None else Path(output)


def check_free(path: Path, force: bool = False) -> None:
    """Check that a file can be written without loss: there is none, it is empty, or a text that nobody has changed.

    Raises:
        CheckpointError: it holds what would be lost, or is no file.
    """
    try:
        status = os.stat(path)
    except FileNotFoundError:
        return
    except (OSError, ValueError) as error:
        raise _not_writable(str(path), error) from None
    if not stat.S_ISREG(status.st_mode):
        raise fail(NotWritable(NOWHERE, str(path), "it is not a file"))
    if force or not status.st_size:
        return
    try:
        own = status.st_size <= LARGEST and untouched(path.read_bytes())
    except OSError:
        own = False
    if not own:
        raise fail(WouldReplace(NOWHERE, str(path)))


def write_whole(path: Path, content: bytes) -> None:
    """Write a file by way of a temporary one beside it; one that was there keeps its permissions.

    Raises:
        CheckpointError: the folder does not exist or cannot be written.
    """
    temporary = None
    try:
        path = Path(os.path.realpath(path))
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".archspec.")
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.chmod(temporary, _mode(path))
        os.replace(temporary, path)
        temporary = None
    except (OSError, ValueError) as error:
        raise _not_writable(str(path), error) from None
    finally:
        if temporary is not None:
            with suppress(OSError):
                os.unlink(temporary)


def _mode(path: Path) -> int:
    """The permissions of a file that is there, or those of a new one."""
    with suppress(OSError):
        return stat.S_IMODE(os.stat(path).st_mode)
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask


def _to_stdout(content: bytes) -> None:
    sys.stdout.flush()
    binary = getattr(sys.stdout, "buffer", None)
    if binary is not None:
        binary.write(content)
    else:
        sys.stdout.write(content.decode("utf-8", "replace"))


def _not_writable(path: str, error: OSError | ValueError) -> Exception:
    why = (error.strerror or str(error)).lower() if isinstance(error, OSError) else "that is not a path"
    return fail(NotWritable(NOWHERE, path, why))
