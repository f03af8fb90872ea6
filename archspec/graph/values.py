"""What a name can stand for while a spec is compiled: numbers, strings, lists, recipes, layers-to-be, tensors."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from archspec.frozen import immutable
from archspec.graph.ramps import Ramp
from archspec.opdef.init import Initialiser, InitialiserKind
from archspec.opdef.types import TensorType
from archspec.source import NOWHERE, Span
from archspec.sym.number import plain

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

    kind: InitialiserKind


class Poison:
    """What stands for a value that could not be made; whatever touches it is silently poison too."""


POISON = Poison()


def has_parts(value: Value) -> bool:
    """Whether a value has parts that are counted: a list, or something to apply."""
    return isinstance(value, (tuple, Recipe, Bound, Surviving))


def is_recipe(value: Value) -> bool:
    """Whether a value can be applied to tensors: a recipe or a list that holds any."""
    if isinstance(value, (Recipe, Bound, Surviving)):
        return True
    return isinstance(value, tuple) and any(is_recipe(item) for item in value)


def contains_tensor(value: Value) -> bool:
    """Whether a value is a tensor or a list that holds one."""
    return isinstance(value, (Tensor, Poison)) or (isinstance(value, tuple) and any(map(contains_tensor, value)))


def describe(value: Value) -> str:
    """What a value is, in a word or two, for messages."""
    match value:  # a case for each kind that there is
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
