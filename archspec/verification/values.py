"""The compiled module held against reference execution by value: state, tables, outputs, gradients.

Both run in float64 on random input with one random state, in inference and in training, chance replaced by a pattern
(``settled.py``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from archspec.diagnostics import Diagnostic
from archspec.graph.nodes import Instance
from archspec.verification import state
from archspec.verification.distance import TOLERANCE, distance, slight
from archspec.verification.inputs import random_inputs
from archspec.verification.problems import NotRun, ValuesDiffer
from archspec.verification.reference import Reference
from archspec.verification.settled import settled
from archspec.verification.trail import Trail

if TYPE_CHECKING:
    from torch import Tensor, nn

BATCH = 2

Named = Mapping[str, "Tensor"]


@dataclass(frozen=True)
class Agreement:
    """Numbers of one kind on both roads: how many, and by which share of the largest of them they differ at most."""

    what: str
    numbers: int
    difference: float
    agrees: bool

    @property
    def word(self) -> str:
        """The verdict on it."""
        return "equal" if self.agrees else "DIFFERS"


class Holder:
    """Holds one module against one graph. ``model`` is compiled in float64, on the CPU."""

    def __init__(self, root: Instance, model: nn.Module, seed: int = 0) -> None:
        import torch

        self.root = root
        self.model = model
        self.random = torch.Generator().manual_seed(seed)
        self.agreements: list[Agreement] = []
        self.found: list[Diagnostic] = []

    def run(self) -> None:
        """Hold state, tables, then outputs and gradients; what cannot be run at all ends it."""
        why = state.unlike_keys(self.root, self.model)
        if why is not None:
            self._differ("the keys of the state", "", why)
        self._hold("starting values", *state.fixed_starts(self.root, self.model))
        count, off = state.drawn_starts(self.root, self.model)
        for key, why in off.items():
            self._differ("the distribution of starting values", key, why, tuple(key.split("."))[:-1])
        if count:
            self.agreements.append(Agreement("drawn starting values", count, 0.0, not off))
        ours, theirs = state.tables(self.root, self.model)
        self._hold("tables", ours, theirs)
        for key in (key for key in ours if key in theirs and ours[key].dtype != theirs[key].dtype):
            why = f"it is {theirs[key].dtype}, declared as {ours[key].dtype}"
            self._differ("the tables", key, why, tuple(key.split("."))[:-1])
        state.shake(self.model, self.random)
        inputs = self._inputs()
        for training in (False, True):
            if not self.found:
                self._numbers(inputs, training)

    # numbers

    def _inputs(self) -> list[Tensor]:
        """Normal numbers, or positive ones where the graph makes of normal ones what is no number."""
        import torch

        normal = random_inputs(self.root, BATCH, self.random)
        try:
            with settled(), torch.no_grad():
                given = Reference(self.root, self._state())(*normal)
        except Exception:  # said where it is run again, with its place
            return normal
        if all(bool(tensor.isfinite().all()) for tensor in given):
            return normal
        return random_inputs(self.root, BATCH, self.random, positive=True)

    def _state(self) -> dict[str, Tensor]:
        """The model's own parameters, and copies of its buffers, which training changes."""
        buffers = {name: buffer.clone() for name, buffer in self.model.named_buffers()}
        return {**dict(self.model.named_parameters()), **buffers}

    def _numbers(self, inputs: list[Tensor], training: bool) -> None:
        """Outputs in one mode, and in training the gradients of parameters and inputs."""
        import torch

        mode = "training" if training else "inference"
        self.model.train(training)
        reference = Reference(self.root, self._state(), training)
        for tensor in inputs:
            tensor.requires_grad_(training and tensor.is_floating_point())
        seed = int(torch.randint(2**31, (), generator=self.random))
        try:
            with settled(), torch.set_grad_enabled(training):
                ours, slopes = self._pulled(reference(*inputs), inputs, training, seed)
        except Exception as error:  # whatever torch raises is the finding
            self._not_run(inputs, training, error)
            return
        try:
            with settled(), torch.set_grad_enabled(training):
                theirs, slopes_there = self._pulled(_listed(self.model(*inputs)), inputs, training, seed)
        except Exception as error:
            self._differ(f"outputs in {mode}", *self._first(inputs, training), error=error)
            return
        if not self._hold(f"outputs in {mode}", _numbered(ours), _numbered(theirs), quiet=True):
            self._differ(f"outputs in {mode}", *self._first(inputs, training))
        elif training:
            self._hold("gradients", slopes, slopes_there)

    def _pulled(
        self, outputs: list[Tensor], inputs: list[Tensor], training: bool, seed: int
    ) -> tuple[list[Tensor], dict[str, Tensor]]:
        """The outputs without their graph, and in training the gradients of a random sum of them.

        Gradients are those of the parameters by key, and of the inputs by name in angle brackets; a zero where the
        outputs do not depend on it.
        """
        import torch

        named: dict[str, Tensor] = {name: p for name, p in self.model.named_parameters() if p.requires_grad}
        named |= {f"<{name}>": t for name, t in zip(self.root.input_names, inputs) if t.requires_grad}
        random = torch.Generator().manual_seed(seed)
        total = torch.zeros((), dtype=torch.float64)
        for tensor in outputs if training else ():
            total = total + (tensor.double() * torch.randn(tensor.shape, generator=random, dtype=torch.float64)).sum()
        plain = [tensor.detach() for tensor in outputs]
        if not total.requires_grad:
            return plain, {}
        found = torch.autograd.grad(total, list(named.values()), allow_unused=True)
        return plain, {n: torch.zeros_like(named[n]) if g is None else g for n, g in zip(named, found)}

    # findings

    def _hold(self, what: str, ours: Named, theirs: Named, quiet: bool = False) -> bool:
        """Compare tensors by name; the first that differs is the finding."""
        largest, first = 0.0, None
        least = slight(theirs.values()) if what == "gradients" else 0.0
        for name in dict.fromkeys([*ours, *theirs]):
            if name not in ours or name not in theirs:
                first, largest = first or name, float("inf")
                continue
            off = distance(ours[name], theirs[name], least)
            largest = max(largest, off)
            first = first if first is not None or off <= TOLERANCE else name
        if ours or theirs:
            self.agreements.append(Agreement(what, sum(t.numel() for t in ours.values()), largest, first is None))
        if first is not None and not quiet:
            path = tuple(first.split("."))
            self._differ(what, first, f"off by {largest:.2g} of the largest number", path[:-1])
        return first is None

    def _differ(
        self, what: str, path: str, why: str, place: tuple[str, ...] = (), error: Exception | None = None
    ) -> None:
        if error is not None:
            why = f"the module raises {_first_line(error)}"
        trail = Trail(self.root)
        self.found.append(ValuesDiffer(trail.span(place), what, path, trail.kind(place), why).diagnostic())

    def _first(self, inputs: list[Tensor], training: bool) -> tuple[str, str, tuple[str, ...]]:
        """The first layer whose output differs: its path twice, and by how much."""
        import torch

        trail = Trail(self.root)
        with settled(), torch.no_grad():
            path, why = trail.first_difference(self.model, self._state(), inputs, training)
        return ".".join(path), why, path

    def _not_run(self, inputs: list[Tensor], training: bool, error: Exception) -> None:
        import torch

        trail = Trail(self.root)
        with settled(), torch.no_grad():
            path = trail.last_entered(self._state(), inputs, training)
        why = _first_line(error)
        self.agreements.append(Agreement("outputs", 0, float("inf"), False))
        self.found.append(NotRun(trail.span(path), ".".join(path), trail.kind(path), why).diagnostic())


def _listed(given: Any) -> list[Tensor]:
    return list(given) if isinstance(given, (list, tuple)) else [given]


def _numbered(tensors: list[Tensor]) -> dict[str, Tensor]:
    return {str(i): tensor for i, tensor in enumerate(tensors)}


def _first_line(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".strip().splitlines()[0][:200]
