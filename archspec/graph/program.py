"""Rules of tables as programs: run under a count of steps, their numbers held to what the evaluator would let pass."""

from __future__ import annotations

import ast
import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from archspec.sym.operators import FUNCTIONS

RATE = 64
"""So many steps are a unit of work."""
ENTRY = 24
"""Steps that an entry of a list costs besides those of its expression, its memory counted in."""
LOOP = 64
"""Steps that a loop costs besides those of its entries."""
LARGEST = 2**63
_FUNCTIONS = {**FUNCTIONS, **{f.__name__: f for f in (range, len, sum, zip, enumerate, list)}}


class Unfit(Exception):
    """A rule that is not translated, or whose numbers the evaluator might not let pass."""


class Exhausted(Exception):
    """More steps than there are left."""


class Oversized(Exception):
    """More numbers than a table may have."""


@dataclass
class Meter:
    """The steps that are left."""

    left: int

    def spend(self, steps: int) -> None:
        """Count steps.

        Raises:
            Exhausted: there are not so many left.
        """
        self.left -= steps
        if self.left < 0:
            raise Exhausted


@dataclass(frozen=True)
class Program:
    """A rule as Python's syntax tree, and the numbers it goes by; equal programs of one place give one table."""

    code: ast.expr
    known: dict[str, Any]
    sources: tuple[Any, ...]
    """The values of ``known`` with all they carry."""

    @property
    def key(self) -> str:
        """What its numbers hang on."""
        return repr(self.known)

    def run(self, meter: Meter, entries: int, most: int) -> tuple[tuple[int, ...], tuple[Any, ...]]:
        """The shape of the table, and its numbers row by row.

        Raises:
            Unfit: it gives no table, or numbers that are not sound.
            Exhausted: it takes more steps than there are left.
            Oversized: it has more numbers than ``most``.
        """
        meter.spend(steps_of(self.code))

        def over(items: Any, each: int = 1) -> Any:
            meter.spend(each * len(items))
            if len(items) > entries:
                raise Unfit
            return items

        def times(items: Any, count: Any) -> Any:
            if count < 0:
                raise Unfit
            over(range(len(items) * count))
            return list(items) * count

        def joined(one: Any, other: Any) -> Any:
            return [*over(one), *over(other)]

        reach = {**_FUNCTIONS, **self.known, "power": _power, "round": _round}
        reach |= {"over": over, "times": times, "joined": joined}
        try:
            code = compile(ast.fix_missing_locations(ast.Expression(self.code)), "<table>", "eval")
            shape, flat = flattened(eval(code, {"__builtins__": {}, **reach}), most)
        except (ArithmeticError, LookupError, TypeError, ValueError, RecursionError, SyntaxError):
            raise Unfit from None
        if shape is None or not _sound(flat, self.known):
            raise Unfit
        return shape, tuple(flat)


def flattened(value: Any, most: float = math.inf) -> tuple[tuple[int, ...] | None, list[Any]]:
    """The shape of lists in lists and their entries row by row; None where rows differ, or there are none.

    Raises:
        Oversized: there are more than ``most``.
    """
    level: list[Any] = [value]
    shape: list[int] = []
    while True:
        kinds = {issubclass(kind, (tuple, list, range)) for kind in set(map(type, level))}
        if kinds == {False}:
            return tuple(shape), level
        sizes = set(map(len, level)) if kinds == {True} else set()
        if len(sizes) != 1:
            return None, level
        shape += sizes
        if len(level) * shape[-1] > most:
            raise Oversized
        level = list(chain.from_iterable(level))


def nested(flat: Sequence[Any], shape: tuple[int, ...]) -> tuple[Any, ...]:
    """Numbers row by row as lists in lists of a shape."""
    rows: Sequence[Any] = flat
    for size in reversed(shape[1:]):
        rows = [tuple(rows[at : at + size]) for at in range(0, len(rows), size)]
    return tuple(rows)


def _sound(flat: list[Any], known: dict[str, Any]) -> bool:
    """Whether the evaluator would let numbers pass: none too large, and endless only where one is given."""
    if set(map(type, flat)) - {int, float}:
        return False
    finite = flat
    if not all(map(math.isfinite, flat)):
        given = any(math.inf in map(abs, flattened(value)[1]) for value in known.values())
        if not given or any(map(math.isnan, flat)):
            return False
        finite = [0, *filter(math.isfinite, flat)]
    return not any(abs(end) >= LARGEST for end in (min(finite), max(finite)))


def steps_of(code: ast.expr) -> int:
    """The steps of an expression, those of the entries of lists in it left out."""
    if isinstance(code, ast.ListComp):
        return LOOP + steps_of(code.generators[0].iter)
    return 1 + sum(steps_of(part) for part in ast.iter_child_nodes(code) if isinstance(part, ast.expr))


def _power(base: Any, exponent: Any) -> Any:
    if abs(base) > 1 and abs(exponent) > 64:
        raise Unfit
    return base**exponent


def _round(value: Any, digits: Any = None) -> Any:
    if digits is not None and not (isinstance(digits, int) and abs(digits) <= 15):
        raise Unfit
    return round(value, digits)
