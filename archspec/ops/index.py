"""Places and ranges of axes."""

from __future__ import annotations

from typing import Any

from archspec.opdef.allocator import Allocator
from archspec.opdef.axes import batched_axis
from archspec.opdef.entries import Entries, along
from archspec.opdef.fake_tensor import FakeTensor
from archspec.opdef.faults import BadArgument
from archspec.opdef.op import Op
from archspec.opdef.types import TensorType


def ends(item: tuple[int | None, int | None], size: int) -> tuple[int, int]:
    """Where a range of an axis starts and stops, counted from 0; negative places count from the end."""
    placed = []
    for bound, default in zip(item, (0, size)):
        at = default if bound is None else bound + size if bound < 0 else bound
        placed.append(0 if at < 0 else size if at > size else at)
    return placed[0], placed[1]


class IndexOp(Op):
    """``x[0]``, ``x[:, 1:]``: a place or a range on each of the first axes, the batch not counted; no arithmetic."""

    dtypes = ("float", "int")
    saved_for_backward = ()
    examples = ("x[0]: [3, 4] -> [4]", "x[:, 1:3]: [3, 4] -> [3, 2]", "x[-1, :2]: [3, 4] -> [2]")

    def __init__(self, values: Any, inputs: tuple[TensorType, ...]) -> None:
        self.items: tuple[int | tuple[int | None, int | None], ...] = values.get("items", ())
        super().__init__({}, inputs)

    def infer(self) -> tuple[TensorType, ...]:
        if len(self.items) > self.x.rank:
            raise BadArgument(self.name(), "[...]", f"at most {self.x.rank} long for {self.x}", str(len(self.items)))
        shape = []
        for at, (item, size) in enumerate(zip(self.items, self.x.shape)):
            if isinstance(item, tuple):
                start, stop = ends(item, size)
                if stop <= start:
                    raise BadArgument(self.name(), "[...]", f"a range inside 0 to {int(size)}", f"{start}:{stop}")
                shape.append(size if item == (None, None) else stop - start)
                self.bounds(at, item)
            elif not -size <= item < size:
                raise BadArgument(self.name(), "[...]", f"from {-int(size)} to {int(size) - 1}", str(int(item)))
            else:
                setattr(self, f"place_{at}", item)
        return (self.x.with_shape(*shape, *self.x.shape[len(self.items) :]),)

    def moved(self, *given: Entries) -> tuple[Entries, ...]:
        (entries,) = given
        shape = list(self.x.shape)
        for at, item in enumerate(self.items):
            start, stop = ends(item, shape[at]) if isinstance(item, tuple) else (item % shape[at], item % shape[at] + 1)
            entries = along(entries, shape, at, range(int(start), int(stop)))
            shape[at] = stop - start
        return (entries,)

    def bounds(self, at: int, item: tuple[int | None, int | None]) -> None:
        """Keep the ends of a range as slots."""
        for name, bound in zip(("start", "stop"), item):
            if bound is not None:
                setattr(self, f"{name}_{at}", bound)

    def asks(self) -> tuple[tuple[int, str, int], ...]:
        """A range that is empty is none."""
        made: list[tuple[int, str, int]] = []
        for item, size in zip(self.items, self.x.shape):
            start, stop = item if isinstance(item, tuple) else (None, None)
            if start is not None and start >= 0:
                made.append((size, ">", start) if stop is None or stop >= 0 else (size, ">", start - stop))
            elif stop is not None and start is None:
                made.append((stop, ">", 0) if stop >= 0 else (size, ">", -stop))
            elif stop is not None and stop < 0:
                made.append((size, ">", -stop))
            if start is not None and stop is not None and (start >= 0) == (stop >= 0):
                made.append((stop, ">", start))
            elif start is not None and stop is not None and start < 0:
                made.append((stop - start, ">", size))
        return tuple(made)

    def numbers(self) -> tuple[Any, ...]:
        return tuple(bound for item in self.items for bound in (item if isinstance(item, tuple) else (item,)))

    def run(self, allocator: Allocator, *inputs: FakeTensor) -> tuple[FakeTensor, ...]:
        """A view."""
        (x,) = inputs
        axis = batched_axis(self.x, 0)
        for item, size in zip(self.items, self._ranges):
            if isinstance(item, tuple):
                x = x.narrowed(axis, size)
                axis += 1
            else:
                x = x.selected(axis)
        return (allocator.look(x),)

    @property
    def _ranges(self) -> list[int]:
        """The size that each item leaves of its axis, 1 for a place."""
        left = iter(self.y.shape)
        return [next(left) if isinstance(item, tuple) else 1 for item in self.items]
