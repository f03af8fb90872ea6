"""What a body declares: parameters, buffers and tables."""

from __future__ import annotations

from archspec.graph.draft import ModuleDraft
from archspec.graph.evaluate import ExpressionEvaluator
from archspec.graph.nodes import Table
from archspec.graph.problems.layers import NamedTwice, NameTaken
from archspec.graph.problems.values import WrongKind
from archspec.graph.reserved import attribute_taken
from archspec.graph.tables import BodyTables
from archspec.opdef.args import show
from archspec.opdef.op import Weight
from archspec.opdef.types import Dtype, TensorType
from archspec.source import Span
from archspec.syntax import tree

STATE = 1_000
"""Units of work of one parameter, buffer or table; the stages behind are counted in."""


class Declarations:
    """The statements `param`, `buffer` and `const` of one body."""

    def __init__(self, evaluator: ExpressionEvaluator, draft: ModuleDraft, tables: BodyTables) -> None:
        self.evaluator = evaluator
        self.ledger = evaluator.ledger
        self.initialisers = evaluator.calls.initialisers
        self.names = evaluator.environment.names
        self.draft = draft
        self.tables = tables

    def state(self, statement: tree.State) -> None:
        """``param name: [shape] = initialiser``, or ``buffer``."""
        self._free_name(statement)
        self.ledger.spend(statement.span, STATE)
        shape = self.evaluator.sizes(statement.shape)
        init = self.initialisers.of(self.evaluator.eval(statement.init), statement.init.span)
        self.initialisers.fits(init, statement.name, len(shape), statement.init.span)
        self.draft.instance.state.append(Weight(statement.name, shape, init, statement.trained))
        self._bind(statement.name, TensorType(shape, "float", batched=False), statement.span)

    def const(self, statement: tree.Const) -> None:
        """``const name: int [shape] = table``"""
        self._free_name(statement)
        self.ledger.spend(statement.span, STATE)
        shape = self.evaluator.sizes(statement.shape)
        integral = statement.dtype == "int"
        given, found, kinds, shown = self.tables.table(statement.value, integral)
        if found != shape or not all(_is_number(kind, integral) for kind in kinds):
            kind = "whole numbers" if integral else "numbers"
            wanted = f"a table of {kind} of shape {show(shape)}"
            got = f"one of shape {show(found)}" if found is not None else shown
            self.ledger.fail(WrongKind(statement.value.span, wanted, got))
        dtype: Dtype = "int" if integral else "float"
        reached = self.tables.reached(statement.value)
        table = Table(statement.name, shape, dtype, given, statement.value, reached)
        self.draft.instance.tables.append(table)
        self._bind(statement.name, TensorType(shape, dtype, batched=False, entries=table.entries), statement.span)

    def _bind(self, name: str, type: TensorType, span: Span) -> None:
        self.names[name] = tensor = self.draft.tensor(type, span)
        self.draft.call(f"self.{name}", tensor)

    def _free_name(self, statement: tree.State | tree.Const) -> None:
        """A name for a parameter, buffer or table that nothing else has."""
        if statement.name in self.draft.all_names():
            self.ledger.fail(NamedTwice(statement.span, statement.name))
        if attribute_taken(statement.name):
            self.ledger.fail(NameTaken(statement.span, statement.name, self.draft.definition.name))


def _is_number(kind: type, whole: bool) -> bool:
    return issubclass(kind, int if whole else (int, float)) and kind is not bool
