"""Numbers that know where they came from.

A number of the language is Python's own int or float. One that came from a name carries its expression over the names
of the module it is used in: the value drives shapes and costs, the expression becomes source and words in diagnostics.
It is valid inside one module, so numbers lose theirs when they cross into another and are named anew there. One that
changes with the size of the model's input has a mark, and what is computed from it has too.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeGuard

from archspec.sym.expr import SymExpr

LEADING, FREE = 1, 2
"""Marks: of the first of several sizes of an input, which weights may follow as they do an image's channels, and of all
others. What follows both has their sum."""


class SymNumber:
    """What whole numbers and those with a fraction have in common."""

    expr: SymExpr | None = None
    """What it is in the names of its module."""
    mark: int = 0
    """What of the model's input it follows."""

    def renamed(self, expr: SymExpr | None) -> Any:
        """The same number with another expression."""
        return number(hint(self), self.mark, expr)

    def __neg__(self) -> Any:
        return number(-hint(self), self.mark)

    def __pos__(self) -> Any:
        return self

    def __abs__(self) -> Any:
        return number(abs(hint(self)), self.mark)


def _operator(kind: Any, name: str) -> Callable[[Any, Any], Any]:
    """A method of numbers: that of ``kind``, which is int or float, its result marked."""
    own, real = getattr(kind, name), getattr(float, name)

    def method(self: Any, other: Any) -> Any:
        if hasattr(other, "computed"):
            return NotImplemented
        value = own(self, other)
        if value is NotImplemented and isinstance(other, float):
            value = real(float(self), other)
        mark = self.mark if type(other) is int else self.mark | getattr(other, "mark", 0)
        return number(value, mark) if mark and value is not NotImplemented else value

    return method


def _operators(kind: Any, name: str) -> tuple[Any, Any]:
    """The methods of an operator with the number on its left and on its right."""
    return _operator(kind, f"__{name}__"), _operator(kind, f"__r{name}__")


class SymInt(SymNumber, int):
    """A whole number with an expression, or one that follows the input."""

    __add__, __radd__ = _operators(int, "add")
    __sub__, __rsub__ = _operators(int, "sub")
    __mul__, __rmul__ = _operators(int, "mul")
    __truediv__, __rtruediv__ = _operators(int, "truediv")
    __floordiv__, __rfloordiv__ = _operators(int, "floordiv")
    __mod__, __rmod__ = _operators(int, "mod")
    __pow__, __rpow__ = _operators(int, "pow")


class SymFloat(SymNumber, float):
    """A number with a fraction, and an expression or a mark."""

    __add__, __radd__ = _operators(float, "add")
    __sub__, __rsub__ = _operators(float, "sub")
    __mul__, __rmul__ = _operators(float, "mul")
    __truediv__, __rtruediv__ = _operators(float, "truediv")
    __floordiv__, __rfloordiv__ = _operators(float, "floordiv")
    __mod__, __rmod__ = _operators(float, "mod")
    __pow__, __rpow__ = _operators(float, "pow")


def number(value: Any, mark: int = 0, expr: SymExpr | None = None) -> Any:
    """A plain number with a mark and an expression; itself where it has neither."""
    if not mark and expr is None:
        return value
    if isinstance(value, int):
        made: Any = SymInt(value)
    elif isinstance(value, float):
        made = SymFloat(value)
    else:
        return value
    if mark:
        made.mark = mark
    if expr is not None:
        made.expr = expr
    return made


def is_number(value: Any) -> TypeGuard[int | float]:
    """Whether a value is a number; a boolean is none."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def is_open(value: Any) -> bool:
    """Whether a value is a number that stands for more than one case."""
    return hasattr(value, "computed")


def is_family(value: Any) -> bool:
    """Whether a number is open for source to be written of it, and so has the author's expression too."""
    return is_open(value) and value.algebra.family


def exceeds(count: Any, limit: int) -> bool:
    """Whether a count is beyond what a spec may have; a file that was written is held to no such limit."""
    return bool((hint(count) if is_family(count) else count) > limit)


def hint(value: Any) -> Any:
    """The plain number of the case at hand; nothing is noted of one that is open. Anything else as it is."""
    if isinstance(value, SymInt):
        return int.__pos__(value)
    return float.__pos__(value) if isinstance(value, SymFloat) else value


def traced(value: Any, expr: SymExpr | None) -> Any:
    """``value`` with an expression; anything but a number, and a number without expression, is given back plain."""
    if isinstance(value, SymNumber):
        return value.renamed(expr)
    return number(value, 0, expr) if is_number(value) else value


def expr_of(value: Any) -> SymExpr | None:
    """The expression of a value: its own, or itself as a literal where it is a plain number that follows no size."""
    if isinstance(value, SymNumber) and (value.expr is not None or value.mark or is_open(value)):
        return value.expr
    return SymExpr("literal", (value,)) if is_number(value) else None


def plain(value: Any) -> Any:
    """``value`` without expressions, lists and all; what a number follows, and that it is open, stays."""
    if isinstance(value, SymNumber):
        return value if value.expr is None else value.renamed(None)
    if type(value) is tuple:
        return tuple(plain(item) for item in value)
    return value


def marked(value: Any, *sources: Any) -> Any:
    """A number with the marks of those it was computed from; anything else as it is."""
    mark = 0
    for source in sources:
        mark |= getattr(source, "mark", 0)
    if not mark or isinstance(value, bool) or getattr(value, "mark", 0) == mark:
        return value
    return number(hint(value), mark)


def unmarked(value: Any) -> Any:
    """The plain number of one that may follow the size of the input."""
    if not getattr(value, "mark", 0):
        return value
    return int(value) if isinstance(value, int) else float(value)


def follows(value: Any) -> bool:
    """Whether a number, or any in a list, changes with the size of the input."""
    if type(value) is tuple:
        return any(map(follows, value))
    return getattr(value, "mark", 0) != 0 or (isinstance(value, tuple) and any(map(follows, value)))


def mark_of(value: Any) -> int:
    """What of the model's input a number follows: its mark, or 0."""
    return getattr(value, "mark", 0)


def is_free(value: Any) -> bool:
    """Whether a number follows a size of the input that no weight is expected to follow."""
    return bool(mark_of(value) & FREE)


def largest(a: Any, b: Any) -> Any:
    """The larger of two counts; of numbers left open, as a formula."""
    for one, other in ((a, b), (b, a)):
        if hasattr(one, "largest"):
            return one.largest(other)
    return b if b > a else a
