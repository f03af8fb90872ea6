"""A comparison as a table, JSON, CSV or Markdown."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence

from archspec.comparison.compare import Comparison, Row
from archspec.diagnostics.printable import on_one_line, paint
from archspec.report.metrics import BY_STAGE, COUNTS, METRICS
from archspec.report.rows import StageRow
from archspec.report.table import NONE, NUMBER, DataColumn, DataTable, escaped
from archspec.report.text import scaled, shape, whole_shape

Cells = tuple[str, list[str], Row | None]
"""A row for people: its name, a text for each model, and the numbers behind it where they can be held together."""
CsvRow = tuple[str, str, Sequence[object]]
"""A row of CSV: its section, its name, a value for each model."""


def render_comparison(found: Comparison, format: str = "table", colour: bool = False) -> str:
    """The comparison as text. In colour, the least of each row is green and rows that are equal are dim."""
    if format == "json":
        return json.dumps(found.to_dict(), indent=2)
    if format == "csv":
        return _csv(found)
    sections = list(_sections(found))
    return _markdown(found, sections) if format == "markdown" else _table(found, sections, colour)


def _sections(found: Comparison) -> Iterator[tuple[str, list[Cells]]]:
    inputs: Cells = ("input", [shape(report.input) for report in found.reports], None)
    metrics = ((METRICS[row.name], row) for row in (*found.figures, *found.memory))
    yield "", [inputs, *(_numbers(metric.compared, row, metric.short) for metric, row in metrics)]
    for stage in found.stages:
        yield f"stage {stage.name}" if stage.name.isdigit() else stage.name, _stage(stage.stages)
    if found.operators:
        yield "operator (fvcore)", [_numbers(row.name, row, scaled) for row in found.operators]


def _stage(stages: Sequence[StageRow | None]) -> list[Cells]:
    def cells(of: Callable[[StageRow], object]) -> list[str]:
        return [NONE if stage is None or of(stage) is None else str(of(stage)) for stage in stages]

    return [
        ("dim", cells(lambda s: s.dim), None),
        ("depth", cells(lambda s: s.depth), None),
        ("mixer", cells(lambda s: s.mixer), None),
        ("output", cells(lambda s: shape(s.output_shape)), None),
        *(
            _numbers(name, Row(name, tuple(None if s is None else getattr(s, name) for s in stages)), scaled)
            for name in BY_STAGE
        ),
    ]


def _numbers(name: str, row: Row, written: Callable[[int], str]) -> Cells:
    ratios = ["" if at == 0 or ratio is None else f" {_ratio(ratio)}" for at, ratio in enumerate(row.ratios)]
    width = max(map(len, ratios))
    values = [NONE if value is None else written(value) for value in row.values]
    return name, [values[0], *(v + r.rjust(width) for v, r in zip(values[1:], ratios[1:]))], row


def _ratio(ratio: float) -> str:
    return f"{ratio:.2f}x" if ratio < 100 else f"{ratio:.0f}x"


def _columns(found: Comparison, title: str, rows: Sequence[Cells]) -> DataTable:
    """Rows under the models' labels."""
    models = [DataColumn(label, [row[1][at] for row in rows], NUMBER) for at, label in enumerate(found.labels)]
    return DataTable((DataColumn(title, [name for name, _, _ in rows]), *models))


def _table(found: Comparison, sections: Sequence[tuple[str, list[Cells]]], colour: bool) -> str:
    blank: list[str] = [""] * len(found.labels)
    rows: list[Cells] = []
    codes: list[list[str]] = []
    for title, own in sections:
        if title:
            rows += [("", blank, None), (title, blank, None)]
            codes += [["", *blank], ["1", *blank]]
        rows += [("  " * bool(title) + name, cells, row) for name, cells, row in own]
        codes += [["", *_codes(cells, row)] for _, cells, row in own]
    table = _columns(found, "", rows)
    return "\n".join([*table.plain(colour, codes if colour else ()), "", *_format_differences(found, colour)])


def _codes(cells: Sequence[str], row: Row | None) -> list[str]:
    """How to paint a row: dim where all are equal, the least green where they are not."""
    values: Sequence[object] = cells if row is None else row.values
    if len(set(values)) == 1:
        return ["2"] * len(cells)
    if row is None:
        return [""] * len(cells)
    least = min(value for value in row.values if value is not None)
    return ["32" if value == least else "" for value in row.values]


def _format_differences(found: Comparison, colour: bool) -> list[str]:
    if found.same:
        return ["equal in structure"]
    if not found.differences:
        return ["the same in these terms; `archspec diff` says where they differ"]
    title = "differences, " + " -> ".join(found.labels)
    return [paint(title, "1", colour), *(f"  {on_one_line(str(item))}" for item in found.differences)]


def _csv(found: Comparison) -> str:
    rows: list[CsvRow] = [("model", "input", [whole_shape(report.input) for report in found.reports])]
    for section, own in (("total", found.figures), ("memory", found.memory), ("operator", found.operators)):
        rows += [(section, row.name, row.values) for row in own]
    rows += [row for aligned in found.stages for row in _stage_csv(f"stage {aligned.name}", aligned.stages)]
    rows += [("difference", item.what, item.values) for item in found.differences]
    sections, names, values = zip(*rows)
    models = map(DataColumn, found.labels, zip(*values))
    return DataTable((DataColumn("section", sections), DataColumn("name", names), *models)).csv()


def _stage_csv(section: str, stages: Sequence[StageRow | None]) -> list[CsvRow]:
    facts = [{} if own is None else own.to_dict() for own in stages]
    rows: list[CsvRow] = [
        (section, name, [own.get(name) for own in facts]) for name in ("dim", "depth", "mixer", *BY_STAGE)
    ]
    return [*rows, (section, "output_shape", [whole_shape(own.get("output_shape", ())) for own in facts])]


def _markdown(found: Comparison, sections: Sequence[tuple[str, list[Cells]]]) -> str:
    lines = [f"# {' and '.join(map(escaped, found.labels))}"]
    for title, rows in sections:
        lines += ["", *_columns(found, title or "figure", rows).markdown()]
    differences = _format_differences(found, False)[0 if found.same else 1 :]
    lines += ["", *(f"- {escaped(text.strip())}" for text in differences)]
    return "\n".join([*lines, "", *(f"- `{metric.name}`: {metric.meaning}" for metric in COUNTS)])
