"""Types of tensors."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import Any, Literal

Dtype = Literal["float", "int"]


def _operator(number: Any, name: str) -> Any:
    """A method of numbers that follow the input: that of ``number``, which is int or float, its result marked."""
    own, real = getattr(number, name), getattr(float, name)

    def method(self: Any, other: Any) -> Any:
        value = own(self, other)
        if value is NotImplemented and isinstance(other, float):
            value = real(float(self), other)
        mark = self.mark if type(other) is int else self.mark | getattr(other, "mark", 0)
        if type(value) is int:
            return _WHOLE[mark](value)
        return _REAL[mark](value) if type(value) is float else value

    return method


def _operators(number: Any, name: str) -> tuple[Any, Any]:
    """The methods of an operator with the number on its left and on its right."""
    return _operator(number, f"__{name}__"), _operator(number, f"__r{name}__")


class Following:
    """A number that changes with the size of the input; what is computed from it does too.

    ``mark`` is 1 for first sizes, 2 for others, and their sum for what follows both.
    """

    __slots__ = ()
    mark = 0

    def __neg__(self) -> Any:
        return marked(-unmarked(self), self)

    def __pos__(self) -> Any:
        return self

    def __abs__(self) -> Any:
        return marked(abs(unmarked(self)), self)


class Whole(Following):
    """The arithmetic of whole numbers that follow the input."""

    __slots__ = ()

    __add__, __radd__ = _operators(int, "add")
    __sub__, __rsub__ = _operators(int, "sub")
    __mul__, __rmul__ = _operators(int, "mul")
    __truediv__, __rtruediv__ = _operators(int, "truediv")
    __floordiv__, __rfloordiv__ = _operators(int, "floordiv")
    __mod__, __rmod__ = _operators(int, "mod")
    __pow__, __rpow__ = _operators(int, "pow")


class Real(Following):
    """The arithmetic of numbers with a fraction that follow the input."""

    __slots__ = ()

    __add__, __radd__ = _operators(float, "add")
    __sub__, __rsub__ = _operators(float, "sub")
    __mul__, __rmul__ = _operators(float, "mul")
    __truediv__, __rtruediv__ = _operators(float, "truediv")
    __floordiv__, __rfloordiv__ = _operators(float, "floordiv")
    __mod__, __rmod__ = _operators(float, "mod")
    __pow__, __rpow__ = _operators(float, "pow")


class Free(Whole, int):
    """A size that changes with the input's, or a whole number computed from such."""

    __slots__ = ()
    mark = 2


class FreeFloat(Real, float):
    """A number with a fraction that changes with the size of the input."""

    __slots__ = ()
    mark = 2


class Leading(Whole, int):
    """The first of several sizes of an input, or a whole number computed from it alone.

    It may change too, but weights are expected to follow it, as those of an image's channels do.
    """

    __slots__ = ()
    mark = 1


class LeadingFloat(Real, float):
    """A number with a fraction that is computed from first sizes alone."""

    __slots__ = ()
    mark = 1


class Mixed(Free):
    """A whole number that follows first sizes and others."""

    __slots__ = ()
    mark = 3


class MixedFloat(FreeFloat):
    """A number with a fraction that follows first sizes and others."""

    __slots__ = ()
    mark = 3


_WHOLE: dict[int, Any] = {1: Leading, 2: Free, 3: Mixed}
_REAL: dict[int, Any] = {1: LeadingFloat, 2: FreeFloat, 3: MixedFloat}


def marked(value: Any, *sources: Any) -> Any:
    """A number with the marks of those it was computed from; anything else as it is."""
    mark = 0
    for source in sources:
        mark |= getattr(source, "mark", 0)
    if not mark or isinstance(value, bool) or getattr(value, "mark", 0) == mark or hasattr(value, "algebra"):
        return value
    if isinstance(value, int):
        return _WHOLE[mark](value)
    return _REAL[mark](value) if isinstance(value, float) else value


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
