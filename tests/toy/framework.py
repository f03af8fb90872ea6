"""The framework of the toy target: numpy with modules."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

Array = Any
Rng = np.random.Generator
Start = Callable[["tuple[int, ...]", Rng], Array]


class Table(np.ndarray[Any, Any]):
    """An array that is no parameter."""


def table(shape: tuple[int, ...], dtype: str) -> Array:
    return np.zeros(shape, dtype).view(Table)


class Module:
    """Parameters are arrays, layers are modules."""

    def __call__(self, x: Array) -> Array:
        raise NotImplementedError

    def named_parameters(self, prefix: str = "") -> Iterator[tuple[str, Array]]:
        """Every array with its key."""
        for name, value in vars(self).items():
            if isinstance(value, np.ndarray) and not isinstance(value, Table):
                yield prefix + name, value
            elif isinstance(value, Module):
                yield from value.named_parameters(f"{prefix}{name}.")

    def load(self, state: dict[str, Array]) -> None:
        """Takes the numbers of a state with the very keys of this module."""
        own = dict(self.named_parameters())
        assert own.keys() == state.keys()
        for key, array in own.items():
            array[...] = state[key]


class Sequential(Module):
    """Layers one after the other."""

    def __init__(self, *layers: Callable[[Array], Array]) -> None:
        self.layers = layers
        vars(self).update({str(place): layer for place, layer in enumerate(layers)})

    def __call__(self, x: Array) -> Array:
        for layer in self.layers:
            x = layer(x)
        return x


def zeros(shape: tuple[int, ...], rng: Rng) -> Array:
    return np.zeros(shape)


def normal(std: float) -> Start:
    return lambda shape, rng: rng.normal(0.0, std, shape)


class Linear(Module):
    """``x W^T + b``."""

    def __init__(self, i: int, out: int, *, use_bias: bool = True, rng: Rng, weight: Start | None = None) -> None:
        self.weight = (weight or normal(i**-0.5))((out, i), rng)
        if use_bias:
            self.bias = zeros((out,), rng)

    def __call__(self, x: Array) -> Array:
        return x @ self.weight.T + getattr(self, "bias", 0.0)


def relu(x: Array) -> Array:
    return np.maximum(x, 0.0)
