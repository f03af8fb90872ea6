"""The numbers of tables: by compiled code where the rule can be translated, else by the evaluator."""

from __future__ import annotations

from contextlib import suppress

from archspec.graph.decisions import following
from archspec.graph.evaluate import ExpressionEvaluator
from archspec.graph.problems.limits import TooLarge
from archspec.graph.problems.values import Failed
from archspec.graph.program import RATE, Meter, Oversized, Program, Unfit, flattened, nested
from archspec.graph.tabulate import compiled
from archspec.graph.values import Numbers, Tensor, Value, describe, detached, unbind, whole
from archspec.source import Span
from archspec.spec.names import loop_names, names_in
from archspec.sym.number import hint, marked, plain
from archspec.sym.open import Open, pin
from archspec.syntax import tree

COPY = 3
"""Units of work of each part of a value that is kept for the source."""
MANY = 256
"""So many numbers in lists inside a list are worked out by compiled code, and are not traced."""


class TableValues:
    """Works out tables; ``known`` are the numbers of those that were, by their rules and the numbers these go by."""

    def __init__(
        self, evaluator: ExpressionEvaluator, known: dict[tuple[Span, str], tuple[tuple[int, ...], Numbers]]
    ) -> None:
        self.evaluator = evaluator
        self.ledger = evaluator.ledger
        self.environment = evaluator.environment
        self.known = known

    def table(self, node: tree.Expr, integral: bool) -> tuple[tuple[int, ...] | None, Numbers, str]:
        """The shape of a table, its numbers row by row, and words for it; no shape where it has none."""
        with suppress(Unfit):
            shape, flat, _ = self._compiled(node)
            return shape, flat, ""
        value = unbind(self.evaluator.eval(node))
        self.ledger.charge(value, node.span, 2)
        self.environment.pin(value)
        found_shape, found = flattened(plain(value))
        if integral:
            pin({n.term: n for n in found if isinstance(n, Open)}.values())
            found = list(map(hint, found))
        return found_shape, tuple(found), describe(value)

    def grid(self, node: tree.Expr) -> Value:
        """The value of an expression; lists of many numbers inside a list by compiled code, as tables are."""
        if isinstance(node, tree.Comprehension) and isinstance(node.item, tree.Comprehension) and not node.joined:
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
        if key not in self.known:
            self.known[key] = self._run(program, node.span, inside=least > 0)
        shape, flat = self.known[key]
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
