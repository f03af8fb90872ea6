"""A report as a table, JSON, CSV or Markdown. The page is made in ``archspec/report/html.py``."""

from __future__ import annotations

import json

from archspec.report.lines import folded, tree_of
from archspec.report.model import Report

DEPTH = 2
"""Levels of layers in a table for people, unless another depth is asked for."""


def render_report(
    report: Report, format: str = "table", depth: int | None = None, colour: bool = False, width: int | None = None
) -> str:
    """The report as text.

    Args:
        depth: how many levels of layers to show; unless given, 2 in a table and all in CSV. JSON has them all.
        colour: a table for a terminal, with colours and lines, in ``width`` columns (80 unless given); else plain text.
    """
    if format == "json":
        return json.dumps(report.to_dict(), indent=2)
    lines = tree_of(report.layers)
    if format == "csv":
        from archspec.report.tables import layer_data

        return layer_data([line for line in lines if depth is None or line.level <= depth]).csv()
    shown = folded(lines, DEPTH if depth is None else depth)
    if format == "markdown":
        from archspec.report.markdown import markdown

        return markdown(report, shown)
    if colour:
        from archspec.report.terminal import terminal

        return terminal(report, shown, width or 80)
    from archspec.report.plain import plain

    return plain(report, shown)
