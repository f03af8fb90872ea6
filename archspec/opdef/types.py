"""Types of tensors."""

from __future__ import annotations

from math import prod
from typing import Literal

from archspec.frozen import immutable
from archspec.opdef.entries import KnownEntries

Dtype = Literal["float", "int"]


@immutable
class TensorType:
    """Shape without the batch, kind of number, and whether there is a batch in front (parameters have none).

    ``entries`` are its whole numbers, where they are known.
    """

    shape: tuple[int, ...]
    dtype: Dtype = "float"
    batched: bool = True
    entries: KnownEntries | None = None

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
