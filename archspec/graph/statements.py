"""The statements of a body, in order; one that fails poisons what it binds, and the rest goes on."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from archspec.graph.declarations import Declarations
from archspec.graph.evaluate import EXPRESSION
from archspec.graph.nodes import Binding
from archspec.graph.problems.signature import RequireFailed
from archspec.graph.problems.unread import NeverApplied
from archspec.graph.problems.values import Failed, WrongCount, WrongKind
from archspec.graph.values import (
    POISON,
    Bound,
    Poison,
    Recipe,
    Surviving,
    Tensor,
    bind,
    contains_tensor,
    describe,
    is_recipe,
    unbind,
)
from archspec.opdef.args import show
from archspec.source import Span
from archspec.spec.names import targets_in
from archspec.sym import expr
from archspec.sym.number import plain, traced
from archspec.syntax import tree


class Returned(Exception):
    """A ``return`` was reached."""


class Statements(Declarations):
    """Runs statements."""

    def run(self, statements: tuple[tree.Statement, ...]) -> None:
        """Execute statements; one that fails poisons what it binds, and the rest goes on."""
        for statement in statements:
            self.elaborator.spend(statement.span, EXPRESSION)
            try:
                getattr(self, f"_do_{statement.kind}")(statement)
            except Failed:
                self.poisoned = True
                if isinstance(statement, tree.Require):
                    self.result = [POISON]
                    raise Returned from None
                self.env.update((name, POISON) for name, _ in targets_in((statement,)))
                if isinstance(statement, (tree.Stage, tree.Stages)):
                    self.stages.broken = True

    def _do_bind(self, statement: tree.Bind) -> None:
        value = self.grid(statement.value)
        names = tuple(target.id for target in statement.targets)
        self.binding = statement.value if len(names) == 1 else None
        if len(names) == 1:
            self._set(names[0], value, statement.span)
            return
        if isinstance(value, Poison):
            value = (POISON,) * len(names)
        if isinstance(value, Bound):
            value = unbind(value)
        if not isinstance(value, tuple) or len(value) != len(names):
            got = len(value) if isinstance(value, tuple) else 1
            self.fail(WrongCount(statement.span, "values for these names", len(names), got))
        if all(isinstance(item, Tensor) for item in value):
            self.instance.body.append(Binding(names, tuple(item.id for item in value)))
            self.env.update(zip(names, value))
            return
        for name, item in zip(names, value):
            self._set(name, item, statement.span)

    def _set(self, name: str, value: Any, span: Span) -> None:
        if isinstance(value, (tuple, Bound, Recipe, Surviving)):
            parts = self.charge(value, span)
            if is_recipe(value):
                self.elaborator.spend(span, 6 * parts)
        if isinstance(value, Tensor):
            self.instance.body.append(Binding((name,), (value.id,)))
            self.env[name] = value
        elif isinstance(value, tuple) and contains_tensor(value):
            self._name_entries(name, value)
            self.env[name] = value
        else:
            self.instance.rules.pop(name, None)
            if self.binding is not None and isinstance(value, tuple) and not is_recipe(value):
                self.instance.rules[name] = (self.binding, self.reached(self.binding))
            self.env[name] = bind(self._local(name, value), (name,))
            if isinstance(self.env[name], Bound):
                self.unread[name] = span

    def _local(self, name: str, value: Any) -> Any:
        """A number worked out from others is known by the name it is given from here on."""
        own = getattr(value, "expr", None)
        if own is None or own.op in ("name", "literal") or self.instance.names_a_value(name):
            return value
        self.instance.locals[name] = (plain(value), own)
        return traced(value, expr.name(name))

    def _name_entries(self, name: str, value: tuple[Any, ...]) -> None:
        """Tensors in a list live on past the statement, so each gets a name of its own."""
        for index, item in enumerate(value):
            if isinstance(item, Tensor) and item.id not in self.entries and item.id >= len(self.instance.inputs):
                self.entries.add(item.id)
                self.instance.body.append(Binding((f"{name}_{index}",), (item.id,)))

    def _do_return(self, statement: tree.Return) -> None:
        values = [self.eval(value) for value in statement.values]
        self.instance.returns = "one" if len(values) == 1 else "tuple"
        if len(values) == 1 and isinstance(values[0], tuple):
            values = list(values[0])
            self.instance.returns = "list"
        for value in values:
            if not isinstance(value, (Tensor, Poison)):
                self.fail(WrongKind(statement.span, "a tensor to return", describe(value)))
        self.result = values
        self.result_span = statement.span
        raise Returned

    def _do_if(self, statement: tree.If) -> None:
        self.run(statement.then if self.truth(statement.condition) else statement.otherwise)

    def _do_for(self, statement: tree.For) -> None:
        for name in set(statement.targets) & self.unread.keys():
            self.elaborator.warn(NeverApplied(self.unread.pop(name), name))
        for item in self.items(statement.iterable):
            self.elaborator.spend(statement.span, EXPRESSION)
            self.assign(statement.targets, item, statement.iterable.span)
            self.run(statement.body)

    def _do_require(self, statement: tree.Require) -> None:
        holds, decision = self.decided(statement.condition)
        if holds and decision is not None:
            decision = replace(decision, words=self.template(statement.message))
            self.decisions[decision] = None
        if not holds:
            words = self.eval(statement.message)
            from archspec.spec.names import names_in

            used = dict.fromkeys(name.id for name in names_in(statement.condition))
            bound = tuple((n, show(unbind(self.env[n]))) for n in used if n in self.env)
            self.fail(RequireFailed(statement.span, str(words), bound))

    def _do_stage(self, statement: tree.Stage) -> None:
        self.stages.declare(statement.name, statement.fields, statement.span)

    def _do_stages(self, statement: tree.Stages) -> None:
        self.stages.declare_all(statement.fields, statement.span)

    def _do_expect(self, statement: tree.Expect) -> None:
        """Checked against the finished report."""

    def _do_checkpoint(self, statement: tree.Checkpoint) -> None:
        """Read when a checkpoint is loaded."""

    def _do_rename(self, statement: tree.Rename) -> None:
        from archspec.spec.problems import Misplaced

        self.fail(Misplaced(statement.span, "->", "a `checkpoint` block"))
