"""Columns of numbers and truths of which some rows have no value: what is divided by zero, or grows beyond bounds.

Whole numbers are exact: where int64 might not hold a result, Python's own numbers are worked with. A truth has a value
where one side decides it: ``a and b`` is false where either is, whatever the other would be.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass
from math import isfinite
from typing import Any

from archspec.search.columns import WIDEST

ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv, "//": operator.floordiv,
    "%": operator.mod,
}  # fmt: skip
COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    "==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
LOGIC = ("and", "or")


@dataclass(frozen=True)
class Column:
    """Values row by row, or one for all rows, and where there is none: what ``values`` holds there is of no account."""

    values: Any
    undefined: Any

    @classmethod
    def of(cls, values: Any) -> Column:
        """Numbers, all of them there."""
        import numpy as np

        beyond = isinstance(values, int) and abs(values) >= WIDEST
        made = np.asarray(values, dtype=object if beyond else None)
        return cls(made, np.zeros(made.shape, dtype=bool))


def truth(given: Column) -> Column:
    """Truths as booleans, of whatever type their column is."""
    return Column(given.values.astype(bool), given.undefined)


def unary(op: str, given: Column) -> Column:
    """A column under a sign or ``not``."""
    if op == "not":
        given = truth(given)
        return Column(~given.values, given.undefined)
    return Column(-given.values, given.undefined) if op == "-" else given


def binary(op: str, left: Column, right: Column) -> Column:
    """Two columns under an operator."""
    if op in LOGIC:
        left, right = truth(left), truth(right)
    undefined = left.undefined | right.undefined
    if op == "and":
        no = (~left.values & ~left.undefined) | (~right.values & ~right.undefined)
        return Column(~no, undefined & ~no)
    if op == "or":
        yes = (left.values & ~left.undefined) | (right.values & ~right.undefined)
        return Column(yes, undefined & ~yes)
    if op in COMPARISONS:
        return Column(COMPARISONS[op](left.values, right.values).astype(bool), undefined)
    return _arithmetic(op, left, right, undefined)


def _arithmetic(op: str, left: Column, right: Column, undefined: Any) -> Column:
    import numpy as np

    one, two = left.values, right.values
    if op in ("/", "//", "%"):
        undefined = undefined | (two == 0).astype(bool)
        two = np.where(two == 0, 1, two)
    if op in ("+", "-", "*") and one.dtype != object != two.dtype and _might_not_fit(op, one, two):
        one = one.astype(object)
    if object in (one.dtype, two.dtype):
        with np.errstate(all="ignore"):
            made = np.frompyfunc(_one_by_one(ARITHMETIC[op]), 2, 1)(one, two)
        made = np.asarray(made, dtype=object)
        missing = np.asarray(np.frompyfunc(lambda value: value is None, 1, 1)(made), dtype=bool)
        return Column(np.where(missing, 0, made), undefined | missing)
    with np.errstate(all="ignore"):
        made = np.asarray(ARITHMETIC[op](one, two))
    return Column(made, undefined | ~np.isfinite(made))


def _might_not_fit(op: str, one: Any, two: Any) -> bool:
    """Whether a result of whole numbers might be beyond int64."""
    if not one.size or not two.size or one.dtype.kind not in "iu" or two.dtype.kind not in "iu":
        return False
    ends = [max(abs(int(side.min())), abs(int(side.max()))) for side in (one, two)]
    return (ends[0] * ends[1] if op == "*" else sum(ends)) >= WIDEST


def _one_by_one(of: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """An operation on single numbers; None where it has no value."""

    def value(one: Any, two: Any) -> Any:
        try:
            made = of(one, two)
        except ArithmeticError:
            return None
        return None if isinstance(made, float) and not isfinite(made) else made

    return value
