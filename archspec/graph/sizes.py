"""Which sizes of its inputs an instance was made for: what it keeps of them, and what it only asks of them.

A module reads the sizes of its inputs when it runs, wherever an expression says how. What no expression says, and what
was decided on the way, it can only hold its inputs to.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, TypeAlias

from archspec.graph.decisions import Decision, Origin, following, origin
from archspec.graph.nodes import Chain, Instance, Node, OpNode, Step
from archspec.graph.trace import Trace
from archspec.opdef.code import Code, Raw
from archspec.opdef.op import Op
from archspec.opdef.types import Free, Leading, TensorType, follows

Place: TypeAlias = tuple[int, int]
"""An input, and one of its axes."""


def open_places(instance: Instance) -> frozenset[Place]:
    """The axes of the inputs whose sizes follow the model's input."""
    return frozenset(
        (at, axis) for at, type in enumerate(instance.inputs) for axis, n in enumerate(type.shape) if follows(n)
    )


def place_of(instance: Instance, name: str) -> Place | None:
    """The axis of an input that a name stands for: the author's, or the input's name and a number."""
    for at, axes in enumerate(instance.input_axes):
        if axes is not None and name in axes:
            return at, axes.index(name)
    owner, _, axis = name.rpartition(".")
    return (instance.input_names.index(owner), int(axis)) if owner in instance.input_names else None


def sizes_of(instance: Instance) -> dict[str, int]:
    """The sizes of the inputs by input and number, as what has no other name is called."""
    named = zip(instance.input_names, instance.inputs)
    return {f"{name}.{axis}": size for name, type in named for axis, size in enumerate(type.shape)}


def read_at(instance: Instance, number: Origin) -> frozenset[Place] | None:
    """The axes that an expression reads; None where there is no expression, or one over names that mean nothing."""
    own = instance.expand(number) if isinstance(number, Trace) else None
    if own is None:
        return None
    found = set()
    for name in own.names():
        place = place_of(instance, name)
        if place is None and name not in instance.environment:
            return None
        if place is not None:
            found.add(place)
    return frozenset(found)


def depends(instance: Instance, numbers: Iterable[Origin]) -> frozenset[Place]:
    """The axes whose sizes decide some numbers: all of their kind for a number of which more is not known.

    What an argument decides is for the module above to see to, which gave it.
    """
    found: frozenset[Place] = frozenset()
    every = open_places(instance)
    for number in numbers:
        places = read_at(instance, number)
        if places is None and number in (Free, Leading):
            places = frozenset(p for p in every if isinstance(_size(instance, p), Leading) == (number is Leading))
        found |= every if places is None else places & every
    return found


def _size(instance: Instance, place: Place) -> int:
    return instance.inputs[place[0]].shape[place[1]]


def held(instance: Instance) -> frozenset[Place]:
    """The axes that have to be of the very sizes that the instance was made for."""
    found: frozenset[Place] = frozenset()
    for decision in instance.decisions:
        if not told(instance, decision):
            found |= depends(instance, decision.numbers)
    for op, layer in _ops(instance):
        found |= depends(instance, _kept(instance, op, layer))
    return found


def told(instance: Instance, decision: Decision) -> bool:
    """Whether a module can ask for the condition of a decision when it runs."""
    if decision.condition is None:
        return False
    return all(read_at(instance, number) is not None for number in decision.condition.numbers())


def conditions(instance: Instance) -> list[Decision]:
    """What has to be asked of the sizes of the inputs, where they are not held anyway."""
    fixed = held(instance)
    return [
        decision
        for decision in instance.decisions
        if told(instance, decision) and not depends(instance, decision.numbers) <= fixed
    ]


def weighed(instance: Instance, known: dict[Instance, frozenset[Place]] | None = None) -> frozenset[Place]:
    """The axes that shapes of weights follow, those of the layers inside counted."""
    known = {} if known is None else known
    if instance in known:
        return known[instance]
    found: frozenset[Place] = frozenset()
    for weight in instance.state:
        found |= _sources(instance, weight.shape)
    for item in instance.body:
        if isinstance(item, Step):
            found |= _weighed_by(instance, item.node, tuple(instance.types[i] for i in item.inputs), known)
    known[instance] = found
    return found


def fixed(root: Instance) -> frozenset[Place]:
    """The axes of a model's inputs that have to be of the very sizes it was made for.

    Those that parameters give are; weights that follow nothing but a first size are those of any image model, and what
    the framework says of other sizes is clear.
    """
    weights = weighed(root)
    if not any(isinstance(_size(root, place), Free) for place in weights):
        weights = frozenset()
    return held(root) | weights | root.tied


def _weighed_by(
    instance: Instance, node: Node, inputs: tuple[TensorType, ...], known: dict[Instance, frozenset[Place]]
) -> frozenset[Place]:
    """The axes of an instance that the weights of a layer follow, which stands on inputs of these types."""
    found: frozenset[Place] = frozenset()
    if isinstance(node, OpNode):
        for weight in node.weights:
            found |= _sources(instance, weight.shape)
    elif isinstance(node, Chain):
        for item in node.items:
            found |= _weighed_by(instance, item, inputs, known)
            inputs = ()
    else:
        for at, axis in weighed(node, known):
            size = inputs[at].shape[axis] if inputs else node.inputs[at].shape[axis]
            found |= _sources(instance, (size,))
    return found


def _sources(instance: Instance, shape: tuple[int, ...]) -> frozenset[Place]:
    return depends(instance, map(origin, following(shape)))


def _ops(instance: Instance) -> Iterator[tuple[Op, bool]]:
    """The ops that an instance applies, and whether each is made by its constructor."""
    for item in instance.body:
        if isinstance(item, Step) and isinstance(item.node, OpNode):
            yield item.node.op, item.node.op.stateful
    stack: list[Node] = [node for node in instance.layers.values() if isinstance(node, Chain)]
    while stack:
        node = stack.pop()
        if isinstance(node, Chain):
            stack += node.items
        elif isinstance(node, OpNode):
            yield node.op, True


def _kept(instance: Instance, op: Op, layer: bool) -> Iterator[Origin]:
    """The numbers that follow the input and are written into the module with an op; weights tell of theirs."""
    values = tuple(value for name, value in vars(op).items() if name not in ("inputs", "outputs"))
    if not follows(values) and not follows(tuple(op.values.values())) and not follows(op.counted()):
        return
    wanted = list(following(op.counted()))
    if op.literal or op.is_identity():
        wanted += following(tuple(op.values.values()))
    slots = _Asked(op)
    if layer and not any(follows(weight.shape) for weight in op.weights()):
        op.torch_layer(slots) if op.stateful else op.torch_module(slots)
        wanted += following(tuple(slots.values))
        slots.values.clear()
    if op.stateful or not layer:
        op.torch(slots, *(Raw("x") for _ in (*op.inputs, *([None] if op.stateful else []))))
        wanted += [value for value in following(tuple(slots.values)) if read_at(instance, origin(value)) is None]
    yield from map(origin, wanted)


class _Asked:
    """The slots of an op that only note which numbers it writes."""

    def __init__(self, op: Op) -> None:
        self.op = op
        self.values: list[Any] = []

    def __call__(self, attribute: str) -> Code:
        self.values.append(getattr(self.op, attribute))
        return Raw("n")

    def unless(self, attribute: str, default: Any) -> Code | None:
        return self(attribute)
