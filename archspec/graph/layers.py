"""The layers of one body, by path, in order of first use."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from archspec.graph import problems
from archspec.graph.nodes import Chain, Node, count_layers, weights_of
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
        body.elaborator.spend(span, count_layers(node))
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
        return {name: self._gather(body, paths) for name, paths in _by_part(self.nodes, 0).items()}

    def _gather(self, body: Dataflow, paths: list[tuple[str, ...]], depth: int = 1) -> Node:
        """The node of all paths that share their first ``depth`` parts."""
        own = paths[0][:depth]
        if own in self.nodes:
            return self.nodes[own]
        entries = sorted(_by_part(paths, depth).items(), key=lambda item: int(item[0]))
        for place, (index, _) in enumerate(entries):
            if place != int(index):
                body._report(problems.UnusedEntry(self.spans[paths[0]], ".".join(own), place))
        return Chain(tuple(self._gather(body, inside, depth + 1) for _, inside in entries), sequential=False)


def _by_part(paths: Iterable[tuple[str, ...]], at: int) -> dict[str, list[tuple[str, ...]]]:
    """Paths by one of their parts, those left out that have none there."""
    made: dict[str, list[tuple[str, ...]]] = {}
    for path in paths:
        if len(path) > at:
            made.setdefault(path[at], []).append(path)
    return made
