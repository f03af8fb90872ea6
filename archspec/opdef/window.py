"""Sliding windows over the trailing axes of ``[c, *s]``: sizes, and numbers given once or for each axis."""

from __future__ import annotations

from archspec.opdef.args import show
from archspec.opdef.faults import BadArgument, TooSmall, WrongRank
from archspec.opdef.types import TensorType


def spatial(op: str, x: TensorType) -> tuple[int, ...]:
    """The one to three axes behind the channels.

    Raises:
        WrongRank: there are none, or more than three.
    """
    if not 2 <= x.rank <= 4:
        raise WrongRank(op, "[c, n], [c, h, w] or [c, d, h, w]", x)
    return x.shape[1:]


def per_axis(op: str, name: str, value: int | tuple[int, ...], rank: int) -> tuple[int, ...]:
    """One number for each of ``rank`` axes.

    Raises:
        BadArgument: a list of another length.
    """
    if isinstance(value, tuple):
        if len(value) != rank:
            raise BadArgument(op, name, f"one number or a list of {rank}", show(value))
        return value
    return (value,) * rank


def slide(
    op: str,
    x: TensorType,
    size: tuple[int, ...],
    kernel: tuple[int, ...],
    stride: tuple[int, ...],
    pad: tuple[int, ...],
    dilation: tuple[int, ...],
    ceil: bool = False,
) -> tuple[int, ...]:
    """The number of places of a window along each axis; with ``ceil`` it may reach out at the end.

    Raises:
        TooSmall: the window has no place.
    """
    out = []
    for n, k, s, p, d in zip(size, kernel, stride, pad, dilation):
        room = n + 2 * p - d * (k - 1) - 1
        places = -(-room // s) + 1 if ceil else room // s + 1
        if ceil and (places - 1) * s >= n + p:
            places -= 1
        if places < 1 if ceil else room < 0:
            raise TooSmall(op, x, kernel)
        out.append(places)
    return tuple(out)
