"""Expressions of the language as this package writes them, and their text: a printer of its own, from the grammar."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Any, TypeAlias

CONDITIONAL, OR, AND, NOT, COMPARISON, SUM, PRODUCT, FACTOR, POWER, POSTFIX = range(10)
"""How tightly a form binds, as the rules of the grammar stand in it."""
BINDS = {
    "or": (OR, OR, AND), "and": (AND, AND, NOT),
    **dict.fromkeys(("==", "!=", "<", "<=", ">", ">=", "in"), (COMPARISON, SUM, SUM)),
    **dict.fromkeys("+-", (SUM, SUM, PRODUCT)),
    **dict.fromkeys(("*", "/", "//", "%", "@"), (PRODUCT, PRODUCT, FACTOR)),
    "**": (POWER, POSTFIX, FACTOR),
}  # fmt: skip
"""Of each operator: what it makes, and what its two sides have to be."""


@dataclass(frozen=True)
class Literal:
    """A number that is not negative, a string without braces, a truth or none; ``written`` is how, where it matters."""

    value: Any
    written: str = ""


@dataclass(frozen=True)
class Name:
    id: str


@dataclass(frozen=True)
class Unary:
    op: str
    operand: Node


@dataclass(frozen=True)
class Binary:
    op: str
    left: Node
    right: Node


@dataclass(frozen=True)
class Conditional:
    condition: Node
    yes: Node
    no: Node


@dataclass(frozen=True)
class List:
    items: tuple[Node, ...]


@dataclass(frozen=True)
class Comprehension:
    item: Node
    targets: tuple[str, ...]
    iterable: Node
    condition: Node | None = None


@dataclass(frozen=True)
class Call:
    function: Node
    arguments: tuple[Node, ...] = ()
    named: tuple[tuple[str, Node], ...] = ()


@dataclass(frozen=True)
class Slice:
    start: Node | None
    stop: Node | None


@dataclass(frozen=True)
class Index:
    value: Node
    items: tuple[Node | Slice, ...]


@dataclass(frozen=True)
class Text:
    """A string with expressions in it; they hold no quotes and no braces."""

    parts: tuple[str | Node, ...]


Node: TypeAlias = Literal | Name | Unary | Binary | Conditional | List | Comprehension | Call | Index | Text


def number(value: float) -> Node:
    """A number, negative ones with a sign in front."""
    return Unary("-", Literal(-value)) if value < 0 else Literal(value)


def level(node: Node) -> int:
    """How tightly an expression binds."""
    match node:
        case Conditional():
            return CONDITIONAL
        case Binary(op=op):
            return BINDS[op][0]
        case Unary(op=op):
            return NOT if op == "not" else FACTOR
    return POSTFIX


class Printer:
    """Writes expressions, now and then with brackets that are not needed."""

    def __init__(self, rng: Random, spare: float = 0.07) -> None:
        self.rng = rng
        self.spare = spare

    def text(self, node: Node | Slice, wanted: int = CONDITIONAL) -> str:
        """The text of an expression, in brackets where it binds less tightly than ``wanted``."""
        if isinstance(node, Slice):
            return ":".join(self.text(bound) if bound is not None else "" for bound in (node.start, node.stop))
        made = self._bare(node)
        plain = isinstance(node, (Name, Text, List)) or (isinstance(node, Literal) and isinstance(node.value, str))
        if level(node) < wanted or (not plain and self.rng.random() < self.spare):
            return f"({made})"
        return made

    def _bare(self, node: Node) -> str:
        match node:
            case Literal(value, written):
                return written or literal(value)
            case Name(id):
                return id
            case Unary(op, operand):
                return f"not {self.text(operand, NOT)}" if op == "not" else f"-{self.text(operand, FACTOR)}"
            case Binary(op, left, right):
                _, left_wants, right_wants = BINDS[op]
                return f"{self.text(left, left_wants)} {op} {self.text(right, right_wants)}"
            case Conditional(condition, yes, no):
                return f"if {self.text(condition)} then {self.text(yes)} else {self.text(no)}"
            case List(items):
                return f"[{', '.join(map(self.text, items))}]"
            case Comprehension(item, targets, iterable, condition):
                kept = f" if {self.text(condition)}" if condition is not None else ""
                return f"[{self.text(item)} for {', '.join(targets)} in {self.text(iterable)}{kept}]"
            case Call(function, arguments, named):
                given = [*map(self.text, arguments), *(f"{name} = {self.text(value)}" for name, value in named)]
                return f"{self.text(function, POSTFIX)}({', '.join(given)})"
            case Index(value, items):
                return f"{self.text(value, POSTFIX)}[{', '.join(map(self.text, items))}]"
            case Text(parts):
                return '"' + "".join(p if isinstance(p, str) else f"{{{self.text(p)}}}" for p in parts) + '"'


def literal(value: Any) -> str:
    """A value as the language writes it."""
    if value is None or isinstance(value, bool):
        return {None: "none", True: "true", False: "false"}[value]
    return f'"{value}"' if isinstance(value, str) else repr(value)
