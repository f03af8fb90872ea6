"""One body at work: its statements, its dataflow, its layers."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from archspec.diagnostics import Label
from archspec.graph import problems, trace
from archspec.graph.evaluate import Scope
from archspec.graph.extern import COSTS, TARGET, Extern
from archspec.graph.layers import Layers
from archspec.graph.nodes import Assign, Chain, Instance, Node, OpNode, Step, Table, stateful
from archspec.graph.signature import bind_inputs, check_outputs, model_inputs
from archspec.graph.stages import Stages
from archspec.graph.values import (
    POISON,
    Bound,
    InitFunction,
    Poison,
    Recipe,
    Tensor,
    bind,
    contains_tensor,
    describe,
    detached,
    is_recipe,
    unbind,
)
from archspec.opdef.args import REQUIRED, show
from archspec.opdef.init import Initialiser
from archspec.opdef.op import Op, Weight, arguments
from archspec.opdef.registry import op_names
from archspec.opdef.types import Dtype, TensorType
from archspec.source import Span
from archspec.spec.names import bound_names
from archspec.spec.schema import Spec
from archspec.syntax import tree

if TYPE_CHECKING:
    from archspec.graph.elaborate import Elaborator


@dataclass(frozen=True)
class Rule:
    """``init op { field = initialiser }`` in force for everything inside a module."""

    op: str
    fields: tuple[tuple[str, Initialiser], ...]


class Returned(Exception):
    """A ``return`` was reached."""


def definition_parameters(op: type[Op], given: Mapping[str, Any]) -> tuple[str, ...]:
    """The arguments that an op must have and was not given."""
    return tuple(n for n, spec in arguments(op).items() if spec.default is REQUIRED and n not in given)


class Body(Scope):
    """Builds the instance of one module or model."""

    def __init__(self, elaborator: Elaborator, key: str, definition: tree.Module | tree.Model, rules: tuple[Rule, ...]):
        super().__init__(elaborator, key.rsplit(":", 1)[0])
        self.definition = definition
        self.rules = rules
        self.own_rules: list[tuple[str, tuple[tuple[str, Initialiser], ...]]] = []
        self.layers = Layers()
        self.stages = Stages(self)
        self.unnamed: dict[Recipe, Bound] = {}
        self.entries: set[int] = set()
        self.binding: tree.Expr | None = None
        self.result: list[Any] | None = None
        self.result_span = definition.span
        self.poisoned = False
        self.instance = Instance(
            key=key,
            name=definition.name,
            doc=definition.doc,
            args={},
            input_names=tuple(item.name for item in definition.inputs),
            inputs=(),
            input_axes=(),
            axes={},
            file=self.file,
        )

    @classmethod
    def of_module(
        cls,
        elaborator: Elaborator,
        key: str,
        args: dict[str, Any],
        inputs: tuple[TensorType, ...],
        rules: tuple[Rule, ...],
        span: Span,
    ) -> Instance | None:
        """The instance of a module; None where something in it has no value."""
        definition = elaborator.definition(key)
        assert not isinstance(definition, tree.Extern)
        body = cls(elaborator, key, definition, rules)
        missing = tuple(p.name for p in definition.parameters if p.default is None and p.name not in args)
        if missing:
            body.fail(problems.MissingArgument(span, definition.name, missing, span))
        for name, value in args.items():
            body._parameter(name, value)
        bind_inputs(body, inputs, span)
        body._defaults()
        return body.finish()

    @classmethod
    def of_extern(
        cls,
        elaborator: Elaborator,
        key: str,
        args: dict[str, Any],
        inputs: tuple[TensorType, ...],
        rules: tuple[Rule, ...],
        span: Span,
    ) -> OpNode | None:
        """The node of a module from outside: its declared outputs and costs on these inputs."""
        definition = elaborator.definition(key)
        assert isinstance(definition, tree.Extern)
        shell = tree.Module(
            definition.name, None, definition.parameters, definition.inputs, definition.outputs, (), definition.span
        )
        body = cls(elaborator, key, shell, rules)
        missing = tuple(p.name for p in definition.parameters if p.default is None and p.name not in args)
        if missing:
            body.fail(problems.MissingArgument(span, definition.name, missing, span))
        for name, value in args.items():
            body._parameter(name, value)
        bind_inputs(body, inputs, span)
        body._defaults()
        if TARGET.fullmatch(definition.target.value) is None:
            why = f"`{definition.target.value}` is not of the form package.module:Class"
            body.fail(problems.BadExtern(definition.target.span, why))
        for name, value in body.instance.args.items():
            if is_recipe(value) or isinstance(value, (Initialiser, InitFunction)):
                body.fail(
                    problems.BadExtern(span, f"`{name}` of `{definition.name}` is {describe(value)}, not a value")
                )
        costs = {}
        for field in definition.costs:
            count = body.number(field.value)
            if field.name not in COSTS or count < 0:
                body.fail(problems.BadExtern(field.span, f"the costs of an extern are {', '.join(COSTS)}, 0 or more"))
            costs[field.name] = int(count)
        outputs = tuple(TensorType(trace.plain(body._sizes(shape))) for shape in definition.outputs)
        values = {parameter.name: body.instance.args[parameter.name] for parameter in definition.parameters}
        return OpNode(Extern(definition.name, definition.target.value, values, inputs, outputs, costs), (), span)

    @classmethod
    def of_model(cls, elaborator: Elaborator, spec: Spec) -> Instance | None:
        """The instance of a spec's model with the parameters and the input size given there."""
        body = cls(elaborator, f"{spec.model_file}:{spec.model.name}", spec.model, ())
        body.instance.name = spec.name
        body.instance.doc = spec.doc
        for given in spec.given:
            scope = Scope(elaborator, given.file)
            try:
                body._parameter(given.name, detached(scope.eval(given.value)))
            except problems.Failed:
                body._parameter(given.name, POISON)
        body._defaults()
        missing = tuple(p.name for p in spec.model.parameters if p.name not in body.env)
        if missing:
            body.fail(problems.MissingArgument(spec.model.span, spec.name, missing, spec.model.span))
        bind_inputs(body, model_inputs(body, spec), spec.model.span, checked=False)
        return body.finish()

    def _parameter(self, name: str, value: Any) -> None:
        self.instance.args[name] = value
        self.env[name] = bind(trace.traced(value, trace.name(name)), (name,))

    def _defaults(self) -> None:
        for parameter in self.definition.parameters:
            if parameter.name not in self.env and parameter.default is not None:
                self._parameter(parameter.name, detached(self.eval(parameter.default)))

    def finish(self) -> Instance | None:
        """Run the body and close the instance."""
        with suppress(Returned):
            self.run(self.definition.body)
        if self.result is None and isinstance(self.definition, tree.Model):
            self._flow()
        if self.result is None:
            if not self.poisoned:
                self._report(problems.NothingReturned(self.definition.span, self.definition.name, self.is_model))
            return None
        if any(not isinstance(value, Tensor) for value in self.result):
            return None
        self.instance.results = tuple(value.id for value in self.result)
        self._prune()
        self.instance.layers = self.layers.tree(self)
        self.instance.stages = self.stages.facts()
        self.instance.facts = {name: detached(v) for name, v in self.env.items() if not contains_tensor(v)}
        self._report_outputs()
        return self.instance

    def _prune(self) -> None:
        """Leave out steps whose results nothing reads; a layer with weights among them is a mistake."""
        needed = set(self.instance.results)
        unread: list[tuple[str, ...]] = []
        kept: list[Step | Assign] = []
        for item in reversed(self.instance.body):
            if isinstance(item, Assign):
                kept.append(item)
            elif needed.intersection(item.outputs):
                needed.update(item.inputs)
                kept.append(item)
            elif stateful(item.node):
                self._report(problems.NeverUsed(item.span, ".".join(item.layer or (item.node.name,))))
            elif item.layer is not None:
                unread.append(item.layer)
        used = {item.layer for item in kept if isinstance(item, Step)}
        for layer in unread:
            if layer not in used:
                self.layers.nodes.pop(layer, None)
        made = needed | set(range(len(self.instance.inputs)))
        made.update(i for item in kept if isinstance(item, Step) for i in item.outputs)
        made.update(
            i for item in kept if isinstance(item, Assign) and item.names[0].startswith("self.") for i in item.tensors
        )
        self.instance.body = [
            item for item in reversed(kept) if isinstance(item, Step) or all(i in made for i in item.tensors)
        ]

    def _report(self, problem: Any) -> None:
        with suppress(problems.Failed):
            self.fail(problem)

    def _report_outputs(self) -> None:
        with suppress(problems.Failed):
            check_outputs(self)

    @property
    def is_model(self) -> bool:
        return isinstance(self.definition, tree.Model)

    def _flow(self) -> None:
        """A model without ``return``: input, stem, stages, head."""
        roles = [self.env.get("stem"), *self.stages.recipes(), self.env.get("head")]
        roles = [role for role in roles if role is not None]
        if not any(is_recipe(role) for role in roles) or len(self.instance.input_names) != 1:
            return
        name = self.instance.input_names[0]
        value: Any = self.env[name]
        try:
            for role in roles:
                value = POISON if role is POISON else self.apply(role, [value], _made(role, self.definition.span))
                if isinstance(value, Tensor):
                    self.instance.body.append(Assign(("x",), (value.id,)))
        except problems.Failed:
            value = POISON
        self.poisoned = True
        self.result = [value]

    # statements

    def run(self, statements: tuple[tree.Statement, ...]) -> None:
        """Execute statements; one that fails poisons what it binds, and the rest goes on."""
        for statement in statements:
            try:
                getattr(self, f"_do_{statement.kind}")(statement)
            except problems.Failed:
                self.poisoned = True
                if isinstance(statement, tree.Require):
                    self.result = [POISON]
                    raise Returned from None
                if isinstance(statement, tree.Stage):
                    self.env[statement.name] = POISON
                if isinstance(statement, tree.Bind):
                    for target in statement.targets:
                        self.env[target.id] = POISON
                if isinstance(statement, (tree.Stage, tree.Stages)):
                    self.stages.broken = True

    def _do_bind(self, statement: tree.Bind) -> None:
        value = self.eval(statement.value)
        names = tuple(target.id for target in statement.targets)
        self.binding = statement.value if len(names) == 1 else None
        if len(names) == 1:
            self._set(names[0], value)
            return
        if isinstance(value, Poison):
            value = (POISON,) * len(names)
        if isinstance(value, Bound):
            value = unbind(value)
        if not isinstance(value, tuple) or len(value) != len(names):
            got = len(value) if isinstance(value, tuple) else 1
            self.fail(problems.WrongCount(statement.span, "values for these names", len(names), got))
        if all(isinstance(item, Tensor) for item in value):
            self.instance.body.append(Assign(names, tuple(item.id for item in value)))
            self.env.update(zip(names, value))
            return
        for name, item in zip(names, value):
            self._set(name, item)

    def _set(self, name: str, value: Any) -> None:
        if isinstance(value, Tensor):
            self.instance.body.append(Assign((name,), (value.id,)))
            self.env[name] = value
        elif isinstance(value, tuple) and contains_tensor(value):
            self._name_entries(name, value)
            self.env[name] = value
        else:
            self.env[name] = bind(self._local(name, value), (name,))
            self.instance.rules[name] = None if name in self.instance.rules else self.binding

    def _local(self, name: str, value: Any) -> Any:
        """A number worked out from others is known by the name it is given from here on."""
        own = getattr(value, "trace", None)
        if own is None or own.op in ("name", "literal") or name in self.instance.environment:
            return value
        self.instance.locals[name] = (trace.plain(value), own)
        return trace.traced(value, trace.name(name))

    def _name_entries(self, name: str, value: tuple[Any, ...]) -> None:
        """Tensors in a list live on past the statement, so each gets a name of its own."""
        for index, item in enumerate(value):
            if isinstance(item, Tensor) and item.id not in self.entries and item.id >= len(self.instance.inputs):
                self.entries.add(item.id)
                self.instance.body.append(Assign((f"{name}_{index}",), (item.id,)))

    def _do_return(self, statement: tree.Return) -> None:
        values = [self.eval(value) for value in statement.values]
        self.instance.returns = "one" if len(values) == 1 else "tuple"
        if len(values) == 1 and isinstance(values[0], tuple):
            values = list(values[0])
            self.instance.returns = "list"
        for value in values:
            if not isinstance(value, (Tensor, Poison)):
                self.fail(problems.WrongKind(statement.span, "a tensor to return", describe(value)))
        self.result = values
        self.result_span = statement.span
        raise Returned

    def _do_if(self, statement: tree.If) -> None:
        self.run(statement.then if self.truth(statement.condition) else statement.otherwise)

    def _do_for(self, statement: tree.For) -> None:
        for item in self.items(statement.iterable):
            self.elaborator.spend(statement.span)
            self.assign(statement.targets, item, statement.iterable.span)
            self.run(statement.body)

    def _do_require(self, statement: tree.Require) -> None:
        if not self.truth(statement.condition):
            words = self.eval(statement.message)
            from archspec.spec.names import names_in

            used = dict.fromkeys(name.id for name in names_in(statement.condition))
            bound = tuple((n, show(unbind(self.env[n]))) for n in used if n in self.env)
            self.fail(problems.RequireFailed(statement.span, str(words), bound))

    def _do_state(self, statement: tree.State) -> None:
        if statement.name in self.own_names():
            self.fail(problems.NamedTwice(statement.span, statement.name))
        shape = self._sizes(statement.shape)
        init = self.eval(statement.init)
        init = self._as_initialiser(init, statement.init.span)
        self.instance.state.append(Weight(statement.name, shape, init, statement.trained))
        tensor = self.tensor(TensorType(shape, "float", batched=False), statement.span)
        self.instance.body.append(Assign((f"self.{statement.name}",), (tensor.id,)))
        self.env[statement.name] = tensor

    def _do_const(self, statement: tree.Const) -> None:
        if statement.name in self.own_names():
            self.fail(problems.NamedTwice(statement.span, statement.name))
        shape = self._sizes(statement.shape)
        value = trace.plain(unbind(self.eval(statement.value)))
        flat: list[float] = []
        found = _flatten(value, flat)
        whole = statement.dtype == "int"
        if found != shape or any(
            isinstance(n, bool) or not isinstance(n, int if whole else (int, float)) for n in flat
        ):
            kind = "whole numbers" if whole else "numbers"
            wanted = f"a table of {kind} of shape {show(shape)}"
            got = f"one of shape {show(found)}" if found is not None else describe(value)
            self.fail(problems.WrongKind(statement.value.span, wanted, got))
        dtype: Dtype = "int" if whole else "float"
        table = Table(statement.name, trace.plain(shape), dtype, tuple(flat), statement.value)
        self.instance.tables.append(table)
        tensor = self.tensor(TensorType(shape, dtype, batched=False), statement.span)
        self.instance.body.append(Assign((f"self.{statement.name}",), (tensor.id,)))
        self.env[statement.name] = tensor

    def own_names(self) -> set[str]:
        """The parameters, buffers and tables there are so far."""
        return {weight.name for weight in self.instance.state} | {table.name for table in self.instance.tables}

    def _sizes(self, declared: tree.Shape) -> tuple[int, ...]:
        """The sizes of a declared shape."""
        shape: list[int] = []
        for axis in declared.axes:
            size = self.env.get(axis.name) if axis.rest and axis.name else None
            if axis.size is not None:
                size = self.number(axis.size)
            for item in size if isinstance(size, tuple) else (size,):
                if isinstance(item, bool) or not isinstance(item, int) or item < 1:
                    self.fail(problems.WrongKind(axis.span, "a size of at least 1", describe(item)))
                shape.append(item)
        return tuple(shape)

    def _as_initialiser(self, value: Any, span: Span) -> Initialiser:
        """A number is a constant start; an initialiser whose numbers all have defaults needs no brackets."""
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return Initialiser("constant", (trace.traced(float(value), getattr(value, "trace", None)),))
        if isinstance(value, InitFunction):
            value = self._initialiser(value, [], span)
        if not isinstance(value, Initialiser):
            self.fail(problems.WrongKind(span, "an initialiser, such as zeros or normal(0.02)", describe(value)))
        return value

    def _do_stage(self, statement: tree.Stage) -> None:
        self.stages.declare(statement.name, statement.fields, statement.span)

    def _do_stages(self, statement: tree.Stages) -> None:
        self.stages.declare_all(statement.fields, statement.span)

    def _do_init(self, statement: tree.Init) -> None:
        fields = []
        for field in statement.fields:
            value = self.eval(field.value)
            value = self._as_initialiser(value, field.span)
            fields.append((field.name, value))
        selected = self.env.get(statement.selector)
        known = [item.name for item in statement.fields if item.name not in ("weight", "bias")]
        if known and statement.selector != "lstm":
            self.fail(problems.InitMatches(statement.span, statement.selector, field=known[0]))
        if isinstance(selected, Bound):
            if not _leaves_are_ops(selected):
                self.fail(problems.InitMatches(statement.span, statement.selector, module=True))
            if any(path[0] == statement.selector for path in self.layers.nodes):
                self.fail(problems.InitMatches(statement.span, statement.selector, late=True))
            self.own_rules.append((statement.selector, tuple(fields)))
        elif statement.selector not in op_names():
            self.fail(problems.InitMatches(statement.span, statement.selector, names=tuple(self._recipes())))
        else:
            if any(isinstance(n, OpNode) and n.name == statement.selector for n in self.layers.nodes.values()):
                self.fail(problems.InitMatches(statement.span, statement.selector, late=True))
            rule = Rule(statement.selector, tuple((n, detached(v)) for n, v in fields))
            self.rules = (*self.rules, rule)

    def _recipes(self) -> list[str]:
        """The names that stand for layers-to-be here, and the ops with weights."""
        return [name for name, value in self.env.items() if isinstance(value, Bound)] + ["conv", "linear"]

    def _do_expect(self, statement: tree.Expect) -> None:
        """Checked against the finished report."""

    def _do_checkpoint(self, statement: tree.Checkpoint) -> None:
        """Read when a checkpoint is loaded."""

    def _do_rename(self, statement: tree.Rename) -> None:
        from archspec.spec.problems import Misplaced

        self.fail(Misplaced(statement.span, "->", "a `checkpoint` block"))

    # dataflow

    def tensor(self, type: TensorType, span: Span) -> Tensor:
        """A new tensor of this body."""
        self.instance.types.append(type)
        return Tensor(len(self.instance.types) - 1, type, span)

    def apply(self, callee: Any, tensors: list[Any], span: Span) -> Any:
        """Apply a recipe, a layer or a list of them to tensors."""
        flat: list[Any] = []
        for item in tensors:
            flat += item if isinstance(item, tuple) else [item]
        if any(isinstance(item, Poison) for item in flat):
            return POISON
        for item in flat:
            if not isinstance(item, Tensor):
                self.fail(problems.WrongKind(span, "tensors alone", describe(item)))
        if isinstance(callee, Bound):
            self.stages.resolve(callee)
        path = callee.path if isinstance(callee, Bound) else None
        value = callee.value if isinstance(callee, Bound) else callee
        if isinstance(value, tuple):
            survival = callee.survival if isinstance(callee, Bound) else 1.0
            return self._apply_list(value, path, flat, span, survival)
        origins = tuple(Label(t.span, f"this is {t.type}") for t in flat)
        node = self.node(value, path, tuple(t.type for t in flat), span, origins)
        if node is None:
            return POISON
        if path is not None and (not isinstance(node, OpNode) or node.op.stateful):
            self.layers.add(self, callee, node, span)
            self._note(node, path, value, tuple(t.type for t in flat))
            return self._step(node, path, flat, span)
        if stateful(node):
            self.fail(problems.NotNamed(span, value.name))
        if isinstance(node, Instance):
            return self._apply_unnamed(value, node, flat, span)
        return self._step(node, None, flat, span)

    def _apply_unnamed(self, recipe: Recipe, node: Instance, flat: list[Tensor], span: Span) -> Any:
        """A module without weights needs no name; equal ones share a layer called like the module."""
        bound = self.unnamed.get(recipe)
        if bound is None:
            taken = bound_names(self.definition) | {b.path[0] for b in self.unnamed.values()}
            name, count = recipe.name, 1
            while name in taken:
                count += 1
                name = f"{recipe.name}_{count}"
            bound = self.unnamed[recipe] = Bound(recipe, (name,))
        self.layers.add(self, bound, node, span)
        self._note(node, bound.path, recipe, tuple(t.type for t in flat))
        return self._step(node, bound.path, flat, span)

    def node(
        self,
        recipe: Recipe,
        path: tuple[str, ...] | None,
        inputs: tuple[TensorType, ...],
        span: Span,
        origins: tuple[Label, ...] = (),
    ) -> Node | None:
        """The node of a recipe in this body, with the chain of uses noted for diagnostics."""
        name = ".".join(path) if path else recipe.name
        labels = [Label(span, f"in `{recipe.name}`" + (f", used as `{name}` here" if name != recipe.name else " here"))]
        if recipe.span.source != span.source and recipe.args:
            labels.append(Label(recipe.span, f"`{recipe.name}` was given its arguments here"))
        if recipe.is_op:
            made = self.elaborator.op(recipe, inputs, self.rules, span, origins)
            return self._own_init(made, path)
        self.elaborator.uses.append(tuple(labels))
        try:
            return self.elaborator.node(recipe, inputs, self.rules, span)
        finally:
            self.elaborator.uses.pop()

    def _own_init(self, node: Node | None, path: tuple[str, ...] | None) -> Node | None:
        """``init layer { ... }`` of this body beats the rules for its op."""
        if not isinstance(node, OpNode) or path is None:
            return node
        for selector, fields in self.own_rules:
            if path[0] == selector:
                inits = dict(fields)
                weights = tuple(replace(w, init=inits.get(w.name, w.init)) for w in node.weights)
                node = OpNode(node.op, weights, node.span)
        return node

    def _apply_list(
        self,
        items: tuple[Any, ...],
        path: tuple[str, ...] | None,
        flat: list[Tensor],
        span: Span,
        survival: float,
    ) -> Any:
        """A list of layers applied as a whole: each to what the one before gives."""
        if not items:
            return flat[0]
        if path is None or len(flat) != 1:
            value: Any = flat[0]
            for item in items:
                value = self.apply(item, [value], span)
            return value
        chain = self._chain(items, tuple(t.type for t in flat), span, survival)
        if chain is None:
            return POISON
        self.layers.add(self, Bound(items, path), chain[0], span)
        return self._step(chain[0], path, flat, span)

    def _chain(
        self, items: tuple[Any, ...], types: tuple[TensorType, ...], span: Span, survival: float = 1.0
    ) -> tuple[Chain, tuple[TensorType, ...]] | None:
        """The node of a list applied as a whole, and the type of its result; lists may hold lists."""
        nodes: list[Node] = []
        for item in items:
            if isinstance(item, Bound) and isinstance(item.value, tuple):
                inner = self._chain(item.value, types, span)
                if inner is None:
                    return None
                nodes.append(inner[0])
                types = inner[1]
                continue
            recipe = unbind(item)
            if not isinstance(recipe, Recipe):
                self.fail(problems.WrongKind(span, "a list of ops and modules", describe(recipe)))
            node = self.node(recipe, item.path, types, recipe.span if recipe.name == "stage" else span)
            if node is None:
                return None
            if isinstance(node, OpNode) and not node.op.stateful and not node.op.is_module():
                self.fail(problems.NotALayer(span, recipe.name, recipe.span))
            nodes.append(node)
            self._note(node, item.path, recipe, types)
            types = self._outputs(node, types, recipe)
            if len(types) != 1:
                self.fail(problems.WrongCount(span, f"results of `{recipe.name}` inside a list", 1, len(types)))
        return Chain(tuple(nodes), sequential=True, survival=survival), types

    def _step(self, node: Node, path: tuple[str, ...] | None, inputs: list[Tensor], span: Span) -> Any:
        outside = self.instance.traces.get(path) if path else None
        made = [self.tensor(type, span) for type in self._renamed(node, outside)]
        step = Step(node, path, tuple(t.id for t in inputs), tuple(t.id for t in made), span)
        self.instance.body.append(step)
        several = len(made) != 1 or (isinstance(node, Instance) and node.returns != "one")
        if isinstance(node, OpNode) and node.op.several:
            several = True
        return tuple(made) if several else made[0]

    def _outputs(self, node: Node, inputs: tuple[TensorType, ...], recipe: Recipe) -> tuple[TensorType, ...]:
        return self._renamed(node, _outside(node, inputs, recipe))

    def _note(self, node: Node, path: tuple[str, ...], recipe: Recipe, inputs: tuple[TensorType, ...]) -> None:
        """Remember what a layer's arguments and axes are in the names of this body."""
        self.instance.traces.setdefault(path, _outside(node, inputs, recipe))

    def _renamed(self, node: Node, outside: dict[str, trace.Trace] | None) -> tuple[TensorType, ...]:
        """The node's output types, their sizes in the names of this body."""
        if isinstance(node, OpNode):
            return node.outputs
        if outside is None or not isinstance(node, Instance):
            return tuple(TensorType(trace.plain(t.shape), t.dtype, t.batched) for t in node.outputs)
        made = []
        for type in node.outputs:
            shape = []
            for size in type.shape:
                own = node.expand(getattr(size, "trace", None))
                shape.append(trace.traced(trace.plain(size), own.substitute(outside) if own else None))
            made.append(TensorType(tuple(shape), type.dtype, type.batched))
        return tuple(made)


def _outside(node: Node, inputs: tuple[TensorType, ...], recipe: Recipe) -> dict[str, trace.Trace]:
    """The traces of a recipe's arguments and of the axes of its inputs, by the names they have inside."""
    found = {}
    for name, value in recipe.args:
        own = trace.trace_of(value)
        if own is not None:
            found[name] = own
    if isinstance(node, Instance):
        for names, given in zip(node.input_axes, inputs):
            for axis, size in zip(names or (), given.shape):
                own = trace.trace_of(size)
                if axis is not None and own is not None:
                    found[axis] = own
    return found


def _made(role: Any, otherwise: Span) -> Span:
    value = unbind(role)
    return value.span if isinstance(value, Recipe) and value.span.source else otherwise


def _leaves_are_ops(bound: Bound) -> bool:
    """Whether a layer-to-be, or every entry of a list of them, is a primitive op."""
    if isinstance(bound.value, tuple):
        return all(isinstance(item, Bound) and _leaves_are_ops(item) for item in bound.value)
    return isinstance(bound.value, Recipe) and bound.value.is_op


def _flatten(value: Any, into: list[float]) -> tuple[int, ...] | None:
    """The shape of nested lists of numbers, which are gathered row by row; None where rows differ."""
    if not isinstance(value, tuple):
        into.append(value)
        return ()
    shapes = {_flatten(item, into) for item in value}
    if len(shapes) != 1:
        return None
    (inner,) = shapes
    return None if inner is None else (len(value), *inner)
