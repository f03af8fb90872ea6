"""Files that are written: whole or not at all, and never over what somebody else wrote unless told to.

Assumes nothing of the place. A file that was there is as it was until all of the new one is on the disk.
"""

from __future__ import annotations

import os
import stat
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import ClassVar

from archspec.checksum import untouched
from archspec.diagnostics import ArchspecError, Problem
from archspec.source import NOWHERE

LARGEST = 50_000_000
"""Bytes; no text that archspec writes is longer."""


class OutputError(ArchspecError):
    """A file cannot be written."""


class NotWritable(Problem):
    """An output that cannot be written."""

    code: ClassVar[str] = "E0508"
    path: str
    why: str

    def message(self) -> str:
        return f"cannot write `{self.path}`: {self.why}"


class WouldReplace(Problem):
    """A file in the way that archspec did not write, or that was changed since."""

    code: ClassVar[str] = "E0516"
    path: str

    def message(self) -> str:
        return f"cannot write `{self.path}`: it exists already"

    def notes(self) -> tuple[str, ...]:
        return ("it is not a text that archspec wrote and nobody has changed",)

    def help(self) -> str | None:
        return "write to another place, or replace it with --force"


def not_writable(path: str | Path, why: str | OSError | ValueError) -> OutputError:
    """The error for a file that cannot be written, in words or as Python has it."""
    if isinstance(why, OSError):
        why = (why.strerror or str(why)).lower()
    return OutputError.of(NotWritable(NOWHERE, str(path), why if isinstance(why, str) else "that is not a path"))


def check_free(path: Path, force: bool = False) -> None:
    """Check that a file can be written without loss: there is none, it is empty, or a text that nobody has changed.

    Raises:
        OutputError: it holds what would be lost, or is no file.
    """
    try:
        status = os.stat(path)
    except FileNotFoundError:
        return
    except (OSError, ValueError) as error:
        raise not_writable(path, error) from None
    if not stat.S_ISREG(status.st_mode):
        raise not_writable(path, "it is not a file")
    if force or not status.st_size:
        return
    try:
        own = status.st_size <= LARGEST and untouched(path.read_bytes())
    except OSError:
        own = False
    if not own:
        raise OutputError.of(WouldReplace(NOWHERE, str(path)))


def write_whole(path: Path, content: bytes) -> None:
    """Write a file by way of a temporary one beside it; one that was there keeps its permissions.

    Raises:
        OutputError: the folder does not exist or cannot be written.
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
        raise not_writable(path, error) from None
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
