"""Costs of nodes: a sum over their steps, each distinct node counted once.

All figures are for one sample, as integers. Parameters belong to layers and are counted once however often a layer is
used; work belongs to uses.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from math import prod

from archspec.graph.nodes import Assign, Chain, Node, OpNode, weights_of


@dataclass
class Work:
    """Counts of one use: ``macs`` and ``flops`` as the report defines them, and fvcore's two."""

    macs: int = 0
    flops: int = 0
    activations: int = 0
    fvcore: Counter[str] = field(default_factory=Counter)

    def add(self, other: Work, times: int = 1) -> None:
        """Add another's counts."""
        self.macs += other.macs * times
        self.flops += other.flops * times
        self.activations += other.activations * times
        for name, count in other.fvcore.items():
            self.fvcore[name] += count * times


class Tally:
    """Counts nodes of one graph, remembering each."""

    def __init__(self) -> None:
        self.made: dict[int, Work] = {}

    def work(self, node: Node) -> Work:
        """What one use of a node does."""
        if id(node) not in self.made:
            self.made[id(node)] = self._count(node)
        return self.made[id(node)]

    def _count(self, node: Node) -> Work:
        total = Work()
        if isinstance(node, OpNode):
            op = node.op
            total.macs, total.flops = int(op.macs()), int(op.flops())
            total.activations = sum(t.numel for t in op.outputs) if op.activates else 0
            counted = int(op.fvcore()) if op.fvcore_name else 0
            if op.fvcore_name and counted:
                total.fvcore[op.fvcore_name] = counted
        elif isinstance(node, Chain):
            for item in node.items:
                total.add(self.work(item))
        else:
            for step in node.body:
                if not isinstance(step, Assign):
                    total.add(self.work(step.node))
        return total


def parameters(node: Node) -> int:
    """Trained parameters."""
    return sum(prod(weight.shape) for _, weight in weights_of(node) if weight.trained) + _declared(node)


def _declared(node: Node) -> int:
    """Parameters that externs declare."""
    if isinstance(node, OpNode):
        return int(getattr(node.op, "declared_params", 0))
    return sum(map(_declared, node.items if isinstance(node, Chain) else node.layers.values()))
