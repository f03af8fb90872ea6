"""Types of tensors."""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass
from math import prod
from typing import Any, Literal

Dtype = Literal["float", "int"]


def _operator(function: Callable[[Any, Any], Any], swapped: bool = False) -> Any:
    """A method of a number that follows the input: the operator on plain numbers, its result marked."""

    def method(self: Any, other: Any) -> Any:
        if not isinstance(other, (int, float)):
            return NotImplemented
        one, two = unmarked(self), unmarked(other)
        return marked(function(two, one) if swapped else function(one, two), self, other)

    return method


class Following:
    """A number that changes with the size of the input; what is computed from it does too."""

    __slots__ = ()

    __add__, __radd__ = _operator(operator.add), _operator(operator.add, True)
    __sub__, __rsub__ = _operator(operator.sub), _operator(operator.sub, True)
    __mul__, __rmul__ = _operator(operator.mul), _operator(operator.mul, True)
    __truediv__, __rtruediv__ = _operator(operator.truediv), _operator(operator.truediv, True)
    __floordiv__, __rfloordiv__ = _operator(operator.floordiv), _operator(operator.floordiv, True)
    __mod__, __rmod__ = _operator(operator.mod), _operator(operator.mod, True)
    __pow__, __rpow__ = _operator(operator.pow), _operator(operator.pow, True)

    def __neg__(self) -> Any:
        return marked(-unmarked(self), self)

    def __pos__(self) -> Any:
        return self

    def __abs__(self) -> Any:
        return marked(abs(unmarked(self)), self)


class Free(Following, int):
    """A size that changes with the input's, or a whole number computed from such."""

    __slots__ = ()


class FreeFloat(Following, float):
    """A number with a fraction that changes with the size of the input."""

    __slots__ = ()


class Leading(Following, int):
    """The first of several sizes of an input, or a whole number computed from it alone.

    It may change too, but weights are expected to follow it, as those of an image's channels do.
    """

    __slots__ = ()


class LeadingFloat(Following, float):
    """A number with a fraction that is computed from first sizes alone."""

    __slots__ = ()


class Mixed(Free):
    """A whole number that follows first sizes and others."""

    __slots__ = ()


class MixedFloat(FreeFloat):
    """A number with a fraction that follows first sizes and others."""

    __slots__ = ()


def marked(value: Any, *sources: Any) -> Any:
    """A number with the marks of those it was computed from; anything else as it is."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or isinstance(value, Following):
        return value
    free = any(isinstance(source, (Free, FreeFloat)) for source in sources)
    leading = any(isinstance(source, (Leading, LeadingFloat, Mixed, MixedFloat)) for source in sources)
    if free and leading:
        return Mixed(value) if isinstance(value, int) else MixedFloat(value)
    if free:
        return Free(value) if isinstance(value, int) else FreeFloat(value)
    if leading:
        return Leading(value) if isinstance(value, int) else LeadingFloat(value)
    return value


def unmarked(value: Any) -> Any:
    """The plain number of one that may follow the size of the input."""
    if not isinstance(value, Following):
        return value
    plain: Any = value
    return int(plain) if isinstance(plain, int) else float(plain)


def follows(value: Any) -> bool:
    """Whether a number, or any in a list, changes with the size of the input."""
    return isinstance(value, Following) or (isinstance(value, tuple) and any(map(follows, value)))


def largest(a: Any, b: Any) -> Any:
    """The larger of two counts; of numbers left open, as a formula."""
    for one, other in ((a, b), (b, a)):
        if hasattr(one, "largest"):
            return one.largest(other)
    return b if b > a else a


@dataclass(frozen=True)
class TensorType:
    """Shape without the batch, kind of number, and whether there is a batch in front (parameters have none).

    ``entries`` are its whole numbers row by row, where they are known.
    """

    shape: tuple[int, ...]
    dtype: Dtype = "float"
    batched: bool = True
    entries: tuple[int, ...] | None = None

    @property
    def rank(self) -> int:
        """Number of axes, the batch not counted."""
        return len(self.shape)

    @property
    def numel(self) -> int:
        """Elements a sample."""
        return prod(self.shape)

    def with_shape(self, *shape: int) -> TensorType:
        """The same type with another shape."""
        return TensorType(shape, self.dtype, self.batched, self.entries)

    def __str__(self) -> str:
        return f"{'int ' if self.dtype == 'int' else ''}[{', '.join(int.__repr__(size) for size in self.shape)}]"
