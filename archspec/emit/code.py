"""Expressions of a target language as small trees, and the one printer of them.

Ranks say how tightly a form binds, from the loosest up, as in Python's grammar; the printer puts brackets where a part
binds less tightly than its place asks for, and nowhere else. Lines are broken by ``archspec/emit/layout.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Protocol, TypeAlias

from archspec.frozen import Frozen
from archspec.sym.operators import ARITHMETIC, ATOM, COMPARISON, CONDITIONAL, OR, POSTFIX, POWER, RANKS, SIGN, SUM


class Atom(Frozen):
    """A piece of text without places to break. ``rank`` says how tightly it binds."""

    text: str
    rank: int = ATOM


class Call(Frozen):
    """``function(args, name=value)``."""

    function: Code
    args: tuple[Code, ...]
    kwargs: tuple[tuple[str, Code], ...] = ()


class Attribute(Frozen):
    """``value.name``."""

    value: Code
    name: str


class Subscript(Frozen):
    """``value[items]``."""

    value: Code
    items: tuple[Code, ...]


class BinOp(Frozen):
    """``left op right``: arithmetic, a comparison, ``and``, ``or``."""

    op: str
    left: Code
    right: Code


class UnaryOp(Frozen):
    """``op value``: a sign, or ``not `` with its space."""

    op: str
    value: Code


class IfExp(Frozen):
    """``yes if condition else no``."""

    yes: Code
    condition: Code
    no: Code


class Display(Frozen):
    """``(a, b)`` or ``[a, b]``."""

    items: tuple[Code, ...]
    brackets: str = "()"


class Comprehension(Frozen):
    """``item for targets in iterable if condition`` in brackets, which a call that takes it alone need not repeat.

    ``joined``: the item is a comprehension, whose loops follow in the same brackets.
    """

    item: Code
    targets: tuple[str, ...]
    iterable: Code
    condition: Code | None = None
    brackets: str = "()"
    joined: bool = False


class Star(Frozen):
    """``*value``, an entry of a call or list."""

    value: Code


class Slice(Frozen):
    """``start:stop``, an item of a subscript."""

    start: Code | None = None
    stop: Code | None = None


Code: TypeAlias = Atom | Call | Attribute | Subscript | BinOp | UnaryOp | IfExp | Display | Comprehension | Star | Slice


def rank(code: Code) -> int:
    """How tightly an expression binds."""
    match code:
        case Atom():
            return code.rank
        case BinOp():
            return RANKS[code.op]
        case UnaryOp():
            return RANKS["not "] if code.op == "not " else SIGN
        case IfExp():
            return CONDITIONAL
        case Call() | Attribute() | Subscript():
            return POSTFIX
    return ATOM


class Slots(Protocol):
    """What an op is given to emit itself: each argument or derived size as code."""

    def __call__(self, attribute: str, /) -> Code:
        """The value of an attribute: a literal where it never varies, else an expression that is in reach."""

    def unless(self, attribute: str, default: Any, /) -> Code | None:
        """The same, or None where it always equals ``default``."""

    def sometimes(self, attribute: str, value: Any, /) -> bool:
        """Whether an attribute equals ``value`` in some uses of the line that is written, and not in others."""


def literal(value: Any) -> Code:
    """A value as a literal: numbers, booleans, strings, None and tuples of them."""
    if isinstance(value, bool) or value is None:
        return Atom(repr(value))
    if isinstance(value, float) and abs(value) == float("inf"):
        return call("float", literal("-inf" if value < 0 else "inf"))
    if isinstance(value, (int, float)):
        text = str(int(value)) if isinstance(value, int) else repr(float(value)).replace("e+", "e")
        return Atom(text, SIGN if text.startswith("-") else ATOM)
    if isinstance(value, str):
        text = repr(value)
        return Atom(text if '"' in text else f'"{text[1:-1]}"')
    return Display(tuple(literal(item) for item in value))


def call(function: Code | str, *args: Code, **kwargs: Code | None) -> Call:
    """``function(args, kwargs)``; keyword arguments that are None are left out."""
    head = Atom(function) if isinstance(function, str) else function
    return Call(head, args, tuple((k, v) for k, v in kwargs.items() if v is not None))


def method(value: Code, name: str, *args: Code | int, **kwargs: Code | None) -> Call:
    """``value.name(args, kwargs)``; plain integers are taken as literals."""
    return call(Attribute(value, name), *(literal(a) if isinstance(a, int) else a for a in args), **kwargs)


def display(items: Sequence[Code], brackets: str = "()") -> Display:
    """A tuple or list display."""
    return Display(tuple(items), brackets)


def rebuilt(code: Code, change: Callable[[Code], Code]) -> Code:
    """An expression with each of its parts changed."""

    def some(part: Code | None) -> Code | None:
        return None if part is None else change(part)

    match code:
        case Call():
            kwargs = tuple((name, change(value)) for name, value in code.kwargs)
            return Call(change(code.function), tuple(map(change, code.args)), kwargs)
        case Attribute() | UnaryOp() | Star():
            return replace(code, value=change(code.value))
        case Subscript():
            return Subscript(change(code.value), tuple(map(change, code.items)))
        case BinOp():
            return replace(code, left=change(code.left), right=change(code.right))
        case IfExp():
            return IfExp(change(code.yes), change(code.condition), change(code.no))
        case Display():
            return replace(code, items=tuple(map(change, code.items)))
        case Comprehension():
            item, iterable = change(code.item), change(code.iterable)
            return replace(code, item=item, iterable=iterable, condition=some(code.condition))
        case Slice():
            return Slice(some(code.start), some(code.stop))
    return code


def arithmetic(op: str, left: Code, right: Code) -> Code:
    """An operator, worked out where both sides are whole numbers, and left out where it does nothing."""
    a, b = whole_number(left), whole_number(right)
    if a is not None and b is not None and not (op in ("//", "%") and b == 0) and op in ("+", "-", "*", "//", "%"):
        return literal(ARITHMETIC[op](a, b))
    if (op, b) in NEUTRAL:
        return left
    if (a, op) in ((0, "+"), (1, "*")):
        return right
    if (a, op) == (0, "-"):
        return UnaryOp("-", right)
    return BinOp(op, left, right)


NEUTRAL = (("+", 0), ("-", 0), ("*", 1), ("//", 1), ("**", 1))
"""Operators that do nothing with a whole number on their right."""


def is_literal(code: Code) -> bool:
    """Whether an expression is a number or a text, or a name that reads as a constant's."""
    return isinstance(code, Atom) and (not code.text.isidentifier() or code.text.isupper())


def whole_number(code: Code) -> int | None:
    """The number that a literal is, where it is a whole one."""
    text = code.text if isinstance(code, Atom) else ""
    return int(text) if text.removeprefix("-").isdecimal() else None


def flat(code: Code) -> str:
    """The expression on one line."""
    match code:
        case Atom():
            return code.text
        case Call():
            return f"{bracketed(code.function, POSTFIX)}({', '.join(arguments_of(code))})"
        case Attribute():
            number = isinstance(code.value, Atom) and code.value.text[0].isdigit()
            return f"{'(' * number}{bracketed(code.value, POSTFIX)}{')' * number}.{code.name}"
        case Subscript():
            return f"{bracketed(code.value, POSTFIX)}[{', '.join(flat(item) for item in code.items)}]"
        case BinOp():
            left, right = sides(code)
            tight = code.op == "**" and rank(code.left) >= left and _simple(code.left) and _simple(code.right)
            space = "" if tight else " "
            return f"{bracketed(code.left, left)}{space}{code.op}{space}{bracketed(code.right, right)}"
        case UnaryOp():
            return f"{code.op}{bracketed(code.value, rank(code))}"
        case IfExp():
            yes, condition = bracketed(code.yes, OR), bracketed(code.condition, OR)
            return f"{yes} if {condition} else {flat(code.no)}"
        case Display():
            inner = ", ".join(flat(item) for item in code.items)
            comma = "," if code.brackets == "()" and len(code.items) == 1 else ""
            return f"{code.brackets[:1]}{inner}{comma}{code.brackets[1:]}"
        case Comprehension():
            return f"{code.brackets[:1]}{' '.join(clauses(code))}{code.brackets[1:]}"
        case Star():
            return f"*{bracketed(code.value, SUM)}"
        case Slice():
            ends = ["" if end is None else flat(end) for end in (code.start, code.stop)]
            space = "" if all(end is None or _word(end) for end in (code.start, code.stop)) else " "
            return f"{ends[0]}{space if ends[0] else ''}:{space if ends[1] else ''}{ends[1]}"


def sides(code: BinOp) -> tuple[int, int]:
    """The ranks that the places left and right of an operator ask for.

    Operators of one rank go from left to right, powers from right to left; comparisons side by side would be a chain.
    """
    own = RANKS[code.op]
    if own == POWER:
        return POWER + 1, SIGN
    if own == COMPARISON:
        return own + 1, own + 1
    return own, own if code.op in ("and", "or") else own + 1


def bracketed(code: Code, place: int) -> str:
    """An expression at a place that asks for a rank."""
    text = flat(code)
    return f"({text})" if needs_brackets(code, place) else text


def needs_brackets(code: Code, place: int) -> bool:
    """Whether an expression binds less tightly than its place asks for."""
    return rank(code) < place


def clauses(code: Code) -> list[str]:
    """``item``, ``for targets in iterable`` and ``if condition``, each on one line."""
    assert isinstance(code, Comprehension)
    own = [f"for {', '.join(code.targets)} in {bracketed(code.iterable, OR)}"]
    own += [f"if {bracketed(code.condition, OR)}"] if code.condition is not None else []
    item, *inner = clauses(code.item) if code.joined else [flat(code.item)]
    return [item, *own, *inner]


def arguments_of(code: Call) -> list[str]:
    """The arguments of a call, each on one line; a comprehension that stands alone needs no brackets of its own."""
    if stands_alone(code):
        return [" ".join(clauses(code.args[0]))]
    return [*(flat(a) for a in code.args), *(f"{name}={flat(value)}" for name, value in code.kwargs)]


def stands_alone(code: Call) -> bool:
    """Whether a call takes a comprehension and nothing else, so that the brackets of one are those of the other."""
    return (
        len(code.args) == 1
        and not code.kwargs
        and isinstance(code.args[0], Comprehension)
        and code.args[0].brackets == "()"
    )


def _simple(code: Code) -> bool:
    """Whether a formatter sets ``**`` tight against it: a name, a number, an attribute, and those with a sign."""
    if isinstance(code, (Attribute, UnaryOp)):
        return _simple(code.value)
    return isinstance(code, Atom) and code.text.lstrip("-").replace(".", "").replace("_", "").isalnum()


def _word(code: Code) -> bool:
    """Whether a formatter sets a colon tight against it: a name or a number, and those with a sign."""
    if isinstance(code, UnaryOp):
        return _word(code.value)
    return isinstance(code, Atom) and (code.text.isidentifier() or code.text[0] in "-'\"" or code.text[0].isdigit())
