"""Functions of compile-time values, and the initialisers by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from archspec.graph import trace
from archspec.graph.open import bare
from archspec.graph.values import InitFunction, Ramp, Surviving, Tensor, unbind
from archspec.opdef.init import Initialiser

MAX_LIST = 10_000


def _range(*bounds: int) -> tuple[int, ...]:
    made = range(*(int(bound) if isinstance(bound, int) else bound for bound in bounds))
    if len(made) > MAX_LIST:
        raise ValueError(f"a list has at most {MAX_LIST:,} entries")
    return tuple(made)


def _ramp(start: float, stop: float, count: int | None = None) -> Any:
    """``ramp(a, b)`` over all blocks of a model's stages; ``ramp(a, b, n)`` as a list of n numbers."""
    for bound in (start, stop):
        if isinstance(bound, bool) or not isinstance(bound, (int, float)):
            raise TypeError("the ends are numbers")
    made = Ramp(start, stop)
    return made if count is None else tuple(made.at(i, count) for i in _range(count))


def _shape(x: Tensor) -> tuple[int, ...]:
    if not isinstance(x, Tensor):
        raise TypeError("shape takes a tensor")
    return x.type.shape


def _survive(layers: tuple[Any, ...], probability: float) -> Any:
    """A list whose layers each take part in training with a probability, one of them at least."""
    if not isinstance(layers, tuple) or not layers:
        raise TypeError("the first argument is a list of layers")
    if isinstance(probability, bool) or not 0 <= probability <= 1:
        raise ValueError("the probability is a number from 0 to 1")
    return layers if probability == 1 else Surviving(unbind(layers), float(bare(probability)))


LISTS: dict[str, Callable[..., Any]] = {
    "len": len,
    "range": _range,
    "sum": sum,
    "enumerate": lambda items, start=0: tuple(enumerate(items, int(start) if isinstance(start, int) else start)),
    "zip": lambda *lists: tuple(zip(*lists)),
    "reversed": lambda items: tuple(reversed(items)),
    "ramp": _ramp,
    "shape": _shape,
    "survive": _survive,
}
"""Functions whose results carry no trace."""

INITIALISERS: dict[str, tuple[tuple[str, float | None], ...]] = {
    "constant": (("value", None),),
    "normal": (("std", 1.0), ("mean", 0.0)),
    "trunc_normal": (("std", 1.0), ("mean", 0.0), ("low", -2.0), ("high", 2.0)),
    "uniform": (("low", 0.0), ("high", 1.0)),
    "kaiming_uniform": (("slope", 0.0),),
    "xavier_uniform": (("gain", 1.0),),
    "xavier_normal": (("gain", 1.0),),
    "orthogonal": (("gain", 1.0),),
}
"""The numbers that each initialiser takes, with their defaults."""

CONSTANTS: dict[str, Any] = {
    "zeros": Initialiser("zeros"),
    "ones": Initialiser("ones"),
    "softmax_rows": Initialiser("softmax_rows"),
    "kaiming_normal": Initialiser("kaiming_normal"),
    "kaiming_normal_fan_out": Initialiser("kaiming_normal_fan_out"),
    "pi": 3.141592653589793,
    "inf": float("inf"),
    **{name: InitFunction(name) for name in INITIALISERS},
}

NAMES = frozenset({*trace.FUNCTIONS, *LISTS, *CONSTANTS})
"""Every name here that a spec can use."""
