"""Walks over the graph: whatever is asked of a node and of all that is inside it.

Assumes nodes as the elaborator made them. What a node holds (its layers, with their weights) and what one use of it
uses (its steps) are two relations; everything else here goes along one of them. A node that is met again along a
relation is the same node, and is gone through once, unless its paths are wanted.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import Generic, Protocol, TypeVar

from archspec.graph.nodes import Instance, LayerList, LayerPath, Node, OpNode, Table
from archspec.opdef.op import Weight
from archspec.sym.number import is_free

K = TypeVar("K", bound=Hashable)


def children(node: Node) -> list[tuple[str, Node]]:
    """The layers right inside a node, by the last part of their paths."""
    if isinstance(node, LayerList):
        return [(str(place), item) for place, item in enumerate(node.items)]
    return list(node.layers.items()) if isinstance(node, Instance) else []


def layers_in(node: Node) -> list[tuple[Node, int]]:
    """The layers right inside a node, and how often each comes."""
    if isinstance(node, LayerList):
        return node.counted
    return [(layer, 1) for layer in node.layers.values()] if isinstance(node, Instance) else []


def uses_in(node: Node) -> list[tuple[Node, int]]:
    """What one use of a node uses, in order, and how often."""
    if isinstance(node, Instance):
        return [(step.node, 1) for step in node.steps]
    return layers_in(node)


def all_in(node: Node) -> list[tuple[Node, int]]:
    """The layers right inside a node, and then what it uses."""
    return [*layers_in(node), *uses_in(node)] if isinstance(node, Instance) else layers_in(node)


def entries(node: Node) -> Iterator[OpNode | Instance]:
    """The ops and modules that a layer stands for: those of a list and of lists in it, or the layer itself."""
    if isinstance(node, LayerList):
        for item in node.items:
            yield from entries(item)
    else:
        yield node


def walk(node: Node, path: LayerPath = ()) -> Iterator[tuple[LayerPath, Node]]:
    """A node and every layer inside it with its path, parents first, in the order of a state dict."""
    stack = [(path, node)]
    while stack:
        path, node = stack.pop()
        yield path, node
        stack += [((*path, name), child) for name, child in reversed(children(node))]


def distinct(root: Node, inside: Callable[[Node], Sequence[tuple[Node, int]]] = layers_in) -> Iterator[Node]:
    """Each node once, parents first, in the order in which a relation leads to it."""
    seen = set[Node]()
    stack = [root]
    while stack:
        node = stack.pop()
        if node not in seen:
            seen.add(node)
            yield node
            stack += [child for child, _ in reversed(inside(node))]


def innermost_first(root: K, inside: Callable[[K], Sequence[tuple[K, int]]]) -> list[K]:
    """Each thing once, behind all that a relation leads to from it."""
    seen = set[K]()
    finished: list[K] = []

    def visit(thing: K) -> None:
        seen.add(thing)
        for other, _ in inside(thing):
            if other not in seen:
                visit(other)
        finished.append(thing)

    visit(root)
    return finished


def multiplicities(root: K, inside: Callable[[K], Sequence[tuple[K, int]]]) -> dict[K, int]:
    """How often each thing is there, the first once; all that lead to a thing come before it."""
    found = {root: 1}
    for thing in reversed(innermost_first(root, inside)):
        for other, times in inside(thing):
            found[other] = found.get(other, 0) + found[thing] * times
    return found


class Summable(Protocol):
    """What totals are kept of."""

    def add(self: S, other: S, times: int) -> None:
        """Add another so often."""


S = TypeVar("S", bound=Summable)


class Totals(Generic[S]):
    """Sums over nodes and all that a relation leads to, the sum of each node worked out once.

    ``own`` gives what a node has by itself: a value of its own, to which the rest is added.
    """

    def __init__(self, inside: Callable[[Node], Sequence[tuple[Node, int]]], own: Callable[[Node], S]) -> None:
        self._inside = inside
        self._own = own
        self._known: dict[Node, S] = {}

    def of(self, node: Node) -> S:
        """The total of a node."""
        if node not in self._known:
            total = self._own(node)
            for child, times in self._inside(node):
                total.add(self.of(child), times)
            self._known[node] = total
        return self._known[node]


# what a node has by itself


def own_weights(node: Node) -> Sequence[Weight]:
    """The parameters and buffers of a node, without those of its layers."""
    return () if isinstance(node, LayerList) else node.weights if isinstance(node, OpNode) else node.state


def own_tables(node: Node) -> Sequence[Table]:
    """The constant tables of a node, without those of its layers."""
    return node.tables if isinstance(node, Instance) else ()


# what is asked of all that is in a node


def weights_of(node: Node) -> list[tuple[str, Weight]]:
    """Every parameter and buffer with its key, in the order of a state dict."""
    return [(".".join((*path, weight.name)), weight) for path, inner in walk(node) for weight in own_weights(inner)]


def tables_of(node: Node) -> Iterator[tuple[LayerPath, Table]]:
    """Every constant table of a node and of the layers in it, with the path of its layer."""
    return ((path, table) for path, inner in walk(node) for table in own_tables(inner))


def stateful(node: Node) -> bool:
    """Whether a node holds parameters or buffers anywhere."""
    return any(inner.op.stateful if isinstance(inner, OpNode) else own_weights(inner) for inner in distinct(node))


def does_nothing(node: Node) -> bool:
    """Whether a node gives back its input, and so is no layer of the compiled model."""
    if isinstance(node, OpNode):
        return node.op.is_identity()
    if isinstance(node, Instance) and (len(node.inputs) != 1 or len(node.results) != 1 or stateful(node)):
        return False
    return all(does_nothing(inner) for inner, _ in uses_in(node))


def count_layers(node: Node) -> int:
    """How many layers a node stands for, those inside it counted as often as they are there."""
    if isinstance(node, Instance) and node.layer_count:
        return node.layer_count
    own = 0 if isinstance(node, LayerList) else 1
    return own + sum(count_layers(inner) * times for inner, times in layers_in(node))


def weight_ranks(node: Node) -> dict[str, dict[str, int]]:
    """The weights that each op inside a node has or could have with its other arguments, with the fewest axes there."""
    if isinstance(node, OpNode):
        return {node.name: node.op.weight_ranks()} if node.op.stateful else {}
    if isinstance(node, Instance) and node.ranks is not None:
        return node.ranks
    found: dict[str, dict[str, int]] = {}
    for child in dict(layers_in(node)):
        for op, ranks in weight_ranks(child).items():
            known = found.setdefault(op, {})
            known.update({name: min(rank, known.get(name, rank)) for name, rank in ranks.items()})
    if isinstance(node, Instance):
        node.ranks = found
    return found


def fixed_by(root: Instance) -> str | None:
    """The first key whose shape follows the size of the input, or None where the model serves any size."""
    return next((key for key, weight in weights_of(root) if any(map(is_free, weight.shape))), None)
