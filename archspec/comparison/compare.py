"""Models side by side: what they cost, stage by stage and op by op, and what they do differently."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from archspec.comparison.align import by_name_or_place
from archspec.comparison.structural_hash import StructuralHash
from archspec.comparison.structure import Difference, differences
from archspec.pipeline import report_of, resolve_spec
from archspec.report.metrics import COUNTS, SIZES, Metric
from archspec.report.model import Report
from archspec.report.rows import StageRow
from archspec.spec.resolved import Resolved


@dataclass(frozen=True)
class Row:
    """One figure of all models; None where a model does not have it."""

    name: str
    values: tuple[int | None, ...]

    @property
    def ratios(self) -> tuple[float | None, ...]:
        """Each value by the first; None where there is none to divide, or by."""
        first = self.values[0]
        return tuple(value / first if value is not None and first else None for value in self.values)


@dataclass(frozen=True)
class StageRows:
    """The stages of all models that stand side by side; None where a model has none there."""

    name: str
    stages: tuple[StageRow | None, ...]


@dataclass(frozen=True)
class Comparison:
    """Several models side by side, the first the one that others are held against.

    ``reports`` are equal to :func:`archspec.stats` of each. ``differences`` say in words what is not the same; ``same``
    holds where all compute the same with the same keys.
    """

    labels: tuple[str, ...]
    reports: tuple[Report, ...]
    differences: tuple[Difference, ...]
    same: bool

    @property
    def figures(self) -> tuple[Row, ...]:
        """Parameters, work and activations."""
        return self._rows(COUNTS)

    @property
    def memory(self) -> tuple[Row, ...]:
        """Bytes in float32 for a batch of one."""
        return self._rows(SIZES)

    def _rows(self, metrics: Sequence[Metric]) -> tuple[Row, ...]:
        return tuple(Row(m.name, tuple(r.metrics[m.name] for r in self.reports)) for m in metrics if m.compared)

    @property
    def operators(self) -> tuple[Row, ...]:
        """fvcore's count of each kind of operator."""
        names = sorted({name for report in self.reports for name in report.by_operator})
        return tuple(Row(name, tuple(r.by_operator.get(name) for r in self.reports)) for name in names)

    @property
    def stages(self) -> tuple[StageRows, ...]:
        """Stages aligned by name, or by place where no name is common to all."""
        rows = by_name_or_place([[stage.name for stage in report.stages] for report in self.reports])
        return tuple(
            StageRows(name, tuple(r.stages[at] if at is not None else None for r, at in zip(self.reports, places)))
            for name, places in rows
        )

    def to_dict(self) -> dict[str, Any]:
        """The comparison as JSON has it (schema ``archspec.compare/1``)."""

        def table(rows: Sequence[Row]) -> dict[str, Any]:
            return {row.name: {"values": list(row.values), "ratios": list(row.ratios)} for row in rows}

        return {
            "schema": "archspec.compare/1",
            "models": [
                {"label": label, "model": report.model, "input": report.input}
                for label, report in zip(self.labels, self.reports)
            ],
            "figures": table(self.figures),
            "memory": table(self.memory),
            "by_operator": table(self.operators),
            "stages": [
                {"name": row.name, "values": [stage and stage.to_dict() for stage in row.stages]} for row in self.stages
            ],
            "same": self.same,
            "differences": [{"what": item.what, "values": list(item.values)} for item in self.differences],
        }


def compare(
    *specs: str | os.PathLike[str] | Resolved,
    params: Mapping[str, Any] | None = None,
    input_shape: Sequence[int] | int | None = None,
    labels: Sequence[str] | None = None,
    allow_extern: bool = False,
) -> Comparison:
    """Several models side by side; nothing is run.

    Args:
        specs: two or more, each as :func:`archspec.load_spec` takes it; the others are held against the first.
        params: parameters given to all.
        input_shape: another input size for all, without the batch.
        labels: what to call them; their models' names unless given.
        allow_extern: let the specs name Python classes from outside.

    Raises:
        SpecError: one of the specs is wrong.
        ValueError: fewer than two specs, or not a label for each.
    """
    if len(specs) < 2:
        raise ValueError("there are two models at least in a comparison")
    if labels is not None and len(labels) != len(specs):
        raise ValueError(f"{len(specs)} models have {len(labels)} labels")
    resolved = [resolve_spec(spec, None, params, input_shape) for spec in specs]
    reports = tuple(report_of(spec, allow_extern) for spec in resolved)
    roots = [report.root for report in reports]
    hashes = StructuralHash()
    return Comparison(
        tuple(labels or _distinct([spec.name for spec in resolved])),
        reports,
        differences(roots),
        len({hashes.root(root) for root in roots}) == 1,
    )


def _distinct(names: Sequence[str]) -> list[str]:
    """The names, those that come again with their number."""
    return [
        f"{name} ({names[: at + 1].count(name)})" if names.count(name) > 1 else name for at, name in enumerate(names)
    ]
