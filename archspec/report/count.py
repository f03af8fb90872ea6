"""Costs of nodes: a sum over their steps, each distinct node counted once.

Figures are for a batch: what has the batch in front is done for each sample, what works on parameters alone is done
once. Parameters belong to layers and are counted once however often a layer is used; work belongs to uses. Arithmetic
alone, so that a size may be more than a number.
"""

from __future__ import annotations

from collections import Counter
from math import prod

from archspec.graph.nodes import Binding, LayerList, Node, OpNode, over_weights
from archspec.opdef.op import Op
from archspec.report.conventions import COUNTED, Count
from archspec.report.metrics import Counted


class Work(Counted):
    """Counts of one use by name, and under the operators' own names for those counts that have parts by operator."""

    def __init__(self) -> None:
        self.counts: dict[str, int] = {count.name: 0 for count in COUNTED}
        self.operators: dict[str, Counter[str]] = {count.name: Counter() for count in COUNTED if count.breakdown}

    def add(self, other: Work, times: int = 1) -> None:
        """Add another's counts."""
        for name, own in other.counts.items():
            self.counts[name] += own * times
        for name, by_operator in other.operators.items():
            mine = self.operators[name]
            for operator, own in by_operator.items():
                mine[operator] += own * times

    def take(self, count: Count, op: Op, batch: int, times: int = 1) -> None:
        """Add what is counted of an op that is done so often."""
        own = count.count(op, batch)
        self.counts[count.name] += own * times
        operator = count.operator(op) if count.breakdown else None
        if operator and own:
            self.operators[count.name][operator] += own * times


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
            for count in COUNTED:
                total.take(count, node.op, self.batch)
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
