"""Memory from the graph: what autograd keeps for backward, and the most that is alive at once in inference."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

from archspec.graph.nodes import Assign, Chain, Instance, Node, OpNode, Step
from archspec.opdef.types import TensorType

FLOAT, INT = 4, 8


def size_of(type: TensorType) -> int:
    """Bytes of a tensor of one sample, in float32."""
    return type.numel * (INT if type.dtype == "int" else FLOAT)


@dataclass(frozen=True)
class Saved:
    """What one use keeps: ``inside`` bytes of its own, and which of its inputs and outputs besides.

    ``alias[i]`` is the input whose memory output ``i`` is, or None.
    """

    inside: int
    inputs: tuple[bool, ...]
    outputs: tuple[bool, ...]
    alias: tuple[int | None, ...]


class Autograd:
    """Counts saved bytes of the nodes of one graph, remembering each."""

    def __init__(self) -> None:
        self.made: dict[int, Saved] = {}

    def saved(self, node: Node) -> Saved:
        """What one use of a node keeps in training."""
        if id(node) not in self.made:
            if isinstance(node, OpNode):
                self.made[id(node)] = _op(node)
            elif isinstance(node, Chain):
                count = len(node.items)
                steps = [Step(item, None, (i,), (i + 1,)) for i, item in enumerate(node.items)]
                types = [node.items[0].op.x if isinstance(node.items[0], OpNode) else _input(node.items[0])]
                types += [item.outputs[0] for item in node.items]
                self.made[id(node)] = self._body(steps, types, 1, (count,), 0)
            else:
                steps = [item for item in node.body if not isinstance(item, Assign)]
                self.made[id(node)] = self._body(steps, node.types, len(node.inputs), node.results, len(node.state))
        return self.made[id(node)]

    def _body(
        self, steps: list[Step], types: list[TensorType], inputs: int, results: tuple[int, ...], state: int
    ) -> Saved:
        root: dict[int, int] = {}
        kept: set[int] = set()
        inside = 0

        def base(tensor: int) -> int:
            while tensor in root:
                tensor = root[tensor]
            return tensor

        for step in steps:
            own = self.saved(step.node)
            inside += own.inside
            for output, alias in zip(step.outputs, own.alias):
                if alias is not None:
                    root[output] = step.inputs[alias]
            kept.update(base(t) for t, keep in zip(step.inputs, own.inputs) if keep)
            kept.update(base(t) for t, keep in zip(step.outputs, own.outputs) if keep)
        ends = {base(t) for t in results}
        edge = set(range(inputs)) | ends
        inside += sum(size_of(types[t]) for t in kept - edge)
        places = {t: i for i, t in enumerate(range(inputs))}
        return Saved(
            inside,
            tuple(i in kept for i in range(inputs)),
            tuple(base(t) in kept and base(t) not in places for t in results),
            tuple(places.get(base(t)) for t in results),
        )


def _input(node: Node) -> TensorType:
    if isinstance(node, Instance):
        return node.inputs[0]
    first = node.items[0] if isinstance(node, Chain) else node
    return first.op.x if isinstance(first, OpNode) else _input(first)


def _op(node: OpNode) -> Saved:
    op = node.op
    weights = sum(prod(w.shape) * FLOAT for w in node.weights if w.name in op.saves_weights and w.trained)
    keeps_input, keeps_output = "input" in op.saves, "output" in op.saves
    if op.is_identity():
        return Saved(0, (False,), (False,), (0,))
    alias = (0 if op.view else None,) * len(op.outputs)
    return Saved(weights + op.saved_extra(), (keeps_input,) * len(op.inputs), (keeps_output,) * len(op.outputs), alias)


class Liveness:
    """Peak bytes of activations in inference, with tensors freed after their last use in the graph's order."""

    def __init__(self) -> None:
        self.made: dict[int, int] = {}

    def peak(self, node: Node) -> int:
        """The most bytes alive at once while a node is applied, its inputs left out, its outputs counted."""
        if id(node) not in self.made:
            self.made[id(node)] = self._peak(node)
        return self.made[id(node)]

    def _peak(self, node: Node) -> int:
        if isinstance(node, OpNode):
            return 0 if node.op.view or node.op.is_identity() else sum(map(size_of, node.outputs))
        if isinstance(node, Chain):
            most, before = 0, 0
            for item in node.items:
                most = max(most, before + self.peak(item))
                before = size_of(item.outputs[0])
            return most
        steps = [item for item in node.body if not isinstance(item, Assign)]
        last = {t: i for i, step in enumerate(steps) for t in step.inputs}
        last.update({t: len(steps) for t in node.results})
        alive: dict[int, int] = {}
        most = 0
        for index, step in enumerate(steps):
            most = max(most, sum(alive.values()) + self.peak(step.node))
            fresh = not (isinstance(step.node, OpNode) and (step.node.op.view or step.node.op.is_identity()))
            for output in step.outputs:
                alive[output] = size_of(node.types[output]) if fresh else alive.pop(step.inputs[0], 0)
            alive = {t: size for t, size in alive.items() if last.get(t, -1) > index}
        return most
