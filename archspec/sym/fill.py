"""The values of an array, worked out for all places at once and equal to the last bit to those of single numbers.

numpy does what it does as Python does; functions of which it has versions of its own (``exp``, ``sin``, powers of
numbers with a fraction) are Python's, number by number. What a branch of an ``if`` would come to where it is not taken
counts for nothing.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterator
from functools import reduce
from itertools import product, repeat
from typing import TYPE_CHECKING, Any

from archspec.sym.array import NoValue, NumberList, SymArray
from archspec.sym.expr import SymExpr
from archspec.sym.extent import LARGEST
from archspec.sym.operators import ARITHMETIC, COMPARISONS

if TYPE_CHECKING:
    import numpy as np

CHUNK = 2**18
"""So many values are worked out together, which bounds the memory that steps on the way take."""
Mask = Any
"""Where values count; None for everywhere."""


def worked_out(array: SymArray) -> np.ndarray:
    """The values of an array in its shape, int64 or float64.

    Raises:
        NoValue: there is none somewhere.
    """
    import numpy as np

    sizes = [len(own) for own in array.ranges]
    made = np.empty(sizes, dtype=np.int64 if array.kind == "int" else np.float64)
    grid = [np.array(own, dtype=np.int64) for own in array.ranges]
    for places in _chunks(sizes):
        part = [own[place] for own, place in zip(grid, places)]
        shaped = {f"i{k}": own.reshape(-1, *([1] * (len(part) - 1 - k))) for k, own in enumerate(part)}
        with np.errstate(all="ignore"):
            made[places] = _Filler(array.known | shaped).of(array.item, None)
    return made.reshape(array.shape)


def _chunks(sizes: list[int]) -> Iterator[tuple[slice, ...]]:
    """The places of an array in parts of so many values that are worked out together."""
    axis = next(axis for axis in range(len(sizes)) if math.prod(sizes[axis + 1 :]) <= CHUNK)
    rows = max(1, CHUNK // math.prod(sizes[axis + 1 :]))
    for lead in product(*map(range, sizes[:axis])):
        for at in range(0, sizes[axis], rows):
            fixed = [slice(place, place + 1) for place in lead]
            yield (*fixed, slice(at, at + rows), *(slice(None) for _ in sizes[axis + 1 :]))


class _Filler:
    def __init__(self, names: dict[str, Any]) -> None:
        self.names = names

    def of(self, expr: SymExpr, mask: Mask) -> Any:
        """The values of an expression; they count where ``mask`` is true."""
        import numpy as np

        match expr.op:
            case "name":
                return self.names[expr.parts[0]]
            case "literal":
                return expr.parts[0]
            case "if":
                return self._if(expr, mask)
            case "and" | "or":
                left = self.of(expr.parts[0], mask)
                right = self.of(expr.parts[1], _both(mask, left if expr.op == "and" else np.logical_not(left)))
                return (np.logical_and if expr.op == "and" else np.logical_or)(left, right)
        parts = [self.of(part, mask) for part in expr.parts]
        match expr.op:
            case "not":
                return np.logical_not(parts[0])
            case "neg":
                return np.negative(parts[0])
            case "entry":
                return _entry(parts[0], parts[1:], mask)
        if expr.op in COMPARISONS:
            return COMPARISONS[expr.op](*map(np.asarray, parts))
        made = _OPERATIONS[expr.op](mask, *map(np.asarray, parts))
        if made.dtype == np.float64:
            _refuse(np.logical_not(np.abs(made) < LARGEST), mask)
        return made

    def _if(self, expr: SymExpr, mask: Mask) -> Any:
        import numpy as np

        condition, yes, no = expr.parts
        holds = np.asarray(self.of(condition, mask))
        there, elsewhere = _both(mask, holds), _both(mask, np.logical_not(holds))
        if not elsewhere.any():
            return self.of(yes, mask)
        if not there.any():
            return self.of(no, mask)
        return np.where(holds, self.of(yes, there), self.of(no, elsewhere))


def _both(mask: Mask, other: Any) -> Any:
    import numpy as np

    return np.asarray(other) if mask is None else np.logical_and(mask, other)


def _refuse(wrong: Any, mask: Mask) -> None:
    """What is wrong anywhere where it counts is no value."""
    if wrong.any() and _both(mask, wrong).any():
        raise NoValue


def _entry(given: NumberList, places: list[Any], mask: Mask) -> Any:
    """The entries of a list at some places, which count from its end where they are below 0."""
    import numpy as np

    found = []
    for place, size in zip(places, given.shape):
        place = np.asarray(place)
        _refuse((place < -size) | (place >= size), mask)
        found.append(np.clip(place, -size, size - 1))
    return given.values[tuple(found)]


def _divided(of: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    def made(mask: Mask, a: Any, b: Any) -> Any:
        import numpy as np

        _refuse(b == 0, mask)
        return of(a, np.where(b == 0, np.ones_like(b), b))

    return made


def _power(mask: Mask, a: Any, b: Any) -> Any:
    import numpy as np

    if a.dtype == b.dtype == np.int64 and not _both(mask, b < 0).any():
        return np.power(a, np.maximum(b, 0))
    _refuse((np.abs(a) > 1) & (np.abs(b) > 64), mask)
    return _each(operator.pow, mask, a, b)


def _each(of: Callable[..., Any], mask: Mask, *operands: Any) -> Any:
    """A function number by number; the result has a fraction."""
    import numpy as np

    sides = np.broadcast_arrays(*operands, *([] if mask is None else [mask]))
    columns = [side.ravel().tolist() for side in sides[: len(operands)]]
    counts = repeat(True) if mask is None else sides[-1].ravel().tolist()

    def value(counts: bool, *numbers: Any) -> float:
        if not counts:
            return 0.0
        try:
            found = of(*numbers)
        except (ArithmeticError, ValueError):
            raise NoValue from None
        if isinstance(found, complex):
            raise NoValue
        return float(found)

    return np.array(list(map(value, counts, *columns)), dtype=np.float64).reshape(sides[0].shape)


def _alone(of: Callable[..., Any]) -> Callable[..., Any]:
    return lambda mask, *operands: _each(of, mask, *operands)


def _whole(name: str) -> Callable[..., Any]:
    def made(mask: Mask, a: Any, *digits: Any) -> Any:
        import numpy as np

        if digits:
            return _each(round, mask, a, *digits)
        _refuse(np.logical_not(np.abs(a) < LARGEST), mask)
        return a if a.dtype == np.int64 else getattr(np, name)(a).astype(np.int64)

    return made


def _folded(better: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    """The first of several numbers that none is better than."""

    def made(mask: Mask, *parts: Any) -> Any:
        import numpy as np

        return reduce(lambda best, other: np.where(better(other, best), other, best), parts)

    return made


def _real(mask: Mask, a: Any) -> Any:
    import numpy as np

    return a.astype(np.float64)


def _sqrt(mask: Mask, a: Any) -> Any:
    import numpy as np

    _refuse(a < 0, mask)
    return np.sqrt(np.maximum(a, 0) if a.dtype == np.int64 else np.where(a < 0, 0.0, a))


def _plain(name: str) -> Callable[..., Any]:
    return lambda mask, *parts: ARITHMETIC[name](*parts)


_OPERATIONS: dict[str, Callable[..., Any]] = {
    **{name: _plain(name) for name in "+-*"},
    **{name: _divided(ARITHMETIC[name]) for name in ("/", "//", "%")},
    "**": _power,
    **{name: _whole(of) for name, of in {"int": "trunc", "floor": "floor", "ceil": "ceil", "round": "rint"}.items()},
    "float": _real,
    "abs": lambda mask, a: abs(a),
    "min": _folded(operator.lt),
    "max": _folded(operator.gt),
    "sqrt": _sqrt,
    **{name: _alone(getattr(math, name)) for name in ("exp", "log", "sin", "cos")},
}
