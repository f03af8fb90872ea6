"""What two uses of one op, or two bodies of one module, do differently themselves, their layers left aside."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from archspec.comparison.describe import describe_node, format_value, plain
from archspec.comparison.structural_hash import ValueNumbering, arguments_of, start_of
from archspec.graph.nodes import Instance, OpNode, Step
from archspec.graph.walk import does_nothing
from archspec.opdef.op import Weight
from archspec.spec.resolved import Resolved

OPS, WIRING = "ops", "wiring"
SHOWN = 8
DRAWN_BY_SIZE = ("fan_in_uniform",)
"""Initialisers whose numbers follow the shape of what they fill."""


@dataclass(frozen=True)
class Detail:
    """One thing about a part that differs: ``size 3 -> 7``.

    ``ops`` says which ops are done in place of which, ``wiring`` that they are put together otherwise. ``inside`` marks
    what is found in the body of a module that was also given other arguments.
    """

    name: str
    before: str
    after: str
    inside: bool = False

    def __str__(self) -> str:
        if self.name == WIRING:
            return "rewired"
        if self.name == OPS:
            return f"{self.before or 'nothing'} -> {self.after or 'nothing'}"
        return f"{self.name} {self.before} -> {self.after}"


Shapes = tuple[tuple[int, ...], ...]


def follows(old: Any, new: Any, before: Shapes, after: Shapes) -> bool:
    """Whether a number is, in both, the size of one and the same axis, so that it says nothing of its own."""
    if isinstance(old, tuple) and isinstance(new, tuple) and len(old) == len(new):
        return all(x == y or follows(x, y, before, after) for x, y in zip(old, new))
    if isinstance(old, bool) or not isinstance(old, int) or not isinstance(new, int):
        return False
    return any(m == old and n == new for x, y in zip(before, after) if len(x) == len(y) for m, n in zip(x, y))


def op_details(a: OpNode, b: OpNode) -> list[Detail]:
    """What differs between two uses of one op, beyond what follows from the sizes of its tensors."""
    mine, theirs = arguments_of(a.op), arguments_of(b.op)
    if mine.get("pattern") == theirs.get("pattern"):
        mine.pop("axes", None), theirs.pop("axes", None)
    return _values(mine, theirs, _shapes(a), _shapes(b)) + state_details(a.weights, b.weights)


def argument_details(a: Instance, b: Instance) -> list[Detail]:
    """What two uses of one module were told differently, recipes and sizes that follow left aside."""
    both = [name for name in a.args if name in b.args and plain(a.args[name]) and plain(b.args[name])]
    mine, theirs = ({name: node.args[name] for name in both} for node in (a, b))
    return _values(mine, theirs, _shapes(a), _shapes(b))


def _values(mine: Mapping[str, Any], theirs: Mapping[str, Any], before: Shapes, after: Shapes) -> list[Detail]:
    found = []
    for name in dict.fromkeys((*mine, *theirs)):
        old, new = mine.get(name), theirs.get(name)
        if old != new and not follows(old, new, before, after):
            found.append(Detail(name, format_value(old), format_value(new)))
    return found


def state_details(a: Iterable[Weight], b: Iterable[Weight]) -> list[Detail]:
    """Parameters and buffers that one has alone, or that start or count differently."""
    mine, theirs = {w.name: w for w in a}, {w.name: w for w in b}
    found = []
    for name in dict.fromkeys((*mine, *theirs)):
        old, new = mine.get(name), theirs.get(name)
        if old is None or new is None or len(old.shape) != len(new.shape):
            found.append(Detail(name, _held(old), _held(new)))
        elif start_of(old) != start_of(new) and not (old.init.kind == new.init.kind and new.init.kind in DRAWN_BY_SIZE):
            found.append(Detail(name, start_of(old), start_of(new)))
    return found


def _held(weight: Weight | None) -> str:
    return "none" if weight is None else format_value(tuple(weight.shape))


def body_details(
    a: Instance, b: Instance, names: Mapping[str, str], spec_a: Resolved, spec_b: Resolved
) -> list[Detail]:
    """What two bodies do differently; ``names`` are the layers of ``a`` by those of ``b``.

    Layers that stand in one alone are taken to hand their input on: they are said to be there, not the way around them.
    """
    mine = {step.layer for step in _steps(a) if step.layer}
    theirs = {step.layer: (names.get(step.layer[0], ""), *step.layer[1:]) for step in _steps(b) if step.layer}
    common = mine & set(theirs.values())

    def flows(op_names: bool) -> tuple[ValueNumbering, ValueNumbering]:
        def key(step: Step, layer: tuple[str, ...] | None) -> Any:
            if step.layer is None:
                return step.node.name if op_names else "op", len(step.inputs)
            return layer if layer in common else None

        return (
            ValueNumbering(a, lambda step: key(step, step.layer), rough=True),
            ValueNumbering(b, lambda step: key(step, theirs.get(step.layer or ())), rough=True),
        )

    ours, other = flows(op_names=True)
    found = state_details(a.state, b.state)
    if ours.shape != other.shape:
        swapped = _swapped(a, b, spec_a, spec_b)
        mine_rough, theirs_rough = flows(op_names=False)
        alike = mine_rough.shape == theirs_rough.shape or len(_steps(a)) != len(_steps(b))
        return [*found, *swapped] + ([] if swapped and alike else [Detail(WIRING, "", "")])
    pairs = [pair for name, steps in ours.steps.items() for pair in zip(steps, other.steps[name])]
    return [*found, *_step_details(pairs), *_table_details(a, b)]


def _step_details(pairs: Iterable[tuple[Step, Step]]) -> Iterator[Detail]:
    """What differs between steps that stand for one another, the layers left aside."""
    for old, new in pairs:
        if isinstance(old.node, OpNode) and isinstance(new.node, OpNode) and old.layer is None:
            for detail in op_details(old.node, new.node):
                yield replace(detail, name=f"{old.node.name} {detail.name}")


def _table_details(a: Instance, b: Instance) -> Iterator[Detail]:
    """Constants of one shape with other numbers."""
    for at, (one, two) in enumerate(zip(a.tables, b.tables)):
        if (one.shape, one.dtype) == (two.shape, two.dtype) and one.values != two.values:
            yield Detail(f"const {at + 1}", _first(one.values), _first(two.values))


def _first(numbers: tuple[float, ...]) -> str:
    """The first numbers of a constant."""
    return format_value(numbers) if len(numbers) <= SHOWN else f"{format_value(numbers[:SHOWN])[:-1]}, ...]"


def _swapped(a: Instance, b: Instance, spec_a: Resolved, spec_b: Resolved) -> list[Detail]:
    mine = Counter(describe_node(s.node, spec_a) for s in _steps(a) if s.layer is None)
    theirs = Counter(describe_node(s.node, spec_b) for s in _steps(b) if s.layer is None)
    gone, come = (
        ", ".join(f"{count} {op}" if count > 1 else op for op, count in sorted((x - y).items()))
        for x, y in ((mine, theirs), (theirs, mine))
    )
    return [Detail(OPS, gone, come)] if gone or come else []


def _steps(instance: Instance) -> list[Step]:
    return [step for step in instance.steps if not does_nothing(step.node)]


def _shapes(node: OpNode | Instance) -> Shapes:
    return tuple(given.shape for given in (*node.inputs, *node.outputs))
