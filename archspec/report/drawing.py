"""The drawing of an architecture: its flow from top to bottom, as wide as the tensors are large, skips as arcs."""

from __future__ import annotations

from math import log2, prod

from archspec.opdef.types import TensorType
from archspec.report import svg
from archspec.report.flow import Flow, Item
from archspec.report.metrics import percent, share
from archspec.report.svg import Element, add

_NARROW, _WIDE, _MIDDLE = 190.0, 320.0, 164.0
_LAYER, _SMALL, _GAP = 50.0, 22.0, 26.0
_LANE, _LANES = 13.0, 190.0
_ARCS = 150


def draw(flow: Flow, label: str, params: int, macs: int, hues: dict[str, int]) -> str:
    """The flow as SVG; shares are of ``params`` and ``macs``, and ``hues`` are the colours of layers by path."""
    widths = _widths(flow.items)
    tops: list[float] = []
    at = 1.0
    for item in flow.items:
        tops.append(at)
        at += _height(item) + _GAP
    lanes = _lanes(flow)
    step = min(_LANE, _LANES / (max(lanes.values(), default=0) + 1))
    right = _MIDDLE + _WIDE / 2 + (14 + step * (max(lanes.values()) + 1) if lanes else 2)
    skips = sum(end - start > 1 for start, end in flow.edges) - len(lanes)
    more = [f"{count} {what}" for count, what in ((flow.left_out, "steps"), (skips, "arcs")) if count]
    whole = svg.drawing(right + 2, at - _GAP + (24 if more else 2), label, "flow")
    arcs = add(whole, "g", css="arcs")
    for (start, end), lane in lanes.items():
        _arc(arcs, flow, (start, end), widths, tops, _MIDDLE + _WIDE / 2 + 14 + step * lane)
    for index, item in enumerate(flow.items):
        _box(whole, item, tops[index], widths[index], (params, macs), hues)
        _below(whole, flow, index, tops)
    if more:
        add(whole, "text", " and ".join(more) + " more", x=_MIDDLE, y=at - 8, css="mute", text_anchor="middle")
    return svg.write(whole)


def _height(item: Item) -> float:
    return _LAYER if item.layer else _SMALL


def _widths(items: list[Item]) -> list[float]:
    """Widths that follow the logarithm of the elements a tensor has, within limits in which names fit."""
    logs = [log2(max(prod(item.type.shape), 1)) for item in items]
    most = max(logs)
    span = min(max(most - min(logs), 2.0), 7.0)
    return [_WIDE - (_WIDE - _NARROW) * min((most - own) / span, 1.0) for own in logs]


def _lanes(flow: Flow) -> dict[tuple[int, int], int]:
    """A lane for each edge that skips items, short ones inside, so that none runs over another; not for too many."""
    skips = sorted(((s, e) for s, e in flow.edges if e - s > 1), key=lambda edge: (edge[1] - edge[0], edge))
    taken: list[list[tuple[int, int]]] = []
    made: dict[tuple[int, int], int] = {}
    for start, end in skips[:_ARCS]:
        free = (i for i, lane in enumerate(taken) if all(e <= start or s >= end for s, e in lane))
        lane = next(free, len(taken))
        taken += [[]] * (lane == len(taken))
        taken[lane] = [*taken[lane], (start, end)]
        made[start, end] = lane
    return made


def _arc(
    parent: Element, flow: Flow, edge: tuple[int, int], widths: list[float], tops: list[float], lane: float
) -> None:
    start, end = edge
    x1, x2 = (_MIDDLE + widths[i] / 2 for i in edge)
    y1 = tops[start] + 0.72 * _height(flow.items[start])
    y2 = tops[end] + 0.28 * _height(flow.items[end])
    r = 9.0
    path = f"M{x1:.1f} {y1:.1f}H{lane - r:.1f}q{r} 0 {r} {r}V{y2 - r:.1f}q0 {r} {-r} {r}H{x2 + 5:.1f}"
    group = add(parent, "g", css="arc")
    names = flow.items[start].name, flow.items[end].name
    add(group, "title", f"{names[0]} to {names[1]}: {sizes(flow.items[start].type)}")
    add(group, "path", d=path, css="line")
    _head(group, x2, y2, (5, -3.5), (5, 3.5))


def _head(parent: Element, x: float, y: float, one: tuple[float, float], other: tuple[float, float]) -> None:
    """The head of an arrow whose point is at (x, y)."""
    corners = " ".join(f"{x + dx:.1f},{y + dy:.1f}" for dx, dy in ((0, 0), one, other))
    add(parent, "polygon", points=corners, css="head")


def _below(parent: Element, flow: Flow, index: int, tops: list[float]) -> None:
    """The arrow to the next item, where there is one, with the shape that goes along it where that is new."""
    item = flow.items[index]
    if index + 1 == len(flow.items):
        return
    y1, y2 = tops[index] + _height(item), tops[index + 1]
    if (index, index + 1) in flow.edges:
        add(parent, "path", d=f"M{_MIDDLE:.1f} {y1:.1f}V{y2 - 5:.1f}", css="line")
        _head(parent, _MIDDLE, y2, (-3.5, -5), (3.5, -5))
    before = [flow.items[start].type.shape for start in flow.into(index)]
    if item.type.shape not in before:
        add(parent, "text", sizes(item.type), x=_MIDDLE + 10, y=y1 + _GAP / 2 + 3, css="shape")


def _box(parent: Element, item: Item, top: float, width: float, whole: tuple[int, int], hues: dict[str, int]) -> None:
    left = _MIDDLE - width / 2
    group = add(parent, "g", css="layer" if item.layer else "small")
    share_text = f", {percent(item.macs, whole[1])} of macs, {percent(item.params, whole[0])} of params"
    costs = f": {item.params:,} params, {item.macs:,} macs{share_text}" if item.layer or item.macs else ""
    add(group, "title", f"{item.name} {item.note}{costs}".replace(" :", ":"))
    add(group, "rect", x=left, y=top, width=width, height=_height(item), rx=5 if item.layer else 11, css="box")
    if not item.layer:
        text = svg.fit(item.name, width - 20, 11.5)
        add(group, "text", text, x=_MIDDLE, y=top + 15, css="op", text_anchor="middle")
        return
    if item.path in hues:
        add(group, "rect", x=left + 1, y=top + 8, width=3, height=_LAYER - 16, rx=1.5, css="hue",
            style=f"--h:{hues[item.path]}")  # fmt: skip
    times = f"×{item.times}" if item.times > 1 else ""
    room = width - 26 - 8 * len(times)
    add(group, "text", svg.fit(item.name, room, 12.5), x=left + 13, y=top + 17, css="name")
    if times:
        add(group, "text", times, x=left + width - 12, y=top + 17, css="name", text_anchor="end")
    add(group, "text", svg.fit(item.note, width - 26, 11), x=left + 13, y=top + 32, css="mute")
    _share_bar(group, left + 13, top + 38.5, width - 26, share(item.macs, whole[1]), "macs")
    _share_bar(group, left + 13, top + 43.0, width - 26, share(item.params, whole[0]), "params")


def _share_bar(parent: Element, x: float, y: float, width: float, part: float, css: str) -> None:
    """A track with so much of it filled."""
    add(parent, "rect", x=x, y=y, width=width, height=3, css="track")
    if part:
        add(parent, "rect", x=x, y=y, width=max(width * part, 1), height=3, css=css)


def sizes(type: TensorType) -> str:
    """A shape as it is read: ``96 × 56 × 56``."""
    return " × ".join(str(size) for size in type.shape) or "scalar"


def described(flow: Flow) -> str:
    """The flow in words, for who cannot see it."""
    return "Dataflow: " + ", then ".join(f"{item.name}{f' ({item.note})' if item.note else ''}" for item in flow.items)
