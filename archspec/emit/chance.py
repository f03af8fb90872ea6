"""Which steps of a body draw random numbers, or keep statistics, in training: their order is part of the model."""

from __future__ import annotations

from collections import Counter

from archspec.emit.class_templates import ClassTemplate
from archspec.graph.extern import ExternOp
from archspec.graph.nodes import LayerList, Node, OpNode, Step
from archspec.sym.number import is_family


def ordered_steps(template: ClassTemplate, known: dict[tuple[Node, bool], bool]) -> set[int]:
    """The places of the steps of a class that have to stay in order; ``known`` keeps what was found of nodes.

    They draw random numbers, or are uses of one layer that keeps statistics of its inputs.
    """
    body = template.first.body
    uses = Counter(step.layer for step in body if isinstance(step, Step))
    found = set()
    for index, step in enumerate(body):
        if isinstance(step, Step):
            again = step.layer is not None and uses[step.layer] > 1
            if any(_ordered(node, again, known) for node in template.nodes(index)):
                found.add(index)
    return found


def _ordered(node: Node, again: bool, known: dict[tuple[Node, bool], bool]) -> bool:
    """Whether a node draws random numbers, or keeps statistics where it is used ``again``; each is looked at once."""
    if (node, again) not in known:
        known[node, again] = _found_ordered(node, again, known)
    return known[node, again]


def _found_ordered(node: Node, again: bool, known: dict[tuple[Node, bool], bool]) -> bool:
    if isinstance(node, OpNode):
        draws = isinstance(node.op, ExternOp) or _rate(node) > 0
        return draws or (again and any(not weight.trained for weight in node.weights))
    if isinstance(node, LayerList):
        return node.survival < 1 or any(_ordered(item, again, known) for item in node.items)
    keeps = again and any(not weight.trained for weight in node.state)
    return keeps or any(_ordered(item.node, again, known) for item in node.body if isinstance(item, Step))


def _rate(node: OpNode) -> float:
    rates = {"dropout": "rate", "attend": "dropout"}
    rate = node.op.values.get(rates[node.name], 0.0) if node.name in rates else 0.0
    return 1.0 if is_family(rate) else float(rate)
