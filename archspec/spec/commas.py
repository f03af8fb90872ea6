"""Lists on a command line."""

from __future__ import annotations

OPENING, CLOSING = "([{", ")]}"


def split(text: str) -> list[str]:
    """Parts with commas between them; commas inside brackets and strings do not count."""
    parts, depth, quoted = [""], 0, False
    for sign in text:
        quoted ^= sign == '"'
        if not quoted:
            depth += (sign in OPENING) - (sign in CLOSING)
        if sign == "," and not depth and not quoted:
            parts.append("")
        else:
            parts[-1] += sign
    return [part.strip() for part in parts]
