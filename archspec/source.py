"""Source texts and the places in them.

Everything that can be wrong has a place, and every place is a :class:`Span`: the name of a text and two offsets. Only
the renderer knows of lines, columns and colours.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple


class Span(NamedTuple):
    """A half-open range of characters ``[start, end)`` in the text called ``source``."""

    source: str
    start: int
    end: int

    def to(self, other: Span) -> Span:
        """The range from the start of this span to the end of ``other``."""
        return Span(self.source, self.start, other.end)


NOWHERE = Span("", 0, 0)


@dataclass(frozen=True)
class Source:
    """One text with its name: a path for a file, a label in angle brackets for anything else."""

    name: str
    text: str

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *(i + 1 for i, char in enumerate(self.text) if char == "\n")]

    @property
    def is_file(self) -> bool:
        """Whether the text was read from a file."""
        return not self.name.startswith("<")

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column, both from 1, of a character offset."""
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1

    def line(self, number: int) -> str:
        """The text of line ``number`` (from 1) without its newline."""
        start = self._starts[number - 1]
        end = self._starts[number] - 1 if number < len(self._starts) else len(self.text)
        return self.text[start:end].rstrip("\r")
