"""The chart of parameters against multiply-accumulates: whoever measures on it finds the figures of the layers."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from math import log10

import pytest

import archspec
from archspec.report.chart import chart, innermost
from archspec.report.lines import tree_of
from archspec.report.parts import parts_of

UNITS = {"": 0, "K": 3, "M": 6, "G": 9, "T": 12}


def decade(text: str) -> int:
    """The power of ten that a tick says."""
    number, unit = re.fullmatch(r"(10*)([KMGT]?)", text).groups()  # type: ignore[union-attr]
    return len(number) - 1 + UNITS[unit]


def at(ticks: dict[int, float], value: float) -> float:
    """The place of a number between the ticks on either side of it."""
    low = max(tick for tick in ticks if tick <= log10(value) + 1e-9)
    high = min((tick for tick in ticks if tick > low), default=low)
    return ticks[low] + (ticks[high] - ticks[low]) * (log10(value) - low)


@pytest.mark.parametrize("model", ["poolformer_m36", "restormer", "resnet50", "gmlp_lm"])
def test_places_say_what_the_report_says(model: str) -> None:
    report = archspec.stats(model)
    lines = tree_of(report.layers)
    root = ET.fromstring(chart(lines, parts_of(report, lines)) or "")
    of = {kind: [e for e in root if e.get("class") == kind] for kind in ("tick", "grid", "dot", "reuse", "hint")}
    across = {decade(e.text or ""): float(e.get("x", "")) for e in of["tick"] if e.get("text-anchor") == "middle"}
    up = {decade(e.text or ""): float(e.get("y", "")) - 4 for e in of["tick"] if e.get("text-anchor") == "end"}

    left, right, top, bottom = min(across.values()), max(across.values()), min(up.values()), max(up.values())
    grid = [[float(n) for n in re.findall(r"[\d.]+", e.get("d", ""))] for e in of["grid"]]
    assert grid == [pytest.approx(line, abs=0.1) for line in (
        *([x, top, bottom] for x in across.values()), *([left, y, right] for y in up.values())
    )]  # fmt: skip
    assert sorted(across) == list(range(min(across), max(across) + 1))
    assert sorted(up) == list(range(min(up), max(up) + 1))

    figures = {(line.row.params, line.row.macs) for line in innermost(lines) if line.row.params and line.row.macs}
    wanted = {(at(across, params), at(up, macs)) for params, macs in figures}
    found = {(float(e.get("cx", "")), float(e.get("cy", ""))) for e in of["dot"]}
    assert all(any(abs(x - a) + abs(y - b) < 0.2 for a, b in wanted) for x, y in found)
    assert all(any(abs(x - a) + abs(y - b) < 0.2 for x, y in found) for a, b in wanted)

    for line in of["reuse"]:
        x1, y1, x2, y2 = (float(n) for n in re.findall(r"[\d.]+", line.get("d", "")))
        assert left - 0.1 <= x1 < x2 <= right + 0.1
        assert top - 0.1 <= y2 < y1 <= bottom + 0.1
        reuse = [
            min(up) + (y - bottom) / (top - bottom) * (max(up) - min(up))
            - min(across) - (x - left) / (right - left) * (max(across) - min(across))
            for x, y in ((x1, y1), (x2, y2))
        ]  # fmt: skip
        assert reuse == pytest.approx([round(reuse[0])] * 2, abs=0.02), "powers of ten of macs a parameter"
