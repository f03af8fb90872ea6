"""Text for people made printable: what a stranger wrote can neither command a terminal nor hide in it.

Specs, names of files and values come from anywhere. Whatever is shown of them goes through here: control characters,
escape sequences, marks that turn the direction of text, and what has no shape at all become one visible sign each.
"""

from __future__ import annotations

import re

HIDDEN = "\ufffd"
"""Stands for a character that cannot be shown."""
OFF = "\033[0m"
_COLOUR = re.compile(r"\033\[[0-9;]*m")


def printable(text: str) -> str:
    """A text of as many characters in which all can be seen; line ends stay, and other blanks are blanks."""
    if text.isprintable():
        return text
    return "".join(char if char == "\n" or char.isprintable() else _sign(char) for char in text)


def on_one_line(text: str) -> str:
    """The same, with line ends as blanks."""
    return printable(text).replace("\n", " ")


def presentable(text: str, colour: bool) -> str:
    """A finished text on its way to a terminal; our own colours stay where there are any."""
    if not colour:
        return printable(text)
    parts = _COLOUR.split(text)
    codes = [*_COLOUR.findall(text), ""]
    return "".join(printable(part) + code for part, code in zip(parts, codes))


def paint(text: str, code: str, colour: bool = True) -> str:
    """A text made printable, in a colour (``32``, ``31;1``) where there are colours."""
    clean = printable(text)
    return f"\033[{code}m{clean}{OFF}" if colour and clean else clean


def _sign(char: str) -> str:
    import unicodedata

    blank = char in "\t\r\v\f" or unicodedata.category(char) in ("Zs", "Zl", "Zp")
    return " " if blank else HIDDEN
