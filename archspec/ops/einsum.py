"""Sum of products over named axes."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from string import ascii_lowercase

from archspec.opdef import args as arg
from archspec.opdef.allocator import Allocator
from archspec.opdef.axes import AxisGroup, bind_axes, parse_side
from archspec.opdef.fake_tensor import FakeTensor
from archspec.opdef.faults import BadPattern, WrongInputs
from archspec.opdef.op import Op
from archspec.opdef.types import TensorType


class Einsum(Op):
    """Einstein summation of one or two tensors over axes with names: ``einsum(q, k, "n d, m d -> n m")``.

    Arithmetic of two tensors: 2 for each combination of all axes; of one: 1, where it sums. fvcore counts half of that
    where nothing is summed.
    """

    arity = None
    pattern: str = arg.text()
    fvcore_name = "einsum"
    counts_activation = True
    examples = (
        'einsum("n d, m d -> n m"): [3, 4], [5, 4] -> [3, 5]',
        'einsum("h n d, h d e -> n h e"): [2, 3, 4], [2, 4, 5] -> [3, 2, 5]',
    )

    def infer(self) -> tuple[TensorType, ...]:
        left, _, right = self.pattern.partition("->")
        sides = left.split(",")
        if not 1 <= len(self.inputs) <= 2 or len(sides) != len(self.inputs):
            raise WrongInputs(
                self.name(), f"one or two tensors, as its pattern names {len(sides)}", str(len(self.inputs))
            )
        self.groups = [parse_side(self.name(), self.pattern, side) for side in (*sides, right)]
        self.sizes: dict[str, int] = {}
        for groups, given in zip(self.groups, self.inputs):
            self._plain(groups)
            self.sizes = bind_axes(self.name(), self.pattern, groups, given, self.sizes)
        self._plain(self.groups[-1])
        for (name,) in self.groups[-1]:
            if name not in self.sizes:
                raise BadPattern(self.name(), self.pattern, f"`{name}` stands on the right alone")
        if len(self.sizes) >= len(ascii_lowercase):
            raise BadPattern(self.name(), self.pattern, "there are more axes than letters, with one for the batch")
        batched = any(given.batched for given in self.inputs)
        self.remarks = self._remarks()
        return (TensorType(tuple(self.sizes[name] for (name,) in self.groups[-1]), "float", batched),)

    def _remarks(self) -> dict[str, str]:
        each = "1 a combination of all axes" if self._contracts else "half a combination of all axes"
        words = {"fvcore": f"{each}, here exactly; fvcore itself reads it from a text of four digits"}
        if not self.torch_flops():
            words["torch"] = "no product of matrices in it: done element by element, so 0"
        return words if len(self.inputs) == 2 else {**words, "macs": "one tensor, so 0"}

    def _plain(self, groups: tuple[AxisGroup, ...]) -> None:
        if any(len(group) != 1 for group in groups):
            raise BadPattern(self.name(), self.pattern, "only names can stand here")

    @property
    def _all(self) -> int:
        return prod(self.sizes.values())

    @property
    def _contracts(self) -> bool:
        return len(self.groups[-1]) < len(self.sizes)

    def macs(self) -> int:
        return self._all if len(self.inputs) == 2 else 0

    def flops(self) -> int:
        return 2 * self.macs() if len(self.inputs) == 2 else self._all * self._contracts

    def fvcore(self) -> int:
        return self.fvcore_of(1)

    def fvcore_of(self, batch: int) -> int:
        combinations = self.samples(batch) * self._all
        return combinations if self._contracts else (combinations + 1) // 2

    def torch_flops(self) -> int:
        """What torch counts: one batched product, without axes that one side alone has and that are summed beforehand;
        nothing where no axis longer than 1 is left to sum.
        """
        if len(self.inputs) != 2:
            return 0
        left, right, result = ({name for (name,) in groups} for groups in self.groups)
        if all(self.sizes[name] == 1 for name in (left & right) - result):
            return 0
        alone = (left ^ right) - result
        return 2 * prod(size for name, size in self.sizes.items() if name not in alone)

    def run(self, allocator: Allocator, *inputs: FakeTensor) -> tuple[FakeTensor, ...]:
        """Each side is kept for the gradient of the other, its axes in order of the product, copied where need be."""
        order = ["", *(name for (name,) in self.groups[-1])]
        letters = self.letters()
        order += sorted((name for name in self.sizes if name not in order), key=letters.__getitem__)
        sides = [self._aligned(allocator, x, at, order) for at, x in enumerate(inputs)]
        summed = range(len(self.groups[-1]) + 1, len(order))
        if len(sides) == 2:
            made = contracted(allocator, sides[0], sides[1], summed)
            made = allocator.reshape(made, made.sizes[: summed.start]) if summed else made
        elif summed:
            made = allocator.new(sides[0].sizes[: summed.start], *sides)
        else:
            (made,) = sides
        return (made if self.y.batched else made.selected(0),)

    def _aligned(self, allocator: Allocator, x: FakeTensor, at: int, order: list[str]) -> FakeTensor:
        """Input ``at`` with an axis for every name in order, those that it lacks of size 1; the batch has no name."""
        names = [*([""] if self.inputs[at].batched else []), *(name for (name,) in self.groups[at])]
        for name in order:
            if name not in names:
                names.append(name)
                x = x.unsqueezed(x.rank)
        return allocator.look(x.permuted([names.index(name) for name in order]))

    def letters(self) -> dict[str, str]:
        """A letter for each axis; b is the batch's."""
        letters: dict[str, str] = {}
        taken = {"b"} if self.y.batched else set()
        for name in self.sizes:
            letter = next(a for a in (name[0].lower(), *ascii_lowercase) if a not in taken and a in ascii_lowercase)
            letters[name] = letter
            taken.add(letter)
        return letters


def contracted(allocator: Allocator, a: FakeTensor, b: FakeTensor, summed: Sequence[int]) -> FakeTensor:
    """Two tensors with the same axes multiplied and summed over some, as one batch of matrix products.

    Axes are sorted by who has them; an operand whose sorted axes are not one in memory is copied. Summed axes stay, of
    size 1.
    """
    inner = [i for i in summed if a.sizes[i] != 1 and b.sizes[i] != 1]
    a, b = (_summed(allocator, x, [i for i in summed if i not in inner and x.sizes[i] != 1]) for x in (a, b))
    both: list[int] = []
    left: list[int] = []
    right: list[int] = []
    for axis, (m, n) in enumerate(zip(a.sizes, b.sizes)):
        if axis not in inner:
            (both if m != 1 and n != 1 else left if m != 1 else right).append(axis)
    if not inner:
        for x, y in ((a, b), (b, a)):
            allocator.save_for((x,), y)
        return allocator.elementwise(a, b)
    if left and right and right[-1] < left[0]:
        a, b, left, right = b, a, right, left
    sizes = [prod(a.sizes[i] for i in axes) for axes in (both, left, inner)]
    width = prod(b.sizes[i] for i in right)
    rows = allocator.reshape(allocator.look(a.permuted([*both, *left, *inner, *right])), tuple(sizes))
    columns = allocator.reshape(allocator.look(b.permuted([*both, *inner, *right, *left])), (sizes[0], sizes[2], width))
    made = allocator.product(rows, columns, (sizes[0], sizes[1], width))
    for own, whole in ((rows, a), (columns, b)):
        if own.storage is not whole.storage:
            allocator.free(own)
    order = [*both, *left, *inner, *right]
    full = (
        *(a.sizes[i] for i in (*both, *left)), *(1 for _ in inner), *(b.sizes[i] for i in right),
    )  # fmt: skip
    made = allocator.reshape(made, full)
    return allocator.look(made.permuted([order.index(i) for i in range(len(order))]))


def _summed(allocator: Allocator, x: FakeTensor, axes: Sequence[int]) -> FakeTensor:
    """A tensor summed over axes of its own, which stay."""
    return allocator.new(tuple(1 if i in axes else n for i, n in enumerate(x.sizes)), x) if axes else x
