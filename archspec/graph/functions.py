"""Functions of compile-time values, and the initialisers by name."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from archspec.graph.naming import unbind
from archspec.graph.ramps import Ramp
from archspec.graph.values import InitFunction, Surviving, Tensor, Value, is_recipe
from archspec.limits import now
from archspec.opdef.args import show
from archspec.opdef.init import INITIALISERS, PLAIN, Initialiser
from archspec.sym.number import hint, is_family, is_number
from archspec.sym.operators import FUNCTIONS, IN_MATH


class TooManyEntries(Exception):
    """A list that would be longer than the limit has it."""


def _whole(value: Value) -> int:
    """A plain whole number; one that was left open is the case at hand's."""
    if isinstance(value, bool) or not isinstance(value, int):
        shown = show(value) if isinstance(value, (bool, float, str, type(None))) else "no number"
        raise TypeError(f"a whole number is wanted, not {shown}")
    return int(value)


def _list(value: Value) -> tuple[Value, ...]:
    if not isinstance(value, tuple):
        raise TypeError("a list is wanted")
    return value


def _sum(items: Value) -> Value:
    numbers = [item for item in _list(items) if is_number(item)]
    if len(numbers) < len(_list(items)):
        raise TypeError("the entries are numbers")
    return sum(numbers)


def _range(*bounds: int) -> tuple[int, ...]:
    made = range(*map(_whole, bounds))
    try:
        count = len(made)
    except OverflowError:
        raise TooManyEntries from None
    if count > now().entries:
        raise TooManyEntries
    return tuple(made)


def _ramp(start: float, stop: float, count: int | None = None) -> Value:
    """``ramp(a, b)`` over all blocks of a model's stages; ``ramp(a, b, n)`` as a list of n numbers."""
    for bound in (start, stop):
        if isinstance(bound, bool) or not isinstance(bound, (int, float)):
            raise TypeError("the ends are numbers")
    if count is not None and _whole(count) < 0:
        raise ValueError("there are 0 numbers or more")
    made = Ramp(start, stop)
    return made if count is None else tuple(made.at(i, int(count)) for i in _range(count))


def _shape(x: Tensor) -> tuple[int, ...]:
    if not isinstance(x, Tensor):
        raise TypeError("shape takes a tensor")
    return x.type.shape


def _survive(layers: Value, probability: float) -> Value:
    """A list whose layers each take part in training with a probability, one of them at least."""
    if not isinstance(layers, tuple) or not layers or not all(map(is_recipe, layers)):
        raise TypeError("the first argument is a list of layers")
    if isinstance(probability, bool) or not 0 <= probability <= 1:
        raise ValueError("the probability is a number from 0 to 1")
    if probability == 1:
        return layers
    items = unbind(layers)
    assert isinstance(items, tuple)
    return Surviving(items, float(probability if is_family(probability) else hint(probability)))


LISTS: dict[str, Callable[..., Any]] = {
    "len": lambda items: len(_list(items)),
    "range": _range,
    "sum": _sum,
    "enumerate": lambda items, start=0: tuple(enumerate(_list(items), _whole(start))),
    "zip": lambda *lists: tuple(zip(*map(_list, lists))),
    "reversed": lambda items: tuple(reversed(_list(items))),
    "ramp": _ramp,
    "shape": _shape,
    "survive": _survive,
}
"""Functions whose results carry no trace."""

COUNTS: dict[str, tuple[int, int]] = {
    **dict.fromkeys(("int", "float", "abs", *IN_MATH, "len", "sum", "reversed", "shape"), (1, 1)),
    **dict.fromkeys(("round", "enumerate"), (1, 2)),
    **dict.fromkeys(("min", "max", "zip"), (1, sys.maxsize)),
    "range": (1, 3),
    "ramp": (2, 3),
    "survive": (2, 2),
}
"""How many arguments each function takes, at least and at most."""

CONSTANTS: dict[str, Value] = {
    **{name: Initialiser(name) for name in PLAIN},
    "pi": 3.141592653589793,
    "inf": float("inf"),
    **{name: InitFunction(name) for name in INITIALISERS},
}

NAMES = frozenset({*FUNCTIONS, *LISTS, *CONSTANTS})
"""Every name here that a spec can use."""
