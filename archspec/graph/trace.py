"""Numbers that know where they came from.

A compile-time number carries its expression over the names of the module it is used in (``int(c * ratio)``). The value
drives shapes and costs; the expression becomes source code and words in diagnostics. A trace is only valid inside one
module, so numbers lose theirs when they cross into another and are named anew there.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from archspec.opdef.types import Following, Free, FreeFloat, Leading, LeadingFloat, marked

LARGEST_TRACE = 12

ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "//": operator.floordiv,
    "%": operator.mod,
    "**": operator.pow,
}
FUNCTIONS: dict[str, Callable[..., Any]] = {
    "int": int,
    "float": float,
    "round": round,
    "min": min,
    "max": max,
    "abs": abs,
    **{name: getattr(math, name) for name in ("sqrt", "exp", "log", "sin", "cos", "floor", "ceil")},
}
IN_MATH = tuple(name for name, function in FUNCTIONS.items() if function.__module__ == "math")
"""Functions that Python keeps in ``math``."""


@dataclass(frozen=True)
class Trace:
    """An expression: ``op`` is ``name``, ``literal``, an operator or a function; ``parts`` are its operands."""

    op: str
    parts: tuple[Any, ...]
    size: int = 1

    def names(self) -> frozenset[str]:
        """The names it mentions."""
        if self.op == "name":
            return frozenset(self.parts)
        if self.op == "literal":
            return frozenset()
        return frozenset().union(*(part.names() for part in self.parts))

    def value(self, env: Mapping[str, Any]) -> Any:
        """Its value where its names have the values of ``env``."""
        if self.op == "name":
            return env[self.parts[0]]
        if self.op == "literal":
            return self.parts[0]
        function = ARITHMETIC.get(self.op) or FUNCTIONS[self.op]
        return function(*(part.value(env) for part in self.parts))

    def substitute(self, env: Mapping[str, Trace]) -> Trace | None:
        """The same expression over other names; None where one of them has no trace."""
        if self.op == "name":
            return env.get(self.parts[0])
        if self.op == "literal":
            return self
        parts = [part.substitute(env) for part in self.parts]
        return combine(self.op, *parts) if all(part is not None for part in parts) else None


class TracedInt(int):
    """An int with a trace."""

    trace: Trace


class TracedFree(TracedInt, Free):
    """A size that follows the input's, with a trace."""


class TracedFloat(float):
    """A float with a trace."""

    trace: Trace


class TracedFreeFloat(TracedFloat, FreeFloat):
    """A number with a fraction that follows the input's size, with a trace."""


class TracedLeading(TracedInt, Leading):
    """A first size of the input, with a trace."""


class TracedLeadingFloat(TracedFloat, LeadingFloat):
    """A number with a fraction computed from first sizes, with a trace."""


_WHOLE: dict[int, Any] = {0: TracedInt, 1: TracedLeading, 2: TracedFree, 3: TracedFree}
_REAL: dict[int, Any] = {0: TracedFloat, 1: TracedLeadingFloat, 2: TracedFreeFloat, 3: TracedFreeFloat}


def name(identifier: str) -> Trace:
    """The trace of a name."""
    return Trace("name", (identifier,))


def traced(value: Any, trace: Trace | None) -> Any:
    """``value`` with a trace; anything but a number, and a number without trace, is given back plain.

    A number left open carries its formula instead.
    """
    if isinstance(value, bool) or not isinstance(value, (int, float)) or hasattr(value, "algebra"):
        return value
    if trace is None:
        return plain(value)
    kind = (_WHOLE if isinstance(value, int) else _REAL)[getattr(value, "mark", 0)]
    made = kind(value)
    made.trace = trace
    return made


def trace_of(value: Any) -> Trace | None:
    """The trace of a value: its own, or itself as a literal where it is a plain number that follows no size."""
    own: Trace | None = getattr(value, "trace", None)
    if own is not None or isinstance(value, Following):
        return own
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return Trace("literal", (value,))
    return None


def combine(op: str, *parts: Trace | None) -> Trace | None:
    """The trace of an operation, None where an operand has none or the whole would be too long to be read."""
    if any(part is None for part in parts):
        return None
    size = 1 + sum(part.size for part in parts if part)
    return Trace(op, parts, size) if size <= LARGEST_TRACE else None


def plain(value: Any) -> Any:
    """``value`` without traces, lists and all; a number left open stays open, and has no trace."""
    if hasattr(value, "algebra"):
        return value
    if isinstance(value, (TracedInt, TracedFloat)):
        number = int(value) if isinstance(value, int) else float(value)
        return marked(number, value) if isinstance(value, Following) else number
    if type(value) is tuple:
        return tuple(plain(item) for item in value)
    return value
