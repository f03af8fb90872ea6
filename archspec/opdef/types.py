"""Types of tensors."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import Any, Literal

Dtype = Literal["float", "int"]


class Free(int):
    """A size that changes with the input's; what is computed from it does too."""

    __slots__ = ()

    def __add__(self, other: Any) -> Any:
        return Free(int(self) + int(other)) if isinstance(other, int) else int(self) + other

    def __sub__(self, other: Any) -> Any:
        return Free(int(self) - int(other)) if isinstance(other, int) else int(self) - other

    def __rsub__(self, other: Any) -> Any:
        return Free(int(other) - int(self)) if isinstance(other, int) else other - int(self)

    def __mul__(self, other: Any) -> Any:
        return Free(int(self) * int(other)) if isinstance(other, int) else int(self) * other

    def __floordiv__(self, other: Any) -> Any:
        return Free(int(self) // int(other)) if isinstance(other, int) else int(self) // other

    def __neg__(self) -> int:
        return Free(-int(self))

    __radd__, __rmul__ = __add__, __mul__


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
