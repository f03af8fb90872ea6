"""The dataflow of one body: recipes applied to tensors, layers made at their first use, steps noted."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from archspec.diagnostics import Label
from archspec.frozen import Frozen
from archspec.graph.calls import Scope
from archspec.graph.layers import Layers
from archspec.graph.nodes import Instance, LayerList, Node, OpNode, Step, stateful
from archspec.graph.problems.layers import NotALayer, NotNamed, SurvivalInside, SurvivalShape
from archspec.graph.problems.limits import TooLarge
from archspec.graph.problems.values import Failed, WrongCount, WrongKind
from archspec.graph.stages import StagePlan
from archspec.graph.values import (
    POISON,
    Bound,
    Poison,
    Recipe,
    RepeatedList,
    Tensor,
    bind,
    describe,
    unbind,
    whole,
)
from archspec.opdef.init import Initialiser
from archspec.opdef.types import TensorType
from archspec.source import Span
from archspec.spec.names import bound_names
from archspec.sym.expr import SymExpr
from archspec.sym.number import expr_of, plain, traced
from archspec.syntax import tree

if TYPE_CHECKING:
    from archspec.graph.elaborate import Elaborator


class InitRule(Frozen):
    """``init op { field = initialiser }`` in force for everything inside a module."""

    op: str
    fields: tuple[tuple[str, Initialiser], ...]


STEP = 350
"""Units of work of one use of an op or layer; the stages behind are counted in."""
EACH = 15
"""Units of work of each tensor that goes into it or comes out."""
ITEM = 150
"""Units of work of one entry of a list of layers that is applied as a whole."""


class Dataflow(Scope):
    """What a body applies, and the instance that grows from it."""

    def __init__(
        self, elaborator: Elaborator, key: str, definition: tree.Module | tree.Model, rules: tuple[InitRule, ...]
    ):
        super().__init__(elaborator, key.rsplit(":", 1)[0])
        self.definition = definition
        self.rules = rules
        self.own_rules: list[tuple[str, tuple[tuple[str, Initialiser], ...]]] = []
        self.layers = Layers()
        self.stages = StagePlan(self)
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

    @cached_property
    def bound(self) -> set[str]:
        """Every name that the definition binds anywhere."""
        return bound_names(self.definition)

    def _report(self, problem: Any) -> None:
        with suppress(Failed):
            self.fail(problem)

    def own_names(self) -> set[str]:
        """The parameters, buffers and tables there are so far."""
        return {weight.name for weight in self.instance.state} | {table.name for table in self.instance.tables}

    def all_names(self) -> set[str]:
        """The same, and the layers there are so far."""
        return self.own_names() | {path[0] for path in self.layers.nodes}

    def is_constant(self, name: tree.Expr) -> bool:
        """Whether an axis is called like a constant of the file, and like no parameter."""
        known = self.elaborator.spec.scopes.get(self.file, {}).get(name.id, "") if isinstance(name, tree.Name) else ""
        constant = isinstance(self.elaborator.spec.definitions.get(known), tree.Bind)
        return constant and known.rsplit(":", 1)[-1] not in [item.name for item in self.definition.parameters]

    def tensor(self, type: TensorType, span: Span) -> Tensor:
        """A new tensor of this body."""
        most = self.elaborator.limits.axes
        if type.rank > most:
            self.fail(TooLarge(span, "axes", most, "this tensor has more than {} axes"))
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
                self.fail(WrongKind(span, "tensors alone", describe(item)))
        if isinstance(callee, Bound):
            self.stages.resolve(callee)
        path = callee.path if isinstance(callee, Bound) else None
        value = callee.value if isinstance(callee, Bound) else callee
        if isinstance(value, RepeatedList) and path is None:
            value = whole(value)
        if isinstance(value, tuple):
            survival = callee.survival if isinstance(callee, Bound) else 1.0
            return self._apply_list(value, path, flat, span, survival)
        origins = tuple(Label(t.span, f"this is {t.type}") for t in flat)
        if not isinstance(value, Recipe):
            self.fail(WrongKind(span, "an op or a module to apply", describe(value)))
        node = self.node(value, path, tuple(t.type for t in flat), span, origins)
        if node is None:
            return POISON
        if path is not None and (not isinstance(node, OpNode) or node.op.stateful):
            self.layers.add(self, callee, node, span)
            self._note(node, path, value, tuple(t.type for t in flat))
            return self._step(node, path, flat, span)
        if stateful(node):
            self.fail(NotNamed(span, value.name))
        if path is not None and isinstance(node, OpNode):
            self.layers.passing.setdefault(path, node)
        if isinstance(node, Instance):
            return self._apply_unnamed(value, node, flat, span)
        return self._step(node, None, flat, span)

    def _apply_unnamed(self, recipe: Recipe, node: Instance, flat: list[Tensor], span: Span) -> Any:
        """A module without weights needs no name; equal ones share a layer called like the module."""
        bound = self.unnamed.get(recipe)
        if bound is None:
            taken = self.bound | {b.path[0] for b in self.unnamed.values()}
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
            for left, relation, right in made.op.asks():
                self.ask(left, relation, right)
            return self._own_init(made, path)
        self.pin(recipe)
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
        if len(flat) != 1:
            self.fail(WrongCount(span, "tensors for a list of layers", 1, len(flat)))
        if path is None:
            value: Any = flat[0]
            for item in items:
                value = self.apply(item, [value], span)
            return value
        made = self._layer_list(items, tuple(t.type for t in flat), span, survival)
        if made is None:
            return POISON
        self.layers.add(self, Bound(items, path), made[0], span)
        return self._step(made[0], path, flat, span)

    def _layer_list(
        self, items: tuple[Any, ...], types: tuple[TensorType, ...], span: Span, survival: float = 1.0
    ) -> tuple[LayerList, tuple[TensorType, ...]] | None:
        """The node of a list applied as a whole, and the type of its result; lists may hold lists."""
        nodes: list[Node] = []
        taken = types
        for at, item in enumerate(items):
            self.elaborator.spend(span, ITEM)
            if isinstance(item, Bound) and isinstance(item.value, tuple):
                inner = self._layer_list(item.value, types, span, item.survival)
                if inner is None:
                    return None
                nodes.append(inner[0])
                types = inner[1]
                continue
            recipe = unbind(item)
            if not isinstance(recipe, Recipe):
                wanted = "an op, a module or a list of them in each place of a list that is applied as a whole"
                self.fail(WrongKind(span, wanted, f"{describe(recipe)} in place {at}"))
            node = self.node(recipe, item.path, types, recipe.span if recipe.name == "stage" else span)
            if node is None:
                return None
            if isinstance(node, OpNode) and not node.op.stateful and not node.op.listed:
                self.fail(NotALayer(span, recipe.name, recipe.span))
            nodes.append(node)
            self._note(node, item.path, recipe, types)
            types = self._outputs(node, types, recipe)
            if len(types) != 1:
                self.fail(WrongCount(span, f"results of `{recipe.name}` inside a list", 1, len(types)))
        if isinstance(items, RepeatedList) and [t.shape for t in taken] != [t.shape for t in types]:
            return self._layer_list(bind(whole(unbind(items)), items[0].path[:-1]).value, taken, span, survival)
        times = items.count if isinstance(items, RepeatedList) else 1
        made = LayerList(tuple(nodes), sequential=True, survival=survival, times=times)
        if survival < 1 and not made.whole:
            self.fail(SurvivalInside(span))
        if survival < 1 and len(nodes) > 1:
            given = taken[0]
            for at, node in enumerate(nodes):
                if node.outputs[0].shape != given.shape:
                    self.fail(SurvivalShape(span, at, str(given), str(node.outputs[0])))
        return made, types

    def _step(self, node: Node, path: tuple[str, ...] | None, inputs: list[Tensor], span: Span) -> Any:
        self.elaborator.spend(span, STEP + EACH * (len(inputs) + len(node.outputs)))
        outside = self.instance.traces.get(path) if path else None
        made = [self.tensor(type, span) for type in self._renamed(node, outside)]
        step = Step(node, path, tuple(t.id for t in inputs), tuple(t.id for t in made), span)
        self.instance.body.append(step)
        several = len(made) != 1 or (isinstance(node, Instance) and node.returns != "one")
        if isinstance(node, OpNode) and node.op.variadic_outputs:
            several = True
        return tuple(made) if several else made[0]

    def _outputs(self, node: Node, inputs: tuple[TensorType, ...], recipe: Recipe) -> tuple[TensorType, ...]:
        return self._renamed(node, _outside(node, inputs, recipe))

    def _note(self, node: Node, path: tuple[str, ...], recipe: Recipe, inputs: tuple[TensorType, ...]) -> None:
        """Remember what a layer's arguments and axes are in the names of this body."""
        self.instance.traces.setdefault(path, _outside(node, inputs, recipe))

    def _renamed(self, node: Node, outside: dict[str, SymExpr] | None) -> tuple[TensorType, ...]:
        """The node's output types, their sizes in the names of this body."""
        if isinstance(node, OpNode):
            return node.outputs
        if outside is None or not isinstance(node, Instance):
            return tuple(t.with_shape(*plain(t.shape)) for t in node.outputs)
        made = []
        for type in node.outputs:
            shape = []
            for size in type.shape:
                own = node.expand(getattr(size, "expr", None))
                shape.append(traced(plain(size), own.substitute(outside) if own else None))
            made.append(type.with_shape(*shape))
        return tuple(made)


def _outside(node: Node, inputs: tuple[TensorType, ...], recipe: Recipe) -> dict[str, SymExpr]:
    """The traces of a recipe's arguments and of the axes of its inputs, by the names they have inside."""
    found = {}
    for name, value in recipe.args:
        own = expr_of(value)
        if own is not None:
            found[name] = own
    if isinstance(node, Instance):
        for names, given in zip(node.input_axes, inputs):
            for axis, size in zip(names or (), given.shape):
                own = expr_of(size)
                if axis is not None and own is not None:
                    found[axis] = own
    return found
