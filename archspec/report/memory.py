"""Bytes that a model takes: its state, what autograd keeps for backward, optimisers, and the peak of inference."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

from archspec.graph.nodes import Chain, Instance, Node, OpNode, over_weights
from archspec.opdef.tape import INT, ITEM, FloatType
from archspec.report.count import parameters
from archspec.report.rehearse import Rehearsal

ADAM_STEP = 4
"""Adam counts its steps for each parameter, in a float32 of its own."""


@dataclass(frozen=True)
class Saved:
    """Bytes that autograd keeps for backward: of parameters and buffers, and of everything else."""

    state: int
    activations: int

    @property
    def total(self) -> int:
        """Both together."""
        return self.state + self.activations


def saved_for_backward(root: Instance, batch: int = 1, dtype: FloatType = "float32") -> Saved:
    """What autograd keeps between forward and backward, each piece of memory once and whole.

    In train() mode on a CPU, every layer taking part where layers may be left out; the loss is not counted. An lstm is
    counted as torch's own kernel computes it, without the workspace of oneDNN.
    """
    rehearsal = Rehearsal(batch, dtype)
    effect = rehearsal.effect(root, [rehearsal.input(type) for type in root.inputs])
    state: dict[tuple[str, ...], int] = dict(effect.state)
    return Saved(sum(state.values()), effect.inside + sum(s.size for s in effect.saved))


def inference_peak(root: Instance, batch: int = 1, dtype: FloatType = "float32") -> int:
    """The most bytes of activations alive at once in eval() mode without gradients, the input included.

    A tensor lives as long as the emitted source holds it. What a kernel takes for itself and gives back, and variables
    that the source has only to keep its lines short, are not counted.
    """
    rehearsal = Rehearsal(batch, dtype, training=False)
    inputs = [rehearsal.input(type) for type in root.inputs]
    return rehearsal.effect(root, inputs).most + sum(x.storage.size for x in inputs)


def buffer_bytes(node: Node, dtype: FloatType = "float32") -> int:
    """Bytes of buffers, those that are no part of the state (constant tables) included; a whole number takes 8."""

    def size(shape: tuple[int, ...], kind: str) -> int:
        return prod(shape) * (INT if kind == "int" else ITEM[dtype])

    def tables(node: Node) -> int:
        """The constant tables, those of equal layers each by itself."""
        if isinstance(node, OpNode):
            return 0
        if isinstance(node, Chain):
            return sum(map(tables, node.items)) * node.times
        return sum(size(table.shape, table.dtype) for table in node.tables) + sum(map(tables, node.layers.values()))

    return tables(node) + over_weights(node, lambda weight: 0 if weight.trained else size(weight.shape, weight.dtype))


def adam_bytes(root: Instance, dtype: FloatType = "float32") -> int:
    """The state of Adam and AdamW: two moments a trained number, in its dtype, and a step counter a parameter."""
    return 2 * parameters(root) * ITEM[dtype] + ADAM_STEP * over_weights(root, lambda weight: int(weight.trained))
