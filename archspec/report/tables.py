"""The tables of a report, whatever form they are shown in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from archspec.report.headline import MetricValue, basis, counts, sizes
from archspec.report.lines import Line
from archspec.report.metrics import BY_LAYER, BY_STAGE, percent
from archspec.report.model import Report
from archspec.report.rows import LayerRow, StageRow
from archspec.report.table import COUNT, EXACT, NUMBER, SHAPE, SHORT, SHORT_BYTES, CellFormat, DataColumn, DataTable


def layer_table(report: Report, lines: Sequence[Line]) -> DataTable:
    """Layers with all that is inside them; a line that stands for several has their sums."""
    rows = [line.total for line in lines]
    return DataTable(
        (
            DataColumn("layer", [row.path for row in rows]),
            DataColumn("type", [row.type for row in rows], style="cyan"),
            DataColumn("input", [row.input_shape for row in rows], SHAPE),
            DataColumn("output", [row.output_shape for row in rows], SHAPE),
            *_costs(report, BY_LAYER, rows),
        )
    )


def layer_data(lines: Sequence[Line]) -> DataTable:
    """Layers as data, each by itself.

    A layer's counts are those of all inside it. So that sums count nothing twice, ``level`` says how deep it lies: the
    rows of level 1 are disjoint.
    """
    rows = [line.row for line in lines]
    return DataTable(
        (
            DataColumn("path", [row.path for row in rows]),
            DataColumn("type", [row.type for row in rows]),
            DataColumn("input_shape", [row.input_shape for row in rows], SHAPE),
            DataColumn("output_shape", [row.output_shape for row in rows], SHAPE),
            *(DataColumn(name, [row.counts[name] for row in rows], COUNT) for name in BY_LAYER),
            DataColumn("level", [line.level for line in lines], NUMBER),
        )
    )


def stage_table(report: Report) -> DataTable:
    """The stages."""
    rows = report.stages
    return DataTable(
        (
            DataColumn("stage", [row.name for row in rows]),
            DataColumn("dim", [row.dim for row in rows], NUMBER),
            DataColumn("depth", [row.depth for row in rows], NUMBER),
            DataColumn("mixer", [row.mixer for row in rows], style="cyan"),
            DataColumn("output", [row.output_shape for row in rows], SHAPE),
            *_costs(report, BY_STAGE, rows),
        )
    )


def _costs(report: Report, names: Sequence[str], rows: Sequence[LayerRow | StageRow]) -> list[DataColumn]:
    counts = [DataColumn(name, [row.counts[name] for row in rows], COUNT) for name in names]
    return [*counts, DataColumn("share", [percent(row.macs, report.macs) for row in rows], NUMBER, "share of macs")]


def operator_table(report: Report) -> DataTable:
    """fvcore's count by operator."""
    found: Mapping[str, int] = report.by_operator
    return DataTable(
        (
            DataColumn("operator", [*found]),
            DataColumn("fvcore", [*found.values()], EXACT),
            DataColumn("", [*found.values()], SHORT, "short"),
            DataColumn("share", [percent(count, report.fvcore) for count in found.values()], NUMBER, "share of fvcore"),
        )
    )


def count_table(report: Report) -> DataTable:
    """Parameters, work and activations, with what each is."""
    return _metrics(counts(report), ("figure", "value", "meaning"), "meaning", SHORT)


def size_table(report: Report) -> DataTable:
    """Sizes in bytes, with what each is."""
    return _metrics(sizes(report), ("memory", "bytes", basis(report)), f"meaning ({basis(report)})", SHORT_BYTES)


def _metrics(
    metrics: Sequence[MetricValue], titles: tuple[str, str, str], heading: str, short: CellFormat
) -> DataTable:
    values = [metric.value for metric in metrics]
    return DataTable(
        (
            DataColumn(titles[0], [metric.title for metric in metrics], style="bold"),
            DataColumn(titles[1], values, EXACT),
            DataColumn("", values, short, "short"),
            DataColumn(titles[2], [metric.meaning for metric in metrics], heading=heading, style="dim"),
        )
    )
