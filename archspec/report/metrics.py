"""The table of metrics: what is known of a model in numbers, what each means, and which tables show it.

Reports, closed forms, sweeps, comparisons, expectations and the command line all read it; none has a list of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from archspec.frozen import Frozen
from archspec.report.conventions import COUNTED, Count
from archspec.report.table import BYTES, COUNT, CellFormat


class Metric(Frozen):
    """One metric. ``name`` is its attribute, its key in JSON, its column in a sweep and its word in conditions."""

    name: str
    meaning: str
    in_bytes: bool = False
    closed: bool = True
    """Whether closed forms have a formula of it, and sweeps a column."""
    compared: str = ""
    """What a comparison calls it; nothing where comparisons leave it out."""
    brief: bool = False
    """Whether the short tables of variants show it."""
    by_layer: bool = False
    by_stage: bool = False

    @property
    def title(self) -> str:
        """Its name among others of its unit."""
        return self.name.removesuffix("_bytes").replace("_", " ") if self.in_bytes else self.name

    @property
    def format(self) -> CellFormat:
        """How tables write it."""
        return BYTES if self.in_bytes else COUNT

    def short(self, value: int) -> str:
        """A value of it in a few characters."""
        return self.format.short(value)


def _size(name: str, meaning: str, compared: str = "", closed: bool = False, brief: bool = False) -> Metric:
    return Metric(f"{name}_bytes", meaning, True, closed or bool(compared), compared, brief)


def _counted(count: Count) -> Metric:
    return Metric(count.name, count.meaning, False, True, count.name, count.brief, count.by_layer, count.by_stage)


COUNTS: tuple[Metric, ...] = (
    Metric("params", "trained parameters", compared="params", brief=True, by_layer=True, by_stage=True),
    *map(_counted, COUNTED),
)
"""What is counted; all are extensive over layers, but for what a trace leaves out (:mod:`archspec.report.traced`)."""
SIZES: tuple[Metric, ...] = (
    _size("params", "parameters and buffers", "state"),
    _size("buffers", "buffers alone"),
    _size("gradients", "gradients of all trained parameters"),
    _size("train_saved", "kept by autograd for backward", "for backward", brief=True),
    _size("train_saved_activation", "the same without parameters and buffers"),
    _size("inference_peak", "activations alive at once in inference, at most", "inference peak"),
    _size("sgd_momentum", "state of SGD with momentum; plain SGD has none"),
    _size("adamw", "state of Adam or AdamW"),
    _size("train_sgd", "training with plain SGD, all together"),
    _size("train_sgd_momentum", "training with SGD and momentum, all together"),
    _size("train_adamw", "training with Adam or AdamW, all together", closed=True),
)
"""The sizes in bytes: the numbers of a :class:`~archspec.report.memory.Memory`."""
METRICS: dict[str, Metric] = {metric.name: metric for metric in (*COUNTS, *SIZES)}
CLOSED: tuple[str, ...] = tuple(metric.name for metric in METRICS.values() if metric.closed)
"""The names of the metrics that have closed forms."""
BY_LAYER: tuple[str, ...] = tuple(metric.name for metric in COUNTS if metric.by_layer)
BY_STAGE: tuple[str, ...] = tuple(metric.name for metric in COUNTS if metric.by_stage)


class Counted:
    """Whatever has counts by name has them as attributes, too."""

    counts: Mapping[str, int]

    if TYPE_CHECKING:
        params: int
        macs: int
        flops: int
        fvcore: int
        torch: int
        activations: int
    else:

        def __getattr__(self, name: str) -> int:
            """The count of that name."""
            counts = self.__dict__.get("counts", {})
            if name not in counts:
                raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
            return counts[name]


class Metrics(Counted, Mapping[str, int]):
    """Values of metrics, by name and as attributes: ``found["macs"]``, ``found.train_adamw_bytes``."""

    if TYPE_CHECKING:
        params_bytes: int
        train_saved_bytes: int
        inference_peak_bytes: int
        train_adamw_bytes: int

    def __init__(self, counts: Mapping[str, int]) -> None:
        self.counts = dict(counts)

    def __getitem__(self, name: str) -> int:
        return self.counts[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.counts)

    def __len__(self) -> int:
        return len(self.counts)

    def __repr__(self) -> str:
        return f"Metrics({', '.join(f'{name}={value}' for name, value in self.counts.items())})"


def share(part: int, whole: int) -> float:
    """A part as a fraction of the whole; of nothing, none."""
    return part / whole if whole else 0.0


def percent(part: int, whole: int) -> str:
    """The same for people: ``15.8%``."""
    return f"{100 * share(part, whole):.1f}%" if whole else "-"
