"""A report for a terminal, drawn with rich: colours of the terminal's own palette, as wide as there is room."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Literal

import rich.table
from rich.box import SIMPLE_HEAD
from rich.console import Console, Group, RenderableType
from rich.text import Text

from archspec.report.headline import notes, subject
from archspec.report.lines import Line
from archspec.report.metrics import share
from archspec.report.model import Report
from archspec.report.table import DataColumn, DataTable
from archspec.report.tables import count_table, layer_table, operator_table, size_table, stage_table

_EIGHTHS = " ▏▎▍▌▋▊▉"
_LEAST_BAR, _GOOD_BAR, _MOST_BAR = 6, 16, 40
"""Columns that the bar of a layer needs to be drawn at all, needs before others are, and takes at most."""


def terminal(report: Report, lines: Sequence[Line], width: int) -> str:
    """The report in ``width`` columns with escape codes; ``lines`` are the layers to show."""
    title = Text.assemble((report.model, "bold"), "  ", (subject(report), "dim"))
    parts: list[RenderableType] = [title, Text(), _layers(report, lines, width), Text()]
    if report.stages:
        parts += [_draw(_fitting(stage_table(report), width, "output", "dim")), Text()]
    parts += [_operators(report, width), *(Text(note, "dim") for note in notes(report)), Text()]
    parts += [_metrics(count_table(report)), Text(), _metrics(size_table(report))]
    console = Console(file=io.StringIO(), width=width, force_terminal=True, color_system="standard")
    with console.capture() as made:
        console.print(Group(*parts))
    return "\n".join(line.rstrip() for line in made.get().rstrip().split("\n"))


def _draw(table: DataTable) -> rich.table.Table:
    """A table with a rule under its head. Columns that are aligned to the right are never cut."""
    made = rich.table.Table(
        box=SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold", border_style="dim"
    )
    for column in table.columns:
        least = _wide(column) if column.format.right else 4
        justify: Literal["left", "right"] = "right" if column.format.right else "left"
        made.add_column(column.title, justify=justify, min_width=least, no_wrap=True, overflow="ellipsis")
    for row in zip(*(_texts(column) for column in table.columns)):
        made.add_row(*row)
    return made


def _texts(column: DataColumn) -> list[Text]:
    """The cells of a column; values may be texts of rich already."""
    pairs = zip(column.values, column.cells())
    return [value if isinstance(value, Text) else Text(cell, column.style) for value, cell in pairs]


def _wide(column: DataColumn) -> int:
    return max(len(column.title), *(text.cell_len for text in _texts(column)), 0)


def _layers(report: Report, lines: Sequence[Line], width: int) -> rich.table.Table:
    """The layers with as much of each as there is room for: inputs and flops go first, then the bar, then types."""
    table = layer_table(report, lines).put("layer", branches(lines))
    table = _fitting(_fitting(table, width - _GOOD_BAR, "input", "flops"), width, "type", "output")
    return _draw(_with_bars(table, "of macs", [line.total.macs for line in lines], report.macs, width))


def _fitting(table: DataTable, width: int, *dropped: str) -> DataTable:
    """The columns that fit, at the cost of some of those that may be dropped; the first of these go first."""
    for name in dropped:
        if _room(table, width) < 0:
            table = table.without(name)
    return table


def _room(table: DataTable, width: int) -> int:
    """What a table leaves of a width."""
    return width - sum(_wide(column) + 2 for column in table.columns)


def _with_bars(
    table: DataTable, name: str, values: Sequence[int], whole: int, width: int, most: int = _MOST_BAR
) -> DataTable:
    """The table with a column of bars in the room that others leave, if they leave enough."""
    room = min(_room(table, width), most)
    if room < _LEAST_BAR:
        return table
    return table.beside(DataColumn(name[:room], [_bar(value, whole, room) for value in values]))


def _bar(part: int, whole: int, room: int) -> Text:
    """A bar of so many columns for the whole, in steps of an eighth of one."""
    eighths = round(8 * room * share(part, whole))
    return Text("█" * (eighths // 8) + _EIGHTHS[eighths % 8].strip(), "blue", no_wrap=True)


def _operators(report: Report, width: int) -> rich.table.Table:
    counts = list(report.by_operator.values())
    return _draw(_with_bars(operator_table(report), "of fvcore", counts, report.fvcore, width, 20))


def _metrics(table: DataTable) -> rich.table.Table:
    made = _draw(table)
    made.columns[0].min_width = _wide(table.columns[0])
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
