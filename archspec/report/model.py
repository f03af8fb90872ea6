"""The report of a model, and how it is made from the graph."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any

from archspec.diagnostics import Diagnostic, SpecError
from archspec.graph.nodes import Assign, Chain, Instance, Node, Step, does_nothing, fixed_by
from archspec.graph.trace import plain
from archspec.opdef.tape import ITEM
from archspec.opdef.types import Free, TensorType
from archspec.report.conventions import CONVENTIONS
from archspec.report.count import Tally, Work, parameters
from archspec.report.limits import asked_wrong, too_large
from archspec.report.memory import adam_bytes, buffer_bytes, inference_peak, saved_for_backward

LEGEND = {
    "params": "trained parameters",
    **{convention.name: convention.meaning for convention in CONVENTIONS},
    "activations": "elements of the outputs of conv, linear, matmul and einsum, as fvcore counts them",
}


def _nothing_known(names: frozenset[str]) -> Any:
    raise ValueError("this report was made of a graph alone: take one from archspec.stats")


@dataclass(frozen=True)
class StageRow:
    """One stage."""

    name: str
    dim: int | None
    depth: int
    mixer: str | None
    output_shape: list[int]
    params: int
    macs: int


@dataclass(frozen=True)
class LayerRow:
    """One layer, with all that is inside it, for a batch. Shapes have the batch in front."""

    path: str
    type: str
    input_shape: list[int]
    output_shape: list[int]
    params: int
    macs: int
    flops: int


@dataclass(frozen=True)
class Memory:
    """Bytes, for the report's batch, with parameters and activations in its dtype.

    ``params_bytes``: parameters and buffers; ``buffers_bytes``: the buffers among them, constant tables included.
    ``train_saved_bytes``: what autograd keeps for backward, parameters and buffers that it keeps included;
    ``train_saved_activation_bytes``: the same without those. ``inference_peak_bytes``: the most bytes of activations
    alive at once, the input included. ``gradients_bytes``: of all trained parameters, in their dtype.

    The state of optimisers is in the parameters' dtype too, but for Adam's step counters: ``sgd_momentum_bytes``
    (plain SGD has none), ``adamw_bytes`` (Adam's too; amsgrad off). ``train_sgd_bytes`` and so on: parameters,
    buffers, gradients, optimiser and what is kept for backward together, parameters counted once.
    """

    params_bytes: int
    buffers_bytes: int
    gradients_bytes: int
    train_saved_bytes: int
    train_saved_activation_bytes: int
    inference_peak_bytes: int
    sgd_momentum_bytes: int
    adamw_bytes: int

    @property
    def _without_optimiser(self) -> int:
        return self.params_bytes + self.gradients_bytes + self.train_saved_activation_bytes

    @property
    def train_sgd_bytes(self) -> int:
        """Training with plain SGD."""
        return self._without_optimiser

    @property
    def train_sgd_momentum_bytes(self) -> int:
        """Training with SGD and momentum."""
        return self._without_optimiser + self.sgd_momentum_bytes

    @property
    def train_adamw_bytes(self) -> int:
        """Training with Adam or AdamW."""
        return self._without_optimiser + self.adamw_bytes

    def to_dict(self) -> dict[str, Any]:
        """Every figure by name."""
        totals = ("train_sgd_bytes", "train_sgd_momentum_bytes", "train_adamw_bytes")
        return asdict(self) | {name: getattr(self, name) for name in totals}


@dataclass(frozen=True)
class Report:
    """Parameters, work and memory of a model for a batch of its input; see ``LEGEND`` for the definitions.

    ``input`` has the batch in front. ``by_operator`` is fvcore's count by fvcore's names, ``torch_by_operator``
    torch's: ``convolution``, and ``matmul`` for all products of matrices.
    ``unmet`` are the spec's own expectations that do not hold; ``fixed`` says that weights follow the input's size.
    """

    model: str
    input: list[int]
    params: int
    macs: int
    flops: int
    fvcore: int
    activations: int
    by_operator: dict[str, int]
    memory: Memory
    torch: int = 0
    torch_by_operator: dict[str, int] = field(default_factory=dict)
    batch: int = 1
    dtype: str = "float32"
    unmet: tuple[Diagnostic, ...] = ()
    fixed: bool = False
    root: Instance = field(repr=False, compare=False, default=None)  # type: ignore[assignment]
    leave_open: Callable[[frozenset[str]], Any] = field(repr=False, compare=False, default=_nothing_known)

    def at(self, **values: Any) -> Any:
        """The figures with other sizes, parameters or batch, from closed forms: ``at(h=384, w=384)``, in microseconds.

        The first call with a set of names works the formulas out; those that follow evaluate them.

        Args:
            values: sizes of the input that the model leaves open, parameters that are numbers or lists of them, and
                ``batch``; all others are as in the report.

        Returns:
            The :class:`~archspec.report.closed.Figures`, equal to those of a report of that case.

        Raises:
            SpecError: the case is no model, or a name is no number of it.
        """
        return self.leave_open(frozenset(values)).at(**values)

    @cached_property
    def stages(self) -> list[StageRow]:
        """A row for each stage, in order."""
        tally = Tally(self.batch)
        return [_stage(self.root, fact, tally) for fact in self.root.stages]

    @cached_property
    def layers(self) -> list[LayerRow]:
        """A row for each layer, parents before children, in the order of first use."""
        return list(_rows(self.root, "", Tally(self.batch)))

    def to_dict(self) -> dict[str, Any]:
        """The report as JSON has it (schema ``archspec.stats/1``)."""
        return {
            "schema": "archspec.stats/1",
            "model": self.model,
            "input": self.input,
            "batch": self.batch,
            "dtype": self.dtype,
            "params": self.params,
            "macs": self.macs,
            "flops": self.flops,
            "fvcore": self.fvcore,
            "torch": self.torch,
            "activations": self.activations,
            "by_operator": dict(self.by_operator),
            "torch_by_operator": dict(self.torch_by_operator),
            "memory": self.memory.to_dict(),
            "stages": [asdict(row) for row in self.stages],
            "layers": [asdict(row) for row in self.layers],
        }


def make_report(root: Instance, batch: int = 1, dtype: str = "float32") -> Report:
    """The report of a model's graph, for a batch of its input in numbers of a kind.

    Raises:
        SpecError: the batch or the kind of numbers is none, or a figure does not fit into 64 bits.
    """
    wrong = asked_wrong(batch, dtype)
    if wrong is not None:
        raise SpecError.of(wrong)
    work = Tally(batch).work(root)
    memory = _memory(root, batch, dtype)
    report = Report(
        model=root.name,
        input=_batched(root.inputs[0], batch),
        params=parameters(root),
        macs=work.macs,
        flops=work.flops,
        fvcore=sum(work.fvcore.values()),
        torch=sum(work.torch.values()),
        activations=work.activations,
        by_operator=dict(sorted(work.fvcore.items())),
        torch_by_operator=dict(sorted(work.torch.items())),
        memory=memory,
        batch=batch,
        dtype=dtype,
        fixed=_fixed(root),
        root=root,
    )
    beyond = too_large(root, batch, {name: getattr(report, name) for name in LEGEND} | memory.to_dict())
    if beyond is not None:
        raise SpecError.of(beyond)
    return report


def _memory(root: Instance, batch: int, dtype: str) -> Memory:
    trained, buffers = parameters(root) * ITEM[dtype], buffer_bytes(root, dtype)
    saved = saved_for_backward(root, batch, dtype)
    return Memory(
        params_bytes=trained + buffers,
        buffers_bytes=buffers,
        gradients_bytes=trained,
        train_saved_bytes=saved.total,
        train_saved_activation_bytes=saved.activations,
        inference_peak_bytes=inference_peak(root, batch, dtype),
        sgd_momentum_bytes=trained,
        adamw_bytes=adam_bytes(root, dtype),
    )


def _fixed(root: Instance) -> bool:
    """Whether the input's size cannot change: weights follow it, or parameters give it."""
    sizes = root.inputs[0].shape
    places = sizes[1:] if len(sizes) > 2 else sizes
    return fixed_by(root) is not None or not any(isinstance(size, Free) for size in places)


def _batched(type: TensorType, batch: int) -> list[int]:
    return [*([batch] if type.batched else []), *plain(type.shape)]


def _uses(instance: Instance, path: tuple[str, ...]) -> list[Step]:
    """The steps that use a layer, or an entry of a list."""
    return [s for s in instance.body if not isinstance(s, Assign) and s.layer is not None and s.layer == path]


def _stage(root: Instance, fact: Any, tally: Tally) -> StageRow:
    node: Node = root.layers[fact.path[0]]
    for part in fact.path[1:]:
        assert isinstance(node, Chain)
        node = node.items[int(part)]
    work = tally.work(node)
    shape = _batched(node.outputs[0], tally.batch)
    return StageRow(".".join(fact.path), fact.dim, fact.depth, fact.mixer, shape, parameters(node), work.macs)


def _rows(instance: Instance, prefix: str, tally: Tally) -> list[LayerRow]:
    rows: list[LayerRow] = []
    for name, node in instance.layers.items():
        rows += _layer(instance, (name,), node, prefix + name, tally)
    return rows


def _layer(instance: Instance, path: tuple[str, ...], node: Node, shown: str, tally: Tally) -> list[LayerRow]:
    if isinstance(node, Chain) and not node.sequential:
        return [
            r
            for i, item in enumerate(node.items)
            for r in _layer(instance, (*path, str(i)), item, f"{shown}.{i}", tally)
        ]
    uses = _uses(instance, path)
    work = Work()
    for step in uses:
        work.add(tally.work(step.node))
    given = [instance.types[i] for i in uses[0].inputs]
    return _node(node, shown, given[0], work, tally)


def _node(node: Node, shown: str, given: TensorType, work: Work, tally: Tally) -> list[LayerRow]:
    """The rows of a node and of all inside it; what does nothing is no layer."""
    if does_nothing(node):
        return []
    if isinstance(node, Chain):
        rows = []
        for index, item in enumerate(node.items):
            rows += _node(item, f"{shown}.{index}", given, tally.work(item), tally)
            given = item.outputs[0]
        return rows
    row = LayerRow(
        shown, node.name, _batched(given, tally.batch), _batched(node.outputs[0], tally.batch), parameters(node),
        work.macs, work.flops,
    )  # fmt: skip
    inner = _rows(node, f"{shown}.", tally) if isinstance(node, Instance) else []
    return [row, *inner]
