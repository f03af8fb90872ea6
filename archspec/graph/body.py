"""One body from its arguments and inputs to the finished instance."""

from __future__ import annotations

import keyword
import re
from collections.abc import Container, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from archspec.graph.calls import Scope
from archspec.graph.extern import COSTS, TARGET, ExternOp
from archspec.graph.nodes import Binding, Instance, LayerList, OpNode, Step, count_layers, stateful
from archspec.graph.problems.calls import BadExtern, MissingArgument
from archspec.graph.problems.layers import NameTaken
from archspec.graph.problems.limits import TooLarge
from archspec.graph.problems.signature import NothingReturned
from archspec.graph.problems.unread import NeverApplied, NeverRead
from archspec.graph.problems.values import Failed
from archspec.graph.signature import bind_inputs, check_outputs, model_inputs
from archspec.graph.stages import FIELDS
from archspec.graph.values import (
    POISON,
    Bound,
    InitFunction,
    Recipe,
    Tensor,
    bind,
    contains_tensor,
    describe,
    detached,
    is_recipe,
    unbind,
)
from archspec.opdef.args import REQUIRED
from archspec.opdef.init import Initialiser
from archspec.opdef.op import Op, arguments
from archspec.opdef.reserved import attribute_taken
from archspec.opdef.types import TensorType
from archspec.source import Span
from archspec.spec.names import axes_in, names_in, nodes_in
from archspec.spec.resolved import Resolved
from archspec.sym import expr
from archspec.sym.number import exceeds, is_number, plain, traced
from archspec.syntax import tree

if TYPE_CHECKING:
    from archspec.graph.elaborate import Elaborator
from archspec.graph.dataflow import InitRule
from archspec.graph.declarations import COPY
from archspec.graph.statements import Returned, Statements


def definition_parameters(op: type[Op], given: Mapping[str, Any]) -> tuple[str, ...]:
    """The arguments that an op must have and was not given."""
    return tuple(n for n, spec in arguments(op).items() if spec.default is REQUIRED and n not in given)


class Body(Statements):
    """Builds the instance of one module or model."""

    @classmethod
    def of_module(
        cls,
        elaborator: Elaborator,
        key: str,
        args: dict[str, Any],
        inputs: tuple[TensorType, ...],
        rules: tuple[InitRule, ...],
        span: Span,
    ) -> Instance | None:
        """The instance of a module; None where something in it has no value."""
        definition = elaborator.definition(key)
        assert not isinstance(definition, tree.Extern)
        body = cls(elaborator, key, definition, rules)
        body._open(args, inputs, span)
        return body.finish()

    @classmethod
    def of_extern(
        cls,
        elaborator: Elaborator,
        key: str,
        args: dict[str, Any],
        inputs: tuple[TensorType, ...],
        rules: tuple[InitRule, ...],
        span: Span,
    ) -> OpNode | None:
        """The node of a module from outside: its declared outputs and costs on these inputs."""
        definition = elaborator.definition(key)
        assert isinstance(definition, tree.Extern)
        shell = tree.Module(
            definition.name, None, definition.parameters, definition.inputs, definition.outputs, (), definition.span
        )
        body = cls(elaborator, key, shell, rules)
        body._open(args, inputs, span)
        words = re.split("[.:]", definition.target.value)
        if TARGET.fullmatch(definition.target.value) is None or any(map(keyword.iskeyword, words)):
            why = f"`{definition.target.value}` is not of the form package.module:Class"
            body.fail(BadExtern(definition.target.span, why))
        for name, value in body.instance.args.items():
            if is_recipe(value) or isinstance(value, (Initialiser, InitFunction)):
                body.fail(BadExtern(span, f"`{name}` of `{definition.name}` is {describe(value)}, not a value"))
        costs = {}
        for field in definition.costs:
            count = body.number(field.value)
            if field.name not in COSTS or count < 0:
                body.fail(BadExtern(field.span, f"the costs of an extern are {', '.join(COSTS)}, 0 or more"))
            costs[field.name] = int(count)
        outputs = tuple(TensorType(plain(body._sizes(shape))) for shape in definition.outputs)
        values = {parameter.name: body.instance.args[parameter.name] for parameter in definition.parameters}
        return OpNode(ExternOp(definition.name, definition.target.value, values, inputs, outputs, costs), (), span)

    @classmethod
    def of_model(cls, elaborator: Elaborator, spec: Resolved) -> Instance | None:
        """The instance of a spec's model with the parameters and the input size given there."""
        body = cls.of_arguments(elaborator, spec)
        bind_inputs(body, model_inputs(body, spec), spec.model.span, checked=False)
        return body.finish()

    @classmethod
    def of_arguments(cls, elaborator: Elaborator, spec: Resolved) -> Body:
        """The body of a spec's model with its parameters alone."""
        body = cls(elaborator, f"{spec.model_file}:{spec.model.name}", spec.model, ())
        body.instance.name = spec.name
        body.instance.doc = spec.doc
        for given in spec.given:
            scope = Scope(elaborator, given.file)
            try:
                body._model_parameter(given.name, detached(scope.eval(given.value)))
            except Failed:
                body._parameter(given.name, POISON)
        body._defaults()
        args = body.instance.args
        body.instance.args = {p.name: args[p.name] for p in spec.model.parameters if p.name in args}
        missing = tuple(p.name for p in spec.model.parameters if p.name not in body.env)
        if missing:
            body.fail(MissingArgument(spec.model.span, spec.name, missing, spec.model.span))
        return body

    def _open(self, args: dict[str, Any], inputs: tuple[TensorType, ...], span: Span) -> None:
        """Bind arguments, inputs and defaults, as a use gives them."""
        missing = tuple(p.name for p in self.definition.parameters if p.default is None and p.name not in args)
        if missing:
            self.fail(MissingArgument(span, self.definition.name, missing, span))
        for name, value in args.items():
            self._parameter(name, value)
        self._defaults(axes_in(self.definition))
        bind_inputs(self, inputs, span)
        self._defaults()

    def _parameter(self, name: str, value: Any) -> None:
        self.instance.args[name] = value
        self.env[name] = bind(_named(value, name), (name,))

    def _model_parameter(self, name: str, value: Any) -> None:
        opening = self.elaborator.opening
        self._parameter(name, value if opening is None else opening.parameter(name, value))

    def _defaults(self, axes: Container[str] | None = None) -> None:
        """Give parameters their defaults; ``axes``: those alone whose default says the size of one of them."""
        for parameter in self.definition.parameters:
            if axes is not None and (parameter.name not in axes or not _is_size(parameter.default, axes)):
                continue
            if parameter.name not in self.env and parameter.default is not None:
                give = self._model_parameter if self.is_model else self._parameter
                value = self.eval(parameter.default)
                self.pin(unbind(value))
                give(parameter.name, detached(value))

    def finish(self) -> Instance | None:
        """Run the body and close the instance."""
        with suppress(Returned):
            self.run(self.definition.body)
        if self.result is None and isinstance(self.definition, tree.Model):
            self._flow()
        if self.result is None:
            if not self.poisoned:
                self._report(NothingReturned(self.definition.span, self.definition.name, self.is_model))
            return None
        if any(not isinstance(value, Tensor) for value in self.result):
            return None
        self.instance.results = tuple(value.id for value in self.result)
        self._prune()
        self.instance.layers = self.layers.tree(self)
        for name, node in self.instance.layers.items():
            if attribute_taken(name) and stateful(node):
                span = next(span for path, span in self.layers.spans.items() if path[0] == name)
                self._report(NameTaken(span, name, self.definition.name))
        self.instance.layer_count = 1 + sum(map(count_layers, self.instance.layers.values()))
        most = self.elaborator.limits.layers
        if exceeds(self.instance.layer_count, most):
            words = "`" + self.definition.name + "` has more than {} layers"
            self._report(TooLarge(self.definition.span, "layers", most, words))
            return None
        self._warn_of_layers()
        self.finish_rules()
        self.instance.stages = self.stages.facts()
        self.elaborator.measure(tuple(self.env.values()), self.definition.span, COPY)
        self.instance.decisions = tuple(self.decisions)
        self.instance.facts = {name: detached(v) for name, v in self.env.items() if not contains_tensor(v)}
        self._report_outputs()
        return self.instance

    def _prune(self) -> None:
        """Leave out steps whose results nothing reads. A layer with weights stays with its keys, and is not run."""
        needed = set(self.instance.results)
        unread: list[Step] = []
        kept: list[Step | Binding] = []
        for item in reversed(self.instance.body):
            if isinstance(item, Binding):
                kept.append(item)
            elif needed.intersection(item.outputs):
                needed.update(item.inputs)
                kept.append(item)
            elif item.layer is not None:
                unread.append(item)
        run = {item.layer: item.node for item in kept if isinstance(item, Step)}
        for item in reversed(unread):
            assert item.layer is not None
            if item.layer in run:
                self.layers.nodes[item.layer] = run[item.layer]
            elif stateful(item.node):
                self.elaborator.warn(NeverRead(item.span, ".".join(item.layer)))
            elif len(item.layer) == 1:
                self.layers.nodes.pop(item.layer, None)
        self._warn_of_parameters(needed)
        made = needed | set(range(len(self.instance.inputs)))
        made.update(i for item in kept if isinstance(item, Step) for i in item.outputs)
        made.update(
            i for item in kept if isinstance(item, Binding) and item.names[0].startswith("self.") for i in item.tensors
        )
        self.instance.body = [
            item for item in reversed(kept) if isinstance(item, Step) or all(i in made for i in item.tensors)
        ]

    def _warn_of_parameters(self, needed: set[int]) -> None:
        """Parameters that no result depends on."""
        trained = {f"self.{weight.name}" for weight in self.instance.state if weight.trained}
        made = [item for item in self.instance.body if isinstance(item, Binding) and item.names[0] in trained]
        unread = [item.names[0].removeprefix("self.") for item in made if item.tensors[0] not in needed]
        own = [node for node in nodes_in(self.definition) if isinstance(node, tree.State)] if unread else []
        spans = {node.name: node.span for node in reversed(own)}
        for name in unread:
            self.elaborator.warn(NeverRead(spans[name], name, layer=False))

    def _warn_of_layers(self) -> None:
        """Layers-to-be that nothing in the body applies or mentions, and ends of lists that are never applied."""
        unread = self.unread.keys() - {path[0] for path in self.layers.nodes}
        unread -= set(FIELDS) if self.stages.all else set()
        unread -= {name.id for name in names_in(self.definition)} if unread else set()
        started = {selector for selector, _ in self.own_rules}
        for name, span in self.unread.items():
            if name in unread:
                self.elaborator.warn(NeverApplied(span, name, started=name in started))
        for name, node in self.instance.layers.items():
            bound = self.env.get(name)
            entries = bound.value if isinstance(bound, Bound) and bound.path == (name,) else None
            if not isinstance(node, LayerList) or node.sequential or not isinstance(entries, tuple):
                continue
            if len(node.items) < len(entries):
                span = self.layers.spans[next(path for path in self.layers.nodes if path[0] == name)]
                self.elaborator.warn(NeverApplied(span, name, (len(node.items), len(entries))))

    def _report_outputs(self) -> None:
        with suppress(Failed):
            check_outputs(self)

    @property
    def is_model(self) -> bool:
        return isinstance(self.definition, tree.Model)

    def _flow(self) -> None:
        """A model without ``return``: input, stem, stages, head."""
        stages = self.stages.recipes()
        roles = [self.env.get("stem"), *stages, self.env.get("head")]
        roles = [role for at, role in enumerate(roles) if role is not None and role not in roles[:at]]
        if not any(is_recipe(role) for role in roles) or len(self.instance.input_names) != 1:
            return
        name = self.instance.input_names[0]
        value: Any = self.env[name]
        try:
            for role in roles:
                value = POISON if role is POISON else self.apply(role, [value], _made(role, self.definition.span))
                if isinstance(value, Tensor):
                    self.instance.body.append(Binding(("x",), (value.id,)))
        except Failed:
            value = POISON
        self.poisoned = True
        self.result = [value]

    # statements


def _named(value: Any, name: str) -> Any:
    """A value under a name: a number is known by it from here on, the numbers of a list by it and their places."""
    if type(value) is tuple and any(map(is_number, value)):
        return tuple(traced(item, expr.name(expr.entry(name, at))) for at, item in enumerate(value))
    return traced(value, expr.name(name))


def _is_size(default: tree.Expr | None, axes: Container[str]) -> bool:
    """Whether a default can be had before the axes are: ``none`` leaves the size to the input, and so does a rule."""
    left_open = default is None or (isinstance(default, tree.Constant) and default.value is None)
    return not left_open and all(name.id not in axes for name in names_in(default))


def _made(role: Any, otherwise: Span) -> Span:
    value = unbind(role)
    return value.span if isinstance(value, Recipe) and value.span.source else otherwise
