"""Costs of nodes: a sum over their steps, each distinct node counted once.

Figures are for a batch: what has the batch in front is done for each sample, what works on parameters alone is done
once. Parameters belong to layers and are counted once however often a layer is used; work belongs to uses. Arithmetic
alone, so that a size may be more than a number.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from math import prod

from archspec.graph.nodes import Binding, LayerList, Node, OpNode, over_weights
from archspec.report.conventions import FLOPS, FVCORE, MACS, TORCH


@dataclass
class Work:
    """Counts of one use: ``macs`` and ``flops`` as the report defines them, fvcore's two, and torch's.

    ``fvcore`` and ``torch`` are by operator, under the tool's own names.
    """

    macs: int = 0
    flops: int = 0
    activations: int = 0
    fvcore: Counter[str] = field(default_factory=Counter)
    torch: Counter[str] = field(default_factory=Counter)

    def add(self, other: Work, times: int = 1) -> None:
        """Add another's counts."""
        self.macs += other.macs * times
        self.flops += other.flops * times
        self.activations += other.activations * times
        for mine, theirs in ((self.fvcore, other.fvcore), (self.torch, other.torch)):
            for name, count in theirs.items():
                mine[name] += count * times


class Tally:
    """Counts nodes of one graph for a batch, remembering each."""

    def __init__(self, batch: int = 1) -> None:
        self.batch = batch
        self.made: dict[int, Work] = {}

    def work(self, node: Node) -> Work:
        """What one use of a node does."""
        if id(node) not in self.made:
            self.made[id(node)] = self._count(node)
        return self.made[id(node)]

    def _count(self, node: Node) -> Work:
        total = Work()
        if isinstance(node, OpNode):
            op, batch = node.op, self.batch
            total.macs, total.flops = MACS.count(op, batch), FLOPS.count(op, batch)
            total.activations = activations(node, batch)
            for own, name, count in (
                (total.fvcore, op.fvcore_name, FVCORE.count(op, batch)),
                (total.torch, op.torch_kind, TORCH.count(op, batch)),
            ):
                if name and count:
                    own[name] = count
        else:
            for inner, times in _steps(node):
                total.add(self.work(inner), times)
        return total


class Idle(Tally):
    """The tally of what is never run."""

    def work(self, node: Node) -> Work:
        """Nothing."""
        return Work()


def uses(root: Node) -> dict[OpNode, int]:
    """How often each distinct op is done in one use of a node, in the order of first use."""
    made: dict[int, dict[OpNode, int]] = {}

    def count(node: Node) -> dict[OpNode, int]:
        if isinstance(node, OpNode):
            return {node: 1}
        if id(node) not in made:
            found: dict[OpNode, int] = {}
            for inner, often in _steps(node):
                for op, times in count(inner).items():
                    found[op] = found.get(op, 0) + times * often
            made[id(node)] = found
        return made[id(node)]

    return count(root)


def _steps(node: Node) -> list[tuple[Node, int]]:
    """The nodes that one use of a node uses, in order, and how often each."""
    if isinstance(node, OpNode):
        return []
    if isinstance(node, LayerList):
        return [(item, node.times) for item in node.items]
    return [(step.node, 1) for step in node.body if not isinstance(step, Binding)]


def activations(node: OpNode, batch: int) -> int:
    """Elements of an op's outputs for a batch, where fvcore counts them."""
    return sum(t.numel * (batch if t.batched else 1) for t in node.outputs) if node.op.counts_activation else 0


def parameters(node: Node) -> int:
    """Trained parameters."""
    return over_weights(node, lambda weight: prod(weight.shape) if weight.trained else 0) + _declared(node)


def _declared(node: Node) -> int:
    """Parameters that externs declare."""
    if isinstance(node, OpNode):
        declared: int = getattr(node.op, "declared_params", 0)
        return declared
    if isinstance(node, LayerList):
        return sum(map(_declared, node.items)) * node.times
    return sum(map(_declared, node.layers.values()))
