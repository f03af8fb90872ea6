"""Arguments of ops: what values they take, and the default."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from archspec.frozen import Frozen

REQUIRED = object()
LARGEST = 2**40


class Arg(Frozen):
    """One argument: ``check`` returns the value in its final form, or None where it does not fit ``expected``."""

    expected: str
    check: Callable[[Any], Any]
    default: Any = REQUIRED


def _integer(low: int) -> Callable[[Any], Any]:
    def check(value: Any) -> Any:
        if isinstance(value, bool) or not isinstance(value, int):
            return None
        return value if low <= value <= LARGEST else None

    return check


def _each(check: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def check_each(value: Any) -> Any:
        if not isinstance(value, tuple):
            return check(value)
        return value if value and all(check(item) is not None for item in value) else None

    return check_each


def size(default: Any = REQUIRED) -> Any:
    """A whole number of at least 1."""
    return Arg("a positive whole number", _integer(1), default)


def count(default: Any = REQUIRED) -> Any:
    """A whole number of at least 0."""
    return Arg("a whole number, 0 or more", _integer(0), default)


def integer(default: Any = REQUIRED) -> Any:
    """Any whole number."""
    return Arg("a whole number", _integer(-LARGEST), default)


def sizes(default: Any = REQUIRED) -> Any:
    """A positive whole number, or one for each axis."""
    return Arg("a positive whole number, or a list with one for each axis", _each(_integer(1)), default)


def counts(default: Any = REQUIRED) -> Any:
    """A whole number of at least 0, or one for each axis."""
    return Arg("a whole number, 0 or more, or a list with one for each axis", _each(_integer(0)), default)


def integers(default: Any = REQUIRED) -> Any:
    """A whole number or a list of them."""
    return Arg("a whole number or a list of them", _each(_integer(-LARGEST)), default)


def real(default: Any = REQUIRED, low: float = float("-inf"), high: float = float("inf")) -> Any:
    """A number."""

    def check(value: Any) -> Any:
        fits = isinstance(value, (int, float)) and not isinstance(value, bool) and value >= low and value <= high
        return value if fits else None

    bounds = {(0.0, 1.0): " from 0 to 1", (0.0, float("inf")): ", 0 or more"}
    return Arg(f"a number{bounds.get((low, high), '')}", check, default)


def rate(default: Any = 0.0) -> Any:
    """A probability from 0 to 1."""
    return real(default, 0.0, 1.0)


def eps(default: Any, zero: bool = True) -> Any:
    """What is added so that nothing is divided by zero. A size in its place is a slip, so it is below 1; torch may not
    take 0 (``zero``).
    """
    check = real(default, 0.0).check
    expected = f"a small number, {'from 0 to' if zero else 'above 0 and'} below 1"
    return Arg(
        expected, lambda value: value if check(value) is not None and value < 1 and (value or zero) else None, default
    )


def flag(default: Any = REQUIRED) -> Any:
    """true or false."""
    return Arg("true or false", lambda value: value if isinstance(value, bool) else None, default)


def text(default: Any = REQUIRED) -> Any:
    """A string."""
    return Arg("a string", lambda value: value if isinstance(value, str) else None, default)


def choice(*options: str, default: Any = REQUIRED) -> Any:
    """One of some strings."""
    words = " or ".join(f'"{option}"' for option in options)
    return Arg(words, lambda value: value if value in options else None, default)


def shape(default: Any = REQUIRED) -> Any:
    """A list of sizes."""
    check = _each(_integer(0))
    return Arg("a list of sizes", lambda value: check(value) if isinstance(value, tuple) else None, default)


def show(value: Any) -> str:
    """A value as the language writes it, for messages."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, int):
        return str(int(value))
    if isinstance(value, float):
        return repr(float(value))
    if isinstance(value, tuple):
        return f"[{', '.join(show(item) for item in value)}]"
    return str(value)
