"""The metrics of a report with their meaning, whatever form they are shown in."""

from __future__ import annotations

from archspec.frozen import Frozen
from archspec.report.model import LEGEND, Report
from archspec.report.text import bytes_of, scaled

_MEMORY = {
    "params_bytes": "parameters and buffers",
    "buffers_bytes": "buffers alone",
    "inference_peak_bytes": "activations alive at once in inference, at most",
    "train_saved_bytes": "kept by autograd for backward",
    "train_saved_activation_bytes": "the same without parameters and buffers",
    "gradients_bytes": "gradients of all trained parameters",
    "sgd_momentum_bytes": "state of SGD with momentum; plain SGD has none",
    "adamw_bytes": "state of Adam or AdamW",
    "train_sgd_bytes": "training with plain SGD, all together",
    "train_sgd_momentum_bytes": "training with SGD and momentum, all together",
    "train_adamw_bytes": "training with Adam or AdamW, all together",
}


class Metric(Frozen):
    """A metric: its value, and the same for people in a few characters."""

    name: str
    value: int
    short: str
    meaning: str


def headline(report: Report) -> list[Metric]:
    """The counts of the legend."""
    return [Metric(name, getattr(report, name), scaled(getattr(report, name)), text) for name, text in LEGEND.items()]


def memory(report: Report) -> list[Metric]:
    """The sizes in bytes: whatever the report has that is one."""
    sizes = report.memory.to_dict()
    return [Metric(_name(field), sizes[field], bytes_of(sizes[field]), words) for field, words in _MEMORY.items()]


def _name(field: str) -> str:
    return field.removesuffix("_bytes").replace("_", " ")


def basis(report: Report) -> str:
    """What the sizes in bytes are for: ``float32, batch 1``."""
    return f"{report.dtype}, batch {report.batch}"


def subject(report: Report) -> str:
    """The input that the metrics are for: ``input 1x3x224x224``."""
    return "input " + "x".join(map(str, report.input)) + (", fixed to that size" if report.fixed else "")


def notes(report: Report) -> list[str]:
    """What a reader of the metrics has to know besides."""
    if "einsum" in report.by_operator:
        return ["einsum is exact; fvcore itself rounds its einsum to four digits"]
    return []


def share(part: int, whole: int) -> float:
    """A part as a fraction of the whole; of nothing, none."""
    return part / whole if whole else 0.0


def percent(part: int, whole: int) -> str:
    """The same for people: ``15.8%``."""
    return f"{100 * share(part, whole):.1f}%" if whole else "-"
