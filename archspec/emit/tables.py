"""Constant tables as code: the author's rule in the target language, or the numbers where there is none to say."""

from __future__ import annotations

from typing import Any

from archspec.graph.nodes import Table
from archspec.graph.values import Recipe, size_of
from archspec.opdef.code import (
    COMPARE,
    LOWEST,
    Code,
    Generator,
    Infix,
    Prefix,
    Raw,
    Subscript,
    call,
    flat,
    infix,
    raw,
    sequence,
)
from archspec.syntax import tree

FEW = 16
_SAME = frozenset({"len", "range", "int", "float", "min", "max", "abs", "sum", "round", "enumerate", "zip"})


class Unsaid(Exception):
    """An expression that the target language has no like of."""


class Tables:
    """Writes a table over the compile-time values of one module; ``locals`` are lists that have to be named before."""

    def __init__(self, facts: dict[str, Any], rules: dict[str, tree.Expr | None]) -> None:
        self.facts = facts
        self.rules = rules
        self.locals: dict[str, Code] = {}

    def code(self, table: Table) -> Code:
        """The table as nested lists."""
        if len(table.values) > FEW:
            try:
                return self._expr(table.expr, frozenset())
            except Unsaid:
                self.locals.clear()
        return _nested(list(table.values), table.shape)

    def _expr(self, node: tree.Expr, bound: frozenset[str]) -> Code:
        match node:
            case tree.Number():
                return raw(node.value)
            case tree.Name():
                return self._name(node, bound)
            case tree.List():
                return sequence([self._expr(item, bound) for item in node.items], "[]")
            case tree.Comprehension() if node.condition is None and len(node.targets) == 1:
                inner = bound | set(node.targets)
                item = self._expr(node.item, inner)
                return Generator(item, node.targets[0], self._expr(node.iterable, bound), "[]")
            case tree.Unary(op="-"):
                return Prefix("-", self._expr(node.operand, bound))
            case tree.Binary() if node.op in ("+", "-", "*", "/", "//", "%", "**"):
                return infix(node.op, self._expr(node.left, bound), self._expr(node.right, bound))
            case tree.Binary() if node.op in ("==", "!=", "<", "<=", ">", ">="):
                return Infix(node.op, self._expr(node.left, bound), self._expr(node.right, bound), COMPARE)
            case tree.Conditional():
                parts = (self._expr(part, bound) for part in (node.yes, node.condition, node.no))
                yes, condition, no = parts
                return Infix(f"if {flat(condition)} else", yes, no, LOWEST)
            case tree.Call(function=tree.Name() as function) if function.id in _SAME:
                if all(argument.name is None for argument in node.arguments):
                    return call(function.id, *(self._expr(a.value, bound) for a in node.arguments))
            case tree.Index() if len(node.items) == 1 and not isinstance(node.items[0], tree.Slice):
                return Subscript(self._expr(node.value, bound), (self._expr(node.items[0], bound),))
        raise Unsaid

    def _name(self, node: tree.Name, bound: frozenset[str]) -> Code:
        if node.id in bound:
            return Raw(node.id)
        value, rule = self.facts.get(node.id), self.rules.get(node.id)
        if value is not None and _plain(value):
            return raw(value)
        if rule is None or not isinstance(value, tuple):
            raise Unsaid
        if node.id not in self.locals:
            self.locals[node.id] = self._expr(rule, frozenset())
        return Raw(node.id)


def _plain(value: Any) -> bool:
    if isinstance(value, tuple):
        return size_of(value, FEW + 1) <= FEW and all(_plain(item) for item in value)
    return isinstance(value, (int, float)) and not isinstance(value, Recipe)


def _nested(values: list[float], shape: tuple[int, ...]) -> Code:
    if not shape:
        return raw(values[0])
    step = len(values) // shape[0]
    return sequence([_nested(values[i * step : (i + 1) * step], shape[1:]) for i in range(shape[0])], "[]")
