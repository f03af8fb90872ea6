"""A report as Markdown: tables for a pull request, a model card, a paper's appendix."""

from __future__ import annotations

from collections.abc import Sequence

from archspec.report.headline import notes, subject
from archspec.report.lines import Line
from archspec.report.model import Report
from archspec.report.table import DataTable, escaped
from archspec.report.tables import count_table, layer_table, operator_table, size_table, stage_table


def markdown(report: Report, lines: Sequence[Line]) -> str:
    """The report as a document; ``lines`` are the layers to show. Figures are exact."""
    made = [f"# {escaped(report.model)}", ""]
    if report.root is not None and report.root.doc:
        made += [escaped(" ".join(report.root.doc.split())), ""]
    made += [f"{escaped(subject(report).capitalize())}.", ""]
    made += [*_section("Figures", count_table(report)), *_section("Memory", size_table(report))]
    if report.stages:
        made += _section("Stages", stage_table(report))
    made += _section("Operators", operator_table(report).without(""))
    made += [line for note in notes(report) for line in (escaped(note) + ".", "")]
    made += _section("Layers", layer_table(report, lines))
    return "\n".join(made).rstrip("\n")


def _section(title: str, table: DataTable) -> list[str]:
    return [f"## {title}", "", *table.markdown(), ""]
