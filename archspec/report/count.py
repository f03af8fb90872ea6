"""Costs of nodes: a sum over their steps, each distinct node counted once.

Figures are for a batch: what has the batch in front is done for each sample, what works on parameters alone is done
once. Parameters belong to layers and are counted once however often a layer is used; work belongs to uses. Arithmetic
alone, so that a size may be more than a number.
"""

from __future__ import annotations

from collections import Counter
from functools import partial

from archspec.graph.nodes import Node, OpNode
from archspec.graph.walk import Totals, distinct, layers_in, multiplicities, uses_in
from archspec.opdef.op import Op
from archspec.report.conventions import COUNTED, Count
from archspec.report.metrics import Counted
from archspec.report.state import StateSize, own_state


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
        self._works = Totals(uses_in, partial(_own_work, batch=batch))
        self._states = Totals(layers_in, own_state)

    def work(self, node: Node) -> Work:
        """What one use of a node does."""
        return self._works.of(node)

    def state(self, node: Node) -> StateSize:
        """What a node holds."""
        return self._states.of(node)

    def parameters(self, node: Node) -> int:
        """Trained parameters."""
        return self.state(node).params


def _own_work(node: Node, batch: int) -> Work:
    """What an op does in one use; all else does what is in it."""
    total = Work()
    if isinstance(node, OpNode):
        for count in COUNTED:
            total.take(count, node.op, batch)
    return total


class Idle(Tally):
    """The tally of what is never run."""

    def work(self, node: Node) -> Work:
        """Nothing."""
        return Work()


def uses(root: Node) -> dict[OpNode, int]:
    """How often each distinct op is done in one use of a node, in the order of first use."""
    times = multiplicities(root, uses_in)
    return {node: times[node] for node in distinct(root, uses_in) if isinstance(node, OpNode)}
