"""A report as plain text: the same on every terminal, in every file, and for every tool that reads it."""

from __future__ import annotations

from collections.abc import Sequence

from archspec.report.headline import basis, counts, notes, sizes, subject
from archspec.report.lines import Line
from archspec.report.metrics import percent, share
from archspec.report.model import Report
from archspec.report.text import scaled, shape, table

_BAR = 20


def plain(report: Report, lines: Sequence[Line]) -> str:
    """The report in ASCII, but for names; ``lines`` are the layers to show."""
    made = [f"{report.model}  {subject(report)}", "", *_layers(report, lines), ""]
    if report.stages:
        made += [*_stages(report), ""]
    operators = [
        [n, f"{count:,}", scaled(count), percent(count, report.fvcore)] for n, count in report.by_operator.items()
    ]
    made += [*table(["operator", "fvcore", "", "share"], operators, frozenset({1, 2, 3})), *notes(report), ""]
    metrics = [[f.title, f"{f.value:,}", f.short, f.meaning] for f in counts(report)]
    made += [*table(["figure", "value", "", "meaning"], metrics, frozenset({1, 2})), ""]
    in_bytes = [[f.title, f"{f.value:,}", f.short, f.meaning] for f in sizes(report)]
    return "\n".join([*made, *table(["memory", "bytes", "", basis(report)], in_bytes, frozenset({1, 2}))])


def _layers(report: Report, lines: Sequence[Line]) -> list[str]:
    rows = []
    for line in lines:
        row = line.total
        bar = "#" * round(_BAR * share(row.macs, report.macs))
        counts = [scaled(row.params), scaled(row.macs), scaled(row.flops), percent(row.macs, report.macs)]
        rows.append(["  " * (line.level - 1) + row.path, row.type, shape(row.output_shape), *counts, bar])
    head = ["layer", "type", "output", "params", "macs", "flops", "share", "of macs"]
    return table(head, rows, frozenset({3, 4, 5, 6}))


def _stages(report: Report) -> list[str]:
    rows = []
    for s in report.stages:
        facts = [s.name, "-" if s.dim is None else str(s.dim), str(s.depth), s.mixer or "-"]
        rows.append([*facts, shape(s.output_shape), scaled(s.params), scaled(s.macs), percent(s.macs, report.macs)])
    head = ["stage", "dim", "depth", "mixer", "output", "params", "macs", "share"]
    return table(head, rows, frozenset({1, 2, 5, 6, 7}))
