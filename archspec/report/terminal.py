"""A report for a terminal, drawn with rich: colours of the terminal's own palette, as wide as there is room."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Literal, TypeAlias

from rich.box import SIMPLE_HEAD
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from archspec.report.headline import MetricValue, basis, counts, notes, sizes, subject
from archspec.report.lines import Line
from archspec.report.metrics import percent, share
from archspec.report.model import Report
from archspec.report.text import scaled, shape

_EIGHTHS = " ▏▎▍▌▋▊▉"
_LEAST_BAR, _GOOD_BAR, _MOST_BAR = 6, 16, 40
"""Columns that the bar of a layer needs to be drawn at all, needs before others are, and takes at most."""

TerminalColumn: TypeAlias = tuple[str, bool, list[Text]]
"""The head of a column, whether it is aligned to the right, and so never cut, and its cells."""


def terminal(report: Report, lines: Sequence[Line], width: int) -> str:
    """The report in ``width`` columns with escape codes; ``lines`` are the layers to show."""
    title = Text.assemble((report.model, "bold"), "  ", (subject(report), "dim"))
    parts: list[RenderableType] = [title, Text(), _layers(report, lines, width), Text()]
    if report.stages:
        parts += [_stages(report, width), Text()]
    parts += [_operators(report, width), *(Text(note, "dim") for note in notes(report)), Text()]
    parts += [
        _metrics("figure", "meaning", counts(report)),
        Text(),
        _metrics("memory", basis(report), sizes(report)),
    ]
    console = Console(file=io.StringIO(), width=width, force_terminal=True, color_system="standard")
    with console.capture() as made:
        console.print(Group(*parts))
    return "\n".join(line.rstrip() for line in made.get().rstrip().split("\n"))


def _table(columns: Sequence[TerminalColumn]) -> Table:
    """A table with a rule under its head."""
    made = Table(
        box=SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold", border_style="dim"
    )
    for name, right, cells in columns:
        least = _wide((name, right, cells)) if right else 4
        justify: Literal["left", "right"] = "right" if right else "left"
        made.add_column(name, justify=justify, min_width=least, no_wrap=True, overflow="ellipsis")
    for row in zip(*(cells for _, _, cells in columns)):
        made.add_row(*row)
    return made


def _wide(column: TerminalColumn) -> int:
    name, _, cells = column
    return max(len(name), *(text.cell_len for text in cells), 0)


def _layers(report: Report, lines: Sequence[Line], width: int) -> Table:
    """The layers with as much of each as there is room for: inputs and flops go first, then the bar, then types."""
    rows = [line.total for line in lines]
    columns: list[TerminalColumn] = [
        ("layer", False, branches(lines)),
        ("type", False, [Text(row.type, "cyan") for row in rows]),
        ("input", False, [Text(shape(row.input_shape)) for row in rows]),
        ("output", False, [Text(shape(row.output_shape)) for row in rows]),
        ("params", True, [Text(scaled(row.params)) for row in rows]),
        ("macs", True, [Text(scaled(row.macs)) for row in rows]),
        ("flops", True, [Text(scaled(row.flops)) for row in rows]),
        ("share", True, [Text(percent(row.macs, report.macs)) for row in rows]),
    ]
    columns = _fitting(columns, width - _GOOD_BAR, "input", "flops")
    columns = _fitting(columns, width, "type", "output")
    return _table([*columns, *_bars("of macs", [row.macs for row in rows], report.macs, width, columns)])


def _fitting(columns: list[TerminalColumn], width: int, *dropped: str) -> list[TerminalColumn]:
    """Columns that fit, at the cost of some of those that may be dropped; the first of these go first."""
    for name in dropped:
        if sum(_wide(column) + 2 for column in columns) > width:
            columns = [column for column in columns if column[0] != name]
    return columns


def _bars(
    name: str, values: Sequence[int], whole: int, width: int, beside: Sequence[TerminalColumn], most: int = _MOST_BAR
) -> list[TerminalColumn]:
    """A column of bars in the room that others leave, if they leave enough."""
    room = min(width - sum(_wide(column) + 2 for column in beside), most)
    return [(name[:room], False, [_bar(value, whole, room) for value in values])] if room >= _LEAST_BAR else []


def _bar(part: int, whole: int, room: int) -> Text:
    """A bar of so many columns for the whole, in steps of an eighth of one."""
    eighths = round(8 * room * share(part, whole))
    return Text("█" * (eighths // 8) + _EIGHTHS[eighths % 8].strip(), "blue", no_wrap=True)


def _stages(report: Report, width: int) -> Table:
    rows = report.stages
    columns: list[TerminalColumn] = [
        ("stage", False, [Text(s.name) for s in rows]),
        ("dim", True, [Text("-" if s.dim is None else str(s.dim)) for s in rows]),
        ("depth", True, [Text(str(s.depth)) for s in rows]),
        ("mixer", False, [Text(s.mixer or "-", "cyan") for s in rows]),
        ("output", False, [Text(shape(s.output_shape)) for s in rows]),
        ("params", True, [Text(scaled(s.params)) for s in rows]),
        ("macs", True, [Text(scaled(s.macs)) for s in rows]),
        ("share", True, [Text(percent(s.macs, report.macs)) for s in rows]),
    ]
    return _table(_fitting(columns, width, "output", "dim"))


def _operators(report: Report, width: int) -> Table:
    counts = report.by_operator
    columns: list[TerminalColumn] = [
        ("operator", False, [Text(name) for name in counts]),
        ("fvcore", True, [Text(f"{count:,}") for count in counts.values()]),
        ("", True, [Text(scaled(count)) for count in counts.values()]),
        ("share", True, [Text(percent(count, report.fvcore)) for count in counts.values()]),
    ]
    return _table([*columns, *_bars("of fvcore", list(counts.values()), report.fvcore, width, columns, 20)])


def _metrics(kind: str, meaning: str, metrics: Sequence[MetricValue]) -> Table:
    made = _table(
        [
            (kind, False, [Text(metric.title, "bold") for metric in metrics]),
            ("value", True, [Text(f"{metric.value:,}") for metric in metrics]),
            ("", True, [Text(metric.short) for metric in metrics]),
            (meaning, False, [Text(metric.meaning, "dim") for metric in metrics]),
        ]
    )
    made.columns[0].min_width = _wide((kind, False, [Text(metric.title) for metric in metrics]))
    made.columns[-1].no_wrap = False
    return made


def branches(lines: Sequence[Line]) -> list[Text]:
    """The name of each line after the branches that lead to it."""
    made: list[Text] = []
    above: list[Line] = []
    for line, going_on in zip(lines, _going_on(lines)):
        above = above[: line.level - 1]
        name = line.path[len(above[-1].path) + 1 :] if above else line.path
        stems = "".join("│  " if level in going_on else "   " for level in range(2, line.level))
        own = "" if line.level == 1 else "├─ " if line.level in going_on else "└─ "
        made.append(Text.assemble((stems + own, "dim"), (name, "bold" if line.level == 1 else "")))
        above.append(line)
    return made


def _going_on(lines: Sequence[Line]) -> list[frozenset[int]]:
    """For each line the levels at which another line follows under the same parent."""
    made: list[frozenset[int]] = []
    following: frozenset[int] = frozenset()
    for line in reversed(lines):
        made.append(following)
        following = frozenset(level for level in following if level <= line.level) | {line.level}
    return made[::-1]
