"""Uses of one module that differ by what was decided in it, as one body: a step that some lack stands in a branch.

The steps of the variants are brought into one order that keeps that of each. Where a step of several is given other
tensors in some, a :class:`Choice` comes before it, by a condition that the author wrote and that tells them apart. What
cannot be said so (a condition that nobody wrote, tables or sizes of inputs that differ) stays classes of their own.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher
from typing import Any, TypeVar

from archspec.frozen import immutable
from archspec.graph.nodes import Binding, Instance, LayerList, Step
from archspec.sym import expr
from archspec.sym.expr import SymExpr, combine
from archspec.sym.operators import ARITHMETIC, CONDITIONS, FUNCTIONS
from archspec.syntax import tree

MOST = 6
"""Variants of one class."""
NOTHING = LayerList((), True)
"""The node of a choice, which is no use of anything."""
LONGEST = 300
"""Items of a body that is compared with others."""
ALIKE = 0.5
"""The share of the steps of the shortest variant that each has in common with others, at least."""
K = TypeVar("K", bound=Hashable)


class Apart(Exception):
    """Variants that one class cannot say."""


@immutable
class Choice(Step):
    """``yes if condition else no``; ``flags`` says by variant whether it is ``yes``, for those that come here."""

    flags: tuple[tuple[int, bool], ...] = ()


@dataclass
class United:
    """The body of all variants, and which of them have each of its items, by their own places."""

    body: Instance
    places: list[dict[int, int]] = field(default_factory=list)
    """For each item of the body, its place in the bodies of the variants that have it."""


def unite(variants: Sequence[Instance], keys: Sequence[list[Hashable]]) -> United:
    """One body for variants; ``keys`` tells which of their items can be one line.

    Raises:
        Apart: there is none.
    """
    if max(map(len, keys)) > LONGEST:
        raise Apart
    return _Union(variants, keys).run()


class _Union:
    def __init__(self, variants: Sequence[Instance], keys: Sequence[list[Hashable]]) -> None:
        self.variants = variants
        self.slots = _in_one_order(keys)
        self.types = list(variants[0].inputs)
        self.tensors: list[dict[int, list[int]]] = [{at: [at] for at in range(len(v.inputs))} for v in variants]
        """For each variant's own tensors, those of the body that have their value."""
        self.named: list[dict[int, str]] = [{} for _ in variants]
        self.items: list[Step | Binding] = []
        self.places: list[dict[int, int]] = []

    def run(self) -> United:
        self._hold_together()
        for slot in self.slots:
            bodies = {v: self.variants[v].body[at] for v, at in slot.items()}
            first = next(iter(bodies.values()))
            if isinstance(first, Binding):
                self._bind(first, bodies, slot)
            else:
                self._step(first, bodies, slot)
        results = tuple(
            self._one({v: instance.results[at] for v, instance in enumerate(self.variants)}, {})
            for at in range(len(self.variants[0].results))
        )
        first_variant = self.variants[0]
        body = replace(
            first_variant,
            body=self.items,
            types=self.types,
            results=results,
            layers=_merged([v.layers for v in self.variants]),
            state=list(_merged([{w.name: w for w in v.state} for v in self.variants]).values()),
            locals=_merged([v.locals for v in self.variants]),
            choices=tuple({c.span: c for v in self.variants for c in v.choices}.values()),
        )
        return United(body, self.places)

    def _hold_together(self) -> None:
        """Whether the variants are alike in all that a branch cannot say, and alike enough to be one."""
        first = self.variants[0]
        for other in self.variants[1:]:
            same = (
                (first.returns, first.input_names, len(first.results), first.input_axes, tuple(first.axes))
                == (other.returns, other.input_names, len(other.results), other.input_axes, tuple(other.axes))
                and [type.rank for type in first.inputs] == [type.rank for type in other.inputs]
                and [t.contents for t in first.tables] == [t.contents for t in other.tables]
                and [t.name for t in first.tables] == [t.name for t in other.tables]
            )
            if not same:
                raise Apart
        fewest = min(len(variant.body) for variant in self.variants)
        for v in range(len(self.variants)):
            if sum(v in slot and len(slot) > 1 for slot in self.slots) < ALIKE * fewest:
                raise Apart

    def _bind(self, first: Binding, bodies: dict[int, Any], slot: dict[int, int]) -> None:
        if "." in first.names[0]:
            self._new(first.tensors, bodies, "tensors")
            (tensor,) = first.tensors
            v = next(iter(bodies))
            self._add(Binding(first.names, (self.tensors[v][tensor][0],)), slot)
            return
        for v, item in bodies.items():
            self.named[v].update(zip(item.tensors, item.names))
        if len(bodies) == len(self.variants):
            tensors = tuple(
                self._one({v: item.tensors[at] for v, item in bodies.items()}, slot) for at in range(len(first.tensors))
            )
            self._add(Binding(first.names, tensors), slot)
        elif len(first.names) > 1:
            raise Apart

    def _step(self, first: Step, bodies: dict[int, Any], slot: dict[int, int]) -> None:
        inputs = tuple(
            self._one({v: item.inputs[at] for v, item in bodies.items()}, slot) for at in range(len(first.inputs))
        )
        outputs = self._new(first.outputs, bodies, "outputs")
        self._add(replace(first, inputs=inputs, outputs=outputs), slot)

    def _new(self, tensors: tuple[int, ...], bodies: dict[int, Any], of: str) -> tuple[int, ...]:
        """New tensors for those of the variants."""
        made = tuple(range(len(self.types), len(self.types) + len(tensors)))
        v = next(iter(bodies))
        self.types += [self.variants[v].types[tensor] for tensor in tensors]
        for v, item in bodies.items():
            self.tensors[v].update((own, [tensor]) for own, tensor in zip(getattr(item, of), made))
        return made

    def _add(self, item: Step | Binding, slot: dict[int, int]) -> None:
        self.items.append(item)
        self.places.append(dict(slot))

    def _one(self, own: dict[int, int], slot: dict[int, int]) -> int:
        """The one tensor for a tensor of each variant: theirs, or a choice between two.

        Raises:
            Apart: there would have to be more than two.
        """
        groups: list[tuple[list[int], list[int]]] = []
        for v, tensor in own.items():
            values = self.tensors[v][tensor]
            at = next((at for at, (known, _) in enumerate(groups) if set(known) & set(values)), None)
            if at is None:
                groups.append((values, [v]))
            else:
                known, members = groups[at]
                groups[at] = ([value for value in known if value in values], [*members, v])
        if len(groups) == 1:
            return groups[0][0][0]
        if len(groups) > 2:
            raise Apart
        (yes, those), (no, _) = groups
        tensor = len(self.types)
        self.types.append(self.types[yes[0]])
        flags = tuple((v, v in those) for v in own)
        self._add(Choice(NOTHING, None, (yes[0], no[0]), (tensor,), flags=flags), dict.fromkeys(own, -1))
        names = {self.named[v].get(own[v]) for v in own}
        for v, at in own.items():
            self.tensors[v][at] = [*self.tensors[v][at], tensor]
        if len(names) == 1 and (name := names.pop()) is not None and len(own) == len(self.variants):
            self._add(Binding((name,), (tensor,)), dict.fromkeys(own, -1))
        return tensor


def _in_one_order(keys: Sequence[list[Hashable]]) -> list[dict[int, int]]:
    """The places of all sequences in one order that keeps that of each; those of equal keys are one."""
    slots = [({0: at}, key) for at, key in enumerate(keys[0])]
    for v, own in enumerate(keys[1:], 1):
        made: list[tuple[dict[int, int], Hashable]] = []
        matcher = SequenceMatcher(None, [key for _, key in slots], own, autojunk=False)
        for kind, i, j, k, m in matcher.get_opcodes():
            if kind == "equal":
                made += [({**slot, v: k + at}, key) for at, (slot, key) in enumerate(slots[i:j])]
            else:
                made += slots[i:j] + [({v: at}, own[at]) for at in range(k, m)]
        slots = made
    return [slot for slot, _ in slots]


def _merged(parts: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """What the variants have under names, in an order that keeps that of each.

    Raises:
        Apart: there is no such order.
    """
    slots = _in_one_order([list(part) for part in parts])
    found: dict[str, Any] = {}
    for slot in slots:
        v, at = next(iter(slot.items()))
        name = list(parts[v])[at]
        if name in found:
            raise Apart
        found[name] = parts[v][name]
    return found


def condition_of(node: tree.Expr) -> SymExpr | None:
    """A condition as an expression over names; None where there is no such expression."""
    match node:
        case tree.Name():
            return expr.name(node.id)
        case tree.Number() | tree.Constant():
            return SymExpr("literal", (node.value,))
        case tree.String() if "{" not in node.value:
            return SymExpr("literal", (node.value,))
        case tree.Unary(op="not"):
            return combine("not", condition_of(node.operand))
        case tree.Binary() if node.op in (*ARITHMETIC, *CONDITIONS):
            return combine(node.op, condition_of(node.left), condition_of(node.right))
        case tree.Call(function=tree.Name() as function) if function.id in FUNCTIONS:
            if all(argument.name is None for argument in node.arguments):
                return combine(function.id, *(condition_of(argument.value) for argument in node.arguments))
        case tree.Index(value=tree.Name() as value, items=(tree.Number() as place,)):
            return expr.name(expr.entry(value.id, int(place.value)))
    return None
