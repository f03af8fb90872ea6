"""Which sizes of its inputs an instance was made for: what it keeps of them, and what it only asks of them.

A module reads the sizes of its inputs when it runs, wherever an expression says how. What no expression says, and what
was decided on the way, it can only hold its inputs to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeAlias

from archspec.graph.decisions import Decision, Origin, Relation, following, origin
from archspec.graph.nodes import Instance, LayerList, OpNode
from archspec.graph.walk import entries
from archspec.opdef.op import Op
from archspec.opdef.types import TensorType
from archspec.sym.expr import SymExpr
from archspec.sym.number import FREE, LEADING, follows, is_free, mark_of, plain

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
    own = instance.expand(number) if isinstance(number, SymExpr) else None
    if own is None:
        return None
    found = set()
    for name in own.names():
        place = place_of(instance, name)
        if place is None and not instance.names_a_value(name):
            return None
        if place is not None:
            found.add(place)
    return frozenset(found)


def depends(instance: Instance, numbers: Iterable[Origin]) -> frozenset[Place]:
    """The axes whose sizes decide some numbers: all of their kind for a number of which more is not known.

    What an argument decides is for the module above to see to, which gave it.
    """
    found: frozenset[Place] = frozenset()
    every: frozenset[Place] | None = None
    for number in numbers:
        every = open_places(instance) if every is None else every
        places = read_at(instance, number)
        if places is None and number in (FREE, LEADING):
            places = frozenset(p for p in every if (mark_of(_size(instance, p)) == LEADING) == (number == LEADING))
        found |= every if places is None else places & every
    return found


def _size(instance: Instance, place: Place) -> int:
    return instance.inputs[place[0]].shape[place[1]]


def held(instance: Instance) -> frozenset[Place]:
    """The axes that have to be of the very sizes that the instance was made for."""
    if instance.held is None:
        instance.held = _held(instance)
    return instance.held


def _held(instance: Instance) -> frozenset[Place]:
    found: frozenset[Place] = frozenset()
    for decision in instance.decisions:
        if not asked_at_run_time(instance, decision):
            found |= depends(instance, decision.numbers)
    for op, layer in _ops(instance):
        found |= depends(instance, _kept(instance, op, layer))
    return found


def asked_at_run_time(instance: Instance, decision: Decision) -> bool:
    """Whether a module asks for a condition when it runs: where it can, and where more than one size will do."""
    if decision.condition is None or (decision.words is None and _equal(instance, decision.condition)):
        return False
    return all(read_at(instance, number) is not None for number in decision.condition.numbers())


def _equal(instance: Instance, condition: Relation) -> bool:
    """Whether a condition says nothing but that axes have sizes which are the same for every input."""
    if condition.op == "and":
        return all(_equal(instance, part) for part in condition.parts)
    sides = [read_at(instance, part) for part in condition.parts] if condition.op == "==" else []
    return sorted(len(side) for side in sides if side is not None) == [0, 1] and "name" in {
        part.op for part, side in zip(condition.parts, sides) if side
    }


def weighed(root: Instance) -> frozenset[Place]:
    """The axes that shapes of weights follow, those of the layers inside counted."""
    return _gathered(root, _weighed_here, {})


def fixed_inside(root: Instance) -> frozenset[Place]:
    """The axes of a model's inputs that :func:`fixed` names, and those on which hang sizes that are held further in."""
    return fixed(root) | _gathered(root, held, {})


def fixed(root: Instance) -> frozenset[Place]:
    """The axes of a model's inputs that have to be of the very sizes it was made for.

    Those that parameters give are; weights that follow nothing but a first size are those of any image model, and what
    the framework says of other sizes is clear.
    """
    weights = weighed(root)
    if not any(is_free(_size(root, place)) for place in weights):
        weights = frozenset()
    return held(root) | weights | root.tied


def _weighed_here(instance: Instance) -> frozenset[Place]:
    """The axes that weights of an instance's own follow."""
    weights = [*instance.state]
    for node, _ in _uses(instance):
        weights += node.weights if isinstance(node, OpNode) else ()
    return _sources(instance, tuple(size for weight in weights for size in weight.shape))


def _gathered(
    instance: Instance, own: Callable[[Instance], frozenset[Place]], known: dict[Instance, frozenset[Place]]
) -> frozenset[Place]:
    """What is true of axes, here and in the layers inside: there of the sizes that their inputs have here."""
    if instance not in known:
        found = own(instance)
        for node, inputs in _uses(instance):
            if isinstance(node, Instance):
                for at, axis in _gathered(node, own, known):
                    size = inputs[at].shape[axis] if inputs else plain(node.inputs[at].shape[axis])
                    found |= _sources(instance, (size,))
        known[instance] = found
    return known[instance]


def _uses(instance: Instance) -> Iterator[tuple[OpNode | Instance, tuple[TensorType, ...]]]:
    """The ops and layers that an instance applies, entry by entry, with their inputs as far as these are known here."""
    for step in instance.steps:
        inputs = tuple(instance.types[i] for i in step.inputs)
        for node in entries(step.node):
            yield node, inputs
            inputs = ()


def _sources(instance: Instance, shape: tuple[int, ...]) -> frozenset[Place]:
    return depends(instance, map(origin, following(shape)))


def _ops(instance: Instance) -> Iterator[tuple[Op, bool]]:
    """The ops that an instance applies, and whether each is made by its constructor."""
    for step in instance.steps:
        if isinstance(step.node, OpNode):
            yield step.node.op, step.node.op.stateful
    for layer in instance.layers.values():
        if isinstance(layer, LayerList):
            yield from ((node.op, True) for node in entries(layer) if isinstance(node, OpNode))


def _kept(instance: Instance, op: Op, layer: bool) -> Iterator[Origin]:
    """The numbers that follow the input and are written into the module with an op, but for what weights tell of."""
    own = [value for name, value in vars(op).items() if name not in ("inputs", "outputs")]
    if not any(map(follows, own)) and not follows(op.counted()):
        return
    wanted = list(following(op.counted()))
    if op.inline_args or op.is_identity():
        wanted += following(tuple(op.values.values()))
    if not layer:
        wanted += [value for value in following(op.numbers()) if read_at(instance, origin(value)) is None]
    else:
        told = _sources(instance, tuple(size for weight in op.weights() for size in weight.shape))
        wanted += [value for value in following(op.numbers()) if not depends(instance, (origin(value),)) <= told]
    yield from map(origin, wanted)
