"""Fake tensors: sizes and strides of a piece of memory, as torch lays them out. Nothing is allocated.

Whether a reshape is a view or a copy hangs on strides, so what autograd keeps does too. All sizes are here with the
batch in front. Rules use arithmetic and comparisons alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import prod

from archspec.sym.number import hint, is_open

Sizes = tuple[int, ...]


@dataclass(eq=False)
class Storage:
    """A piece of memory of ``size`` bytes; of a parameter or buffer, ``path`` is its place in the state."""

    size: int
    path: tuple[str, ...] | None = None


@dataclass(frozen=True)
class FakeTensor:
    """A tensor on a storage: ``item`` bytes an element, ``grad`` where autograd tracks it."""

    storage: Storage
    sizes: Sizes
    strides: Sizes
    item: int
    grad: bool = False

    @property
    def rank(self) -> int:
        """Number of axes, the batch counted."""
        return len(self.sizes)

    @property
    def numel(self) -> int:
        """Number of elements."""
        return prod(self.sizes)

    def permuted(self, order: Sequence[int]) -> FakeTensor:
        """The axes in another order."""
        return replace(self, sizes=tuple(self.sizes[i] for i in order), strides=tuple(self.strides[i] for i in order))

    def swapped(self, a: int, b: int) -> FakeTensor:
        """Two axes exchanged."""
        order = list(range(self.rank))
        order[a], order[b] = order[b], order[a]
        return self.permuted(order)

    def narrowed(self, axis: int, size: int) -> FakeTensor:
        """A range of an axis."""
        return replace(self, sizes=(*self.sizes[:axis], size, *self.sizes[axis + 1 :]))

    def selected(self, axis: int) -> FakeTensor:
        """One place of an axis."""
        keep = [i for i in range(self.rank) if i != axis]
        return self.permuted(keep)

    def unsqueezed(self, axis: int) -> FakeTensor:
        """A new axis of size 1."""
        step = self.sizes[axis] * self.strides[axis] if axis < self.rank else 1
        sizes = (*self.sizes[:axis], 1, *self.sizes[axis:])
        return replace(self, sizes=sizes, strides=(*self.strides[:axis], step, *self.strides[axis:]))

    def expanded(self, sizes: Sizes) -> FakeTensor:
        """Broadcast to more sizes, at no cost of memory."""
        front = len(sizes) - self.rank
        own, steps = (1,) * front + self.sizes, (0,) * front + self.strides
        return replace(self, sizes=sizes, strides=tuple(t if m == n else 0 for m, n, t in zip(own, sizes, steps)))


def laid_out(shape: Sizes) -> Sizes:
    """A shape as memory has it: what its numbers are in the spec does not matter, but where they are open."""
    return tuple(size if is_open(size) else hint(size) for size in shape)


def row_major(sizes: Sizes) -> Sizes:
    """The strides of contiguous memory."""
    strides: list[int] = []
    step = 1
    for size in reversed(sizes):
        strides.append(step)
        step = step * size
    return tuple(reversed(strides))


def in_order(sizes: Sizes, order: Sequence[int]) -> Sizes:
    """The strides of dense memory with the axes in an order, the innermost first."""
    strides = [1] * len(sizes)
    step = 1
    for axis in order:
        strides[axis] = step
        step = step * sizes[axis]
    return tuple(strides)


def is_contiguous(x: FakeTensor) -> bool:
    """Whether elements lie row by row; an axis of size 1 may have any stride."""
    step = 1
    for size, stride in zip(reversed(x.sizes), reversed(x.strides)):
        if size != 1:
            if stride != step:
                return False
            step = step * size
    return True


def is_channels_last(x: FakeTensor) -> bool:
    """Whether torch takes an image's or a volume's memory for channels last."""
    if x.rank not in (4, 5) or x.strides[1] == 0:
        return False
    least = 0
    for axis in (1, *range(x.rank - 1, 1, -1), 0):
        stride, size = x.strides[axis], x.sizes[axis]
        if stride < least or (axis == 0 and least == x.strides[1]):
            return False
        least = stride * size if size != 1 else stride
    return True


def channels_last(sizes: Sizes) -> Sizes:
    """The strides of memory with channels last."""
    return in_order(sizes, (1, *range(len(sizes) - 1, 1, -1), 0))


def lies_last(x: FakeTensor) -> bool:
    """Whether memory is dense with channels last; unlike ``is_channels_last``, the strides of size 1 do not matter."""
    wanted = channels_last(x.sizes) if x.rank in (4, 5) else ()
    return x.rank in (4, 5) and all(n == 1 or own == step for n, own, step in zip(x.sizes, x.strides, wanted))


def suggested(x: FakeTensor, sizes: Sizes) -> Sizes:
    """The strides that a kernel gives its output of ``sizes``: channels last where the input's are."""
    return channels_last(sizes) if is_channels_last(x) else row_major(sizes)


def is_dense(x: FakeTensor) -> bool:
    """Whether every byte belongs to one element and there are no gaps."""
    axes = [i for i in range(x.rank) if x.sizes[i] != 1]
    axes.sort(key=lambda i: x.strides[i])
    step = 1
    for axis in axes:
        if x.strides[axis] != step:
            return False
        step = step * x.sizes[axis]
    return True


def preserved(x: FakeTensor) -> Sizes:
    """The strides of ``empty_like``: the input's where it is dense, else its order of axes."""
    return x.strides if is_dense(x) else in_order(x.sizes, _order(x.sizes, [x.strides]))


def merged(operands: Sequence[FakeTensor], sizes: Sizes) -> Sizes:
    """The strides of an elementwise result: the operands' where all are one dense layout, else their order of axes."""
    if all(x.sizes == sizes for x in operands):
        if all(map(is_contiguous, operands)):
            return row_major(sizes)
        if len(sizes) == 4 and all(map(lies_last, operands)):
            return channels_last(sizes)
        first = operands[0]
        if is_dense(first) and all(x.strides == first.strides for x in operands):
            return first.strides
    spread = [x.expanded(sizes).strides for x in operands]
    return in_order(sizes, _order(sizes, spread))


def _order(sizes: Sizes, operands: Sequence[Sizes]) -> list[int]:
    """The axes from the innermost out: an insertion sort in which operands with a stride of 0 have no say."""
    order = list(range(len(sizes)))[::-1]

    def compare(a: int, b: int) -> int:
        for strides in operands:
            if strides[a] == 0 or strides[b] == 0:
                continue
            if strides[a] != strides[b]:
                return -1 if strides[a] < strides[b] else 1
            if sizes[a] > sizes[b]:
                return 1
        return 0

    for start in range(1, len(order)):
        at = start
        for before in range(start - 1, -1, -1):
            way = compare(order[before], order[at])
            if way > 0:
                order[before], order[at] = order[at], order[before]
                at = before
            elif way < 0:
                break
    return order


def viewed(x: FakeTensor, sizes: Sizes) -> Sizes | None:
    """The strides of the same memory in other sizes, or None where it has to be copied."""
    strides = [0] * len(sizes)
    at = len(sizes) - 1
    step = x.strides[-1] if x.rank else 1
    block = 1
    for axis in range(x.rank - 1, -1, -1):
        block = block * x.sizes[axis]
        ends = axis == 0 or (x.sizes[axis - 1] != 1 and x.strides[axis - 1] != block * step)
        if not ends:
            continue
        filled = 1
        while at >= 0 and (filled < block or sizes[at] == 1):
            strides[at] = filled * step
            filled = filled * sizes[at]
            at -= 1
        if filled != block:
            return None
        if axis > 0:
            step = x.strides[axis - 1]
            block = 1
    if not x.rank:
        return (1,) * len(sizes)
    return tuple(strides) if at == -1 else None
