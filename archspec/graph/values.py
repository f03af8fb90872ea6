"""What a name can stand for while a spec is compiled: numbers, strings, lists, recipes, layers-to-be, tensors."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from archspec.frozen import immutable
from archspec.graph.ramps import Ramp
from archspec.opdef.init import Initialiser
from archspec.opdef.types import TensorType
from archspec.source import NOWHERE, Span
from archspec.sym.algebra import Algebra
from archspec.sym.number import plain
from archspec.sym.open import Open, noting

Value: TypeAlias = (
    "bool | int | float | str | tuple[Value, ...] | "
    "Recipe | Bound | Surviving | Tensor | Ramp | Initialiser | InitFunction | Poison | None"
)
"""A value of the language. Numbers may know where they came from; a list is a tuple."""
Numbers: TypeAlias = "tuple[int | float, ...]"
"""The numbers of a table, row by row."""
Apply: TypeAlias = "Callable[[Value, list[Value], Span], Value]"
"""Applies a recipe, a layer or a list of them to tensors, for a place."""
STAGE = ":stage"
"""The target of a stage that is declared, until it is applied."""


@immutable
class Recipe:
    """An op or a module with some of its arguments given.

    ``target`` is an op's name or a definition's key, which alone has a colon.
    """

    target: str
    args: tuple[tuple[str, Value], ...] = ()
    span: Span = field(default=NOWHERE, compare=False)

    @property
    def name(self) -> str:
        """The name of the op or module."""
        return self.target.rsplit(":", 1)[-1]

    @property
    def is_op(self) -> bool:
        """Whether it is a primitive op."""
        return ":" not in self.target

    def given(self) -> dict[str, Value]:
        """The arguments given so far."""
        return dict(self.args)

    def __str__(self) -> str:
        from archspec.opdef.args import show

        shown = ", ".join(f"{name} = {show(value)}" for name, value in self.args)
        return f"{self.name}({shown})" if shown else self.name


@dataclass(eq=False)
class Bound:
    """A recipe, or a list of them, under a name. Applied, it makes the layer ``path``; each binding is its own.

    ``survival``: the probability that a layer of the list takes part in training.
    """

    value: Value
    path: tuple[str, ...]
    survival: float = 1.0


class RepeatedList(tuple[Any, ...]):
    """A list of recipes whose length was left open, in runs: so many of its entries, which come so often as a round."""

    runs: tuple[tuple[int, int], ...]

    @classmethod
    def of(cls, *parts: tuple[tuple[Value, ...], int]) -> RepeatedList:
        """Parts one after the other, each some entries and how often they come."""
        parts = tuple((entries, times) for entries, times in parts if entries)
        made = cls(entry for entries, _ in parts for entry in entries)
        made.runs = tuple((len(entries), times) for entries, times in parts)
        return made

    def like(self, entries: Iterable[Value]) -> RepeatedList:
        """Other entries as often."""
        made = RepeatedList(entries)
        made.runs = self.runs
        return made

    def parts(self) -> list[tuple[tuple[Value, ...], int]]:
        """The entries of each run, and how often they come."""
        made, at = [], 0
        for size, times in self.runs:
            made.append((tuple(self[at : at + size]), times))
            at += size
        return made

    @property
    def length(self) -> int:
        """How many entries it has in all."""
        return sum(size * times for size, times in self.runs)


def whole(value: Value) -> Value:
    """A list with all of its entries; a length that was left open is the case at hand's from here on."""
    if isinstance(value, Bound) and isinstance(value.value, RepeatedList):
        every = bind(whole(unbind(value.value)), value.path)
        value.value = every.value if isinstance(every, Bound) else every
    if isinstance(value, RepeatedList):
        return tuple(entry for entries, times in value.parts() for entry in entries * int(times))
    return value


def joined(left: Value, right: Value) -> RepeatedList | None:
    """Two lists of recipes, one after the other, where the length of either was left open; None where none was."""
    sides = [side.value if isinstance(side, Bound) and type(side.value) is tuple else side for side in (left, right)]
    if not any(isinstance(side, RepeatedList) for side in sides):
        return None
    parts: list[tuple[tuple[Value, ...], int]] = []
    for side in sides:
        if not isinstance(side, tuple):
            return None
        parts += side.parts() if isinstance(side, RepeatedList) else [(side, 1)]
    return RepeatedList.of(*parts)


@dataclass(frozen=True)
class Surviving:
    """A list of recipes of which each takes part in training with a probability."""

    items: tuple[Value, ...]
    probability: float


@immutable
class Tensor:
    """A tensor in a module's dataflow: its number there, its type, and the place that made it."""

    id: int
    type: TensorType
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True)
class InitFunction:
    """An initialiser that wants its numbers: ``trunc_normal``."""

    kind: str


class Poison:
    """What stands for a value that could not be made; whatever touches it is silently poison too."""


POISON = Poison()


_NESTED = {tuple, RepeatedList, Recipe, Bound, Surviving}
"""Kinds of values that have parts."""
_HOLDING = {*_NESTED, Ramp, Initialiser}
"""Kinds of values that hold others."""


def size_of(value: Value, limit: int) -> tuple[int, int]:
    """How many parts a value has, and on how many levels: lists and the arguments of recipes count in full.

    What has more than ``limit`` parts is not counted to its end.
    """
    if type(value) not in _NESTED:
        return 1, 1
    count, depth, level = 0, 0, [value]
    while level and count <= limit:
        count += len(level)
        depth += 1
        inside: list[Value] = []
        for item in level:
            if type(item) not in _NESTED:
                continue
            if isinstance(item, Bound):
                item = item.value
            if isinstance(item, Surviving):
                item = item.items
            if isinstance(item, Recipe):
                inside += [argument for _, argument in item.args]
            elif isinstance(item, tuple):
                inside += item
            if len(inside) > limit:
                break
        level = inside
    return count, depth


def has_parts(value: Value) -> bool:
    """Whether a value has parts that are counted: a list, or something to apply."""
    return isinstance(value, (tuple, Recipe, Bound, Surviving))


def entries_of(value: Value) -> tuple[Value, ...] | None:
    """The entries of a list, as layers-to-be where it has a name; None where the value is no list."""
    value = whole(value)
    if isinstance(value, Bound):
        value = value.value
    return value if isinstance(value, tuple) else None


def is_recipe(value: Value) -> bool:
    """Whether a value can be applied to tensors: a recipe or a list that holds any."""
    if isinstance(value, (Recipe, Bound, Surviving)):
        return True
    return isinstance(value, tuple) and any(is_recipe(item) for item in value)


def bind(value: Value, path: tuple[str, ...]) -> Value:
    """``value`` under a name: recipes become layers-to-be of that name, entries of lists of that name and place."""
    if isinstance(value, Bound):
        value = unbind(value)
    if isinstance(value, Recipe):
        return Bound(value, path)
    if isinstance(value, Surviving):
        return Bound(_entries(value.items, path), path, value.probability)
    if isinstance(value, tuple) and is_recipe(value):
        return Bound(_entries(value, path), path)
    return value


def _entries(items: tuple[Value, ...], path: tuple[str, ...]) -> tuple[Value, ...]:
    """The entries of a list of recipes under its name and their places."""
    return _each(items, [bind(item, (*path, str(i))) for i, item in enumerate(items)])


def _each(value: tuple[Value, ...], entries: Iterable[Value]) -> tuple[Value, ...]:
    """A list with other entries, its length left open where that of ``value`` is."""
    return value.like(entries) if isinstance(value, RepeatedList) else tuple(entries)


def unbind(value: Value) -> Value:
    """``value`` without names: the recipes themselves."""
    if isinstance(value, Bound):
        return _surviving(unbind(value.value), value.survival)
    if isinstance(value, tuple):
        return _each(value, map(unbind, value))
    return value


def _unnamed(value: Value) -> Value:
    """``value`` without its own name; those of its entries stay."""
    while isinstance(value, Bound):
        value = _surviving(value.value, value.survival)
    return value


def _surviving(value: Value, probability: float) -> Value:
    """What is under a name, with the probability that the name has for it."""
    return Surviving(value, probability) if isinstance(value, tuple) and probability < 1 else value


def detached(value: Value) -> Value:
    """``value`` as it crosses into another module: without names and traces."""
    if type(value) not in _HOLDING:
        bare: Value = plain(value)
        return bare
    value = _unnamed(value)
    if isinstance(value, Recipe):
        return Recipe(value.target, tuple((n, detached(v)) for n, v in value.args), value.span)
    if isinstance(value, Surviving):
        return Surviving(_each(value.items, map(detached, value.items)), value.probability)
    if isinstance(value, Ramp):
        return Ramp(plain(value.start), plain(value.stop))
    if isinstance(value, Initialiser):
        return Initialiser(value.kind, plain(value.values), value.own)
    return _each(value, map(detached, value)) if isinstance(value, tuple) else value


def map_ramps(value: Value, number: Callable[[Ramp], Value]) -> Value:
    """``value`` with every ramp inside it, however deep in recipes, replaced by a number of it."""
    value = _unnamed(value)
    if isinstance(value, Ramp):
        return number(value)
    if isinstance(value, Recipe):
        return Recipe(value.target, tuple((n, map_ramps(v, number)) for n, v in value.args), value.span)
    if isinstance(value, Surviving):
        return Surviving(_each(value.items, [map_ramps(item, number) for item in value.items]), value.probability)
    if isinstance(value, tuple):
        return _each(value, [map_ramps(item, number) for item in value])
    return value


def ramps_of(value: Value) -> list[Ramp]:
    """The ramps in a value."""
    found: list[Ramp] = []

    def note(ramp: Ramp) -> float:
        found.append(ramp)
        return 0.0

    map_ramps(value, note)
    return found


def alike(value: Value, *beside: Value) -> Value:
    """``value`` with its fractions as numbers that note what is decided on them, where it or ``beside`` has open ones.

    A float next to a whole number is Python's own to add or compare, and would not ask what the whole number is.
    """
    algebra = _algebra((value, *beside))
    return value if algebra is None else _alike(value, algebra)


def _algebra(value: Value) -> Algebra | None:
    """Where the open numbers of a value, however nested, were made; None where it has none."""
    stack = [value]
    while stack:
        item = stack.pop()
        if isinstance(item, Open):
            return item.algebra
        if isinstance(item, tuple):
            stack += item
        elif isinstance(item, Recipe):
            stack += [argument for _, argument in item.args]
    return None


def _alike(value: Value, algebra: Algebra) -> Value:
    if type(value) is tuple:
        return tuple(_alike(item, algebra) for item in value)
    if isinstance(value, Recipe):
        return Recipe(value.target, tuple((name, _alike(item, algebra)) for name, item in value.args), value.span)
    made: Value = noting(value, algebra)
    return made


def contains_tensor(value: Value) -> bool:
    """Whether a value is a tensor or a list that holds one."""
    return isinstance(value, (Tensor, Poison)) or (isinstance(value, tuple) and any(map(contains_tensor, value)))


def describe(value: Value) -> str:
    """What a value is, in a word or two, for messages."""
    match value:
        case Poison():
            return "a value that could not be made"
        case bool():
            return "true" if value else "false"
        case None:
            return "none"
        case int() | float():
            return f"the number {plain(value)}"
        case str():
            return f'the string "{value}"'
        case tuple():
            return "a list" if value else "an empty list"
        case Tensor():
            return f"a tensor {value.type}"
        case Bound():
            return describe(value.value)
        case Surviving():
            return "a list of which layers survive"
        case Recipe():
            return f"the {'op' if value.is_op else 'module'} `{value.name}`"
        case Ramp():
            return "a ramp"
        case Initialiser() | InitFunction():
            return "an initialiser"
    return "a function"
