"""Multiply-accumulates against parameters, a dot a layer, on logarithmic axes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, log10, sqrt
from typing import TypeAlias

from archspec.report import svg
from archspec.report.lines import Line
from archspec.report.parts import Part
from archspec.report.svg import Element, add
from archspec.report.text import scaled

_WIDTH, _HEIGHT = 480.0, 360.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 46.0, 456.0, 12.0, 322.0
_LABELS = 8

_Box: TypeAlias = tuple[float, float, float, float]


@dataclass(frozen=True)
class _Dot:
    name: str
    type: str
    params: int
    macs: int
    times: int
    hue: int


def innermost(lines: Sequence[Line]) -> list[Line]:
    """The lines of layers that hold no others, repeats left out."""
    shown = [line for line in lines if not line.repeat]
    ends = [*(line.level for line in shown[1:]), 0]
    return [line for line, following in zip(shown, ends) if following <= line.level]


def chart(lines: Sequence[Line], parts: Sequence[Part]) -> str | None:
    """The chart as SVG; layers without parameters or without multiply-accumulates have no place on it.

    None where fewer than two layers have a place.
    """
    dots = _dots(lines, parts)
    if len(dots) < 2:
        return None
    across, up = _axis([dot.params for dot in dots]), _axis([dot.macs for dot in dots])
    words = (
        f"Multiply-accumulates against parameters of {len(dots)} innermost layers; the table of layers has the figures"
    )
    whole = svg.drawing(_WIDTH, _HEIGHT, words, "chart")

    def place(params: float, macs: float) -> tuple[float, float]:
        x = _LEFT + (_RIGHT - _LEFT) * (log10(params) - across[0]) / (across[1] - across[0])
        return x, _BOTTOM - (_BOTTOM - _TOP) * (log10(macs) - up[0]) / (up[1] - up[0])

    _grid(whole, across, up)
    boxes = [(_LEFT, _TOP, _LEFT + 40, _TOP + 16), *_reuse(whole, across, up)]
    circles = []
    for dot in dots:
        x, y = place(dot.params, dot.macs)
        r = 3.5 + 1.2 * min(sqrt(dot.times) - 1, 4)
        circles.append((dot, x, y, r))
        boxes.append((x - r, y - r, x + r, y + r))
        circle = add(whole, "circle", cx=x, cy=y, r=r, css="dot", style=f"--h:{dot.hue}")
        times = f" ×{dot.times}" if dot.times > 1 else ""
        add(circle, "title", f"{dot.name}{times} ({dot.type}): {dot.params:,} params, {dot.macs:,} macs each")
    ranked = sorted(circles, key=lambda item: (-item[0].macs * item[0].times, item[0].name))
    labelled = 0
    for dot, x, y, r in ranked:
        if labelled < _LABELS and _label(whole, dot, (x, y, r), boxes):
            labelled += 1
    return svg.write(whole)


def _dots(lines: Sequence[Line], parts: Sequence[Part]) -> list[_Dot]:
    hues = {path: part.hue for part in parts for path in part.paths}
    made: list[_Dot] = []
    hue = 0
    ends = {id(line) for line in innermost(lines)}
    for line in lines:
        hue = hues.get(line.row.path, hue) if line.level == 1 else hue
        if id(line) in ends and line.row.params and line.row.macs:
            made.append(_Dot(line.path, line.row.type, line.row.params, line.row.macs, line.times, hue))
    return made


def _axis(values: Sequence[int]) -> tuple[int, int]:
    """Whole decades that hold all values."""
    low, high = floor(log10(min(values))), ceil(log10(max(values)))
    return (low, high) if high > low else (low, low + 1)


def _grid(whole: Element, across: tuple[int, int], up: tuple[int, int]) -> None:
    for decade in range(across[0], across[1] + 1):
        x = _LEFT + (_RIGHT - _LEFT) * (decade - across[0]) / (across[1] - across[0])
        add(whole, "path", d=f"M{x:.1f} {_TOP}V{_BOTTOM}", css="grid")
        add(whole, "text", scaled(10**decade), x=x, y=_BOTTOM + 14, css="tick", text_anchor="middle")
    for decade in range(up[0], up[1] + 1):
        y = _BOTTOM - (_BOTTOM - _TOP) * (decade - up[0]) / (up[1] - up[0])
        add(whole, "path", d=f"M{_LEFT} {y:.1f}H{_RIGHT}", css="grid")
        add(whole, "text", scaled(10**decade), x=_LEFT - 6, y=y + 4, css="tick", text_anchor="end")
    add(whole, "text", "params", x=_RIGHT, y=_BOTTOM + 32, css="axis", text_anchor="end")
    add(whole, "text", "macs", x=_LEFT + 6, y=_TOP + 11, css="axis")


def _reuse(whole: Element, across: tuple[int, int], up: tuple[int, int]) -> list[_Box]:
    """Lines of equal reuse, so many multiply-accumulates a parameter; gives where they are named."""
    named = []
    scale_x, scale_y = (_RIGHT - _LEFT) / (across[1] - across[0]), (_BOTTOM - _TOP) / (up[1] - up[0])
    for power in range(9):
        low, high = max(across[0], up[0] - power), min(across[1], up[1] - power)
        if high <= low:
            continue
        x1, x2 = (_LEFT + scale_x * (at - across[0]) for at in (low, high))
        y1, y2 = (_BOTTOM - scale_y * (at + power - up[0]) for at in (low, high))
        add(whole, "path", d=f"M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}", css="reuse")
        text = f"{scaled(10**power)}/param"
        wide = 0.605 * 9 * len(text)
        at_top = y2 < _TOP + 1
        x, y = (x2 + 4, _TOP + 11) if at_top else (_RIGHT - 4 - wide, y2 + 14)
        if x + wide < _RIGHT and y < _BOTTOM - 4:
            add(whole, "text", text, x=x, y=y, css="hint")
            named.append((x - 4, y - 9, x + wide, y + 3))
    return named


def _label(whole: Element, dot: _Dot, at: tuple[float, float, float], boxes: list[_Box]) -> bool:
    """Name a dot beside, over or under it, if there is room to."""
    x, y, r = at
    text = dot.name if len(dot.name) <= 34 else "…" + dot.name[-33:]
    width = 0.605 * 10 * len(text)
    middle = x - width / 2
    for left, line in ((x + r + 3, y), (x - r - 3 - width, y), (middle, y - r - 8), (middle, y + r + 8)):
        box = (left, line - 6, left + width, line + 6)
        inside = left > _LEFT and box[2] < _WIDTH and box[1] > _TOP and box[3] < _BOTTOM
        if inside and not any(_overlap(box, other) for other in boxes):
            add(whole, "text", text, x=left, y=line + 3.5, css="label")
            boxes.append(box)
            return True
    return False


def _overlap(one: _Box, other: _Box) -> bool:
    return one[0] <= other[2] and other[0] <= one[2] and one[1] <= other[3] and other[1] <= one[3]
