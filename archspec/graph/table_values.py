"""The numbers of tables: as arrays, by compiled code where the rule is none, else by the evaluator."""

from __future__ import annotations

from contextlib import suppress
from typing import TypeAlias

from archspec.graph.arrays import array_of, check_values, cost, settle
from archspec.graph.decisions import following
from archspec.graph.evaluate import ExpressionEvaluator
from archspec.graph.naming import unbind, whole
from archspec.graph.problems.limits import TooLarge
from archspec.graph.problems.values import Failed
from archspec.graph.program import RATE, Meter, Oversized, Program, Unfit, flattened, nested
from archspec.graph.tables import KnownTables
from archspec.graph.tabulate import compiled
from archspec.graph.values import Numbers, Value, describe
from archspec.opdef.types import Dtype
from archspec.source import Span
from archspec.sym.array import SymArray
from archspec.sym.number import hint, marked, plain
from archspec.sym.open import Open, pin
from archspec.syntax import tree

FoundTable: TypeAlias = "tuple[SymArray | Numbers, tuple[int, ...] | None, set[type], str]"
MANY = 256
"""So many numbers in lists inside a list are worked out by compiled code, and are not traced."""


class TableValues:
    """Works out the numbers of the tables of one body."""

    def __init__(self, evaluator: ExpressionEvaluator, known: KnownTables) -> None:
        self.evaluator = evaluator
        self.ledger = evaluator.ledger
        self.environment = evaluator.environment
        self.known = known
        self.rules: dict[str, tuple[Value, SymArray]] = {}
        """Lists of numbers by name that are arrays, as they were when they got their rule."""

    def table(self, node: tree.Expr, integral: bool) -> FoundTable:
        """A table, its shape, the kinds of its numbers, and words for it; no shape where it has none."""
        with suppress(Unfit):
            array = self._array(node, "int" if integral else "float")
            return array, array.shape, {int if array.kind == "int" else float}, ""
        with suppress(Unfit):
            shape, flat, _ = self._compiled(node)
            return flat, shape, set(map(type, flat)), ""
        value = unbind(self.evaluator.eval(node))
        self.ledger.charge(value, node.span, 2)
        self.environment.pin(value)
        found_shape, found = flattened(plain(value))
        if integral:
            pin({n.term: n for n in found if isinstance(n, Open)}.values())
            found = list(map(hint, found))
        return tuple(found), found_shape, set(map(type, found)), describe(value)

    def keep_rule(self, name: str, node: tree.Expr, value: Value) -> None:
        """Remember the array that a list of numbers with a name is, for the tables that read it by place."""
        decisions = dict(self.environment.decisions)
        with suppress(Unfit):
            self.rules[name] = value, self._array(node)
        self.environment.decisions = decisions

    def _array(self, node: tree.Expr, dtype: Dtype | None = None) -> SymArray:
        """The array of a rule, its numbers held to their values; equal ones share what is worked out.

        ``dtype`` is what a table of it is to hold; None for a list, whose entries are there already.

        Raises:
            Unfit: the rule is none, has no value somewhere, or not whole numbers where these are wanted.
        """
        decisions, limits = dict(self.environment.decisions), self.ledger.limits
        names = self.environment.names
        try:
            rules = {name: array for name, (value, array) in self.rules.items() if names.get(name) is value}
            array = array_of(node, self._plain_value, self.evaluator.calls.is_function, rules)
            if dtype is not None and array.numel > limits.numbers:
                words = "this table has more than {} numbers"
                self.ledger.fail(TooLarge(node.span, "numbers", limits.numbers, words))
            array, safe = settle(array)
            if dtype == "int" and array.kind != "int":
                raise Unfit
            array = array.after(self.known.arrays.setdefault(array.key, array))
            if array.first is None:
                self.ledger.spend(node.span, cost(array))
            array = array if safe else check_values(array)
        except Unfit:
            self.environment.decisions = decisions
            raise
        pin(array.sources)
        self.environment.pin(array.sources)
        return array

    def grid(self, node: tree.Expr) -> Value:
        """The value of lists inside a list, those of many numbers by compiled code, as tables are."""
        with suppress(Unfit):
            shape, flat, sources = self._compiled(node, MANY)
            follow = tuple({n.mark: n for n in following(sources)}.values())
            return nested([marked(n, *follow) for n in flat] if follow else flat, shape)
        return self.evaluator.eval(node)

    def _compiled(self, node: tree.Expr, least: int = 0) -> tuple[tuple[int, ...], Numbers, tuple[Value, ...]]:
        """The shape and numbers of a table by compiled code, worked out once for all uses that go by equal numbers.

        What these are comes third, and they are held to their values.

        Raises:
            Unfit: the evaluator has to see to it, or there are fewer numbers than ``least``.
        """
        decisions = dict(self.environment.decisions)
        try:
            program = compiled(node, self._plain_value, self.evaluator.calls.is_function)
        except Unfit:
            self.environment.decisions = decisions
            raise
        key = (node.span, program.key)
        if key not in self.known.numbers:
            self.known.numbers[key] = self._run(program, node.span, inside=least > 0)
        shape, flat = self.known.numbers[key]
        if len(flat) < least:
            raise Unfit
        pin(program.sources)
        self.environment.pin(program.sources)
        return shape, flat, program.sources

    def _run(self, program: Program, span: Span, inside: bool) -> tuple[tuple[int, ...], Numbers]:
        """The shape and numbers that a program gives; ``inside``: they will be parts of a value."""
        limits = self.ledger.limits
        what, most = ("parts", limits.parts) if inside else ("numbers", limits.numbers)
        steps = (limits.work - self.ledger.work) * RATE
        meter = Meter(steps)
        try:
            return program.run(meter, limits.entries, most)
        except Oversized:
            self.ledger.fail(TooLarge(span, what, most, f"this list has more than {{}} {what}"))
        finally:
            self.ledger.spend(span, -(-(steps - meter.left) // RATE))

    def _plain_value(self, node: tree.Expr) -> Value:
        """The value of a part of a table that no loop changes.

        Raises:
            Unfit: it has none by itself.
        """
        try:
            with self.ledger.attempt():
                return unbind(whole(self.evaluator.eval(node)))
        except Failed:
            raise Unfit from None
