"""What a search found, for people and for programs."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from typing import Any

from archspec.diagnostics.printable import on_one_line
from archspec.report.metrics import METRICS
from archspec.report.table import NUMBER, TEXT, DataColumn, DataTable
from archspec.report.text import grouped, scaled
from archspec.search.fit import Fit
from archspec.search.result import Sweep
from archspec.search.space import Option, settings

FAR = 0.05
"""A fit that misses its budget by more is said to."""


def render_sweep(result: Sweep, format: str = "table", top: int = 20, colour: bool = False) -> str:
    """A sweep's counts and its front as a table, JSON, CSV or Markdown."""
    if format == "json":
        return json.dumps(to_dict(result), indent=2)
    if format == "table":
        return "\n".join(_lines(result, top, colour))
    variants = [result.variant(row) for row in result.rows]
    set_to = [_setting(axis.name, [variant[axis.name].text for variant in variants]) for axis in result.space.axes]
    figures = [_figures(metric, result.figures[metric]) for metric in result.metrics]
    return DataTable((*set_to, *figures)).write(format)


def to_dict(result: Sweep) -> dict[str, Any]:
    """A sweep as JSON has it."""
    front = []
    for place, row in enumerate(result.rows.tolist()):
        figures = {metric: int(column[place]) for metric, column in result.figures.items()}
        front.append({"row": row, "set": result.settings(row), **figures})
    return {
        "schema": "archspec.sweep/1",
        "variants": result.counted,
        "combinations": result.space.combinations,
        "seed": None if result.space.sample is None else result.space.seed,
        "kept": result.kept,
        "refused": dict(result.refused),
        "undefined": result.undefined,
        "checked": result.checked,
        "goals": [str(goal) for goal in result.goals],
        "front": front,
        "table": str(result.path) if result.path is not None else None,
    }


def _lines(result: Sweep, top: int, colour: bool) -> list[str]:
    rate = f", {result.counted / result.seconds:,.0f} a second" if result.seconds and not result.resumed else ""
    refused = sum(result.refused.values())
    lines = [f"{counted(result.counted)} in {result.seconds:.1f} s{rate}"]
    space = result.space
    if space.sample is not None:
        lines.append(f"drawn evenly at random from {grouped(space.combinations)} with seed {space.seed}")
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
    goals = ", ".join(map(str, result.goals))
    some = f", {top:,} of them shown" if len(result.rows) > top else ""
    lines += ["", f"front ({goals}): {counted(len(result.rows))}{some}"]
    if not len(result.rows):
        return lines
    lines += _front(result, top).plain(colour)
    return [*lines, "", f"the first of them: {_options(result.settings(result.rows[0]), result)}"]


def _front(result: Sweep, top: int) -> DataTable:
    """So many variants of the front, from one end to the other, with the goals and what is brief."""
    step = max(1, len(result.rows) / top)
    places = sorted({min(len(result.rows) - 1, round(number * step)) for number in range(top)})
    variants = [_together(result.variant(result.rows[place]), result) for place in places]
    goals = {goal.metric for goal in result.goals}
    shown = [metric for metric in result.metrics if METRICS[metric].brief or metric in goals]
    return DataTable(
        (
            *(_setting(name, [variant[name] for variant in variants]) for name in variants[0]),
            *(_figures(metric, result.figures[metric][places]) for metric in shown),
        )
    )


def render_fit(result: Fit, format: str = "table", colour: bool = False) -> str:
    """The variants that were found as a table, JSON, CSV or Markdown."""
    if format == "json":
        found = [{"set": f.settings, **f.figures, "error": f.error} for f in result.found]
        made = {"schema": "archspec.fit/1", "model": result.model, "budget": result.budget, "method": result.method,
                "variants": result.variants, "evaluated": result.evaluated, "found": found}  # fmt: skip
        return json.dumps(made, indent=2)
    first = result.found[0]
    if format != "table":
        error = DataColumn("error", [f"{f.error:.6f}" for f in result.found], NUMBER)
        return _variants(result, first.figures, error).write(format)
    wanted = ", ".join(f"{name} {scaled(value)}" for name, value in result.budget.items())
    lines = [
        f"{result.model} for {wanted}: {result.evaluated:,} of {counted(result.variants)} worked out "
        f"in {result.seconds:.1f} s ({result.method})",
        "nearest to the budget first; of those equal to half a per cent, nearest to the model's own numbers",
        "",
    ]
    shown = dict.fromkeys([*result.budget, *(name for name in first.figures if METRICS[name].brief)])
    off = DataColumn("off by", [f"{100 * f.error:.2f}%" for f in result.found], NUMBER)
    lines += _variants(result, shown, off).plain(colour)
    if first.error > FAR:
        lines += ["", f"nothing comes nearer than {100 * first.error:.0f}%: give wider ranges, --free NAME=a..b"]
    return "\n".join([*lines, "", f"the first of them: {_options(first.settings, result)}"])


def _variants(result: Fit, metrics: Iterable[str], error: DataColumn) -> DataTable:
    """The variants that a fit found, with some of their metrics."""
    set_to = [_setting(name, [f.settings[name] for f in result.found]) for name in result.found[0].settings]
    return DataTable((*set_to, *(_figures(m, [f.figures[m] for f in result.found]) for m in metrics), error))


def _setting(name: str, texts: list[str]) -> DataColumn:
    """A column of what varies, to the right where all are numbers."""
    numbers = all(text.replace(".", "", 1).removeprefix("-").isdecimal() for text in texts)
    return DataColumn(name, texts, NUMBER if numbers else TEXT)


def _figures(metric: str, values: Iterable[Any]) -> DataColumn:
    return DataColumn(metric, list(map(int, values)), METRICS[metric].format)


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


def _shell(text: str) -> str:
    import shlex

    return shlex.quote(text)
