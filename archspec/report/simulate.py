"""Memory simulation: a graph run on fake tensors, to see which memory is made, kept and freed.

Every op says what it does to memory (``Op.run``, on tensors of :mod:`archspec.opdef.fake_tensor`), so that views and
copies are told apart as torch tells them apart. A node used again on inputs that are laid out alike is not run again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from math import prod
from typing import Any

from archspec.graph.liveness import BodyItems, Liveness
from archspec.graph.nodes import Binding, LayerList, LayerPath, Node, OpNode, Step
from archspec.opdef.allocator import INT, ITEM, Allocator, FloatType
from archspec.opdef.fake_tensor import FakeTensor, Storage, laid_out, row_major
from archspec.opdef.types import TensorType
from archspec.sym.number import largest
from archspec.sym.open import Open

FEW = (1, 2, 3)
ROUNDS = FEW[-1]
"""How many rounds of a run are simulated, where its length was left open."""


@dataclass(frozen=True)
class Effect:
    """What one use of a node does to memory.

    ``outputs`` lie on storages of the inputs ``given``, on those of parameters and buffers, or on new ones. ``saved``
    are those of them that autograd keeps; ``state`` the bytes of parameters and buffers that it keeps, by path;
    ``inside`` the bytes that it keeps and that nothing outside can see. ``most`` is the most bytes made and not freed
    at once.
    """

    given: tuple[FakeTensor, ...]
    outputs: tuple[FakeTensor, ...]
    saved: tuple[Storage, ...]
    state: dict[LayerPath, int]
    inside: int
    most: int

    @property
    def kept(self) -> int:
        """The bytes of parameters and buffers that it keeps."""
        return sum(self.state.values())

    def fits(self, inputs: Sequence[FakeTensor]) -> bool:
        """Whether inputs are laid out, tracked and shared like those that it was made for."""
        alike = all(a.strides == b.strides and a.grad == b.grad for a, b in zip(self.given, inputs))
        return alike and _sharing(self.given) == _sharing(inputs)

    def on(self, inputs: Sequence[FakeTensor]) -> Effect:
        """The same effect on other inputs: their storages for those it was made for, and new ones for new ones."""
        places = {id(a.storage): b.storage for a, b in zip(self.given, inputs)}
        for storage in (x.storage for x in self.outputs):
            places.setdefault(id(storage), Storage(storage.size, storage.path))
        outputs = tuple(replace(x, storage=places[id(x.storage)]) for x in self.outputs)
        return replace(self, outputs=outputs, saved=tuple(places[id(s)] for s in self.saved))


@dataclass
class MemorySimulation:
    """Runs nodes of one graph on fake tensors, for a batch of samples of a dtype, in training or in inference."""

    batch: int = 1
    dtype: FloatType = "float32"
    training: bool = True
    made: dict[int, list[Effect]] = field(default_factory=dict)

    def effect(self, node: Node, inputs: Sequence[FakeTensor]) -> Effect:
        """What one use of a node on inputs does to memory."""
        known = self.made.setdefault(id(node), [])
        for effect in known:
            if effect.fits(inputs):
                return effect.on(inputs)
        if isinstance(node, OpNode):
            effect = self._op(node, tuple(inputs))
        elif isinstance(node, LayerList):
            effect = self._layer_list(node, tuple(inputs))
        else:
            state = {w.name: self._stored(w.name, w.shape, w.dtype, w.trained) for w in node.state}
            state |= {t.name: self._stored(f"{t.name} {t.contents}", t.shape, t.dtype) for t in node.tables}
            effect = _BodySimulation(self, tuple(inputs), state).run(node.body, node.results)
        known.append(effect)
        return effect

    def _layer_list(self, node: LayerList, inputs: tuple[FakeTensor, ...]) -> Effect:
        """A list, run by run. Once a round of a run whose length was left open leaves its output as it found its input,
        every further one adds the same: so many rounds are run, and the others only counted."""
        rounds = [ROUNDS if isinstance(part.times, Open) else part.times for part in node.parts]
        inside: Any = 0
        state: dict[LayerPath, int] = {}
        for at, part in enumerate(node.parts):
            if not isinstance(part.times, Open):
                continue
            several = [self._rounds(node, [*rounds[:at], count, *rounds[at + 1 :]], inputs) for count in FEW]
            added = several[-1].inside - several[-2].inside, several[-1].kept - several[-2].kept
            rounds[at] = self._needed(part, several, added)
            if rounds[at] == ROUNDS:
                inside = inside + (part.times - ROUNDS) * added[0]
                state[f"* {at}",] = (part.times - ROUNDS) * added[1]
        effect = self._rounds(node, rounds, inputs)
        return replace(effect, inside=effect.inside + inside, state=effect.state | state) if state else effect

    def _needed(self, part: LayerList, several: list[Effect], added: tuple[int, int]) -> int:
        """How many rounds of a run have to be simulated, where ``several`` are the effects with few of them."""
        first, second, third = several
        if [x.strides for x in first.outputs] != [x.strides for x in second.outputs] or second.most != third.most:
            return int(part.times)
        for count, effect in zip(FEW, (first, second)):
            fewer = ROUNDS - count
            rounds = third.inside - fewer * added[0], third.kept - fewer * added[1], third.most
            if rounds != (effect.inside, effect.kept, effect.most) and part.times == count:
                return count
        return ROUNDS

    def _rounds(self, node: LayerList, rounds: Sequence[int], inputs: tuple[FakeTensor, ...]) -> Effect:
        """A list with so many rounds of each run."""
        items = [item for part, count in zip(node.parts, rounds) for item in part.items * count]
        steps = [Step(item, (str(i),), (i,), (i + 1,)) for i, item in enumerate(items)]
        return _BodySimulation(self, inputs, {}).run(steps, (len(steps),))

    def input(self, type: TensorType) -> FakeTensor:
        """An input of the model: contiguous, without a gradient."""
        sizes = (self.batch, *laid_out(type.shape)) if type.batched else laid_out(type.shape)
        item = INT if type.dtype == "int" else ITEM[self.dtype]
        return FakeTensor(Storage(prod(sizes) * item), sizes, row_major(sizes), item)

    def _stored(self, name: str, shape: tuple[int, ...], dtype: str, trained: bool = False) -> FakeTensor:
        """A parameter, buffer or table."""
        item, shape = INT if dtype == "int" else ITEM[self.dtype], laid_out(shape)
        return FakeTensor(Storage(prod(shape) * item, (name,)), shape, row_major(shape), item, trained)

    def _op(self, node: OpNode, inputs: tuple[FakeTensor, ...]) -> Effect:
        if node.op.is_identity():
            return Effect(inputs, inputs, (), {}, 0, 0)
        weights = {w.name: self._stored(w.name, w.shape, w.dtype, w.trained) for w in node.weights}
        allocator = Allocator(self.dtype, self.training, self.batch, weights)
        outputs = node.op.run(allocator, *inputs)
        return _closed(inputs, outputs, allocator.saved, {}, 0, allocator.most)


class _BodySimulation:
    """Runs the steps of one body in order.

    A tensor is held by the variable that the author's name becomes, until the name is bound anew or the body ends; one
    that has a variable of its own, to the end; any other until it is read. The inputs are the caller's.
    """

    def __init__(
        self, simulation: MemorySimulation, inputs: tuple[FakeTensor, ...], state: dict[str, FakeTensor]
    ) -> None:
        self.simulation = simulation
        self.inputs = inputs
        self.state = state
        self.tensors = dict(enumerate(inputs))
        self.names: dict[str, int] = {}
        self.bound: Counter[int] = Counter()
        self.outside = {id(x.storage) for x in (*inputs, *state.values())}
        self.holders: Counter[int] = Counter()
        self.alive = 0
        self.saved: list[Storage] = []
        self.saved_state: dict[LayerPath, int] = {}
        self.inside = 0

    def run(self, items: BodyItems, results: tuple[int, ...]) -> Effect:
        """The effect of the whole body."""
        self.live = Liveness(items, results, lambda _, step: _is_identity(step))
        known: set[tuple[LayerPath, int]] = set()
        most = 0
        for at, item in enumerate(items):
            if isinstance(item, Binding):
                self._bind_names(item)
                continue
            for tensor in self.live.named_before(item):
                self._keep(tensor)
            effect = self.simulation.effect(item.node, [self.tensors[i] for i in item.inputs])
            most = largest(most, self.alive + effect.most)
            self._take(item, effect, known)
            if not self.live.is_alias(item):
                self._hold_outputs(at, item)
                for tensor in self.live.read(item):
                    self._drop(tensor)
        outputs = tuple(self.tensors[i] for i in results)
        return _closed(self.inputs, outputs, self.saved, self.saved_state, self.inside, most)

    def _take(self, step: Step, effect: Effect, known: set[tuple[LayerPath, int]]) -> None:
        """What a step made, and what autograd keeps of it; state under its layer's path, a layer's own once."""
        path = step.layer or ()
        moved = _moved(effect, path)
        for tensor, made in zip(step.outputs, effect.outputs):
            self.tensors[tensor] = replace(made, storage=moved.get(id(made.storage), made.storage))
        self.saved += [moved.get(id(s), s) for s in effect.saved]
        self.inside = self.inside + effect.inside
        if (path, id(effect.state)) not in known:
            known.add((path, id(effect.state)))
            self.saved_state.update({(*path, *key): size for key, size in effect.state.items()})

    def _hold_outputs(self, at: int, step: Step) -> None:
        """Hold what a step has made until it is read, or to the end where it has a variable of its own."""
        for tensor in step.outputs:
            if self.live.reads[tensor] > 0:
                self._hold(tensor)
        for tensor in self.live.named_behind(at, step):
            self._keep(tensor)

    def _bind_names(self, item: Binding) -> None:
        if item.names[0].startswith("self."):
            self.tensors[item.tensors[0]] = self.state[item.names[0].removeprefix("self.")]
            return
        for name, tensor in zip(item.names, item.tensors):
            root = self.live.root(tensor)
            if self.live.reads[root] > 0 and not self.bound[root]:
                self._bind(name, root)

    def _keep(self, tensor: int) -> None:
        """Hold a tensor to the end, in a variable without a name of the author's."""
        if not self.bound[tensor]:
            self._bind(f"({tensor})", tensor)

    def _bind(self, name: str, tensor: int) -> None:
        """Give a tensor to a variable. What the variable had before is held on if it is still to be read."""
        self._hold(tensor)
        self.bound[tensor] += 1
        before = self.names.get(name)
        self.names[name] = tensor
        if before is not None:
            self.bound[before] -= 1
            if self.live.reads[before] > 0:
                self._keep(before)
            self._drop(before)

    def _hold(self, tensor: int) -> None:
        storage = self.tensors[tensor].storage
        if self.holders[id(storage)] == 0 and id(storage) not in self.outside and storage.path is None:
            self.alive = self.alive + storage.size
        self.holders[id(storage)] += 1

    def _drop(self, tensor: int) -> None:
        storage = self.tensors[tensor].storage
        self.holders[id(storage)] -= 1
        if self.holders[id(storage)] == 0 and id(storage) not in self.outside and storage.path is None:
            self.alive = self.alive - storage.size


def _is_identity(step: Step) -> bool:
    return isinstance(step.node, OpNode) and step.node.op.is_identity()


def _moved(effect: Effect, path: LayerPath) -> dict[int, Storage]:
    """The storages of state among a layer's outputs, with the layer's path in front of theirs."""
    own = [x.storage for x in effect.outputs if x.storage.path is not None]
    given = {id(x.storage) for x in effect.given}
    return {id(s): Storage(s.size, (*path, *(s.path or ()))) for s in own if id(s) not in given}


def _sharing(tensors: Sequence[FakeTensor]) -> list[int]:
    """For each tensor the first that lies on the same storage."""
    first: dict[int, int] = {}
    return [first.setdefault(id(x.storage), at) for at, x in enumerate(tensors)]


def _closed(
    inputs: tuple[FakeTensor, ...],
    outputs: tuple[FakeTensor, ...],
    saved: Iterable[Storage],
    state: dict[LayerPath, int],
    inside: int,
    most: int,
) -> Effect:
    """An effect, its saved storages sorted: of parameters and buffers, seen outside, or neither."""
    given = {id(x.storage) for x in inputs}
    seen = given | {id(x.storage) for x in outputs}
    edge: list[Storage] = []
    for storage in {id(s): s for s in saved}.values():
        if storage.path is not None and id(storage) not in given:
            state[storage.path] = storage.size
        elif id(storage) in seen:
            edge.append(storage)
        else:
            inside = inside + storage.size
    return Effect(inputs, outputs, tuple(edge), state, inside, most)
