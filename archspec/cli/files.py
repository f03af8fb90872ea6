"""Files written whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from archspec.checkpoints.load import fail
from archspec.checkpoints.problems import NotWritable
from archspec.source import NOWHERE


def write_whole(path: Path, content: bytes) -> None:
    """Write a file by way of a temporary one beside it.

    Raises:
        CheckpointError: the folder does not exist or cannot be written.
    """
    temporary = None
    try:
        path = path.resolve() if path.is_symlink() else path
        if path.exists() and not path.is_file():
            raise fail(NotWritable(NOWHERE, str(path), "it is not a file"))
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(temporary, 0o666 & ~mask)
        os.replace(temporary, path)
    except OSError as error:
        if temporary is not None and os.path.exists(temporary):
            os.unlink(temporary)
        raise fail(NotWritable(NOWHERE, str(path), (error.strerror or str(error)).lower())) from None
