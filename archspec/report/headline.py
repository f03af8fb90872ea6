"""What a report says first, whatever form it is shown in."""

from __future__ import annotations

from archspec.frozen import Frozen
from archspec.report.metrics import COUNTS, SIZES, Metric
from archspec.report.model import Report
from archspec.report.text import whole_shape


class MetricValue(Frozen):
    """A metric of one model."""

    metric: Metric
    value: int

    @property
    def title(self) -> str:
        """What it is called."""
        return self.metric.title

    @property
    def short(self) -> str:
        """The value in a few characters."""
        return self.metric.short(self.value)

    @property
    def meaning(self) -> str:
        """What it is."""
        return self.metric.meaning


def counts(report: Report) -> list[MetricValue]:
    """Parameters, work and activations."""
    return [MetricValue(metric, report.metrics[metric.name]) for metric in COUNTS]


def sizes(report: Report) -> list[MetricValue]:
    """The sizes in bytes."""
    return [MetricValue(metric, report.metrics[metric.name]) for metric in SIZES]


def basis(report: Report) -> str:
    """What the sizes in bytes are for: ``float32, batch 1``."""
    return f"{report.dtype}, batch {report.batch}"


def subject(report: Report) -> str:
    """The input that the metrics are for: ``input 1x3x224x224``."""
    return f"input {whole_shape(report.input)}" + (", fixed to that size" if report.fixed else "")


def notes(report: Report) -> list[str]:
    """What a reader of the metrics has to know besides."""
    if "einsum" in report.by_operator:
        return ["einsum is exact; fvcore itself rounds its einsum to four digits"]
    return []
