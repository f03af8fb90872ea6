"""What a model's cost is split into: its stages and other outermost layers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from archspec.report.lines import Line
from archspec.report.metrics import BY_LAYER
from archspec.report.model import Report

MOST = 12


@dataclass
class Part:
    """Some layers and what they cost; ``hue`` is its colour in degrees."""

    name: str
    paths: list[str] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(BY_LAYER, 0))
    hue: int = 0

    def take(self, line: Line) -> None:
        """Add a line's layers."""
        self.paths.append(line.row.path)
        for name in BY_LAYER:
            self.counts[name] += 0 if line.repeat else line.total.counts[name]


def parts_of(report: Report, lines: Sequence[Line]) -> list[Part]:
    """At most a dozen parts in the order of computation, that add up to the whole.

    Where there are more, layers of one list are one part, and if need be the cheapest are one. What is in no layer
    (parameters of the model itself, and the work of its body) comes last.
    """
    top = [line for line in lines if line.level == 1]
    parts = _grouped(top, by_list=False)
    if len(parts) > MOST:
        parts = _grouped(top, by_list=True)
    if len(parts) > MOST:
        parts = _without_cheapest(parts)
    rest = {name: report.counts[name] - sum(part.counts[name] for part in parts) for name in BY_LAYER}
    if any(rest.values()):
        parts.append(Part("outside of layers", counts=rest))
    for index, part in enumerate(parts):
        part.hue = round(262 - 232 * index / (len(parts) - 1)) if len(parts) > 1 else 250
    return parts


def _without_cheapest(parts: list[Part]) -> list[Part]:
    """So many parts as there may be, the cheapest together in one."""
    rank = sorted(parts, key=lambda part: (-part.counts["macs"], -part.counts["params"]))
    kept, cheap = rank[: MOST - 1], rank[MOST - 1 :]
    counts = {name: sum(part.counts[name] for part in cheap) for name in BY_LAYER}
    others = Part(f"{len(cheap)} others", [path for part in cheap for path in part.paths], counts)
    return [*(part for part in parts if part in kept), others]


def _grouped(lines: Sequence[Line], by_list: bool) -> list[Part]:
    """Layers folded into one line are one part, and so are those of a list in a list, or of any with ``by_list``."""
    made: dict[str, Part] = {}
    last = ""
    for line in lines:
        path = line.row.path
        inner = path.rpartition(".")[0] if path.count(".") > 1 else ""
        last = path.partition(".")[0] if by_list else inner or (last if line.repeat else line.path)
        made.setdefault(last, Part(last)).take(line)
    return list(made.values())
