"""Split, permute and merge axes by name."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from archspec.opdef import args as arg
from archspec.opdef.allocator import Allocator
from archspec.opdef.axes import bind_axes, parse_pattern
from archspec.opdef.entries import Entries, permuted
from archspec.opdef.fake_tensor import FakeTensor, suggested
from archspec.opdef.faults import BadPattern
from archspec.opdef.op import Op
from archspec.opdef.types import TensorType
from archspec.sym.number import is_open
from archspec.sym.open import identical


class Rearrange(Op):
    """Splits, permutes and merges axes by name: ``rearrange(x, "n (h d) -> h n d", h = heads)``; no arithmetic.

    Brackets stand for axes that are one in memory, 1 for an axis of size 1; sizes that cannot be inferred are given.
    """

    pattern: str = arg.text()
    dtypes = ("float", "int")
    extra = arg.size()
    saved_for_backward = ()
    examples = (
        'rearrange("c h w -> (h w) c"): [4, 2, 3] -> [6, 4]',
        'rearrange("(h w) c -> c h w", h = 2): [6, 4] -> [4, 2, 3]',
        'rearrange("n (h d) -> h n d", h = 2): [3, 8] -> [2, 3, 4]',
        'rearrange("c (h p) (w q) -> (h w) (c p q)", p = 2, q = 2): [3, 4, 6] -> [6, 12]',
        'rearrange("c -> c 1 1"): [4] -> [4, 1, 1]',
        'rearrange("1 c -> c"): [1, 4] -> [4]',
        'rearrange("(c p q) h w -> c (h p) (w q)", p = 2, q = 2): [8, 3, 4] -> [2, 6, 8]',
        'rearrange("c (h p) (w q) -> (c p q) h w", p = 3, q = 3): [2, 6, 9] -> [18, 2, 3]',
    )

    def infer(self) -> tuple[TensorType, ...]:
        name = self.name()
        self.parsed = parse_pattern(name, self.pattern)
        left = [axis for group in self.parsed.left for axis in group]
        right = [axis for group in self.parsed.right for axis in group]
        for axis in self.extras:
            if axis not in left:
                raise BadPattern(name, self.pattern, f"`{axis}` is given a size and does not stand on the left")
        if set(left) != set(right):
            odd = sorted(set(left) ^ set(right))
            raise BadPattern(name, self.pattern, f"`{odd[0]}` stands on one side alone")
        self.sizes = bind_axes(name, self.pattern, self.parsed.left, self.x, self.extras)
        for axis, size in self.extras.items():
            setattr(self, f"size_{axis}", size)
        shape = []
        for group in self.parsed.right:
            size = self.sizes[group[0]] if group else 1
            for axis in group[1:]:
                size = size * self.sizes[axis]
            shape.append(size)
        return (self.x.with_shape(*shape),)

    def moved(self, *given: Entries) -> tuple[Entries, ...]:
        flat = [name for group in self.parsed.left for name in group]
        order = [flat.index(name) for group in self.parsed.right for name in group]
        return (permuted(given[0], [self.sizes[name] for name in flat], order),)

    @cached_property
    def shuffle(self) -> tuple[str, str] | None:
        """``pixel_shuffle`` or ``pixel_unshuffle`` where the pattern says just that, and the axis of its factor."""
        for name, one, other in (
            ("pixel_shuffle", self.parsed.left, self.parsed.right),
            ("pixel_unshuffle", self.parsed.right, self.parsed.left),
        ):
            match [list(group) for group in one], [list(group) for group in other]:
                case [[c, p, q], [h], [w]], [[own], [top, down], [left, right]]:
                    alike = [own, top, down, left, right] == [c, h, p, w, q]
                    if alike and _one(self.sizes[p], self.sizes[q]) and {p, q} & self.extras.keys():
                        return name, p if p in self.extras else q
        return None

    def numbers(self) -> tuple[Any, ...]:
        """The sizes of axes that are split off."""
        if self.shuffle:
            return (self.extras[self.shuffle[1]],)
        split = [name for group in self.parsed.left if len(group) > 1 for name in group]
        return tuple(self.extras[name] for name in split if name in self.extras)

    def run(self, allocator: Allocator, *inputs: FakeTensor) -> tuple[FakeTensor, ...]:
        """Views, and a copy where axes are merged that are not one in memory."""
        (x,) = inputs
        if self.shuffle:
            sizes = allocator.sizes(self.y)
            return (allocator.new(sizes, x, strides=suggested(x, sizes), item=x.item),)
        front = 1 if self.x.batched else 0
        flat = [name for group in self.parsed.left for name in group]
        for at, group in reversed(list(enumerate(self.parsed.left))):
            if not group:
                x = x.selected(front + at)
            elif len(group) > 1:
                sizes = (*x.sizes[: front + at], *(self.sizes[name] for name in group), *x.sizes[front + at + 1 :])
                x = allocator.reshape(x, sizes)
        order = [flat.index(name) for group in self.parsed.right for name in group]
        x = allocator.look(x.permuted((*range(front), *(front + i for i in order))))
        end = len(flat)
        for group in reversed(self.parsed.right):
            end -= len(group)
            x = allocator.flatten(x, front + end, front + end + len(group) - 1) if group else x.unsqueezed(front + end)
        return (x,)


def _one(a: int, b: int) -> bool:
    """Whether two sizes are the same in all cases."""
    return identical(a, b) if is_open(a) or is_open(b) else a == b
