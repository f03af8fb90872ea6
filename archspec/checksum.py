"""Texts that know whether they are as they were written, so that writing them anew loses nobody's work."""

from __future__ import annotations

import re
from hashlib import sha256
from itertools import islice

OPEN = "Checksum " + 12 * "0"
"""Where the checksum of a text is to stand."""
_WRITTEN = re.compile(r"(?<=\bChecksum )[0-9a-f]{12}\b")
MOST = 16
"""So many places are looked at: a spec's own words may look like a checksum."""


def signed(text: str) -> str:
    """A text with its checksum where ``OPEN`` stood."""
    return text.replace(OPEN, f"Checksum {_checksum(text)}", 1)


def marked(text: str) -> str:
    """A page or a drawing with its checksum in a comment at the end."""
    return signed(f"{text.rstrip()}\n<!-- {OPEN} of the text as it was written. -->\n")


def untouched(content: bytes) -> bool:
    """Whether a file holds a text as it was signed; line ends do not count."""
    try:
        text = content.decode().replace("\r\n", "\n")
    except UnicodeDecodeError:
        return False
    return any(
        _checksum(text[: found.start()] + 12 * "0" + text[found.end() :]) == found[0]
        for found in islice(_WRITTEN.finditer(text), MOST)
    )


def _checksum(text: str) -> str:
    return sha256(text.encode("utf-8", "replace")).hexdigest()[:12]
