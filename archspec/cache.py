"""Results kept between runs, in the user's own cache folder.

A cache saves time and decides nothing: where it cannot be read or written, is damaged, is a link, belongs to somebody
else or could have been written by somebody else, the result is worked out anew, without a word. Entries are JSON, so
reading one runs nothing; each has a name that is the hash of all it follows from, and a checksum.

The folder is ``archspec`` in ``$XDG_CACHE_HOME`` or ``~/.cache``, or what the system has instead;
``ARCHSPEC_CACHE_DIR`` names another, and ``ARCHSPEC_CACHE_DIR=off`` keeps nothing.
"""

from __future__ import annotations

import json
import os
import stat
import sys
from hashlib import sha256
from typing import Any

SUFFIX = ".archspec.json"
LARGEST = 16_000_000
"""Bytes of the largest entry that is read."""
MOST = 512
"""Entries; when there are more, the older half goes."""


def key_of(*parts: str | bytes) -> str:
    """The name of what follows from these parts, in this order, and from nothing else."""
    whole = sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        whole.update(b"%d:" % len(data))
        whole.update(data)
    return whole.hexdigest()


def load(key: str) -> Any:
    """The value stored under a key; None where there is none that can be trusted."""
    try:
        folder = _folder()
        if folder is None or not _is_own_folder(folder):
            return None
        with open(os.path.join(folder, key + SUFFIX), "rb", opener=_open_plainly) as file:
            status = os.fstat(file.fileno())
            if not (stat.S_ISREG(status.st_mode) and _is_own(status) and status.st_size <= LARGEST):
                return None
            checksum, _, body = file.read().partition(b"\n")
        return json.loads(body) if checksum.decode() == key_of(key, body) else None
    except (OSError, ValueError, RecursionError):
        return None


def store(key: str, value: Any) -> None:
    """Store a value that JSON can hold, whole or not at all."""
    try:
        folder = _folder()
        if folder is None:
            return
        body = json.dumps(value, separators=(",", ":")).encode()
        os.makedirs(folder, mode=0o700, exist_ok=True)
        if not _is_own_folder(folder):
            return
        temporary = os.path.join(folder, f".{os.urandom(8).hex()}{SUFFIX}")
        try:
            with open(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(key_of(key, body).encode() + b"\n" + body)
            os.replace(temporary, os.path.join(folder, key + SUFFIX))
        except OSError:
            os.unlink(temporary)
        _prune(folder)
    except (OSError, ValueError, RecursionError):
        return


def _folder() -> str | None:
    """The folder of this user's entries, or None where there is to be none."""
    named = os.environ.get("ARCHSPEC_CACHE_DIR")
    if named:
        return None if named == "off" else os.path.abspath(named)
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA", "")
        return os.path.join(base, "archspec", "cache") if base else None
    base = os.environ.get("XDG_CACHE_HOME", "")
    if not os.path.isabs(base) or sys.platform == "darwin":
        home = os.path.expanduser("~")
        if os.stat(home).st_uid != os.geteuid():  # sudo, say: root must not leave folders in a user's home
            return None
        base = os.path.join(home, "Library", "Caches") if sys.platform == "darwin" else os.path.join(home, ".cache")
    return os.path.join(base, "archspec")


def _is_own(status: os.stat_result) -> bool:
    """Whether it belongs to this user and nobody else may write to it; elsewhere than on POSIX the place says so."""
    return sys.platform == "win32" or (status.st_uid == os.geteuid() and not status.st_mode & 0o022)


def _is_own_folder(path: str) -> bool:
    status = os.lstat(path)
    return stat.S_ISDIR(status.st_mode) and _is_own(status)


def _open_plainly(path: str, flags: int) -> int:
    """Open a file, but follow no link and wait for no pipe."""
    return os.open(path, flags | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))


def _prune(folder: str) -> None:
    with os.scandir(folder) as listing:
        entries = [entry for entry in listing if entry.name.endswith(SUFFIX)]
    if len(entries) > MOST:
        for entry in sorted(entries, key=lambda entry: entry.stat(follow_symlinks=False).st_mtime)[: -MOST // 2]:
            os.unlink(entry.path)
