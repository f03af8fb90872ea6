"""The figures of a report with their meaning, whatever form they are shown in."""

from __future__ import annotations

from dataclasses import dataclass, fields

from archspec.report.model import LEGEND, Memory, Report
from archspec.report.text import bytes_of, scaled

_MEMORY = {
    "params_bytes": "parameters and buffers",
    "train_saved_bytes": "kept by autograd for backward",
    "inference_peak_bytes": "activations alive at once in inference, at most",
}


@dataclass(frozen=True)
class Figure:
    """A figure: its value, and the same for people in a few characters."""

    name: str
    value: int
    short: str
    meaning: str


def headline(report: Report) -> list[Figure]:
    """The counts of the legend."""
    return [Figure(name, getattr(report, name), scaled(getattr(report, name)), text) for name, text in LEGEND.items()]


def memory(report: Report) -> list[Figure]:
    """The sizes in bytes."""
    made = []
    for field in fields(Memory):
        value = getattr(report.memory, field.name)
        if not isinstance(value, int):
            continue
        name = field.name.removesuffix("_bytes").replace("_", " ")
        made.append(Figure(name, value, bytes_of(value), _MEMORY.get(field.name, name)))
    return made


def basis(report: Report) -> str:
    """What the sizes in bytes are for: ``float32, batch 1``."""
    dtype, batch = getattr(report, "dtype", "float32"), getattr(report, "batch", 1)
    return f"{str(dtype).removeprefix('torch.')}, batch {batch}"


def subject(report: Report) -> str:
    """The input that the figures are for: ``input 1x3x224x224``."""
    return "input " + "x".join(map(str, report.input)) + (", fixed to that size" if report.fixed else "")


def notes(report: Report) -> list[str]:
    """What a reader of the figures has to know besides."""
    if "einsum" in report.by_operator:
        return ["einsum is exact; fvcore itself rounds its einsum to four digits"]
    return []


def share(part: int, whole: int) -> float:
    """A part as a fraction of the whole; of nothing, none."""
    return part / whole if whole else 0.0


def percent(part: int, whole: int) -> str:
    """The same for people: ``15.8%``."""
    return f"{100 * share(part, whole):.1f}%" if whole else "-"
