"""The tables of a body. What works out their numbers is imported for the first of them."""

from __future__ import annotations

from collections.abc import Hashable
from functools import cached_property
from typing import TYPE_CHECKING

from archspec.graph.evaluate import ExpressionEvaluator
from archspec.graph.naming import detached
from archspec.graph.values import Numbers, Tensor, Value, is_recipe
from archspec.source import Span
from archspec.spec.names import loop_names, names_in
from archspec.sym.array import SymArray
from archspec.sym.number import plain
from archspec.syntax import tree

if TYPE_CHECKING:
    from archspec.graph.table_values import FoundTable, TableValues

COPY = 3
"""Units of work of each part of a value that is kept for the source."""


class KnownTables:
    """What one model's tables have in common: numbers that were worked out, and arrays that were met."""

    def __init__(self) -> None:
        self.numbers: dict[tuple[Span, str], tuple[tuple[int, ...], Numbers]] = {}
        """The shape and numbers of compiled rules, by place and the numbers they go by."""
        self.arrays: dict[Hashable, SymArray] = {}
        """Arrays by what tells that they are equal."""


class BodyTables:
    """The tables of one body, and the lists of numbers that they read."""

    def __init__(self, evaluator: ExpressionEvaluator, known: KnownTables) -> None:
        self.evaluator = evaluator
        self.ledger = evaluator.ledger
        self.environment = evaluator.environment
        self.known = known

    @cached_property
    def _values(self) -> TableValues:
        from archspec.graph.table_values import TableValues

        return TableValues(self.evaluator, self.known)

    def table(self, node: tree.Expr, integral: bool) -> FoundTable:
        """A table, its shape, the kinds of its numbers, and words for it; no shape where it has none."""
        return self._values.table(node, integral)

    def keep_rule(self, name: str, node: tree.Expr) -> None:
        """Remember the array that a list of numbers with a name is, for the tables that read it by place."""
        value = self.environment.names.get(name)
        if isinstance(node, tree.Comprehension) and type(value) is tuple and value and not is_recipe(value):
            self._values.keep_rule(name, node, value)

    def grid(self, node: tree.Expr) -> Value:
        """The value of an expression; lists of many numbers inside a list by compiled code, as tables are."""
        if isinstance(node, tree.Comprehension) and isinstance(node.item, tree.Comprehension) and not node.joined:
            return self._values.grid(node)
        return self.evaluator.eval(node)

    def reached(self, expr: tree.Expr) -> tuple[tuple[str, Value], ...]:
        """The values that the names of an expression have here; of a tensor its sizes."""
        found: dict[str, Value] = {}
        own = loop_names(expr)
        for name in names_in(expr):
            if name.id in self.environment.names:
                value = self.environment.names[name.id]
            elif name.id in own or (value := self.evaluator.definitions.lookup(self.environment.file, name)) is None:
                continue
            self.ledger.measure(value, name.span, COPY)
            found[name.id] = plain(value.type.shape) if isinstance(value, Tensor) else detached(value)
        return tuple(found.items())
