"""The statements of a body, in order; one that fails poisons what it binds, and the rest goes on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from archspec.graph.declarations import Declarations
from archspec.graph.draft import ModuleDraft
from archspec.graph.evaluate import EXPRESSION, ExpressionEvaluator
from archspec.graph.naming import bind, unbind
from archspec.graph.nodes import Binding
from archspec.graph.problems.signature import RequireFailed
from archspec.graph.problems.unread import NeverApplied
from archspec.graph.problems.values import Failed, WrongCount, WrongKind
from archspec.graph.stages import StagePlan
from archspec.graph.starts import Starts
from archspec.graph.tables import BodyTables
from archspec.graph.values import POISON, Bound, Poison, Tensor, Value, contains_tensor, describe, has_parts, is_recipe
from archspec.opdef.args import show
from archspec.source import Span
from archspec.spec.names import names_in, targets_in
from archspec.sym import expr
from archspec.sym.number import plain, traced
from archspec.syntax import tree

LAYER_TO_BE = 6
"""Units of work of each part of a value that is given a name as layers-to-be."""


class Returned(Exception):
    """A ``return`` was reached."""


class Statements:
    """Runs the statements of one body."""

    def __init__(
        self,
        evaluator: ExpressionEvaluator,
        draft: ModuleDraft,
        tables: BodyTables,
        starts: Starts,
        stages: StagePlan,
    ) -> None:
        self.evaluator = evaluator
        self.ledger = evaluator.ledger
        self.environment = evaluator.environment
        self.conditions = evaluator.conditions
        self.draft = draft
        self.tables = tables
        self.binding: tree.Expr | None = None
        """The expression of the binding at hand, where it has one name."""
        self.named: set[int] = set()
        """Tensors that have a name as entries of a list."""
        declarations = Declarations(evaluator, draft, tables)
        self.kinds: dict[type, Callable[[Any], None]] = {
            tree.Bind: self._bind,
            tree.Return: self._return,
            tree.If: self._if,
            tree.For: self._for,
            tree.Require: self._require,
            tree.State: declarations.state,
            tree.Const: declarations.const,
            tree.Init: starts.declare,
            tree.Stage: stages.declare,
            tree.Stages: stages.declare_all,
            tree.Expect: _later,
            tree.Checkpoint: _later,
            tree.Rename: self._rename,
        }

    def run(self, statements: tuple[tree.Statement, ...]) -> None:
        """Execute statements; one that fails poisons what it binds, and the rest goes on."""
        for statement in statements:
            self.ledger.spend(statement.span, EXPRESSION)
            try:
                self.kinds[type(statement)](statement)
            except Failed:
                self.draft.poisoned = True
                if isinstance(statement, tree.Require):
                    self.draft.result = [POISON]
                    raise Returned from None
                self.environment.names.update((name, POISON) for name, _ in targets_in((statement,)))

    def _bind(self, statement: tree.Bind) -> None:
        value = self.tables.grid(statement.value)
        names = tuple(target.id for target in statement.targets)
        self.binding = statement.value if len(names) == 1 else None
        if len(names) == 1:
            self._set(names[0], value, statement.span)
            self.tables.keep_rule(names[0], statement.value)
            return
        if isinstance(value, Poison):
            value = (POISON,) * len(names)
        if isinstance(value, Bound):
            value = unbind(value)
        if not isinstance(value, tuple) or len(value) != len(names):
            got = len(value) if isinstance(value, tuple) else 1
            self.ledger.fail(WrongCount(statement.span, "values for these names", len(names), got))
        tensors = [item for item in value if isinstance(item, Tensor)]
        if len(tensors) == len(value):
            self.draft.instance.body.append(Binding(names, tuple(item.id for item in tensors)))
            self.environment.names.update(zip(names, value))
            return
        for name, item in zip(names, value):
            self._set(name, item, statement.span)

    def _set(self, name: str, value: Value, span: Span) -> None:
        names = self.environment.names
        if has_parts(value):
            parts = self.ledger.charge(value, span)
            if is_recipe(value):
                self.ledger.spend(span, LAYER_TO_BE * parts)
        if isinstance(value, Tensor):
            self.draft.call(name, value)
            names[name] = value
        elif isinstance(value, tuple) and contains_tensor(value):
            self._name_entries(name, value)
            names[name] = value
        else:
            rules = self.draft.instance.rules
            rules.pop(name, None)
            if self.binding is not None and isinstance(value, tuple) and not is_recipe(value):
                rules[name] = (self.binding, self.tables.reached(self.binding))
            names[name] = bind(self._local(name, value), (name,))
            if isinstance(names[name], Bound):
                self.environment.unread[name] = span

    def _local(self, name: str, value: Value) -> Value:
        """A number worked out from others is known by the name it is given from here on."""
        own = getattr(value, "expr", None)
        instance = self.draft.instance
        if own is None or own.op in ("name", "literal") or instance.names_a_value(name):
            return value
        instance.locals[name] = (plain(value), own)
        made: Value = traced(value, expr.name(name))
        return made

    def _name_entries(self, name: str, value: tuple[Value, ...]) -> None:
        """Tensors in a list live on past the statement, so each gets a name of its own."""
        for index, item in enumerate(value):
            made_here = isinstance(item, Tensor) and item.id >= len(self.draft.instance.inputs)
            if isinstance(item, Tensor) and made_here and item.id not in self.named:
                self.named.add(item.id)
                self.draft.call(f"{name}_{index}", item)

    def _return(self, statement: tree.Return) -> None:
        values = [self.evaluator.eval(value) for value in statement.values]
        self.draft.instance.returns = "one" if len(values) == 1 else "tuple"
        first = values[0] if len(values) == 1 else None
        if isinstance(first, tuple):
            values = list(first)
            self.draft.instance.returns = "list"
        for value in values:
            if not isinstance(value, (Tensor, Poison)):
                self.ledger.fail(WrongKind(statement.span, "a tensor to return", describe(value)))
        self.draft.result = values
        self.draft.result_span = statement.span
        raise Returned

    def _if(self, statement: tree.If) -> None:
        self.environment.choices[statement.condition.span] = statement.condition
        self.run(statement.then if self.conditions.truth(statement.condition) else statement.otherwise)

    def _for(self, statement: tree.For) -> None:
        unread = self.environment.unread
        for name in statement.targets:
            if name in unread:
                self.ledger.warn(NeverApplied(unread.pop(name), name))
        for item in self.evaluator.items(statement.iterable):
            self.ledger.spend(statement.span, EXPRESSION)
            self.evaluator.assign(statement.targets, item, statement.iterable.span)
            self.run(statement.body)

    def _require(self, statement: tree.Require) -> None:
        holds, decision = self.conditions.decided(statement.condition)
        if holds and decision is not None:
            words = self.evaluator.strings.template(statement.message)
            self.environment.decide(replace(decision, words=words))
        if not holds:
            said = self.evaluator.eval(statement.message)
            names = self.environment.names
            used = dict.fromkeys(name.id for name in names_in(statement.condition))
            bound = tuple((n, show(unbind(names[n]))) for n in used if n in names)
            self.ledger.fail(RequireFailed(statement.span, str(said), bound))

    def _rename(self, statement: tree.Rename) -> None:
        from archspec.spec.problems import Misplaced

        self.ledger.fail(Misplaced(statement.span, "->", "a `checkpoint` block"))


def _later(statement: tree.Expect | tree.Checkpoint) -> None:
    """Checked against the finished report, or read when a checkpoint is loaded."""
