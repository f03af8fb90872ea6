"""Arrays of numbers as one expression over index symbols: what a table is until somebody needs its values.

An expression here has forms that single numbers have not: comparisons, ``and or not``, ``if`` (condition, yes, no) and
``entry`` (a list, then its places). Its names are ``i0, i1, ...`` for the loops, ``n0, n1, ...`` for numbers that no
loop changes and ``l0, l1, ...`` for lists of such.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product
from math import prod
from typing import TYPE_CHECKING, Any

from archspec.sym.expr import SymExpr
from archspec.sym.number import SymNumber, hint
from archspec.sym.operators import ARITHMETIC, COMPARISONS, FUNCTIONS

if TYPE_CHECKING:
    import numpy as np

FEW = 64
"""So many values are worked out one by one."""


@dataclass(frozen=True)
class IndexLoop:
    """``for label in range(start, stop, step)``; the bounds are expressions over numbers."""

    label: str
    start: SymExpr
    stop: SymExpr
    step: SymExpr


@dataclass(frozen=True, eq=False)
class NumberList:
    """A list of numbers that a table reads by place: its entries row by row, and the rule that gives them, if any.

    ``sources`` are those of the entries that know where they came from.
    """

    label: str
    shape: tuple[int, ...]
    entries: tuple[Any, ...]
    sources: tuple[SymNumber, ...] = ()
    array: SymArray | None = None

    @property
    def structure(self) -> Any:
        """What is equal in lists for which one line of source can stand."""
        return (self.label, self.array.structure) if self.array else (self.label, self.shape, typed(self.entries))

    @cached_property
    def kinds(self) -> frozenset[type]:
        """The kinds of its entries."""
        return frozenset(map(type, self.entries))

    @cached_property
    def values(self) -> np.ndarray:
        """Its entries as an array."""
        import numpy as np

        return np.array(self.entries, dtype=np.int64 if self.kinds == {int} else np.float64).reshape(self.shape)


@dataclass(frozen=True, eq=False)
class SymArray:
    """An array: ``item`` for every combination of the loops' values, the last loop the fastest.

    ``groups`` says how many loops run along each axis. ``numbers`` know where they came from. ``kind`` is that of the
    values: ``int``, ``float``, or ``mixed`` where some are the one and some the other.
    """

    loops: tuple[IndexLoop, ...]
    groups: tuple[int, ...]
    item: SymExpr
    numbers: tuple[Any, ...]
    lists: tuple[NumberList, ...]
    kind: str = "int"
    low: Any = 0
    high: Any = 0
    first: SymArray | None = None
    """An equal array that was met before, of which the values are taken."""

    @cached_property
    def ranges(self) -> tuple[range, ...]:
        """The values of each loop's variable."""
        known = self.known
        ends = [(loop.start, loop.stop, loop.step) for loop in self.loops]
        return tuple(range(*(int(value_of(end, known)) for end in loop)) for loop in ends)

    @cached_property
    def known(self) -> dict[str, Any]:
        """The numbers and lists by name."""
        numbers = {f"n{at}": hint(number) for at, number in enumerate(self.numbers)}
        return numbers | {f"l{at}": given for at, given in enumerate(self.lists)}

    @cached_property
    def shape(self) -> tuple[int, ...]:
        """The size of each axis."""
        sizes, made, at = [len(own) for own in self.ranges], [], 0
        for count in self.groups:
            made.append(prod(sizes[at : at + count]))
            at += count
        return tuple(made)

    @property
    def numel(self) -> int:
        """How many values there are."""
        return prod(self.shape)

    @property
    def sources(self) -> tuple[Any, ...]:
        """Its numbers with all they carry, those of its lists too."""
        inner = [given.array.sources if given.array is not None else given.sources for given in self.lists]
        return self.numbers + tuple(number for numbers in inner for number in numbers)

    @cached_property
    def structure(self) -> Any:
        """What is equal in arrays for which one piece of source can stand, its numbers being arguments."""
        kinds = tuple(type(hint(number)) for number in self.numbers)
        return self.loops, self.groups, self.item, self.kind, kinds, tuple(given.structure for given in self.lists)

    @cached_property
    def key(self) -> Any:
        """What is equal in arrays of equal values, as far as can be told without these."""
        lists = tuple(given.array.key if given.array else typed(given.entries) for given in self.lists)
        return self.structure, typed(tuple(map(hint, self.numbers))), lists

    def at(self, places: tuple[int, ...]) -> Any:
        """The value where the loops have come to some places.

        Raises:
            ArithmeticError, LookupError, TypeError, ValueError: there is none.
        """
        own = {f"i{at}": values[place] for at, (values, place) in enumerate(zip(self.ranges, places, strict=True))}
        return value_of(self.item, self.known | own)

    @cached_property
    def values(self) -> np.ndarray:
        """All values, int64 or float64; equal arrays have theirs worked out once.

        Raises:
            NoValue: the rule has no value somewhere.
        """
        from archspec.sym.fill import worked_out

        return worked_out(self) if self.first is None else self.first.values

    def numbers_in_order(self) -> tuple[Any, ...]:
        """All values as numbers of Python, row by row; a few are worked out one by one, as numpy is not worth it."""
        if self.numel > FEW:
            return tuple(self.values.ravel().tolist())
        return tuple(self.at(places) for places in product(*(range(len(own)) for own in self.ranges)))

    def after(self, first: SymArray) -> SymArray:
        """The same with the values of an equal one."""
        return self if first is self else replace(self, first=first.first or first)


class NoValue(ArithmeticError):
    """A rule that has no value at one of its places, or one that a number of the language cannot have."""


def literal(value: Any) -> SymExpr:
    """The expression of a plain number or truth value."""
    return SymExpr("literal", (value,))


def node(op: str, *parts: SymExpr) -> SymExpr:
    """The expression of an operation, however long."""
    return SymExpr(op, parts, 1 + sum(part.size for part in parts))


def parts_of(expr: SymExpr) -> tuple[SymExpr, ...]:
    """The operands of an expression; a name and a literal have none."""
    return () if expr.op in ("name", "literal") else expr.parts


def walk(expr: SymExpr) -> Iterator[SymExpr]:
    """An expression and all that is in it."""
    stack = [expr]
    while stack:
        part = stack.pop()
        yield part
        stack += parts_of(part)


def typed(values: tuple[Any, ...]) -> tuple[Any, ...]:
    """A key in which 1 and 1.0 differ, and 0.0 and -0.0."""
    return tuple((type(value), value.hex() if isinstance(value, float) else value) for value in values)


def value_of(expr: SymExpr, env: Mapping[str, Any]) -> Any:
    """The value of an expression on single numbers, as the language has it.

    Raises:
        ArithmeticError, LookupError, TypeError, ValueError: there is none.
    """
    match expr.op:
        case "name":
            return env[expr.parts[0]]
        case "literal":
            return expr.parts[0]
        case "if":
            return value_of(expr.parts[1 if value_of(expr.parts[0], env) else 2], env)
        case "and":
            return value_of(expr.parts[0], env) and value_of(expr.parts[1], env)
        case "or":
            return value_of(expr.parts[0], env) or value_of(expr.parts[1], env)
    operands = [value_of(part, env) for part in expr.parts]
    match expr.op:
        case "not":
            return not operands[0]
        case "neg":
            return -operands[0]
        case "entry":
            given, *places = operands
            at = 0
            for place, size in zip(places, given.shape):
                at = at * size + range(size)[place]
            return given.entries[at]
    function = ARITHMETIC.get(expr.op) or COMPARISONS.get(expr.op) or FUNCTIONS[expr.op]
    return function(*operands)
