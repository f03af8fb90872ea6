"""The layers of one body, by path, in order of first use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from archspec.graph import problems
from archspec.graph.nodes import Chain, Node, weights_of
from archspec.graph.values import Bound
from archspec.source import Span

if TYPE_CHECKING:
    from archspec.graph.dataflow import Dataflow


class Layers:
    """Collects layers as they are first applied; entries of lists have paths of several parts."""

    def __init__(self) -> None:
        self.nodes: dict[tuple[str, ...], Node] = {}
        self.owners: dict[tuple[str, ...], Any] = {}
        self.spans: dict[tuple[str, ...], Span] = {}

    def add(self, body: Dataflow, bound: Bound, node: Node, span: Span) -> None:
        """Note a use. A second use of the same binding shares its weights; another binding of the name is an error."""
        path = bound.path
        if path[0] in body.own_names():
            body.fail(problems.LayerName(span, path[0]))
        if path not in self.nodes:
            self.nodes[path] = node
            self.owners[path] = bound.value
            self.spans[path] = span
            return
        if self.owners[path] is not bound.value:
            body.fail(problems.NamedTwice(span, ".".join(path)))
        shapes = [(key, weight.shape) for key, weight in weights_of(node)]
        if shapes != [(key, weight.shape) for key, weight in weights_of(self.nodes[path])]:
            body.fail(problems.SharedShapes(span, ".".join(path)))

    def find(self, path: tuple[str, ...]) -> Node | None:
        """The layer of a path, inside a list that was applied as a whole too; None where it was never used."""
        if path in self.nodes:
            return self.nodes[path]
        whole = self.nodes.get(path[:-1]) if len(path) > 1 else None
        return whole.items[int(path[-1])] if isinstance(whole, Chain) else None

    def tree(self, body: Dataflow) -> dict[str, Node]:
        """The layers by name, entries of lists gathered under the name of the list."""
        return {name: self._gather(body, (name,)) for name in dict.fromkeys(path[0] for path in self.nodes)}

    def _gather(self, body: Dataflow, path: tuple[str, ...]) -> Node:
        if path in self.nodes:
            return self.nodes[path]
        indices = sorted({int(p[len(path)]) for p in self.nodes if p[: len(path)] == path and len(p) > len(path)})
        for place, index in enumerate(indices):
            if place != index:
                span = self.spans[next(p for p in self.nodes if p[: len(path)] == path)]
                body._report(problems.UnusedEntry(span, ".".join(path), place))
        return Chain(tuple(self._gather(body, (*path, str(i))) for i in indices), sequential=False)
