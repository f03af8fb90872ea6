"""Bytes that a model takes: its state, what autograd keeps for backward, optimisers, and the peak of inference."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from archspec.frozen import Frozen
from archspec.graph.nodes import Instance
from archspec.opdef.allocator import ITEM, FloatType
from archspec.report.simulate import MemorySimulation
from archspec.report.state import StateSize

ADAM_STEP = 4
"""Adam counts its steps for each parameter, in a float32 of its own."""


class Memory(Frozen):
    """Bytes, for the report's batch, with parameters and activations in its dtype.

    ``params_bytes``: parameters and buffers; ``buffers_bytes``: the buffers among them, constant tables included.
    ``train_saved_bytes``: what autograd keeps for backward, parameters and buffers that it keeps included;
    ``train_saved_activation_bytes``: the same without those. ``inference_peak_bytes``: the most bytes of activations
    alive at once, the input included. ``gradients_bytes``: of all trained parameters, in their dtype.

    The state of optimisers is in the parameters' dtype too, but for Adam's step counters: ``sgd_momentum_bytes``
    (plain SGD has none), ``adamw_bytes`` (Adam's too; amsgrad off). ``train_sgd_bytes`` and so on: parameters,
    buffers, gradients, optimiser and what is kept for backward together, parameters counted once.
    """

    params_bytes: int
    buffers_bytes: int
    gradients_bytes: int
    train_saved_bytes: int
    train_saved_activation_bytes: int
    inference_peak_bytes: int
    sgd_momentum_bytes: int
    adamw_bytes: int

    @property
    def _without_optimiser(self) -> int:
        return self.params_bytes + self.gradients_bytes + self.train_saved_activation_bytes

    @property
    def train_sgd_bytes(self) -> int:
        """Training with plain SGD."""
        return self._without_optimiser

    @property
    def train_sgd_momentum_bytes(self) -> int:
        """Training with SGD and momentum."""
        return self._without_optimiser + self.sgd_momentum_bytes

    @property
    def train_adamw_bytes(self) -> int:
        """Training with Adam or AdamW."""
        return self._without_optimiser + self.adamw_bytes

    def to_dict(self) -> dict[str, Any]:
        """Every figure by name."""
        totals = ("train_sgd_bytes", "train_sgd_momentum_bytes", "train_adamw_bytes")
        return asdict(self) | {name: getattr(self, name) for name in totals}


def memory_of(root: Instance, state: StateSize, batch: int = 1, dtype: FloatType = "float32") -> Memory:
    """What a model that holds ``state`` takes for a batch of its input in numbers of a kind."""
    trained, buffers = state.params * ITEM[dtype], state.buffer_bytes(dtype)
    saved = saved_for_backward(root, batch, dtype)
    return Memory(
        params_bytes=trained + buffers,
        buffers_bytes=buffers,
        gradients_bytes=trained,
        train_saved_bytes=saved.total,
        train_saved_activation_bytes=saved.activations,
        inference_peak_bytes=inference_peak(root, batch, dtype),
        sgd_momentum_bytes=trained,
        adamw_bytes=2 * trained + ADAM_STEP * state.trained,
    )


class Saved(Frozen):
    """Bytes that autograd keeps for backward: of parameters and buffers, and of everything else."""

    state: int
    activations: int

    @property
    def total(self) -> int:
        """Both together."""
        return self.state + self.activations


def saved_for_backward(root: Instance, batch: int = 1, dtype: FloatType = "float32") -> Saved:
    """What autograd keeps between forward and backward, each piece of memory once and whole.

    In train() mode on a CPU, with every layer taking part where layers may be left out; the loss is not counted. It
    equals what ``torch.autograd.graph.saved_tensors_hooks`` sees of the compiled module, but for two things: the
    workspace of oneDNN's lstm is an estimate, and a block whose drop path rate is 0 in a model where others' is not
    draws a number a sample too.
    """
    simulation = MemorySimulation(batch, dtype)
    effect = simulation.effect(root, [simulation.input(type) for type in root.inputs])
    state: dict[tuple[str, ...], int] = dict(effect.state)
    return Saved(sum(state.values()), effect.inside + sum(s.size for s in effect.saved))


def inference_peak(root: Instance, batch: int = 1, dtype: FloatType = "float32") -> int:
    """The most bytes of activations alive at once in eval() mode without gradients, the input included.

    A tensor lives as long as the emitted source holds it. What a kernel takes for itself and gives back, and variables
    that the source has only to keep its lines short, are not counted.
    """
    simulation = MemorySimulation(batch, dtype, training=False)
    inputs = [simulation.input(type) for type in root.inputs]
    return simulation.effect(root, inputs).most + sum(x.storage.size for x in inputs)
