"""Values part by part, however nested."""

from __future__ import annotations

from archspec.graph.values import Bound, Recipe, RepeatedList, Surviving, Value
from archspec.sym.algebra import Algebra
from archspec.sym.open import Open, noting

_NESTED = {tuple, RepeatedList, Recipe, Bound, Surviving}
"""Kinds of values that have parts."""


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
