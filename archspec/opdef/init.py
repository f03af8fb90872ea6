"""Initialisers: how a parameter starts. Data alone; a target turns them into calls."""

from __future__ import annotations

from typing import Literal

from archspec.frozen import immutable

InitialiserKind = Literal[
    "zeros", "ones", "constant", "normal", "trunc_normal", "uniform", "kaiming_uniform", "fan_in_uniform",
    "kaiming_normal", "kaiming_normal_fan_out", "softmax_rows", "xavier_uniform", "xavier_normal", "orthogonal",
]  # fmt: skip
PLAIN: tuple[InitialiserKind, ...] = ("zeros", "ones", "softmax_rows", "kaiming_normal", "kaiming_normal_fan_out")
"""Those of the language that take no numbers."""
INITIALISERS: dict[InitialiserKind, tuple[tuple[str, float | None], ...]] = {
    "constant": (("value", None),),
    "normal": (("std", 1.0), ("mean", 0.0)),
    "trunc_normal": (("std", 1.0), ("mean", 0.0), ("low", -2.0), ("high", 2.0)),
    "uniform": (("low", None), ("high", None)),
    "kaiming_uniform": (("slope", 0.0),),
    "xavier_uniform": (("gain", 1.0),),
    "xavier_normal": (("gain", 1.0),),
    "orthogonal": (("gain", 1.0),),
}
"""Those that take some, with these and their defaults; the bounds of ``trunc_normal`` are absolute."""
BY_POSITION: dict[InitialiserKind, int] = {"uniform": 2}
"""How many numbers an initialiser takes by position, where that is not one."""


@immutable
class Initialiser:
    """A distribution by name with its numbers.

    ``values`` are those that ``INITIALISERS`` names, and for fan_in_uniform, which ops alone have, the fan in: the
    bound is 1/sqrt(fan in). softmax_rows are uniform numbers, each row made to sum to 1 by softmax. ``own`` marks how
    an op starts where no rule says otherwise, which a target whose layers start so by themselves need not spell out.
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
    """How weights of conv and linear start: bound 1/sqrt(fan in)."""
    return Initialiser("kaiming_uniform", (5**0.5,), own=True)


def fan_in_uniform(fan_in: int) -> Initialiser:
    """How biases of conv and linear start."""
    return Initialiser("fan_in_uniform", (fan_in,), own=True)
