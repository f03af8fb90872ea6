"""A report for a terminal, drawn with rich: colours of the terminal's own palette, as wide as there is room."""

from __future__ import annotations

import io
from collections.abc import Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from archspec.report.figures import Figure, basis, headline, memory, notes, percent, share, subject
from archspec.report.lines import Line
from archspec.report.model import Report
from archspec.report.text import scaled, shape

_EIGHTHS = " ▏▎▍▌▋▊▉"
WIDE, WIDER = 100, 140
"""Columns of terminal from which flops, and then inputs, have a column."""


def terminal(report: Report, lines: Sequence[Line], width: int) -> str:
    """The report in ``width`` columns with escape codes; ``lines`` are the layers to show."""
    title = Text.assemble((report.model, "bold"), "  ", (subject(report), "dim"))
    parts: list[RenderableType] = [title, Text(), _layers(report, lines, width), Text()]
    if report.stages:
        parts += [_stages(report), Text()]
    parts += [_operators(report), *(Text(note, "dim") for note in notes(report)), Text()]
    parts += [
        _figures("figure", "meaning", headline(report)),
        Text(),
        _figures("memory", basis(report), memory(report)),
    ]
    console = Console(file=io.StringIO(), width=width, force_terminal=True, color_system="standard")
    with console.capture() as made:
        console.print(Group(*parts))
    return "\n".join(line.rstrip() for line in made.get().rstrip().split("\n"))


def _table(*columns: tuple[str, bool]) -> Table:
    """A table with a rule under its head; each column has a name, and whether it is aligned to the right."""
    made = Table(
        box=SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold", border_style="dim"
    )
    for name, right in columns:
        made.add_column(name, justify="right" if right else "left", no_wrap=True, overflow="ellipsis")
    return made


def _layers(report: Report, lines: Sequence[Line], width: int) -> Table:
    rows = [line.total for line in lines]
    columns: list[tuple[str, bool, list[Text]]] = [
        ("layer", False, _tree(lines)),
        ("type", False, [Text(row.type, "cyan") for row in rows]),
        ("input", False, [Text(shape(row.input_shape)) for row in rows]),
        ("output", False, [Text(shape(row.output_shape)) for row in rows]),
        ("params", True, [Text(scaled(row.params)) for row in rows]),
        ("macs", True, [Text(scaled(row.macs)) for row in rows]),
        ("flops", True, [Text(scaled(row.flops)) for row in rows]),
        ("share", True, [Text(percent(row.macs, report.macs)) for row in rows]),
    ]
    hidden = {name for name, least in (("input", WIDER), ("flops", WIDE)) if width < least}
    columns = [column for column in columns if column[0] not in hidden]
    used = sum(max(len(name), *(text.cell_len for text in texts), 0) + 2 for name, _, texts in columns)
    room = min(max(width - used, 6), 40)
    columns.append(("of macs", False, [_bar(row.macs, report.macs, room) for row in rows]))
    made = _table(*((name, right) for name, right, _ in columns))
    for cells in zip(*(texts for _, _, texts in columns)):
        made.add_row(*cells)
    return made


def _bar(part: int, whole: int, room: int) -> Text:
    """A bar of so many columns for the whole, in steps of an eighth of one."""
    eighths = round(8 * room * share(part, whole))
    return Text("█" * (eighths // 8) + _EIGHTHS[eighths % 8].strip(), "blue", no_wrap=True)


def _stages(report: Report) -> Table:
    made = _table(*((name, i in (1, 2, 5, 6, 7)) for i, name in enumerate(_STAGE)))
    for s in report.stages:
        facts = ["-" if s.dim is None else str(s.dim), str(s.depth), s.mixer or "-", shape(s.output_shape)]
        counts = [scaled(s.params), scaled(s.macs), percent(s.macs, report.macs)]
        made.add_row(*map(Text, [s.name, *facts, *counts]))
    return made


_STAGE = ("stage", "dim", "depth", "mixer", "output", "params", "macs", "share")


def _operators(report: Report) -> Table:
    made = _table(("operator", False), ("fvcore", True), ("", True), ("share", True), ("of fvcore", False))
    for name, count in report.by_operator.items():
        texts = [f"{count:,}", scaled(count), percent(count, report.fvcore)]
        made.add_row(Text(name), *map(Text, texts), _bar(count, report.fvcore, 20))
    return made


def _figures(kind: str, meaning: str, figures: Sequence[Figure]) -> Table:
    made = _table((kind, False), ("value", True), ("", True))
    made.add_column(meaning, style="dim", overflow="fold")
    for figure in figures:
        made.add_row(Text(figure.name, "bold"), Text(f"{figure.value:,}"), Text(figure.short), Text(figure.meaning))
    return made


def _tree(lines: Sequence[Line]) -> list[Text]:
    """The name of each line after the branches that lead to it."""
    made: list[Text] = []
    above: list[Line] = []
    for index, line in enumerate(lines):
        above = above[: line.level - 1]
        name = line.path[len(above[-1].path) + 1 :] if above else line.path
        stems = "".join("│  " if _goes_on(lines, index, level) else "   " for level in range(2, line.level))
        own = "" if line.level == 1 else "├─ " if _goes_on(lines, index, line.level) else "└─ "
        made.append(Text.assemble((stems + own, "dim"), (name, "bold" if line.level == 1 else "")))
        above.append(line)
    return made


def _goes_on(lines: Sequence[Line], index: int, level: int) -> bool:
    """Whether a line of this level follows under the same parent."""
    after = next((line.level for line in lines[index + 1 :] if line.level <= level), 0)
    return after == level
