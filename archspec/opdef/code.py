"""Expressions of a target language as small trees, so that the layout can break lines where a formatter would."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

ATOM, POSTFIX, POWER, UNARY, PRODUCT, SUM, COMPARE, LOWEST = 9, 8, 7, 6, 5, 4, 3, 0


@dataclass(frozen=True)
class Raw:
    """A piece of text without places to break. ``rank`` is its precedence."""

    text: str
    rank: int = ATOM


@dataclass(frozen=True)
class Invoke:
    """``function(args, name=value)``."""

    function: Code
    args: tuple[Code, ...]
    kwargs: tuple[tuple[str, Code], ...] = ()
    rank: int = POSTFIX


@dataclass(frozen=True)
class Member:
    """``value.name``."""

    value: Code
    name: str
    rank: int = POSTFIX


@dataclass(frozen=True)
class Subscript:
    """``value[items]``."""

    value: Code
    items: tuple[Code, ...]
    rank: int = POSTFIX


@dataclass(frozen=True)
class Infix:
    """``left op right``."""

    op: str
    left: Code
    right: Code
    rank: int


@dataclass(frozen=True)
class Prefix:
    """``op value``, without a space."""

    op: str
    value: Code
    rank: int = UNARY


@dataclass(frozen=True)
class Sequence_:
    """``(a, b)`` or ``[a, b]``."""

    items: tuple[Code, ...]
    brackets: str = "()"
    rank: int = ATOM


@dataclass(frozen=True)
class Generator:
    """``item for target in iterable``; ``brackets`` are empty inside a call that takes it alone, after a star."""

    item: Code
    target: str
    iterable: Code
    brackets: str = "()"
    star: bool = False
    rank: int = ATOM


Code: TypeAlias = Raw | Invoke | Member | Subscript | Infix | Prefix | Sequence_ | Generator


class Slots(Protocol):
    """What an op is given to emit itself: each argument or derived size as code."""

    def __call__(self, attribute: str, /) -> Code:
        """The value of an attribute: a literal where it never varies, else an expression that is in reach."""

    def unless(self, attribute: str, default: Any, /) -> Code | None:
        """The same, or None where it always equals ``default``."""


def raw(value: Any) -> Code:
    """A value as a literal: numbers, booleans, strings, None and tuples of them."""
    if isinstance(value, bool) or value is None:
        return Raw(repr(value))
    if isinstance(value, int):
        return Raw(str(int(value)), ATOM if value >= 0 else UNARY)
    if isinstance(value, float) and abs(value) == float("inf"):
        return Raw(f'float("{"-" if value < 0 else ""}inf")')
    if isinstance(value, float):
        return Raw(repr(float(value)).replace("e+", "e"), ATOM if value >= 0 else UNARY)
    if isinstance(value, str):
        return Raw('"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"')
    return Sequence_(tuple(raw(item) for item in value))


def call(function: Code | str, *args: Code, **kwargs: Code | None) -> Invoke:
    """``function(args, kwargs)``; keyword arguments that are None are left out."""
    head = Raw(function) if isinstance(function, str) else function
    return Invoke(head, args, tuple((k, v) for k, v in kwargs.items() if v is not None))


def method(value: Code, name: str, *args: Code | int, **kwargs: Code | None) -> Invoke:
    """``value.name(args, kwargs)``; plain integers are taken as literals."""
    return call(Member(value, name), *(raw(a) if isinstance(a, int) else a for a in args), **kwargs)


_RANKS = {"+": SUM, "-": SUM, "*": PRODUCT, "/": PRODUCT, "//": PRODUCT, "%": PRODUCT, "@": PRODUCT, "**": POWER}


def infix(op: str, left: Code, right: Code) -> Infix:
    """``left op right`` for an arithmetic operator."""
    return Infix(op, left, right, _RANKS[op])


def sequence(items: Sequence[Code], brackets: str = "()") -> Sequence_:
    """A tuple or list display."""
    return Sequence_(tuple(items), brackets)


def flat(code: Code) -> str:
    """The expression on one line."""
    match code:
        case Raw():
            return code.text
        case Invoke():
            return f"{_wrap(code.function, POSTFIX)}({', '.join(arguments_of(code))})"
        case Member():
            return f"{_wrap(code.value, POSTFIX)}.{code.name}"
        case Subscript():
            return f"{_wrap(code.value, POSTFIX)}[{', '.join(flat(item) for item in code.items)}]"
        case Infix():
            if code.op == "**":
                left, right = _wrap(code.left, POWER + 1), _wrap(code.right, UNARY)
                return f"{left}**{right}" if _simple(code.left) and _simple(code.right) else f"{left} ** {right}"
            left, right = _wrap(code.left, code.rank), _wrap(code.right, code.rank + 1)
            return f"{left} {code.op} {right}"
        case Prefix():
            return f"{code.op}{_wrap(code.value, code.rank)}"
        case Sequence_():
            inner = ", ".join(flat(item) for item in code.items)
            comma = "," if code.brackets == "()" and len(code.items) == 1 else ""
            return f"{code.brackets[:1]}{inner}{comma}{code.brackets[1:]}"
        case Generator():
            inner = f"{flat(code.item)} for {code.target} in {flat(code.iterable)}"
            return f"{'*' if code.star else ''}{code.brackets[:1]}{inner}{code.brackets[1:]}"


def arguments_of(code: Invoke) -> list[str]:
    """The arguments of a call, each on one line."""
    return [*(flat(a) for a in code.args), *(f"{name}={flat(value)}" for name, value in code.kwargs)]


def _simple(code: Code) -> bool:
    """Whether a formatter sets ``**`` tight against it: a name, a number, an attribute, and those with a sign."""
    if isinstance(code, Member):
        return _simple(code.value)
    return isinstance(code, Raw) and code.text.lstrip("-").replace(".", "").replace("_", "").isalnum()


def _wrap(code: Code, rank: int) -> str:
    text = flat(code)
    return f"({text})" if code.rank < rank else text
