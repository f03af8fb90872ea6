"""A report as a table, JSON, CSV or Markdown."""

from __future__ import annotations

import json
from collections.abc import Sequence

from archspec.report.model import LEGEND, LayerRow, Report
from archspec.report.text import bytes_of, scaled, shape, table

FORMATS = ("table", "json", "csv", "markdown")


def render_report(report: Report, format: str = "table", depth: int = 2, colour: bool = False) -> str:
    """The report as text; ``depth`` limits how deep the tree of layers is shown."""
    if format == "json":
        return json.dumps(report.to_dict(), indent=2)
    rows = shown(report.layers, depth)
    if format == "csv":
        return _csv(rows)
    return _markdown(report, rows) if format == "markdown" else _table(report, rows, colour)


def shown(rows: Sequence[LayerRow], depth: int) -> list[LayerRow]:
    """The rows down to a depth; entries of lists do not count as a level of their own."""
    return [row for row in rows if _depth(row.path) <= depth]


def _depth(path: str) -> int:
    return sum(not part.replace("-", "").isdigit() for part in path.split("."))


def _csv(rows: Sequence[LayerRow]) -> str:
    import csv
    import io

    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["path", "type", "input_shape", "output_shape", "params", "macs", "flops"])
    for row in rows:
        shapes = ["x".join(map(str, sizes)) for sizes in (row.input_shape, row.output_shape)]
        writer.writerow([row.path, row.type, *shapes, row.params, row.macs, row.flops])
    return out.getvalue().rstrip("\n")


def _figures(report: Report) -> list[tuple[str, str, str]]:
    return [(name, f"{getattr(report, name):,}", scaled(getattr(report, name))) for name in LEGEND]


def _table(report: Report, rows: Sequence[LayerRow], colour: bool) -> str:
    bold = (lambda text: f"\033[1m{text}\033[0m") if colour else (lambda text: text)
    dim = (lambda text: f"\033[2m{text}\033[0m") if colour else (lambda text: text)
    size = "x".join(map(str, report.input))
    lines = [bold(report.model) + f"  input {size}" + (", fixed to that size" if report.fixed else ""), ""]
    right = frozenset({3, 4, 5, 6})
    layers = table(
        ["layer", "type", "output", "params", "macs", "flops", "share"],
        [
            [
                "  " * (_depth(row.path) - 1) + row.path,
                row.type,
                shape(row.output_shape),
                scaled(row.params),
                scaled(row.macs),
                scaled(row.flops),
                f"{100 * row.macs / report.macs:.1f}%" if report.macs else "-",
            ]
            for row in _folded(rows)
        ],
        right,
        colour,
    )
    lines += [*layers, ""]
    if report.stages:
        stages = [
            [
                s.name,
                str(s.dim or "-"),
                str(s.depth),
                s.mixer or "-",
                shape(s.output_shape),
                scaled(s.params),
                scaled(s.macs),
            ]
            for s in report.stages
        ]
        lines += table(
            ["stage", "dim", "depth", "mixer", "output", "params", "macs"], stages, frozenset({1, 2, 5, 6}), colour
        )
        lines.append("")
    operators = [[name, f"{count:,}", scaled(count)] for name, count in report.by_operator.items()]
    lines += [*table(["operator", "fvcore", ""], operators, frozenset({1, 2}), colour), ""]
    if "einsum" in report.by_operator:
        lines[-1:] = [dim("einsum is exact; fvcore itself rounds its einsum to four digits"), ""]
    width = max(len(name) for name in LEGEND)
    for name, exact, short in _figures(report):
        lines.append(f"{bold(name.ljust(width))}  {exact:>16}  {short:>7}  {dim(LEGEND[name])}")
    memory = report.memory
    lines.append(
        f"{bold('memory'.ljust(width))}  {bytes_of(memory.params_bytes)} of state, "
        f"{bytes_of(memory.train_saved_bytes)} kept for backward, "
        f"{bytes_of(memory.inference_peak_bytes)} at the peak of inference {dim('(float32, batch 1)')}"
    )
    return "\n".join(lines)


def _folded(rows: Sequence[LayerRow]) -> list[LayerRow]:
    """Equal neighbours of a list as one row: ``blocks.0-5``."""
    made: list[LayerRow] = []
    for row in rows:
        last = made[-1] if made else None
        base, _, index = row.path.rpartition(".")
        if last is not None and index.isdigit():
            head, _, place = last.path.rpartition(".")
            same = (last.type, last.input_shape, last.output_shape) == (row.type, row.input_shape, row.output_shape)
            times = int(index) - int(place.split("-")[0]) if place.split("-")[0].isdigit() else 0
            if (
                head == base
                and same
                and times > 0
                and last.params == row.params * times
                and last.macs == row.macs * times
            ):
                first = place.split("-")[0]
                made[-1] = LayerRow(
                    f"{base}.{first}-{index}", row.type, row.input_shape, row.output_shape,
                    last.params + row.params, last.macs + row.macs, last.flops + row.flops,
                )  # fmt: skip
                continue
        made.append(row)
    return made


def _markdown(report: Report, rows: Sequence[LayerRow]) -> str:
    lines = [f"# {report.model}", "", "| figure | value | meaning |", "|---|---:|---|"]
    lines += [f"| {name} | {exact} | {LEGEND[name]} |" for name, exact, _ in _figures(report)]
    lines += ["", "| operator | fvcore |", "|---|---:|"]
    lines += [f"| {name} | {count:,} |" for name, count in report.by_operator.items()]
    lines += ["", "| layer | type | output | params | macs |", "|---|---|---|---:|---:|"]
    lines += [f"| {r.path} | {r.type} | {shape(r.output_shape)} | {r.params:,} | {r.macs:,} |" for r in _folded(rows)]
    return "\n".join(lines)
