"""Decisions that hang on the size of the input: what holds for one size need not hold for another.

A body notes each one, so that the module built of it can refuse the sizes for which it was not built.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, TypeAlias

from archspec.frozen import Frozen
from archspec.graph.values import Recipe, Value
from archspec.sym.expr import SymExpr
from archspec.sym.number import SymNumber, expr_of, follows, is_family, is_open
from archspec.sym.operators import COMPARISONS, OPPOSITE


class Relation(Frozen):
    """A condition over the names of a module: a comparison of two numbers, or ``and`` or ``or`` of conditions."""

    op: str
    parts: tuple[Any, ...]

    def opposite(self) -> Relation:
        """The condition that holds where this one does not."""
        if self.op in COMPARISONS:
            return Relation(OPPOSITE[self.op], self.parts)
        return Relation("or" if self.op == "and" else "and", tuple(part.opposite() for part in self.parts))

    def numbers(self) -> tuple[SymExpr, ...]:
        """The numbers that it compares."""
        if self.op in COMPARISONS:
            return self.parts
        return tuple(number for part in self.parts for number in part.numbers())


Origin: TypeAlias = "SymExpr | int"
"""Where a number that follows the input comes from: its expression, or what it follows where it has none."""


class Decision(Frozen):
    """What was decided on numbers that follow the input: ``numbers`` says where they come from.

    ``condition`` is what has to hold for the decision to be the same; None where nothing less will do than the very
    sizes. ``words`` are the author's, for sizes for which it does not: texts, and numbers in between.
    """

    numbers: tuple[Origin, ...]
    condition: Relation | None = None
    words: tuple[str | SymExpr, ...] | None = None

    def opposite(self) -> Decision:
        """The same decision, told of what came out the other way."""
        return replace(self, condition=self.condition and self.condition.opposite())


def beside(op: str, one: Decision | None, other: Decision | None) -> Decision | None:
    """What two parts of a condition decide together; a part is None where it hangs on no size."""
    if one is None or other is None:
        return one or other
    whole = None
    if one.condition is not None and other.condition is not None:
        whole = Relation(op, (one.condition, other.condition))
    return Decision(one.numbers + other.numbers, whole)


def origin(value: SymNumber) -> Origin:
    """Where a number comes from that follows the input."""
    return value.mark if value.expr is None else value.expr


def compared(op: str, left: Value, right: Value) -> Decision | None:
    """What a comparison decides, told such that it holds where the comparison does; None where it hangs on no size."""
    found = following(left) + following(right)
    if not found:
        return None
    return Decision(tuple(map(origin, found)), _relation(op, left, right))


def _relation(op: str, left: Value, right: Value) -> Relation | None:
    if op == "in" and isinstance(right, tuple):
        return _joined("or", [_relation("==", left, item) for item in right])
    if isinstance(left, tuple) and isinstance(right, tuple) and op in ("==", "!=") and len(left) == len(right):
        pairs = [_relation(op, a, b) for a, b in zip(left, right) if follows((a, b)) or a != b]
        return _joined("and" if op == "==" else "or", pairs)
    parts = (expr_of(left), expr_of(right))
    return Relation(op, parts) if op in COMPARISONS and follows((left, right)) and None not in parts else None


def _joined(op: str, parts: list[Relation | None]) -> Relation | None:
    made: Relation | None = None
    for part in parts:
        if part is None:
            return None
        made = part if made is None else Relation(op, (made, part))
    return made


def following(value: Value) -> list[SymNumber]:
    """The numbers that follow the input in a value, lists and the arguments of recipes looked through.

    A number left open is none of them: what is decided on it is a condition of its formula.
    """
    found: list[SymNumber] = []
    stack = [value]
    while stack:
        item = stack.pop()
        if not isinstance(item, (SymNumber, tuple, Recipe)):
            continue
        if isinstance(item, SymNumber):
            found += (item,) if item.mark and (is_family(item) or not is_open(item)) else ()
        elif isinstance(item, tuple):
            stack += item
        elif isinstance(item, Recipe):
            stack += [argument for _, argument in item.args]
    return found
