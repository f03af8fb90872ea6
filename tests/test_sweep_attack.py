"""Sweeps held against full reports where columns are not plain: no value, beyond 64 bits, damaged parts."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from archspec import SpecError, stats, sweep
from archspec.search import schedule
from archspec.search.front import Goal, front
from archspec.search.result import Sweep
from archspec.search.space import settings

LAYER = "f = conv(1 + abs({}), kernel = 1)  return f(x)"
FAMILIES: dict[str, tuple[str, str, Mapping[str, Any]]] = {
    "no quotient": ("a = 3, b = 2", LAYER.format("a // b + a % b + int(a / b)"), {"a": "-3..5", "b": "-2..2"}),
    "no quotient of fractions": (
        "a = 3.0, b = 2.0",
        LAYER.format("int(a // b) + int(a % b) + floor(a * b) + ceil(a / b)"),
        {"a": [0.0, 1.5, -2.25, 1e10], "b": [0.0, -1.5, 0.1]},
    ),
    "no root, and large options": (
        "c = 3, z = 1",
        "f = conv(1 + int(sqrt(c - 1.5)), kernel = 1)  g = conv(z, kernel = 1)  return g(f(x))",
        {"c": "-3..5", "z": [1, 2**38, 2**60, 2**62]},
    ),
    "rounded to open digits": (
        "a = 3.0, b = 2",
        LAYER.format("int(10 * round(a, b))"),
        {"a": [0.5, 2.25, -2.675, 3.14159], "b": "-1..4"},
    ),
    "whole numbers rounded": ("a = 345, b = -1", LAYER.format("round(a, b)"), {"a": "335..355:5", "b": "-3..2"}),
    "rounded to given digits": (
        "a = 345.5",
        LAYER.format("int(round(a, -1) + 100 * abs(round(a / 7, 2)))"),
        {"a": [345.5, 355.5, 0.5, 12.25]},
    ),
    "options at the edge of 64 bits": (
        "c = 3",
        "f = conv(if c > 5 then 1 else c, kernel = 1)  return f(x)",
        {"c": [1, 2**61, 2**62, 2**63 - 1, -(2**62)]},
    ),
    "whole numbers and fractions": (
        "c = 3, r = 2.0",
        "f = conv(max(c, r), kernel = 1)  g = conv(int(c * r), kernel = 1)  return g(f(x))",
        {"c": "0..4", "r": [1, 1.5, 2.0, 2]},
    ),
}


def differing(spec: str, made: Sweep) -> list[dict[str, str]]:
    """The variants of which a sweep says something else than a full report."""
    assert made.table is not None
    places = {int(row): at for at, row in enumerate(made.table["row"])}
    wrong = []
    for row in range(len(made.space)):
        given = settings(made.variant(row), made.base)
        got = [int(made.table[metric][places[row]]) for metric in made.metrics] if row in places else None
        try:
            report = stats(spec, params=given)
            memory = report.memory.to_dict()
            want = [memory[name] if name in memory else getattr(report, name) for name in made.metrics]
        except SpecError:
            want = None
        if got != want:
            wrong.append(given)
    return wrong


@pytest.mark.parametrize("name", FAMILIES)
def test_rows_are_what_reports_say(name: str) -> None:
    parameters, body, vary = FAMILIES[name]
    spec = f"model m({parameters}) on x: [4, 8, 8] {{ {body} }}"
    assert differing(spec, sweep(spec, vary)) == []


SPEC = "model m(c = 3, k = 3) on x: [4, 8, 8] { f = conv(c, kernel = k)  return f(x) }"
VARY = {"c": "0..40", "k": "1..9"}


def stopped(out: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The parts of a sweep that was stopped half-way."""

    def stop(done: int, total: int) -> None:
        if done > total // 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(schedule, "STEP", 50)
    with pytest.raises(KeyboardInterrupt):
        sweep(SPEC, VARY, out=out, progress=stop)
    return sorted(out.with_name(out.name + ".parts").glob("*.npz"))


@pytest.mark.parametrize("damage", ["cut", "changed", "empty", "another's"])
def test_a_damaged_part_is_worked_out_again(damage: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sweep(SPEC, VARY, out=tmp_path / "whole.csv")
    one, other, *_ = stopped(tmp_path / "table.csv", monkeypatch)
    kept = bytearray(one.read_bytes())
    if damage == "changed":
        middle = len(kept) // 2
        kept[middle : middle + 2] = bytes(255 - byte for byte in kept[middle : middle + 2])
    one.write_bytes(
        bytes({"cut": kept[: len(kept) // 2], "empty": b"", "another's": other.read_bytes()}.get(damage, kept))
    )
    sweep(SPEC, VARY, out=tmp_path / "table.csv")
    assert (tmp_path / "table.csv").read_text() == (tmp_path / "whole.csv").read_text()


def test_parts_for_another_input_are_not_taken_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stopped(tmp_path / "table.csv", monkeypatch)
    with pytest.raises(SpecError, match="E0726"):
        sweep(SPEC, VARY, out=tmp_path / "table.csv", input_shape=(4, 8, 9))


def test_sweeps_of_other_inputs_in_one_process_are_others() -> None:
    small = sweep(SPEC, VARY, input_shape=(4, 9, 9), checks=0)
    large = sweep(SPEC, VARY, input_shape=(4, 32, 32), checks=0)
    assert small.table is not None
    assert large.table is not None
    assert large.table["macs"].max() == stats(SPEC, (4, 32, 32), params={"c": 40, "k": 9}).macs
    assert small.table["macs"].max() < large.table["macs"].max()


@pytest.mark.parametrize("seed", range(40))
def test_a_front_is_what_nothing_beats(seed: int) -> None:
    draw = np.random.default_rng(seed)
    count, rows = int(draw.integers(1, 5)), int(draw.integers(0, 60))
    figures = {f"m{i}": draw.integers(0, int(draw.integers(2, 30)), rows) for i in range(count)}
    if seed % 4 == 0:
        figures["m0"] = figures["m0"].astype(object) * 2**70
    goals = tuple(Goal(name, bool(draw.integers(0, 2))) for name in figures)
    costs = [tuple(int(figures[g.metric][i]) * (-1 if g.largest else 1) for g in goals) for i in range(rows)]
    best = [
        i
        for i in sorted(range(rows), key=lambda i: (costs[i], i))
        if costs[i] not in costs[:i]
        and not any(costs[j] != costs[i] and all(a <= b for a, b in zip(costs[j], costs[i])) for j in range(rows))
    ]
    assert front(figures, goals).tolist() == best
