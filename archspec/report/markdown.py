"""A report as Markdown: tables for a pull request, a model card, a paper's appendix."""

from __future__ import annotations

import re
from collections.abc import Sequence

from archspec.diagnostics.printable import on_one_line
from archspec.report.headline import basis, counts, notes, sizes, subject
from archspec.report.lines import Line
from archspec.report.metrics import percent
from archspec.report.model import Report
from archspec.report.text import shape


def markdown(report: Report, lines: Sequence[Line]) -> str:
    """The report as a document; ``lines`` are the layers to show. Figures are exact."""
    made = [f"# {safe(report.model)}", ""]
    if report.root is not None and report.root.doc:
        made += [safe(" ".join(report.root.doc.split())), ""]
    made += [f"{safe(subject(report).capitalize())}.", ""]
    metrics = [[f.title, f"{f.value:,}", f.short, f.meaning] for f in counts(report)]
    made += _section("Figures", ["figure", "value", "short", "meaning"], metrics, {1, 2})
    in_bytes = [[f.title, f"{f.value:,}", f.short, f.meaning] for f in sizes(report)]
    made += _section("Memory", ["memory", "bytes", "short", f"meaning ({basis(report)})"], in_bytes, {1, 2})
    if report.stages:
        made += _section("Stages", [*_STAGE, "share of macs"], _stages(report), {1, 2, 5, 6, 7})
    operators = [[name, f"{n:,}", percent(n, report.fvcore)] for name, n in report.by_operator.items()]
    made += _section("Operators", ["operator", "fvcore", "share of fvcore"], operators, {1, 2})
    made += [line for note in notes(report) for line in (safe(note) + ".", "")]
    made += _section("Layers", _LAYER, [_layer(report, line) for line in lines], {4, 5, 6, 7})
    return "\n".join(made).rstrip("\n")


_STAGE = ["stage", "dim", "depth", "mixer", "output", "params", "macs"]
_LAYER = ["layer", "type", "input", "output", "params", "macs", "flops", "share of macs"]


def _stages(report: Report) -> list[list[str]]:
    rows = []
    for s in report.stages:
        facts = [s.name, "" if s.dim is None else str(s.dim), str(s.depth), s.mixer or "", shape(s.output_shape)]
        rows.append([*facts, f"{s.params:,}", f"{s.macs:,}", percent(s.macs, report.macs)])
    return rows


def _layer(report: Report, line: Line) -> list[str]:
    row = line.total
    facts = [row.path, row.type, shape(row.input_shape), shape(row.output_shape)]
    return [*facts, f"{row.params:,}", f"{row.macs:,}", f"{row.flops:,}", percent(row.macs, report.macs)]


def _section(title: str, head: Sequence[str], rows: Sequence[Sequence[str]], right: set[int]) -> list[str]:
    """A heading and a table, the columns in ``right`` to the right."""
    rule = ["---:" if i in right else "---" for i in range(len(head))]
    body = [[safe(cell) for cell in row] for row in rows]
    return [f"## {title}", "", *(f"| {' | '.join(row)} |" for row in (head, rule, *body)), ""]


def safe(text: str) -> str:
    """Text that means itself: nothing in it is markup, and it stays on its line."""
    return re.sub(r"([\\`*\[\]<>|#&]|(?<!\w)_|_(?!\w))", r"\\\1", on_one_line(text))
