"""The variants of a sweep as a picture: the first goal across, the second up, the front marked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

from archspec.checksum import marked
from archspec.report.svg import Element, add, drawing, write
from archspec.report.text import scaled
from archspec.search.result import Sweep

_WIDTH, _HEIGHT = 720.0, 480.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 72.0, 700.0, 44.0, 430.0
_STYLE = """
svg { background: #fff; font: 12px system-ui, sans-serif; }
.all { fill: #7a8aa0; fill-opacity: .35; } .front { fill: #c2410c; } .line { fill: none; stroke: #c2410c; }
.grid { stroke: #e3e7ec; } text { fill: #27313d; } .small { font-size: 11px; fill: #55606e; }
"""


@dataclass(frozen=True)
class _PlotScale:
    """Values to places, logarithmically where all are positive."""

    low: float
    high: float
    start: float
    stop: float
    log: bool

    def place(self, value: float) -> float:
        """Where a value stands."""
        at = log10(value) if self.log else value
        return self.start + (self.stop - self.start) * (at - self.low) / (self.high - self.low)

    def ticks(self) -> list[float]:
        """Round values to mark."""
        if not self.log:
            return [self.low + (self.high - self.low) * part / 4 for part in range(5)]
        decades = range(floor(self.low), ceil(self.high) + 1)
        marks = [factor * 10.0**decade for decade in decades for factor in (1, 2, 5)]
        return [mark for mark in marks if self.low <= log10(mark) <= self.high]


def _axis(values: Sequence[float], start: float, stop: float) -> _PlotScale:
    log = min(values) > 0
    ends = [log10(value) if log else value for value in (min(values), max(values))]
    room = max((ends[1] - ends[0]) * 0.04, 0.01 if log else 1.0)
    return _PlotScale(ends[0] - room, ends[1] + room, start, stop, log)


def plot(result: Sweep) -> str:
    """An SVG file: some thousands of the variants that were kept, and all of the front."""
    across, up = result.goals[0], result.goals[min(1, len(result.goals) - 1)]
    whole = drawing(_WIDTH, _HEIGHT, f"{up.metric} against {across.metric} of {result.kept:,} variants", "sweep")
    whole.set("xmlns", "http://www.w3.org/2000/svg")
    add(whole, "style", _STYLE.replace("\n", " "))
    add(whole, "text", f"{result.kept:,} variants, {len(result.rows):,} on the front", x=_LEFT, y=24)
    if not len(result.rows):
        return marked(write(whole))
    some = [(int(x), int(y)) for x, y in zip(result.points[across.metric], result.points[up.metric])]
    best = [(int(x), int(y)) for x, y in zip(result.figures[across.metric], result.figures[up.metric])]
    horizontal = _axis([x for x, _ in some + best], _LEFT, _RIGHT)
    vertical = _axis([y for _, y in some + best], _BOTTOM, _TOP)
    _grid(whole, horizontal, vertical, across.metric, up.metric)
    for x, y in some:
        add(whole, "circle", cx=horizontal.place(x), cy=vertical.place(y), r=1.6, css="all")
    path = " ".join(f"{horizontal.place(x):.1f},{vertical.place(y):.1f}" for x, y in sorted(best))
    if len(result.goals) == 2:
        add(whole, "polyline", points=path, css="line")
    for place, (x, y) in enumerate(best):
        dot = add(whole, "circle", cx=horizontal.place(x), cy=vertical.place(y), r=2.8, css="front")
        words = ", ".join(f"{name} = {option.text}" for name, option in result.variant(result.rows[place]).items())
        add(dot, "title", f"{words}: {x:,} {across.metric}, {y:,} {up.metric}")
    return marked(write(whole))


def _grid(whole: Element, across: _PlotScale, up: _PlotScale, below: str, beside: str) -> None:
    for value in across.ticks():
        x = across.place(value)
        add(whole, "line", x1=x, x2=x, y1=_TOP, y2=_BOTTOM, css="grid")
        add(whole, "text", scaled(round(value), 3), x=x, y=_BOTTOM + 16, text_anchor="middle", css="small")
    for value in up.ticks():
        y = up.place(value)
        add(whole, "line", x1=_LEFT, x2=_RIGHT, y1=y, y2=y, css="grid")
        add(whole, "text", scaled(round(value), 3), x=_LEFT - 6, y=y + 4, text_anchor="end", css="small")
    add(whole, "text", below, x=(_LEFT + _RIGHT) / 2, y=_BOTTOM + 38, text_anchor="middle")
    add(whole, "text", beside, x=_LEFT - 60, y=_TOP - 8)
