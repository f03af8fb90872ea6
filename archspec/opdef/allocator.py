"""What one op does with memory, written down: the tensors it makes, those it looks at anew, those autograd keeps.

An op's ``run`` follows, call by call, what torch's CPU kernels do for the expression that the op is emitted as.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import prod
from typing import TypeAlias

from archspec.opdef.fake_tensor import (
    FakeTensor,
    Sizes,
    Storage,
    is_contiguous,
    laid_out,
    merged,
    preserved,
    row_major,
    suggested,
    viewed,
)
from archspec.opdef.types import TensorType
from archspec.sym.number import largest

FloatType: TypeAlias = str
"""float32, float64, bfloat16 or float16."""
ITEM: dict[str, int] = {"float32": 4, "float64": 8, "bfloat16": 2, "float16": 2}
INT, BOOL = 8, 1


@dataclass
class Allocator:
    """The memory of one use of an op in a dtype.

    ``training``: gradients are tracked, and dropout and batch statistics are those of training. ``alive`` is the bytes
    made and not freed so far, ``most`` the largest that it was. Scratch inside a kernel is not seen.
    """

    dtype: FloatType = "float32"
    training: bool = True
    batch: int = 1
    weights: Mapping[str, FakeTensor] = field(default_factory=dict)
    saved: list[Storage] = field(default_factory=list)
    alive: int = 0
    most: int = 0

    @property
    def item(self) -> int:
        """Bytes of a number."""
        return ITEM[self.dtype]

    @property
    def wide(self) -> int:
        """Bytes of a number where a kernel computes half precision in float32."""
        return 4 if self.item == 2 else self.item

    def new(self, sizes: Sizes, *of: FakeTensor, strides: Sizes | None = None, item: int | None = None) -> FakeTensor:
        """A new tensor, dense, contiguous unless strides are given; tracked where any of ``of`` is."""
        size = self.item if item is None else item
        storage = Storage(prod(sizes) * size)
        self.alive = self.alive + storage.size
        self.most = largest(self.most, self.alive)
        return FakeTensor(storage, sizes, row_major(sizes) if strides is None else strides, size, self.tracks(*of))

    def sizes(self, type: TensorType) -> Sizes:
        """The sizes of a tensor of that type, with the batch in front."""
        sizes = laid_out(type.shape)
        return (self.batch, *sizes) if type.batched else sizes

    def make(self, type: TensorType, *of: FakeTensor) -> FakeTensor:
        """A new contiguous tensor of that type; whole numbers are never tracked."""
        if type.dtype == "int":
            return self.new(self.sizes(type), item=INT)
        return self.new(self.sizes(type), *of)

    def free(self, *tensors: FakeTensor) -> None:
        """Give up tensors made here."""
        for tensor in tensors:
            self.alive = self.alive - tensor.storage.size

    def tracks(self, *tensors: FakeTensor) -> bool:
        """Whether what is made of the tensors has a gradient."""
        return self.training and any(x.grad for x in tensors)

    def save(self, *tensors: FakeTensor) -> None:
        """Keep tensors for backward."""
        if self.training:
            self.saved += [x.storage for x in tensors]

    def save_for(self, what: Sequence[FakeTensor], *tensors: FakeTensor) -> None:
        """Keep tensors for backward where any of ``what`` has a gradient."""
        if self.tracks(*what):
            self.save(*tensors)

    def look(self, x: FakeTensor) -> FakeTensor:
        """A view: it is tracked where its base is, and only in training."""
        return replace(x, grad=self.tracks(x))

    def elementwise(self, *operands: FakeTensor, item: int | None = None) -> FakeTensor:
        """The result of a function of each element, operands broadcast."""
        rank = max(x.rank for x in operands)
        own = [(1,) * (rank - x.rank) + x.sizes for x in operands]
        sizes = tuple(next((n for n in column if n != 1), 1) for column in zip(*own))
        return self.new(
            sizes, *operands, strides=merged(operands, sizes), item=operands[0].item if item is None else item
        )

    def scaled(self, x: FakeTensor) -> FakeTensor:
        """The result of a tensor and a number. torch makes the number a tensor without axes."""
        return self.elementwise(x, replace(x, sizes=(), strides=(), grad=False))

    def dropped(self, x: FakeTensor, rate: float) -> FakeTensor:
        """``x`` with elements zeroed: times noise, which is kept, or at a rate of 1 times one number."""
        noise = self.new((), item=x.item) if rate == 1 else self.new(x.sizes, strides=preserved(x), item=x.item)
        self.save_for((x,), noise)
        return self.elementwise(x, noise)

    def contiguous(self, x: FakeTensor) -> FakeTensor:
        """The tensor itself where it is contiguous, else a copy."""
        return x if is_contiguous(x) else self.new(x.sizes, x, item=x.item)

    def packed(self, x: FakeTensor) -> FakeTensor:
        """The tensor itself where it is dense with channels last, or contiguous, else a copy that is."""
        strides = suggested(x, x.sizes)
        if all(n == 1 or own == wanted for n, own, wanted in zip(x.sizes, x.strides, strides)):
            return x
        return self.new(x.sizes, x, strides=strides, item=x.item)

    def cast(self, x: FakeTensor, item: int) -> FakeTensor:
        """The tensor itself where its numbers are that wide, else a copy."""
        return x if x.item == item else self.elementwise(x, item=item)

    def reshape(self, x: FakeTensor, sizes: Sizes) -> FakeTensor:
        """A view where the strides allow it, else a copy."""
        strides = viewed(x, sizes)
        if strides is None:
            return self.new(sizes, x, item=x.item)
        return self.look(replace(x, sizes=sizes, strides=strides))

    def flatten(self, x: FakeTensor, first: int, last: int) -> FakeTensor:
        """Axes ``first`` to ``last`` as one."""
        if first == last:
            return x
        merged_ = prod(x.sizes[first : last + 1])
        return self.reshape(x, (*x.sizes[:first], merged_, *x.sizes[last + 1 :]))

    def product(self, a: FakeTensor, b: FakeTensor, sizes: Sizes) -> FakeTensor:
        """One matrix product, each operand kept for the other's gradient."""
        if self.tracks(a):
            self.save(b)
        if self.tracks(b):
            self.save(a)
        return self.new(sizes, a, b, item=a.item)

    def matmul(self, a: FakeTensor, b: FakeTensor) -> FakeTensor:
        """``a @ b``: one product where one side is a matrix and the other folds into one, else a batch of them."""
        sizes = (*_front(a, b), a.sizes[-2], b.sizes[-1])
        if a.rank == b.rank == 2:
            return self.product(a, b, sizes)
        left_larger = a.rank >= b.rank
        large, small = (a, b) if left_larger else (b.swapped(b.rank - 1, b.rank - 2), a.swapped(0, 1))
        if small.rank == 2 and (small.grad or (left_larger and _folds(large))):
            folded = self.reshape(large, (prod(large.sizes[:-1]), large.sizes[-1]))
            made = self.product(folded, small, (*large.sizes[:-1], small.sizes[-1]))
            return made if left_larger else self.contiguous(made.swapped(made.rank - 1, made.rank - 2))
        batch = prod(sizes[:-2])
        left = self.reshape(a.expanded((*sizes[:-2], *a.sizes[-2:])), (batch, *a.sizes[-2:]))
        right = self.reshape(b.expanded((*sizes[:-2], *b.sizes[-2:])), (batch, *b.sizes[-2:]))
        return self.product(left, right, sizes)


def _front(a: FakeTensor, b: FakeTensor) -> Sizes:
    """The broadcast sizes in front of two matrices."""
    rank = max(a.rank, b.rank)
    columns = zip((1,) * (rank - a.rank) + a.sizes[:-2], (1,) * (rank - b.rank) + b.sizes[:-2])
    return tuple(n if m == 1 else m for m, n in columns)


def _folds(x: FakeTensor) -> bool:
    """Whether all axes but the last are one in memory."""
    return all(x.strides[i] == x.strides[i + 1] * x.sizes[i + 1] for i in range(x.rank - 2))
