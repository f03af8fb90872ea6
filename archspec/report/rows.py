"""The rows of a report: its stages, and its layers with all that is inside each."""

from __future__ import annotations

from typing import Any

from archspec.frozen import Frozen
from archspec.graph.nodes import Instance, LayerList, Node, Step
from archspec.graph.walk import does_nothing
from archspec.opdef.types import TensorType
from archspec.report.count import Idle, Tally, Work
from archspec.report.metrics import BY_LAYER, BY_STAGE, Counted
from archspec.sym.number import plain


class StageRow(Counted, Frozen):
    """One stage."""

    name: str
    dim: int | None
    depth: int
    mixer: str | None
    output_shape: list[int]
    counts: dict[str, int]

    def to_dict(self) -> dict[str, Any]:
        """The row as JSON has it."""
        return _flat(self)


class LayerRow(Counted, Frozen):
    """One layer, with all that is inside it, for a batch. Shapes have the batch in front."""

    path: str
    type: str
    input_shape: list[int]
    output_shape: list[int]
    counts: dict[str, int]

    def to_dict(self) -> dict[str, Any]:
        """The row as JSON has it."""
        return _flat(self)


def _flat(row: StageRow | LayerRow) -> dict[str, Any]:
    """The fields of a row, its counts among them."""
    return {name: value for name, value in vars(row).items() if name != "counts"} | row.counts


def stage_rows(root: Instance, tally: Tally) -> list[StageRow]:
    """A row for each stage, in order."""
    return [_stage(root, fact, tally) for fact in root.stages]


def layer_rows(root: Instance, tally: Tally) -> list[LayerRow]:
    """A row for each layer, parents before children, in the order of first use."""
    return _rows(root, "", tally)


def batched(type: TensorType, batch: int) -> list[int]:
    """A shape with the batch in front, where there is one."""
    return [*([batch] if type.batched else []), *plain(type.shape)]


def _uses(instance: Instance, path: tuple[str, ...]) -> list[Step]:
    """The steps that use a layer, or an entry of a list."""
    return [step for step in instance.steps if step.layer == path]


def _stage(root: Instance, fact: Any, tally: Tally) -> StageRow:
    node: Node = root.layers[fact.path[0]]
    for part in fact.path[1:]:
        assert isinstance(node, LayerList)
        node = node.items[int(part)]
    work = tally.work(node) if _uses(root, fact.path) or _uses(root, fact.path[:-1]) else Work()
    shape = batched(node.outputs[0], tally.batch)
    counts = _counts(BY_STAGE, tally.parameters(node), work)
    return StageRow(".".join(fact.path), fact.dim, fact.depth, fact.mixer, shape, counts)


def _counts(names: tuple[str, ...], params: int, work: Work) -> dict[str, int]:
    """What a row counts of a node that has so many parameters and does so much work."""
    every = {"params": params, **work.counts}
    return {name: every[name] for name in names}


def _rows(instance: Instance, prefix: str, tally: Tally) -> list[LayerRow]:
    rows: list[LayerRow] = []
    for name, node in instance.layers.items():
        rows += _layer(instance, (name,), node, prefix + name, tally)
    return rows


def _layer(instance: Instance, path: tuple[str, ...], node: Node, shown: str, tally: Tally) -> list[LayerRow]:
    if isinstance(node, LayerList) and not node.sequential:
        return [
            r
            for i, item in enumerate(node.items)
            for r in _layer(instance, (*path, str(i)), item, f"{shown}.{i}", tally)
        ]
    uses = _uses(instance, path)
    work = Work()
    for step in uses:
        work.add(tally.work(step.node))
    given = instance.types[uses[0].inputs[0]] if uses else node.inputs[0]
    return _node(node, shown, given, work, tally if uses else Idle(tally.batch))


def _node(node: Node, shown: str, given: TensorType, work: Work, tally: Tally) -> list[LayerRow]:
    """The rows of a node and of all inside it; what does nothing is no layer."""
    if does_nothing(node):
        return []
    if isinstance(node, LayerList):
        rows = []
        for index, item in enumerate(node.items):
            rows += _node(item, f"{shown}.{index}", given, tally.work(item), tally)
            given = item.outputs[0]
        return rows
    shapes = batched(given, tally.batch), batched(node.outputs[0], tally.batch)
    row = LayerRow(shown, node.name, *shapes, _counts(BY_LAYER, tally.parameters(node), work))
    inner = _rows(node, f"{shown}.", tally) if isinstance(node, Instance) else []
    return [row, *inner]
