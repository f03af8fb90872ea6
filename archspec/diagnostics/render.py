"""Diagnostics as text: the message, the lines with carets, the notes and the way out."""

from __future__ import annotations

from collections.abc import Mapping

from archspec.diagnostics.printable import on_one_line, printable
from archspec.diagnostics.printable import paint as coloured
from archspec.diagnostics.problem import Diagnostic, Label
from archspec.source import NOWHERE, Source

RED, YELLOW, BLUE, GREEN, BOLD = "31;1", "33;1", "34;1", "32;1", "1"

LONGEST = 400
"""Lines are shown up to so many characters around the caret."""


class Painter:
    """Makes text printable, and wraps it in colours or does not."""

    def __init__(self, colour: bool) -> None:
        self.colour = colour

    def __call__(self, style: str, text: str) -> str:
        return coloured(text, style, self.colour)


def render(diagnostic: Diagnostic, sources: Mapping[str, Source], *, colour: bool = False) -> str:
    """One diagnostic as lines of text, without a trailing newline."""
    paint = Painter(colour)
    style = YELLOW if diagnostic.severity == "warning" else RED
    lines = [
        paint(style, f"{diagnostic.severity}[{diagnostic.code}]") + paint(BOLD, f": {on_one_line(diagnostic.message)}")
    ]
    places = [Label(diagnostic.span, diagnostic.label), *diagnostic.secondary]
    known = [place for place in places if place.span != NOWHERE and place.span.source in sources]
    width = max((len(str(_line(place, sources))) for place in known), default=1)
    for index, place in enumerate(known):
        primary = style if index == 0 and diagnostic.span == place.span else None
        follows = index > 0 and known[index - 1].span.source == place.span.source
        lines += _excerpt(place, sources[place.span.source], width, paint, primary, follows)
    pad = " " * width
    lines += [f"{pad} {paint(BLUE, '=')} {paint(BOLD, 'note')}: {_indent(note, width)}" for note in diagnostic.notes]
    if diagnostic.help:
        lines.append(f"{pad} {paint(BLUE, '=')} {paint(GREEN, 'help')}: {_indent(diagnostic.help, width)}")
    return "\n".join(lines)


def _line(place: Label, sources: Mapping[str, Source]) -> int:
    return sources[place.span.source].position(place.span.start)[0]


def _indent(text: str, width: int) -> str:
    return printable(text).replace("\n", "\n" + " " * (width + 3))


def _excerpt(place: Label, source: Source, width: int, paint: Painter, primary: str | None, follows: bool) -> list[str]:
    line, column = source.position(place.span.start)
    last_line, last_column = source.position(max(place.span.start, place.span.end))
    text = source.line(line)
    length = last_column - column if last_line == line else len(text) - column + 1
    shown = printable(text)
    if len(shown) > LONGEST:
        start = max(0, column - 1 - LONGEST // 4)
        shown, column = shown[start : start + LONGEST], column - start
        length = min(length, LONGEST - column + 1)
    marks = ("^" if primary else "-") * max(1, length)
    style = primary or BLUE
    bar, pad = paint(BLUE, "|"), " " * width
    head = (
        [f"{pad} {bar} ..."]
        if follows
        else [f"{pad}{paint(BLUE, '-->')} {on_one_line(source.name)}:{line}:{column}", f"{pad} {bar}"]
    )
    label = f" {on_one_line(place.text)}" if place.text else ""
    return [
        *head,
        f"{paint(BLUE, str(line).rjust(width))} {bar} {shown}",
        f"{pad} {bar} {' ' * (column - 1)}{paint(style, marks + label)}",
    ]
