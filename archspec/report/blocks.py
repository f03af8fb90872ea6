"""The modules that a model is built of, each once, for drawings of their insides."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from archspec.graph.nodes import Instance, Node
from archspec.graph.walk import children, does_nothing
from archspec.report.count import Tally
from archspec.report.flow import Flow, flow_of

_FEWEST_ITEMS, _MOST_ITEMS = 5, 40


@dataclass(frozen=True)
class Block:
    """A module, where it is used first, and its flow."""

    node: Instance
    path: str
    flow: Flow


def blocks_of(root: Instance, tally: Tally) -> list[Block]:
    """Modules in the order of first use, one for each structure, those left out that do too little to be drawn."""
    made: list[Block] = []
    seen: set[object] = set()
    for path, node in modules_of(root, "", set()):
        flow = flow_of(node, tally)
        kind = (node.name, tuple((item.name, item.note) for item in flow.items), tuple(flow.edges))
        if kind not in seen and _FEWEST_ITEMS <= len(flow.items) <= _MOST_ITEMS:
            made.append(Block(node, path, flow))
        seen.add(kind)
    return made


def modules_of(node: Node, path: str, done: set[int]) -> Iterator[tuple[str, Instance]]:
    """Each distinct module inside a node with the path of its first use, outer before inner."""
    for name, child in children(node):
        if id(child) in done or does_nothing(child):
            continue
        done.add(id(child))
        own = f"{path}.{name}" if path else name
        if isinstance(child, Instance):
            yield own, child
        yield from modules_of(child, own, done)
