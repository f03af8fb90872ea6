"""One count by several conventions: a row an op of the model, a column a convention, and in words why they differ.

The sum of every column is the report's own figure; an op that a convention does not count is there with 0 and the
reason.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from archspec.diagnostics.printable import paint
from archspec.graph.liveness import needed_uses
from archspec.report.conventions import CONVENTIONS
from archspec.report.count import uses
from archspec.report.model import Report
from archspec.report.table import EXACT, DataColumn, DataTable, escaped
from archspec.report.text import whole_shape

NAMES = tuple(convention.name for convention in CONVENTIONS)


@dataclass
class OpRow:
    """One op of the language: how often the model does it, its count by convention, and why it is that."""

    operator: str
    uses: int = 0
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(NAMES, 0))
    words: dict[str, dict[str, None]] = field(default_factory=lambda: {name: {} for name in NAMES})

    def why(self, convention: str) -> str:
        """The reason in words; several where uses of the op differ."""
        return "; or ".join(self.words[convention])


def reconcile(report: Report) -> list[OpRow]:
    """The rows of a report, in the order of first use."""
    rows: dict[str, OpRow] = {}
    kept = needed_uses(report.root)
    for node, times in uses(report.root).items():
        row = rows.setdefault(node.name, OpRow(node.name))
        row.uses += times
        for convention in CONVENTIONS:
            often = kept.get(node, 0) if convention.traced else times
            row.counts[convention.name] += convention.count(node.op, report.batch) * often
            row.words[convention.name][convention.why(node.op)] = None
    return list(rows.values())


def reasons(rows: Iterable[OpRow], convention: str) -> dict[str, list[str]]:
    """What a convention makes of the ops: the ops by the words, those that it counts first."""
    found: dict[str, list[str]] = {}
    for row in sorted(rows, key=lambda row: not row.counts[convention]):
        found.setdefault(row.why(convention), []).append(row.operator)
    return found


def conventions_dict(report: Report) -> dict[str, Any]:
    """The reconciliation as JSON has it."""
    rows = reconcile(report)
    return {
        "definitions": {convention.name: convention.meaning for convention in CONVENTIONS},
        "operators": [
            {"operator": r.operator, "uses": r.uses, **r.counts, "why": {n: r.why(n) for n in NAMES}} for r in rows
        ],
        "total": {name: sum(row.counts[name] for row in rows) for name in NAMES},
    }


def render_conventions(report: Report, format: str = "table", colour: bool = False) -> str:
    """The reconciliation as a table, CSV or Markdown; as JSON, the whole report with a key ``conventions``."""
    if format == "json":
        return json.dumps(report.to_dict() | {"conventions": conventions_dict(report)}, indent=2)
    rows = reconcile(report)
    if format == "csv":
        why = [DataColumn(f"why_{name}", [row.why(name) for row in rows]) for name in NAMES]
        return _table(rows).beside(*why).csv()
    totals = {name: sum(row.counts[name] for row in rows) for name in NAMES}
    shown = _table([*rows, OpRow("total", sum(row.uses for row in rows), totals)])
    size = whole_shape(report.input)
    if format == "markdown":
        return "\n".join([f"# {escaped(report.model)}, input {size}", "", *shown.markdown(), *_reasons(rows)])
    lines = [paint(report.model, "1", colour) + f"  input {size}", "", *shown.plain(colour), ""]
    for convention in CONVENTIONS:
        lines.append(f"{paint(convention.name, '1', colour)}: {convention.meaning}")
        lines += [f"  {', '.join(ops)}: {words}" for words, ops in reasons(rows, convention.name).items()]
    return "\n".join(lines)


def _reasons(rows: Sequence[OpRow]) -> list[str]:
    """The conventions with their reasons as lists in Markdown."""
    lines = []
    for convention in CONVENTIONS:
        found = reasons(rows, convention.name).items()
        lines += ["", f"**{convention.name}**: {escaped(convention.meaning)}", ""]
        lines += [f"- {escaped(', '.join(ops))}: {escaped(words)}" for words, ops in found]
    return lines


def _table(rows: Sequence[OpRow]) -> DataTable:
    counts = (DataColumn(name, [row.counts[name] for row in rows], EXACT) for name in NAMES)
    return DataTable(
        (
            DataColumn("operator", [row.operator for row in rows]),
            DataColumn("uses", [row.uses for row in rows], EXACT),
            *counts,
        )
    )
