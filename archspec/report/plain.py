"""A report as plain text: the same on every terminal, in every file, and for every tool that reads it."""

from __future__ import annotations

from collections.abc import Sequence

from archspec.report.headline import notes, subject
from archspec.report.lines import Line
from archspec.report.metrics import share
from archspec.report.model import Report
from archspec.report.table import DataColumn
from archspec.report.tables import count_table, layer_table, operator_table, size_table, stage_table

_BAR = 20


def plain(report: Report, lines: Sequence[Line]) -> str:
    """The report in ASCII, but for names; ``lines`` are the layers to show."""
    layers = layer_table(report, lines).without("input")
    layers = layers.put("layer", ["  " * (line.level - 1) + line.total.path for line in lines])
    bars = ["#" * round(_BAR * share(line.total.macs, report.macs)) for line in lines]
    layers = layers.beside(DataColumn("of macs", bars))
    made = [f"{report.model}  {subject(report)}", "", *layers.plain(), ""]
    if report.stages:
        made += [*stage_table(report).plain(), ""]
    made += [*operator_table(report).plain(), *notes(report), "", *count_table(report).plain(), ""]
    return "\n".join([*made, *size_table(report).plain()])
