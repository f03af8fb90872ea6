"""What a search found, for people and for programs."""

from __future__ import annotations

import json
from typing import Any

from archspec.explore.sweep import Sweep
from archspec.report.text import scaled, table

SHOWN = ("params", "macs", "activations", "train_saved_bytes")


def render_sweep(result: Sweep, format: str = "table", top: int = 20, colour: bool = False) -> str:
    """A sweep's counts and its front as a table, JSON, CSV or Markdown."""
    if format == "json":
        return json.dumps(to_dict(result), indent=2)
    head = [*(axis.name for axis in result.space.axes), *result.metrics]
    rows = [_row(result, place) for place in range(len(result.rows))]
    if format == "csv":
        from archspec.explore.store import quoted

        return "\n".join(",".join(map(quoted, row)) for row in [head, *rows])
    if format == "markdown":
        lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
        return "\n".join([*lines, *("| " + " | ".join(row) + " |" for row in rows)])
    return "\n".join(_lines(result, top, colour))


def to_dict(result: Sweep) -> dict[str, Any]:
    """A sweep as JSON has it."""
    front = []
    for place, row in enumerate(result.rows.tolist()):
        figures = {metric: int(column[place]) for metric, column in result.figures.items()}
        front.append({"row": row, "set": result.settings(row), **figures})
    return {
        "schema": "archspec.sweep/1",
        "variants": result.counted,
        "kept": result.kept,
        "refused": dict(result.refused),
        "checked": result.checked,
        "goals": [str(goal) for goal in result.goals],
        "front": front,
        "table": str(result.path) if result.path is not None else None,
    }


def _row(result: Sweep, place: int) -> list[str]:
    variant = result.variant(result.rows[place])
    return [option.text for option in variant.values()] + [str(int(result.figures[m][place])) for m in result.metrics]


def _lines(result: Sweep, top: int, colour: bool) -> list[str]:
    rate = f", {result.counted / result.seconds:,.0f} a second" if result.seconds and not result.resumed else ""
    refused = sum(result.refused.values())
    lines = [f"{result.counted:,} variants in {result.seconds:.1f} s{rate}"]
    if result.resumed:
        lines.append(f"{result.resumed:,} of them from the parts of a sweep that was stopped")
    lines.append(f"{result.kept:,} kept, {refused:,} no models, {result.counted - result.kept - refused:,} left out")
    for words, count in result.refused.most_common(5):
        lines.append(f"  {count:,}: {words}")
    lines.append(f"{result.checked} drawn at random and held against full reports: equal")
    if result.path is not None:
        lines.append(f"wrote {result.path}")
    shown = [m for m in result.metrics if m in SHOWN or any(goal.figure == m for goal in result.goals)]
    goals = ", ".join(map(str, result.goals))
    lines += ["", f"front ({goals}): {len(result.rows):,} variants"]
    if not len(result.rows):
        return lines
    step = max(1, len(result.rows) / top)
    places = sorted({min(len(result.rows) - 1, round(number * step)) for number in range(top)})
    cells = []
    for place in places:
        variant = result.variant(result.rows[place])
        figures = [scaled(int(result.figures[metric][place])) for metric in shown]
        cells.append([*(option.text for option in variant.values()), *figures])
    axes = [axis.name for axis in result.space.axes]
    right = frozenset(range(len(axes), len(axes) + len(shown)))
    lines += table([*axes, *shown], cells, right, colour)
    best = " ".join(f"--set {_shell(f'{name}={text}')}" for name, text in result.settings(result.rows[0]).items())
    return [*lines, "", f"the first of them: {best}"]


def _shell(text: str) -> str:
    import shlex

    return shlex.quote(text)
