"""The names in reach of one body, and what its course has hung on so far."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from archspec.graph.decisions import Decision, compared, following, origin
from archspec.graph.values import Value
from archspec.source import Span
from archspec.sym.expr import combine
from archspec.sym.number import expr_of, traced
from archspec.syntax import tree


class Environment:
    """The values of a body's names, in the file that it stands in."""

    def __init__(self, file: str, names: Mapping[str, Value] | None = None) -> None:
        self.file = file
        self.names: dict[str, Value] = dict(names or {})
        self.unread: dict[str, Span] = {}
        """Layers-to-be that nothing has read yet, and where they were bound."""
        self.decisions: dict[Decision, None] = {}
        self.choices: dict[Span, tree.Expr] = {}
        """The conditions that were asked of what is known when a spec is compiled."""

    def decide(self, decision: Decision | None) -> None:
        """Note a decision that hangs on the size of the input, if it is one."""
        if decision is not None:
            self.decisions[decision] = None

    def pin(self, *values: Value) -> None:
        """Note that the very values of numbers were used, of those that follow the input."""
        found = following(values)
        if found:
            self.decide(Decision(tuple(dict.fromkeys(map(origin, found)))))

    def ask(self, left: int, relation: str, right: int) -> None:
        """Note what an op wants of sizes, as far as there are words for it."""
        if relation == "%":
            rest = combine("%", expr_of(left), expr_of(right))
            left, relation, right = traced(left % right, rest), "==", 0
        decision = compared(relation, left, right)
        if decision is not None and decision.condition is not None:
            self.decide(decision)

    @contextmanager
    def shadowed(self, names: tuple[str, ...]) -> Iterator[None]:
        """Some names stand for something else inside, and for what they did before behind it."""
        outside = {name: self.names[name] for name in names if name in self.names}
        try:
            yield
        finally:
            for name in names:
                self.names.pop(name, None)
            self.names.update(outside)
