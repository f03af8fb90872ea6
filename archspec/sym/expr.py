"""Expressions of numbers in the author's words: ``int(c * ratio)`` over the names of one module."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from archspec.sym.operators import ARITHMETIC, CONDITIONS, FUNCTIONS

LARGEST_EXPR = 12


@dataclass(frozen=True)
class SymExpr:
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
        """Its value where its names have the values of ``env``; of numbers left open, their formula with it.

        Raises:
            ArithmeticError, TypeError, ValueError: it has none.
        """
        if self.op == "name":
            return env[self.parts[0]]
        if self.op == "literal":
            return self.parts[0]
        operands = tuple(part.value(env) for part in self.parts)
        if self.op in CONDITIONS:
            return CONDITIONS[self.op](*operands)
        function = ARITHMETIC.get(self.op) or FUNCTIONS[self.op]
        found = next((operand for operand in operands if hasattr(operand, "computed")), None)
        return function(*operands) if found is None else found.computed(self.op, function, operands)

    def substitute(self, env: Mapping[str, SymExpr]) -> SymExpr | None:
        """The same expression over other names; None where one of them has no expression."""
        if self.op == "name":
            return env.get(self.parts[0])
        if self.op == "literal":
            return self
        parts = [part.substitute(env) for part in self.parts]
        return combine(self.op, *parts) if all(part is not None for part in parts) else None


def name(identifier: str) -> SymExpr:
    """The expression that a name is."""
    return SymExpr("name", (identifier,))


def entry(identifier: str, index: int) -> str:
    """The name of an entry of a list that has a name: ``dims[2]``."""
    return f"{identifier}[{index}]"


def combine(op: str, *parts: SymExpr | None) -> SymExpr | None:
    """The expression of an operation, None where an operand has none or the whole would be too long to be read."""
    if any(part is None for part in parts):
        return None
    size = 1 + sum(part.size for part in parts if part)
    return SymExpr(op, parts, size) if size <= LARGEST_EXPR else None


def factors(exprs: Iterable[SymExpr | None]) -> list[SymExpr] | None:
    """What a product of expressions is a product of, its whole numbers as one; None where one of them is unknown."""
    found: list[SymExpr] = []
    number = 1
    stack = list(exprs)
    while stack:
        own = stack.pop()
        if own is None:
            return None
        if own.op == "*":
            stack += own.parts
        elif own.op == "literal":
            number *= own.parts[0]
        else:
            found.append(own)
    return [*found, SymExpr("literal", (number,))] if number != 1 else found


def product(exprs: Iterable[SymExpr]) -> SymExpr | None:
    """The product of expressions, 1 of none; None where it would be too long to be read."""
    made: SymExpr | None = None
    for own in exprs:
        made = own if made is None else combine("*", made, own)
        if made is None:
            return None
    return made or SymExpr("literal", (1,))
