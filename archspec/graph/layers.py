"""The layers of one body, by path, in order of first use."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from archspec.graph.ledger import Ledger
from archspec.graph.nodes import Instance, LayerList, LayerPath, Node, OpNode
from archspec.graph.problems.layers import (
    NamedTwice,
    SharedDiffers,
    SharedShapes,
    SharedSurvival,
    UnusedEntry,
)
from archspec.graph.values import Bound, Value
from archspec.graph.walk import count_layers, distinct, stateful, walk, weights_of
from archspec.opdef.args import show
from archspec.opdef.op import Op, arguments
from archspec.source import Span
from archspec.sym.number import is_open
from archspec.sym.printer import FormulaPrinter


class Layers:
    """Collects layers as they are first applied; entries of lists have paths of several parts."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.nodes: dict[LayerPath, Node] = {}
        self.owners: dict[LayerPath, Value] = {}
        self.spans: dict[LayerPath, Span] = {}
        self.passing: dict[LayerPath, OpNode] = {}
        """Entries of lists that were applied and are no layers, in their places between those that are."""

    def add(self, bound: Bound, node: Node, span: Span) -> None:
        """Note a use. A second use of the same binding shares its weights; another binding of the name is an error."""
        path = bound.path
        for other in self._related(path, node):
            rest, back = path[len(other) :], other[len(path) :]
            if inside(self.owners[other], rest) is not inside(bound.value, back):
                self.ledger.fail(NamedTwice(span, ".".join(path)))
            first, again = entry(self.nodes[other], rest), entry(node, back)
            if first is not again:
                self._check_shared(max(path, other, key=len), first, again, span)
        if path not in self.nodes:
            self.nodes[path] = node
            self.owners[path] = bound.value
            self.spans[path] = span

    def _related(self, path: LayerPath, node: Node) -> list[LayerPath]:
        """The layers so far that are this one, a list that it is an entry of, or an entry of it."""
        found = [path[:size] for size in range(1, len(path) + 1) if path[:size] in self.nodes]
        if isinstance(node, LayerList):
            found += [other for other in self.nodes if len(other) > len(path) and other[: len(path)] == path]
        return found

    def _check_shared(self, path: LayerPath, first: Node, node: Node, span: Span) -> None:
        """A layer on inputs of other types: the ops with weights inside it have to be the same layers."""
        self.ledger.spend(span, count_layers(node))
        name = ".".join(path)
        shapes = [(key, weight.shape) for key, weight in weights_of(node)]
        if shapes != [(key, weight.shape) for key, weight in weights_of(first)]:
            self.ledger.fail(SharedShapes(span, name))
        before = leaves(first, path)
        for key, op in leaves(node, path).items():
            here, there = layer_text(op), layer_text(before[key]) if key in before else None
            if here != there:
                self.ledger.fail(SharedDiffers(span, name, ".".join(key), here, str(there)))
        if stateful(node) and survives(node):
            self.ledger.fail(SharedSurvival(span, name))

    def find(self, path: LayerPath) -> Node | None:
        """The layer of a path, inside a list that was applied as a whole too; None where it was never used."""
        if path in self.nodes:
            return self.nodes[path]
        whole = self.nodes.get(path[:-1]) if len(path) > 1 else None
        return entry(whole, path[-1:]) if isinstance(whole, LayerList) else None

    def tree(self) -> dict[str, Node]:
        """The layers by name, entries of lists gathered under the name of the list."""
        passing = _by_part(self.passing, 0)
        named = _by_part(self.nodes, 0).items()
        return {name: self._gather([*paths, *passing.get(name, ())]) for name, paths in named}

    def _gather(self, paths: list[LayerPath], depth: int = 1) -> Node:
        """The node of all paths that share their first ``depth`` parts; that of a layer stands first, if any is."""
        own = paths[0][:depth]
        if own in self.nodes:
            return self.nodes[own]
        if own in self.passing:
            return self.passing[own]
        entries = _by_part(paths, depth)
        layers = [int(place) for place, below in entries.items() if below[0] in self.nodes]
        items: list[Node] = []
        for place in range(1 + max(layers)) if layers else map(int, entries):
            if str(place) in entries:
                items.append(self._gather(entries[str(place)], depth + 1))
            else:
                self.ledger.report(UnusedEntry(self.spans[paths[0]], ".".join(own), place))
        return LayerList(tuple(items), sequential=False)


def _by_part(paths: Iterable[LayerPath], at: int) -> dict[str, list[LayerPath]]:
    """Paths by one of their parts, those left out that have none there."""
    made: dict[str, list[LayerPath]] = {}
    for path in paths:
        if len(path) > at:
            made.setdefault(path[at], []).append(path)
    return made


def entry(node: Node, places: LayerPath) -> Node:
    """An entry of a list of layers, or of lists in it."""
    for place in places:
        assert isinstance(node, LayerList)
        node = node.items[int(place)]
    return node


def layer_at(instance: Instance, path: LayerPath) -> Node:
    """The layer of a module at a path."""
    return entry(instance.layers[path[0]], path[1:])


def inside(value: Value, places: LayerPath) -> Value:
    """What an entry of a list of layers-to-be is bound to."""
    for place in places:
        assert isinstance(value, tuple)
        item = value[int(place)]
        assert isinstance(item, Bound)
        value = item.value
    return value


def layer_text(op: Op) -> str:
    """What a layer is made of, as a text: two uses of a name that give the same are one layer."""
    known = arguments(type(op))
    given = {n: v for n, v in op.values.items() if n not in known or is_open(v) or show(v) != show(known[n].default)}
    text = f"`{op.name()}({_listed(given)})`" if given else f"`{op.name()}`"
    return f"{text} for {_listed({name: getattr(op, name) for name in op.made_for})}" if op.made_for else text


def _listed(values: dict[str, Any]) -> str:
    printer = FormulaPrinter()
    return ", ".join(f"{n} = {printer.term(v.term) if is_open(v) else show(v)}" for n, v in values.items())


def leaves(node: Node, path: LayerPath) -> dict[LayerPath, Op]:
    """The ops with weights in a node, by their paths."""
    return {at: inner.op for at, inner in walk(node, path) if isinstance(inner, OpNode) and inner.op.stateful}


def survives(node: Node) -> bool:
    """Whether a node holds a list of layers with weights, of which each takes part in training by chance."""
    return any(isinstance(inner, LayerList) and inner.survival < 1 and stateful(inner) for inner in distinct(node))
