"""Expressions of a target language as small trees, and the one printer of them.

Ranks say how tightly a form binds, from the loosest up, as in Python's grammar; the printer puts brackets where a part
binds less tightly than its place asks for, and nowhere else. Lines are broken by ``archspec/emit/layout.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, TypeAlias

from archspec.frozen import Frozen

CONDITIONAL, OR, AND, NOT, COMPARISON, SUM, PRODUCT, SIGN, POWER, POSTFIX, ATOM = range(11)
RANKS = {
    "or": OR,
    "and": AND,
    "not ": NOT,
    **dict.fromkeys(("in", "not in", "==", "!=", "<", "<=", ">", ">="), COMPARISON),
    **dict.fromkeys(("+", "-"), SUM),
    **dict.fromkeys(("*", "/", "//", "%", "@"), PRODUCT),
    "**": POWER,
}
"""How tightly each operator binds; the sign in front of a number, ``SIGN``, is no entry, since minus has one."""


class Raw(Frozen):
    """A piece of text without places to break. ``rank`` says how tightly it binds."""

    text: str
    rank: int = ATOM


class Invoke(Frozen):
    """``function(args, name=value)``."""

    function: Code
    args: tuple[Code, ...]
    kwargs: tuple[tuple[str, Code], ...] = ()


class Member(Frozen):
    """``value.name``."""

    value: Code
    name: str


class Subscript(Frozen):
    """``value[items]``."""

    value: Code
    items: tuple[Code, ...]


class Infix(Frozen):
    """``left op right``: arithmetic, a comparison, ``and``, ``or``."""

    op: str
    left: Code
    right: Code


class Prefix(Frozen):
    """``op value``: a sign, or ``not `` with its space."""

    op: str
    value: Code


class Conditional(Frozen):
    """``yes if condition else no``."""

    yes: Code
    condition: Code
    no: Code


class Sequence_(Frozen):
    """``(a, b)`` or ``[a, b]``."""

    items: tuple[Code, ...]
    brackets: str = "()"


class Generator(Frozen):
    """``item for targets in iterable if condition`` in brackets, which a call that takes it alone need not repeat."""

    item: Code
    targets: tuple[str, ...]
    iterable: Code
    condition: Code | None = None
    brackets: str = "()"


class Star(Frozen):
    """``*value``, an entry of a call or list."""

    value: Code


class Slice(Frozen):
    """``start:stop``, an item of a subscript."""

    start: Code | None = None
    stop: Code | None = None


Code: TypeAlias = (
    Raw | Invoke | Member | Subscript | Infix | Prefix | Conditional | Sequence_ | Generator | Star | Slice
)


def rank(code: Code) -> int:
    """How tightly an expression binds."""
    match code:
        case Raw():
            return code.rank
        case Infix():
            return RANKS[code.op]
        case Prefix():
            return RANKS["not "] if code.op == "not " else SIGN
        case Conditional():
            return CONDITIONAL
        case Invoke() | Member() | Subscript():
            return POSTFIX
    return ATOM


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
    if isinstance(value, float) and abs(value) == float("inf"):
        return call("float", raw("-inf" if value < 0 else "inf"))
    if isinstance(value, (int, float)):
        text = str(int(value)) if isinstance(value, int) else repr(float(value)).replace("e+", "e")
        return Raw(text, SIGN if text.startswith("-") else ATOM)
    if isinstance(value, str):
        text = repr(value)
        return Raw(text if '"' in text else f'"{text[1:-1]}"')
    return Sequence_(tuple(raw(item) for item in value))


def call(function: Code | str, *args: Code, **kwargs: Code | None) -> Invoke:
    """``function(args, kwargs)``; keyword arguments that are None are left out."""
    head = Raw(function) if isinstance(function, str) else function
    return Invoke(head, args, tuple((k, v) for k, v in kwargs.items() if v is not None))


def method(value: Code, name: str, *args: Code | int, **kwargs: Code | None) -> Invoke:
    """``value.name(args, kwargs)``; plain integers are taken as literals."""
    return call(Member(value, name), *(raw(a) if isinstance(a, int) else a for a in args), **kwargs)


def sequence(items: Sequence[Code], brackets: str = "()") -> Sequence_:
    """A tuple or list display."""
    return Sequence_(tuple(items), brackets)


def flat(code: Code) -> str:
    """The expression on one line."""
    match code:
        case Raw():
            return code.text
        case Invoke():
            return f"{bracketed(code.function, POSTFIX)}({', '.join(arguments_of(code))})"
        case Member():
            number = isinstance(code.value, Raw) and code.value.text[0].isdigit()
            return f"{'(' * number}{bracketed(code.value, POSTFIX)}{')' * number}.{code.name}"
        case Subscript():
            return f"{bracketed(code.value, POSTFIX)}[{', '.join(flat(item) for item in code.items)}]"
        case Infix():
            left, right = sides(code)
            tight = code.op == "**" and rank(code.left) >= left and _simple(code.left) and _simple(code.right)
            space = "" if tight else " "
            return f"{bracketed(code.left, left)}{space}{code.op}{space}{bracketed(code.right, right)}"
        case Prefix():
            return f"{code.op}{bracketed(code.value, rank(code))}"
        case Conditional():
            yes, condition = bracketed(code.yes, OR), bracketed(code.condition, OR)
            return f"{yes} if {condition} else {flat(code.no)}"
        case Sequence_():
            inner = ", ".join(flat(item) for item in code.items)
            comma = "," if code.brackets == "()" and len(code.items) == 1 else ""
            return f"{code.brackets[:1]}{inner}{comma}{code.brackets[1:]}"
        case Generator():
            return f"{code.brackets[:1]}{' '.join(clauses(code))}{code.brackets[1:]}"
        case Star():
            return f"*{bracketed(code.value, SUM)}"
        case Slice():
            ends = ["" if end is None else flat(end) for end in (code.start, code.stop)]
            space = "" if all(end is None or _word(end) for end in (code.start, code.stop)) else " "
            return f"{ends[0]}{space if ends[0] else ''}:{space if ends[1] else ''}{ends[1]}"


def sides(code: Infix) -> tuple[int, int]:
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
    assert isinstance(code, Generator)
    loop = f"for {', '.join(code.targets)} in {bracketed(code.iterable, OR)}"
    return [flat(code.item), loop, *([f"if {bracketed(code.condition, OR)}"] if code.condition is not None else [])]


def arguments_of(code: Invoke) -> list[str]:
    """The arguments of a call, each on one line; a generator that stands alone needs no brackets of its own."""
    if stands_alone(code):
        return [" ".join(clauses(code.args[0]))]
    return [*(flat(a) for a in code.args), *(f"{name}={flat(value)}" for name, value in code.kwargs)]


def stands_alone(code: Invoke) -> bool:
    """Whether a call takes a generator and nothing else, so that the brackets of one are those of the other."""
    return (
        len(code.args) == 1
        and not code.kwargs
        and isinstance(code.args[0], Generator)
        and code.args[0].brackets == "()"
    )


def _simple(code: Code) -> bool:
    """Whether a formatter sets ``**`` tight against it: a name, a number, an attribute, and those with a sign."""
    if isinstance(code, Member):
        return _simple(code.value)
    return isinstance(code, Raw) and code.text.lstrip("-").replace(".", "").replace("_", "").isalnum()


def _word(code: Code) -> bool:
    """Whether a formatter sets a colon tight against it: a name or a number, and those with a sign."""
    return isinstance(code, Raw) and (code.text.isidentifier() or code.text[0] in "-'\"" or code.text[0].isdigit())
