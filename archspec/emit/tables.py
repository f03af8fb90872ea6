"""Constant tables as code: the author's rule in the target language, or the numbers where there is none to say.

A rule is written only where it gives the very numbers that the elaboration worked out: what was written is worked out
once more, and compared. So a difference between the languages makes a file longer, and never wrong.
"""

from __future__ import annotations

import builtins
import math
from collections.abc import Callable
from typing import Any

from archspec.emit.code import (
    Atom,
    BinOp,
    Code,
    Comprehension,
    IfExp,
    Slice,
    Subscript,
    UnaryOp,
    call,
    display,
    flat,
    literal,
)
from archspec.emit.target import Target, Unsaid
from archspec.emit.truths import operation, opposite
from archspec.graph.nodes import Table, exactly
from archspec.graph.program import flattened
from archspec.graph.traversal import size_of
from archspec.sym.number import unmarked
from archspec.sym.operators import IN_MATH, RANKS
from archspec.syntax import tree

FEW = 16
"""So many numbers are as good as a rule."""
_NUMBERS = ("int", "float", "round", "min", "max", "abs", "len", "sum")
_LISTS = ("range", "enumerate", "zip", "reversed")
_CONSTANTS = {"pi": Atom("math.pi"), "inf": literal(math.inf)}
_NAMES = {"math": math, **{name: getattr(builtins, name) for name in (*_NUMBERS, *_LISTS, "list")}}

NameScope = dict[str, str]
"""The loop variables in reach: the name in the spec, and in the target language."""


class Tables:
    """Writes the tables of one module. ``lines`` are lists that have to be named before, by their names there.

    ``taken`` says which variables are others'.
    """

    def __init__(
        self,
        rules: dict[str, tuple[tree.Expr, tuple[tuple[str, Any], ...]]],
        target: Target,
        taken: Callable[[], set[str]],
    ) -> None:
        self.rules = rules
        self.target = target
        self.taken = taken
        self.lines: dict[str, Code] = {}
        self.known: dict[tuple[str, str], str] = {}
        self.facts: dict[str, Any] = {}
        self.pending: set[str] = set()

    def code(self, table: Table) -> Code:
        """The table as nested lists."""
        if len(table.values) <= FEW:
            return _nested(table.values, table.shape)
        before = dict(self.lines), dict(self.known)
        self.facts = dict(table.names)
        try:
            made = self._expr(table.expr, {})
            shape, values = flattened(self._value(made))
            alike = set(map(type, values)) <= ({int} if table.dtype == "int" else {int, float})
            if shape == table.shape and alike and exactly(table.dtype, values) == table.exact:
                return made
        except (Unsaid, RecursionError):
            pass
        self.lines, self.known = before
        return _nested(table.values, table.shape)

    def _value(self, code: Code) -> Any:
        """What an expression gives, the lists that have names being known.

        Raises:
            Unsaid: it gives nothing, or lists other than the elaboration's.
        """
        scope: dict[str, Any] = {"__builtins__": {}, **_NAMES}
        try:
            for name, line in self.lines.items():
                scope[name] = eval(compile(f"({flat(line)})", "<table>", "eval"), scope)
            return eval(compile(f"(((({flat(code)}))))", "<table>", "eval"), scope)
        except Exception:
            raise Unsaid from None

    def _expr(self, node: tree.Expr, scope: NameScope) -> Code:
        """An expression; lists are lists, and not what can be gone through once."""
        if isinstance(node, tree.Call) and isinstance(node.function, tree.Name) and node.function.id in _LISTS:
            return call("list", self._loop(node, scope))
        return self._loop(node, scope)

    def _loop(self, node: tree.Expr, scope: NameScope) -> Code:
        """An expression that is gone through once, or is no list."""
        match node:
            case tree.Number() | tree.Constant():
                return literal(node.value)
            case tree.String() if "{" not in node.value:
                return literal(node.value)
            case tree.Name():
                return self._name(node, scope)
            case tree.List():
                return display([self._expr(item, scope) for item in node.items], "[]")
            case tree.Comprehension():
                return self._comprehension(node, scope)
            case tree.Unary(op="-"):
                return UnaryOp("-", self._expr(node.operand, scope))
            case tree.Unary(op="not"):
                return opposite(self._expr(node.operand, scope))
            case tree.Binary() if node.op in RANKS and node.op != "@":
                return operation(node.op, self._expr(node.left, scope), self._expr(node.right, scope))
            case tree.Conditional():
                return IfExp(*(self._expr(part, scope) for part in (node.yes, node.condition, node.no)))
            case tree.Call(function=tree.Name() as function):
                if all(argument.name is None for argument in node.arguments):
                    return self._call(function.id, [argument.value for argument in node.arguments], scope)
            case tree.Index() if len(node.items) == 1:
                return Subscript(self._expr(node.value, scope), (self._item(node.items[0], scope),))
        raise Unsaid

    def _item(self, node: tree.Expr | tree.Slice, scope: NameScope) -> Code:
        if isinstance(node, tree.Slice):
            return Slice(*(None if end is None else self._expr(end, scope) for end in (node.start, node.stop)))
        return self._expr(node, scope)

    def _comprehension(self, node: tree.Comprehension, scope: NameScope) -> Code:
        iterable = self._loop(node.iterable, scope)
        inner = dict(scope)
        for target in node.targets:
            inner[target] = self._fresh(target, inner)
        item = self._expr(node.item, inner)
        condition = None if node.condition is None else self._expr(node.condition, inner)
        targets = tuple(inner[target] for target in node.targets)
        return Comprehension(item, targets, iterable, condition, "[]", node.joined)

    def _call(self, function: str, given: list[tree.Expr], scope: NameScope) -> Code:
        if function == "shape" and len(given) == 1 and isinstance(given[0], tree.Name):
            return self._list("sizes", self.facts.get(given[0].id, ()), scope)
        if function == "ramp" and len(given) == 3:
            start, stop, count = (self._expr(node, scope) for node in given)
            index = Atom(self._fresh("i", scope))
            step = BinOp("/", BinOp("*", BinOp("-", stop, start), index), BinOp("-", count, literal(1)))
            return Comprehension(BinOp("+", start, step), (index.text,), call("range", count), brackets="[]")
        if function in IN_MATH:
            return call(f"math.{function}", *(self._expr(node, scope) for node in given))
        if function in _NUMBERS or function in _LISTS:
            return call(function, *(self._loop(node, scope) for node in given))
        raise Unsaid

    def _name(self, node: tree.Name, scope: NameScope) -> Code:
        if node.id in scope:
            return Atom(scope[node.id])
        if node.id not in self.facts:
            if node.id in _CONSTANTS:
                return _CONSTANTS[node.id]
            raise Unsaid
        value = self.facts[node.id]
        if not isinstance(value, tuple):
            if value is None or isinstance(value, (bool, int, float, str)):
                return literal(value)
            raise Unsaid
        return self._list(node.id, value, scope)

    def _list(self, name: str, value: tuple[Any, ...], scope: NameScope) -> Code:
        """The name of a list, given to it where it has none yet: to its own rule, or to its entries."""
        if not _plain(value):
            raise Unsaid
        key = name, repr(value)
        if key not in self.known:
            made = literal(value) if size_of(value, FEW)[0] <= FEW else self._rule(name, value)
            self.known[key] = self._fresh(name, scope)
            self.lines[self.known[key]] = made
        return Atom(self.known[key])

    def _rule(self, name: str, value: tuple[Any, ...]) -> Code:
        """A list by the rule that it was bound to, or by its entries where there is none that gives them."""
        if name not in self.rules or name in self.pending:
            return literal(value)
        expr, reached = self.rules[name]
        before = self.facts, dict(self.lines), dict(self.known)
        self.facts = dict(reached)
        self.pending.add(name)
        try:
            made = self._expr(expr, {})
            if _exact(self._value(made)) == _exact(value):
                self.facts = before[0]
                return made
        except Unsaid:
            pass
        finally:
            self.pending.discard(name)
        self.facts, self.lines, self.known = before
        return literal(value)

    def _fresh(self, name: str, scope: NameScope) -> str:
        """A variable after a name of the spec, off the others in reach; one of the same name may hide it."""
        taken = {python for spec, python in scope.items() if spec != name} | self.lines.keys() | self.taken()
        made = self.target.variable(name)
        while made in taken:
            made += "_"
        return made


def _plain(value: Any) -> bool:
    if isinstance(value, tuple):
        return all(map(_plain, value))
    return value is None or isinstance(value, (bool, int, float, str))


def _exact(value: Any) -> Any:
    """Nested lists with every number to the last digit and told apart by its kind."""
    if isinstance(value, (list, tuple)):
        return [_exact(item) for item in value]
    return (type(unmarked(value)), value.hex() if isinstance(value, float) else value)


def _nested(values: tuple[float, ...], shape: tuple[int, ...]) -> Code:
    if not shape:
        return literal(values[0])
    step = len(values) // shape[0]
    return display([_nested(values[i * step : (i + 1) * step], shape[1:]) for i in range(shape[0])], "[]")
