"""Initialisers: how a parameter starts. Data alone; a back end turns them into calls."""

from __future__ import annotations

from typing import Literal

from archspec.frozen import immutable

InitialiserKind = Literal[
    "zeros", "ones", "constant", "normal", "trunc_normal", "uniform", "kaiming_uniform", "fan_in_uniform",
    "kaiming_normal", "kaiming_normal_fan_out", "softmax_rows", "xavier_uniform", "xavier_normal", "orthogonal",
]  # fmt: skip


@immutable
class Initialiser:
    """A distribution by name with its numbers.

    ``values`` are, by kind: constant (value); normal (std, mean); trunc_normal (std, mean, low, high; the bounds are
    absolute, as in torch); uniform (low, high); kaiming_uniform (negative slope); fan_in_uniform (fan in: bound
    1/sqrt(fan in)); softmax_rows has none: uniform numbers, each row made to sum to 1 by softmax. ``own`` marks what
    the layer does by itself, which a back end need not spell out.
    """

    kind: InitialiserKind
    values: tuple[float, ...] = ()
    own: bool = False

    @property
    def axes(self) -> int:
        """How many axes it needs: those that look at rows and columns two, softmax over rows one."""
        shaped = ("kaiming_uniform", "kaiming_normal", "kaiming_normal_fan_out", "xavier_uniform", "xavier_normal")
        return 2 if self.kind in (*shaped, "orthogonal") else int(self.kind == "softmax_rows")


ZEROS = Initialiser("zeros", own=True)
ONES = Initialiser("ones", own=True)


def kaiming_uniform() -> Initialiser:
    """torch's default for conv and linear weights: bound 1/sqrt(fan in)."""
    return Initialiser("kaiming_uniform", (5**0.5,), own=True)


def fan_in_uniform(fan_in: int) -> Initialiser:
    """torch's default for conv and linear biases."""
    return Initialiser("fan_in_uniform", (fan_in,), own=True)
