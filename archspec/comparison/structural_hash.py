"""What a node is, whatever its text looked like: digests that do not change with names of locals or the order of lines.

Assumes graphs. Guarantees that two nodes of one digest compute the same with the same keys, and start the same.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import blake2b
from typing import Any

from archspec.graph.extern import ExternOp
from archspec.graph.nodes import Binding, Instance, LayerList, Node, Step
from archspec.graph.walk import does_nothing
from archspec.opdef.args import show
from archspec.opdef.op import Op, Weight

NOTHING = "nothing"
BY_SYMBOL = ("number", "flipped", "items")
"""What ops that are written as symbols (``x * 2``, ``x[1:]``) keep beside their arguments."""


def digest(*parts: Any) -> str:
    """A short name for some parts."""
    return blake2b(repr(parts).encode(), digest_size=16).hexdigest()


def arguments_of(op: Op) -> dict[str, Any]:
    """What an op was given; the axes of a pattern are numbered, so that their names do not count."""
    given = {**op.values, **op.extras}
    given |= {name: vars(op)[name] for name in BY_SYMBOL if vars(op).get(name) not in (None, False)}
    if isinstance(op, ExternOp):
        given["class"] = f"{op.module}:{op.class_}"
    if isinstance(given.get("pattern"), str):
        names: dict[str, int] = {}
        given["pattern"] = _numbered(given["pattern"], names)
        given = {name: value for name, value in given.items() if name not in op.extras}
        given["axes"] = tuple(getattr(op, "sizes", {}).get(name, 0) for name in names)
    return given


def _numbered(pattern: str, names: dict[str, int]) -> str:
    for mark in ("(", ")", ",", "->"):
        pattern = pattern.replace(mark, f" {mark} ")
    return " ".join(f"{names.setdefault(w, len(names))}:" if w.isidentifier() else w for w in pattern.split())


def start_of(weight: Weight) -> str:
    """A weight without its shape: whether it is trained, its kind of number, and how it starts."""
    numbers = ", ".join(show(value) for value in weight.init.values)
    kind = "" if weight.trained else "buffer "
    return f"{kind}{'int ' if weight.dtype == 'int' else ''}{weight.init.kind}" + (f"({numbers})" if numbers else "")


class StructuralHash:
    """Digests of the nodes of graphs, each made once."""

    def __init__(self) -> None:
        self.made: dict[int, tuple[Node, str]] = {}

    def of(self, node: Node) -> str:
        """The digest of a node: its kind, arguments, types, weights and all that is inside."""
        if id(node) not in self.made:
            self.made[id(node)] = node, self._of(node)
        return self.made[id(node)][1]

    def root(self, model: Instance) -> str:
        """The digest of a model, whose name does not count."""
        return self._body(model)

    def _of(self, node: Node) -> str:
        if does_nothing(node):
            return NOTHING
        if isinstance(node, Instance):
            return digest(node.name, self._body(node))
        if isinstance(node, LayerList):
            return digest("list", node.sequential, node.survival, tuple(map(self.of, node.items)))
        given = tuple((name, show(value)) for name, value in arguments_of(node.op).items())
        types = tuple(f"{t} {t.batched}" for t in (*node.op.inputs, *node.outputs))
        return digest(node.name, given, types, _state(node.weights))

    def _body(self, node: Instance) -> str:
        layers = sorted((name, self.of(child)) for name, child in node.layers.items() if not does_nothing(child))
        types = tuple(f"{t} {t.batched}" for t in (*node.inputs, *node.outputs))
        flow = ValueNumbering(node, lambda step: (step.layer, self.of(step.node)))
        return digest(types, _state(tuple(node.state)), layers, flow.shape)


def _state(weights: tuple[Weight, ...]) -> list[tuple[str, str, str]]:
    return sorted((weight.name, show(tuple(weight.shape)), start_of(weight)) for weight in weights)


class ValueNumbering:
    """A body's dataflow: each step named by a key and by what flows into it.

    ``steps`` has the steps by that name, in the order of the body. A step whose key is None hands its input on, as one
    that does nothing does. Constants are known by their numbers, or where ``rough`` by their place alone.
    """

    def __init__(self, instance: Instance, key: Callable[[Step], Any], rough: bool = False) -> None:
        self.steps: dict[str, list[Step]] = {}
        state = {weight.name for weight in instance.state}
        tables = {
            table.name: f"table {at}" if rough else digest(tuple(map(int, table.shape)), table.dtype, table.values)
            for at, table in enumerate(instance.tables)
        }
        made = {i: f"input {i}" for i in range(len(instance.inputs))}
        for item in instance.body:
            if isinstance(item, Binding):
                name = item.names[0].removeprefix("self.")
                if name != item.names[0]:
                    made[item.tensors[0]] = f"state {name}" if name in state else tables[name]
                continue
            given = None if does_nothing(item.node) else key(item)
            if given is None:
                made |= dict.fromkeys(item.outputs, made[item.inputs[0]])
                continue
            name = digest(given, tuple(made[i] for i in item.inputs))
            self.steps.setdefault(name, []).append(item)
            made |= {output: f"{name} {at}" for at, output in enumerate(item.outputs)}
        self.results = (instance.returns, *(made[i] for i in instance.results))

    @property
    def shape(self) -> tuple[Any, ...]:
        """What is done how often, and what comes out, in a canonical order."""
        return tuple(sorted((name, len(steps)) for name, steps in self.steps.items())), self.results
