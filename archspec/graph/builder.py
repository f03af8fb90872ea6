"""A module from its arguments and inputs to the finished instance."""

from __future__ import annotations

from collections.abc import Container, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING

from archspec.graph.dataflow import Dataflow
from archspec.graph.draft import ModuleDraft
from archspec.graph.environment import Environment
from archspec.graph.evaluate import ExpressionEvaluator
from archspec.graph.model_inputs import ModelInputs
from archspec.graph.naming import bind, detached, unbind
from archspec.graph.nodes import Instance
from archspec.graph.problems.calls import MissingArgument
from archspec.graph.problems.layers import NameTaken
from archspec.graph.problems.limits import TooLarge
from archspec.graph.problems.signature import NothingReturned
from archspec.graph.problems.values import Failed
from archspec.graph.reserved import attribute_taken
from archspec.graph.signature import Signature
from archspec.graph.stages import FIELDS, StagePlan
from archspec.graph.starts import InitRule, Starts
from archspec.graph.statements import Returned, Statements
from archspec.graph.tables import COPY, BodyTables
from archspec.graph.unread import Unread
from archspec.graph.values import POISON, Poison, Recipe, Tensor, Value, contains_tensor, is_recipe
from archspec.graph.walk import count_layers, stateful
from archspec.opdef.types import TensorType
from archspec.source import Span
from archspec.spec.names import axes_in, names_in
from archspec.spec.resolved import Resolved
from archspec.sym import expr
from archspec.sym.number import exceeds, is_number, traced
from archspec.syntax import tree

if TYPE_CHECKING:
    from archspec.graph.elaborate import Elaborator


class ModuleBuilder:
    """Builds the instance of one module or model: evaluates its arguments, runs its body, closes the instance.

    Args:
        elaborator: makes the nodes of what the body uses.
        key: of the definition.
        definition: the module.
        rules: the ``init`` rules in force around it.
    """

    def __init__(
        self,
        elaborator: Elaborator,
        key: str,
        definition: tree.Module | tree.Model,
        rules: tuple[InitRule, ...] = (),
    ) -> None:
        self.opening = elaborator.opening
        self.ledger = elaborator.ledger
        self.definition = definition
        self.draft = ModuleDraft(self.ledger, key, definition)
        self.instance = self.draft.instance
        self.environment = Environment(self.instance.file)
        self.names = self.environment.names
        self.evaluator = ExpressionEvaluator(self.ledger, elaborator.definitions, self.environment, self.apply)
        self.starts = Starts(self.evaluator, self.draft, rules)
        self.stages = StagePlan(self.evaluator, self.draft.layers)
        self.dataflow = Dataflow(elaborator, self.ledger, self.environment, self.draft, self.starts, self.stages)
        self.signature = Signature(self.evaluator, self.draft)
        self.tables = BodyTables(self.evaluator, elaborator.tables)
        self.statements = Statements(self.evaluator, self.draft, self.tables, self.starts, self.stages)

    def apply(self, callee: Value, tensors: list[Value], span: Span) -> Value:
        """Apply a recipe, a layer or a list of them to tensors."""
        return self.dataflow.apply(callee, tensors, span)

    def open(self, args: Mapping[str, Value], inputs: tuple[TensorType, ...], span: Span) -> None:
        """Bind arguments, inputs and defaults, as a use gives them."""
        missing = tuple(p.name for p in self.definition.parameters if p.default is None and p.name not in args)
        if missing:
            self.ledger.fail(MissingArgument(span, self.definition.name, missing, span))
        for name, value in args.items():
            self._parameter(name, value)
        self._defaults(axes_in(self.definition))
        self.signature.bind_inputs(inputs, span)
        self._defaults()

    def open_model(self, spec: Resolved) -> None:
        """Bind the parameters of a spec's model."""
        instance = self.instance
        instance.name = spec.name
        instance.doc = spec.doc
        for given in spec.given:
            evaluator = ExpressionEvaluator(self.ledger, self.evaluator.definitions, Environment(given.file))
            try:
                self._model_parameter(given.name, detached(evaluator.eval(given.value)))
            except Failed:
                self._parameter(given.name, POISON)
        self._defaults()
        parameters = [parameter.name for parameter in spec.model.parameters]
        instance.args = {name: instance.args[name] for name in parameters if name in instance.args}
        missing = tuple(name for name in parameters if name not in self.names)
        if missing:
            self.ledger.fail(MissingArgument(spec.model.span, spec.name, missing, spec.model.span))

    def model_inputs(self, spec: Resolved) -> tuple[TensorType, ...]:
        """The types of a model's inputs, their axes named in its body."""
        return ModelInputs(self.evaluator, self.draft, spec, self.opening).types()

    def _parameter(self, name: str, value: Value) -> None:
        self.instance.args[name] = value
        self.names[name] = bind(_named(value, name), (name,))

    def _model_parameter(self, name: str, value: Value) -> None:
        self._parameter(name, value if self.opening is None else self.opening.parameter(name, value))

    def _defaults(self, axes: Container[str] | None = None) -> None:
        """Give parameters their defaults; ``axes``: those alone whose default says the size of one of them."""
        give = self._model_parameter if self.draft.is_model else self._parameter
        for parameter in self.definition.parameters:
            if axes is not None and (parameter.name not in axes or not _is_size(parameter.default, axes)):
                continue
            if parameter.name not in self.names and parameter.default is not None:
                value = self.evaluator.eval(parameter.default)
                self.environment.pin(unbind(value))
                give(parameter.name, detached(value))

    def finish(self) -> Instance | None:
        """Run the body and close the instance; None where something in it has no value."""
        with suppress(Returned):
            self.statements.run(self.definition.body)
        draft, instance = self.draft, self.instance
        if draft.result is None and draft.is_model:
            self._flow()
        if draft.result is None:
            if not draft.poisoned:
                self.ledger.report(NothingReturned(self.definition.span, self.definition.name, draft.is_model))
            return None
        results = [value for value in draft.result if isinstance(value, Tensor)]
        if len(results) < len(draft.result):
            return None
        instance.results = tuple(value.id for value in results)
        unread = Unread(self.ledger, self.environment, draft)
        unread.prune()
        if not self._close_layers():
            return None
        unread.warn_of_layers(set(FIELDS) if self.stages.all else set(), set(self.starts.own))
        self.starts.finish()
        instance.stages = self.stages.facts()
        self.ledger.measure(tuple(self.names.values()), self.definition.span, COPY)
        instance.decisions = tuple(self.environment.decisions)
        instance.choices = tuple(self.environment.choices.values())
        instance.facts = {name: value for name, value in self.names.items() if not contains_tensor(value)}
        with suppress(Failed):
            self.signature.check_outputs()
        return instance

    def _close_layers(self) -> bool:
        """Give the instance its layers; whether it may have so many."""
        instance, layers = self.instance, self.draft.layers
        instance.layers = layers.tree()
        for name, node in instance.layers.items():
            if attribute_taken(name) and stateful(node):
                span = next(span for path, span in layers.spans.items() if path[0] == name)
                self.ledger.report(NameTaken(span, name, self.definition.name))
        instance.layer_count = count_layers(instance)
        most = self.ledger.limits.layers
        if exceeds(instance.layer_count, most):
            words = "`" + self.definition.name + "` has more than {} layers"
            self.ledger.report(TooLarge(self.definition.span, "layers", most, words))
            return False
        return True

    def _flow(self) -> None:
        """A model without ``return``: input, stem, stages, head."""
        given = [self.names.get("stem"), *self.stages.applied(), self.names.get("head")]
        roles = [role for at, role in enumerate(given) if role is not None and role not in given[:at]]
        if not any(is_recipe(role) for role in roles) or len(self.instance.input_names) != 1:
            return
        value = self.names[self.instance.input_names[0]]
        try:
            for role in roles:
                made = unbind(role)
                span = made.span if isinstance(made, Recipe) and made.span.source else self.definition.span
                value = POISON if isinstance(role, Poison) else self.apply(role, [value], span)
                if isinstance(value, Tensor):
                    self.draft.call("x", value)
        except Failed:
            value = POISON
        self.draft.poisoned = True
        self.draft.result = [value]


def _named(value: Value, name: str) -> Value:
    """A value under a name: a number is known by it from here on, the numbers of a list by it and their places."""
    if type(value) is tuple and any(map(is_number, value)):
        return tuple(traced(item, expr.name(expr.entry(name, at))) for at, item in enumerate(value))
    made: Value = traced(value, expr.name(name))
    return made


def _is_size(default: tree.Expr | None, axes: Container[str]) -> bool:
    """Whether a default can be had before the axes are: ``none`` leaves the size to the input, and so does a rule."""
    left_open = default is None or (isinstance(default, tree.Constant) and default.value is None)
    return not left_open and all(name.id not in axes for name in names_in(default))
