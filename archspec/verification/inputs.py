"""Random inputs that a model can take: whole numbers stay below what they are places of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archspec.graph.nodes import Instance, LayerList, Node, OpNode, Step

if TYPE_CHECKING:
    from torch import Generator, Tensor

UNBOUND = 3
"""Whole numbers that are places of nothing are below this."""

Origins = frozenset[int]


def random_inputs(root: Instance, batch: int, generator: Generator, positive: bool = False) -> list[Tensor]:
    """A batch of inputs in float64 and int64: normal numbers, or ones from 0.1 to 1.1 where they are to be positive."""
    import torch

    made = []
    for given, places in zip(root.inputs, place_counts(root)):
        sizes = (batch, *map(int, given.shape))
        if given.dtype == "int":
            made.append(torch.randint(0, places or UNBOUND, sizes, generator=generator))
        elif positive:
            made.append(torch.rand(sizes, generator=generator, dtype=torch.float64) + 0.1)
        else:
            made.append(torch.randn(sizes, generator=generator, dtype=torch.float64))
    return made


def place_counts(root: Instance) -> list[int | None]:
    """For each input of a model, how many places its whole numbers may name; None where they name none."""
    found: dict[int, int] = {}
    if any(given.dtype == "int" for given in root.inputs):
        _follow(root, [frozenset({i}) for i in range(len(root.inputs))], found)
    return [found.get(i) for i in range(len(root.inputs))]


def _follow(node: Node, origins: list[Origins], found: dict[int, int]) -> list[Origins]:
    """The model inputs that each output of a node is made of; what the node reads by place is noted in ``found``."""
    if isinstance(node, OpNode):
        for own, count in zip(origins, node.op.places()):
            if count is not None:
                found.update({i: min(found.get(i, int(count)), int(count)) for i in own})
        everything = frozenset().union(*origins)
        return [everything if type.dtype == "int" else frozenset() for type in node.outputs]
    if isinstance(node, LayerList):
        for layer in node.items:
            origins = _follow(layer, origins, found)
        return origins
    known = dict(enumerate(origins))
    for item in node.body:
        if isinstance(item, Step):
            given = [known.get(i, frozenset()) for i in item.inputs]
            known.update(zip(item.outputs, _follow(item.node, given, found)))
    return [known.get(i, frozenset()) for i in node.results]
