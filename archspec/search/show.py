"""What a search found, for people and for programs."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from archspec.diagnostics.printable import on_one_line
from archspec.report.markdown import safe
from archspec.report.metrics import METRICS
from archspec.report.text import scaled, table
from archspec.search.fit import Fit
from archspec.search.space import Option, settings
from archspec.search.sweep import Sweep

FAR = 0.05
"""A fit that misses its budget by more is said to."""
SHOWN = ("params", "macs", "activations", "train_saved_bytes")


def render_sweep(result: Sweep, format: str = "table", top: int = 20, colour: bool = False) -> str:
    """A sweep's counts and its front as a table, JSON, CSV or Markdown."""
    if format == "json":
        return json.dumps(to_dict(result), indent=2)
    head = [*(axis.name for axis in result.space.axes), *result.metrics]
    rows = [_row(result, place) for place in range(len(result.rows))]
    if format in ("csv", "markdown"):
        return _plain([head, *rows], format)
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
        "undefined": result.undefined,
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
    lines = [f"{counted(result.counted)} in {result.seconds:.1f} s{rate}"]
    if result.resumed:
        lines.append(f"{result.resumed:,} of them from the parts of a sweep that was stopped")
    left = result.counted - result.kept - refused - result.undefined
    lines.append(f"{result.kept:,} kept, {refused:,} refused as models, {left:,} outside the conditions")
    if result.undefined:
        words = "where the conditions have no value: they divide by zero, or grow beyond bounds"
        lines.append(f"{result.undefined:,} left out {words}")
    for words, count in result.refused.most_common(5):
        lines.append(f"  {count:,}: {on_one_line(words)}")
    lines.append(f"{result.checked} drawn at random and held against full reports: equal")
    if result.path is not None:
        lines.append(f"wrote {on_one_line(str(result.path))}")
    shown = [m for m in result.metrics if m in SHOWN or any(goal.metric == m for goal in result.goals)]
    goals = ", ".join(map(str, result.goals))
    some = f", {top:,} of them shown" if len(result.rows) > top else ""
    lines += ["", f"front ({goals}): {counted(len(result.rows))}{some}"]
    if not len(result.rows):
        return lines
    step = max(1, len(result.rows) / top)
    places = sorted({min(len(result.rows) - 1, round(number * step)) for number in range(top)})
    cells = []
    for place in places:
        variant = result.variant(result.rows[place])
        figures = [METRICS[metric].short(int(result.figures[metric][place])) for metric in shown]
        cells.append([*_together(variant, result).values(), *figures])
    axes = list(_together(result.variant(result.rows[0]), result))
    numbers = {at for at in range(len(axes)) if all(_is_number(row[at]) for row in cells)}
    right = frozenset({*numbers, *range(len(axes), len(axes) + len(shown))})
    lines += table([*axes, *shown], cells, right, colour)
    return [*lines, "", f"the first of them: {_options(result.settings(result.rows[0]), result)}"]


def render_fit(result: Fit, format: str = "table", colour: bool = False) -> str:
    """The variants that were found as a table, JSON, CSV or Markdown."""
    head = [*result.found[0].settings, *result.found[0].figures, "error"]
    rows = [[*f.settings.values(), *map(str, f.figures.values()), f"{f.error:.6f}"] for f in result.found]
    if format == "json":
        found = [{"set": f.settings, **f.figures, "error": f.error} for f in result.found]
        made = {"schema": "archspec.fit/1", "model": result.model, "budget": result.budget, "method": result.method,
                "variants": result.variants, "evaluated": result.evaluated, "found": found}  # fmt: skip
        return json.dumps(made, indent=2)
    if format in ("csv", "markdown"):
        return _plain([head, *rows], format)
    wanted = ", ".join(f"{name} {scaled(value)}" for name, value in result.budget.items())
    lines = [
        f"{result.model} for {wanted}: {result.evaluated:,} of {counted(result.variants)} worked out "
        f"in {result.seconds:.1f} s ({result.method})",
        "nearest to the budget first; of those equal to half a per cent, nearest to the model's own numbers",
        "",
    ]
    shown = list(dict.fromkeys([*result.budget, "params", "macs", "train_saved_bytes"]))
    cells = [
        [*f.settings.values(), *(METRICS[name].short(f.figures[name]) for name in shown), f"{100 * f.error:.2f}%"]
        for f in result.found
    ]
    count = len(result.found[0].settings)
    numbers = {at for at in range(count) if all(_is_number(row[at]) for row in cells)}
    right = frozenset({*numbers, *range(count, count + len(shown) + 1)})
    lines += table([*result.found[0].settings, *shown, "off by"], cells, right, colour)
    if result.found[0].error > FAR:
        lines += [
            "",
            f"nothing comes nearer than {100 * result.found[0].error:.0f}%: give wider ranges, --free NAME=a..b",
        ]
    return "\n".join([*lines, "", f"the first of them: {_options(result.found[0].settings, result)}"])


def _together(variant: dict[str, Option], result: Sweep) -> dict[str, str]:
    """The options of a variant, those for several entries of one list as the list."""
    lists = Counter(name.partition("[")[0] for name in variant)
    made: dict[str, str] = {}
    for name, option in variant.items():
        whole = name.partition("[")[0]
        if lists[whole] == 1:
            made[name] = option.text
        elif whole not in made:
            made[whole] = settings(variant, result.base)[whole]
    return made


def counted(count: int) -> str:
    """So many variants in words."""
    return f"{count:,} variant" if count == 1 else f"{count:,} variants"


def _options(settings: dict[str, str], result: Sweep | Fit) -> str:
    """A variant as options of the other commands."""
    words = [f"--set {_shell(f'{n}={t}')}" for n, t in settings.items() if n in result.parameters]
    if any(name in result.sizes and name not in result.parameters for name in settings):
        words.append("--input " + "x".join(settings.get(name, str(size)) for name, size in result.sizes.items()))
    if "batch" in settings and "batch" not in result.parameters:
        words.append(f"--batch {settings['batch']}")
    return on_one_line(" ".join(words))


def _plain(rows: list[list[str]], format: str) -> str:
    """Rows with their head as CSV or Markdown."""
    from archspec.search.store import quoted

    if format == "csv":
        return "\n".join(",".join(map(quoted, row)) for row in rows)
    lines = ["| " + " | ".join(map(safe, row)) + " |" for row in rows]
    marks = ["---:" if all(_is_number(row[at]) for row in rows[1:]) else "---" for at in range(len(rows[0]))]
    return "\n".join([lines[0], f"| {' | '.join(marks)} |", *lines[1:]])


def _is_number(text: str) -> bool:
    return text.replace(".", "", 1).removeprefix("-").isdecimal()


def _shell(text: str) -> str:
    import shlex

    return shlex.quote(text)
