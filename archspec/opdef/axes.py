"""Axes counted without the batch, and patterns of named axes in the manner of einops (``"c h w -> (h w) c"``)."""

from __future__ import annotations

from math import prod

from archspec.frozen import Frozen
from archspec.limits import now
from archspec.opdef.args import show
from archspec.opdef.faults import BadArgument, BadPattern, OverLimit
from archspec.opdef.types import TensorType


def check_axes(op: str, count: int) -> None:
    """Hold a number of axes against the limit.

    Raises:
        OverLimit: there are more.
    """
    if count > now().axes:
        raise OverLimit(op, "more than {} axes", "axes", now().axes)


def check_results(op: str, count: int) -> None:
    """Hold the number of tensors that an op gives against the limit.

    Raises:
        OverLimit: there are more.
    """
    if count > now().results:
        raise OverLimit(op, "more than {} results", "results", now().results)


def axis_index(op: str, axis: int, rank: int) -> int:
    """A possibly negative axis as an index from 0.

    Raises:
        BadArgument: there is no such axis.
    """
    if not -rank <= axis < rank:
        raise BadArgument(op, "axis", f"from {-rank} to {rank - 1} for {rank} axes", str(int(axis)))
    return int(axis) % rank


def axis_list(op: str, axis: int | tuple[int, ...], rank: int) -> tuple[int, ...]:
    """One axis or several as sorted indices from 0.

    Raises:
        BadArgument: there is no such axis, or one stands there twice.
    """
    given = axis if isinstance(axis, tuple) else (axis,)
    found = {axis_index(op, item, rank) for item in given}
    if len(found) < len(given):
        raise BadArgument(op, "axis", f"different axes, of {rank}", show(axis))
    return tuple(sorted(found))


def batched_axis(x: TensorType, axis: int) -> int:
    """The axis as tensors have it, with the batch in front."""
    return axis + 1 if x.batched else axis


AxisGroup = tuple[str, ...]


class Pattern(Frozen):
    """``left -> right``, each a tuple of groups; a group of one name is that axis, an empty group is a 1."""

    left: tuple[AxisGroup, ...]
    right: tuple[AxisGroup, ...]


def parse_side(op: str, pattern: str, text: str) -> tuple[AxisGroup, ...]:
    """The groups of one side of a pattern.

    Raises:
        BadPattern: brackets that do not pair, or a word that is neither a name nor 1.
    """
    groups: list[AxisGroup] = []
    inside: list[str] | None = None
    words = text.replace("(", " ( ").replace(")", " ) ").split()
    check_axes(op, len(words) - words.count("(") - words.count(")"))
    for word in words:
        if word == "(" and inside is None:
            inside = []
        elif word == ")" and inside is not None:
            groups.append(tuple(inside))
            inside = None
        elif word == "1" and inside is None:
            groups.append(())
        elif word.isidentifier() and inside is not None:
            inside.append(word)
        elif word.isidentifier():
            groups.append((word,))
        else:
            raise BadPattern(op, pattern, f"`{word}` is not a name here")
    if inside is not None:
        raise BadPattern(op, pattern, "a `(` is not closed")
    names = [name for group in groups for name in group]
    for name in names:
        if names.count(name) > 1:
            raise BadPattern(op, pattern, f"`{name}` stands twice on one side")
    return tuple(groups)


def parse_pattern(op: str, pattern: str) -> Pattern:
    """Both sides of ``left -> right``."""
    left, arrow, right = pattern.partition("->")
    if not arrow:
        raise BadPattern(op, pattern, "there is no `->`")
    return Pattern(parse_side(op, pattern, left), parse_side(op, pattern, right))


def bind_axes(
    op: str, pattern: str, groups: tuple[AxisGroup, ...], x: TensorType, known: dict[str, int]
) -> dict[str, int]:
    """The size of each named axis of an input, given some of them.

    Raises:
        BadPattern: another number of axes, a group with two unknown sizes, or sizes that do not multiply up.
    """
    if len(groups) != x.rank:
        raise BadPattern(op, pattern, f"it names {len(groups)} axes and the input is {x}")
    sizes = dict(known)
    for group, size in zip(groups, x.shape):
        unknown = [name for name in group if name not in sizes]
        rest = prod(sizes[name] for name in group if name in sizes)
        if len(unknown) > 1:
            raise BadPattern(op, pattern, f"give the size of {' or '.join(f'`{name}`' for name in unknown)}")
        if size % rest or (not unknown and rest != size):
            shown = " ".join(group) or "1"
            raise BadPattern(op, pattern, f"`{shown}` cannot be {int(size)} with {_sizes(group, sizes)}")
        if unknown:
            sizes[unknown[0]] = size if len(group) == 1 else size // rest
    return sizes


def _sizes(group: AxisGroup, sizes: dict[str, int]) -> str:
    return ", ".join(f"{name} = {int(sizes[name])}" for name in group if name in sizes) or "1"
