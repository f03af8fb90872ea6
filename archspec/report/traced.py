"""What fvcore sees: a trace from which torch has dropped all that no result of the model needs.

A layer whose output goes nowhere has no step in the graph. What is left to find is inside modules: results that one
use of a module does not need, and inputs that a module does not read.
"""

from __future__ import annotations

from collections import Counter
from typing import TypeAlias

from archspec.graph.nodes import Binding, Instance, LayerList, Node, OpNode, Step
from archspec.report.conventions import COUNTED
from archspec.report.count import Tally, Work, uses

Places: TypeAlias = "frozenset[int]"
"""Some of the results, or of the inputs, of a node."""
Kept: TypeAlias = "tuple[Counter[OpNode], Places]"
"""How often each op is kept in one use of a node, and the inputs that it needs."""


def traced(root: Instance, tally: Tally) -> Work:
    """The work of a model, with what counts in a trace taken of what that keeps."""
    work = tally.work(root)
    if not _drops(root, set()):
        return work
    made, kept = Work(), kept_uses(root)
    for count in COUNTED:
        if count.traced:
            for node, times in kept.items():
                made.take(count, node.op, tally.batch, times)
        else:
            made.counts[count.name] = work.counts[count.name]
            made.operators |= {name: parts for name, parts in work.operators.items() if name == count.name}
    return made


def kept_uses(root: Instance) -> dict[OpNode, int]:
    """How often each distinct op is in the trace of a model, in the order of first use."""
    kept, _ = _Liveness().kept(root, frozenset(range(len(root.results))))
    return {node: kept[node] for node in uses(root) if node in kept}


class _Liveness:
    """Goes through nodes from their results back, each use of one with equal needs once."""

    def __init__(self) -> None:
        self.made: dict[tuple[int, Places], Kept] = {}

    def kept(self, node: Node, wanted: Places) -> Kept:
        """What of one use of a node is kept for some of its results."""
        if not wanted:
            return Counter(), frozenset()
        key = (id(node), wanted)
        if key not in self.made:
            if isinstance(node, OpNode):
                self.made[key] = Counter({node: 1}), frozenset(range(len(node.op.inputs)))
            else:
                self.made[key] = self._list(node, wanted) if isinstance(node, LayerList) else self._body(node, wanted)
        return self.made[key]

    def _list(self, node: LayerList, wanted: Places) -> Kept:
        total: Counter[OpNode] = Counter()
        for part in reversed(node.parts):
            last, wanted = self._round(part, wanted)
            total.update(last)
            before, wanted = self._round(part, wanted)
            for op, count in before.items():
                total[op] += count * (part.times - 1)
        return total, wanted

    def _round(self, node: LayerList, wanted: Places) -> Kept:
        total: Counter[OpNode] = Counter()
        for item in reversed(node.items):
            found, wanted = self.kept(item, wanted)
            total.update(found)
        return total, wanted

    def _body(self, node: Instance, wanted: Places) -> Kept:
        total: Counter[OpNode] = Counter()
        needed = {node.results[place] for place in wanted}
        for step in reversed(node.body):
            if isinstance(step, Binding):
                continue
            found, read = self.kept(step.node, frozenset(at for at, i in enumerate(step.outputs) if i in needed))
            total.update(found)
            needed.update(step.inputs[place] for place in read)
        return total, frozenset(at for at in range(len(node.inputs)) if at in needed)


def _drops(node: Node, seen: set[int]) -> bool:
    """Whether anything inside may be dropped: a module gives several results, or does not read an input."""
    if id(node) in seen or isinstance(node, OpNode):
        return False
    seen.add(id(node))
    if isinstance(node, LayerList):
        return any(_drops(item, seen) for item in node.items)
    steps = [step for step in node.body if isinstance(step, Step)]
    read = {i for step in steps for i in step.inputs}.union(node.results)
    if len(node.results) > 1 or not read.issuperset(range(len(node.inputs))):
        return True
    return any(_drops(step.node, seen) for step in steps)
