"""The report of a model, and how it is made from the graph."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from archspec.diagnostics import Diagnostic, SpecError
from archspec.graph.nodes import Instance
from archspec.graph.sizes import fixed_inside
from archspec.report.conventions import COUNTED
from archspec.report.count import Tally
from archspec.report.limits import asked_wrong, too_large
from archspec.report.memory import Memory, memory_of
from archspec.report.metrics import Counted, Metrics
from archspec.report.rows import LayerRow, StageRow, batched, layer_rows, stage_rows
from archspec.report.traced import traced
from archspec.spec.resolved import Resolved
from archspec.sym.number import is_free

if TYPE_CHECKING:
    from archspec.report.closed import ClosedForm


@dataclass(frozen=True)
class Report(Counted):
    """Parameters, work and memory of a model for a batch of its input; :data:`~archspec.report.metrics.METRICS` says
    what each metric is.

    ``input`` has the batch in front. ``counts`` are parameters, work and activations by name, which are attributes too
    (``report.macs``). ``operators`` are the counts of tools by the tools' own operators.
    ``unmet`` are the spec's own expectations that do not hold; ``warnings`` say what is probably not meant.
    """

    model: str
    input: list[int]
    counts: dict[str, int]
    operators: dict[str, dict[str, int]]
    memory: Memory
    batch: int = 1
    dtype: str = "float32"
    unmet: tuple[Diagnostic, ...] = ()
    warnings: tuple[Diagnostic, ...] = ()
    root: Instance = field(repr=False, compare=False, default=None)  # type: ignore[assignment]
    spec: Resolved | None = field(repr=False, compare=False, default=None)
    """What the graph was made of; None where that is not known."""
    allow_extern: bool = field(repr=False, compare=False, default=False)
    tally: Tally = field(repr=False, compare=False, default=None)  # type: ignore[assignment]
    """What its nodes do and hold."""

    def at(self, /, **values: Any) -> Metrics:
        """The figures with other sizes, parameters or batch, from closed forms: ``at(h=384, w=384)``, in microseconds.

        The first call with a set of names works the formulas out; those that follow evaluate them.

        Args:
            values: sizes of the input that the model leaves open, parameters that are numbers or lists of them, and
                ``batch``; all others are as in the report.

        Returns:
            The metrics, equal to those of a report of that case.

        Raises:
            SpecError: the case is no model, or a name is no number of it.
        """
        from archspec.report.closed import ClosedForm

        if self.spec is None:
            raise ValueError("this report was made of a graph alone: take one from archspec.stats")
        names = frozenset(values)
        if names not in self._closed:
            self._closed[names] = ClosedForm(self.spec, names, None, self.batch, self.dtype, self.allow_extern)
        return self._closed[names].at(**values)

    @cached_property
    def _closed(self) -> dict[frozenset[str], ClosedForm]:
        """The closed forms that were asked for, by what they leave open."""
        return {}

    @cached_property
    def metrics(self) -> Metrics:
        """Every metric by name, those of memory in bytes among them."""
        return Metrics(self.counts | self.memory.to_dict())

    @property
    def by_operator(self) -> dict[str, int]:
        """fvcore's count by fvcore's names of operators."""
        return self.operators["fvcore"]

    @property
    def torch_by_operator(self) -> dict[str, int]:
        """torch's count: ``convolution``, and ``matmul`` for all products of matrices."""
        return self.operators["torch"]

    @cached_property
    def fixed(self) -> bool:
        """Whether a module that is built takes the input in this size alone, be it in one axis besides the channels."""
        sizes = self.root.inputs[0].shape
        first = len(sizes) > 2
        held = any(at == 0 and axis >= first for at, axis in fixed_inside(self.root))
        return held or not any(is_free(size) for size in sizes[first:])

    @cached_property
    def stages(self) -> list[StageRow]:
        """A row for each stage, in order."""
        return stage_rows(self.root, self.tally)

    @cached_property
    def layers(self) -> list[LayerRow]:
        """A row for each layer, parents before children, in the order of first use."""
        return layer_rows(self.root, self.tally)

    def to_dict(self) -> dict[str, Any]:
        """The report as JSON has it (schema ``archspec.stats/1``)."""
        return {
            "schema": "archspec.stats/1",
            "model": self.model,
            "input": self.input,
            "batch": self.batch,
            "dtype": self.dtype,
            "fixed": self.fixed,
            **self.counts,
            **{count.breakdown: dict(self.operators[count.name]) for count in COUNTED if count.breakdown},
            "memory": self.memory.to_dict(),
            "stages": [row.to_dict() for row in self.stages],
            "layers": [row.to_dict() for row in self.layers],
        }


def make_report(root: Instance, batch: int = 1, dtype: str = "float32") -> Report:
    """The report of a model's graph, for a batch of its input in numbers of a kind.

    Raises:
        SpecError: the batch or the kind of numbers is none, or a figure does not fit into 64 bits.
    """
    wrong = asked_wrong(batch, dtype)
    if wrong is not None:
        raise SpecError.of(wrong)
    tally = Tally(batch)
    work = traced(root, tally)
    memory = memory_of(root, tally.state(root), batch, dtype)
    report = Report(
        model=root.name,
        input=batched(root.inputs[0], batch),
        counts={"params": tally.parameters(root), **work.counts},
        operators={name: dict(sorted(parts.items())) for name, parts in work.operators.items()},
        memory=memory,
        batch=batch,
        dtype=dtype,
        warnings=root.warnings,
        root=root,
        tally=tally,
    )
    beyond = too_large(root, batch, report.metrics)
    if beyond is not None:
        raise SpecError.of(beyond)
    return report
