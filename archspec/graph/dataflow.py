"""The dataflow of one body: recipes applied to tensors, layers made at their first use, steps noted."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from archspec.diagnostics import Label
from archspec.graph.draft import ModuleDraft
from archspec.graph.environment import Environment
from archspec.graph.ledger import Ledger
from archspec.graph.naming import bind, unbind, whole
from archspec.graph.nodes import Instance, LayerList, LayerPath, Node, OpNode, Step
from archspec.graph.problems.layers import NotALayer, NotNamed, SurvivalInside, SurvivalShape
from archspec.graph.problems.values import WrongCount, WrongKind
from archspec.graph.repetition import parted
from archspec.graph.stages import StagePlan
from archspec.graph.starts import Starts
from archspec.graph.values import POISON, Bound, Poison, Recipe, RepeatedList, Tensor, Value, describe
from archspec.graph.walk import stateful
from archspec.opdef.types import TensorType
from archspec.source import Span
from archspec.sym.expr import SymExpr
from archspec.sym.number import expr_of, plain, traced

if TYPE_CHECKING:
    from archspec.graph.elaborate import Elaborator

STEP = 350
"""Units of work of one use of an op or layer; the stages behind are counted in."""
EACH = 15
"""Units of work of each tensor that goes into it or comes out."""
ITEM = 150
"""Units of work of one entry of a list of layers that is applied as a whole."""
Outside: TypeAlias = "dict[str, SymExpr]"
"""What the arguments and axes of a layer are in the names of the module that uses it."""


class Dataflow:
    """Applies recipes, and adds to the draft of a module what comes of it."""

    def __init__(
        self,
        elaborator: Elaborator,
        ledger: Ledger,
        environment: Environment,
        draft: ModuleDraft,
        starts: Starts,
        stages: StagePlan,
    ) -> None:
        self.elaborator = elaborator
        self.ledger = ledger
        self.environment = environment
        self.draft = draft
        self.starts = starts
        self.stages = stages
        self.unnamed: dict[Recipe, Bound] = {}

    def apply(self, callee: Value, tensors: list[Value], span: Span) -> Value:
        """Apply a recipe, a layer or a list of them to tensors."""
        flat = self._tensors(tensors, span)
        if flat is None:
            return POISON
        path, value, survival = None, callee, 1.0
        if isinstance(callee, Bound):
            self.stages.resolve(callee)
            path, value, survival = callee.path, callee.value, callee.survival
        if isinstance(value, RepeatedList) and path is None:
            value = whole(value)
        if isinstance(value, tuple):
            return self._apply_list(value, path, flat, span, survival)
        if not isinstance(value, Recipe):
            self.ledger.fail(WrongKind(span, "an op or a module to apply", describe(value)))
        types = tuple(t.type for t in flat)
        node = self._node(value, path, types, span, tuple(flat))
        if node is None:
            return POISON
        if isinstance(callee, Bound) and (not isinstance(node, OpNode) or node.op.stateful):
            return self._apply_layer(callee, value, node, flat, span)
        if stateful(node):
            self.ledger.fail(NotNamed(span, value.name))
        if path is not None and isinstance(node, OpNode):
            self.draft.layers.passing.setdefault(path, node)
        if isinstance(node, Instance):
            return self._apply_layer(self._called_alike(value), value, node, flat, span)
        return self._step(node, None, flat, span)

    def _tensors(self, values: list[Value], span: Span) -> list[Tensor] | None:
        """The tensors of some values and of lists among them; None where one could not be made."""
        flat: list[Value] = []
        for value in values:
            flat += value if isinstance(value, tuple) else [value]
        if any(isinstance(item, Poison) for item in flat):
            return None
        made = []
        for item in flat:
            if not isinstance(item, Tensor):
                self.ledger.fail(WrongKind(span, "tensors alone", describe(item)))
            made.append(item)
        return made

    def _apply_layer(self, bound: Bound, recipe: Recipe, node: Node, flat: list[Tensor], span: Span) -> Value:
        self.draft.use(bound, node, span)
        self._note(node, bound.path, recipe, tuple(t.type for t in flat))
        return self._step(node, bound.path, flat, span)

    def _called_alike(self, recipe: Recipe) -> Bound:
        """A module without weights needs no name; equal ones share a layer called like the module."""
        bound = self.unnamed.get(recipe)
        if bound is None:
            bound_names = self.elaborator.definitions.bound_names(self.draft.instance.key, self.draft.definition)
            taken = bound_names | {b.path[0] for b in self.unnamed.values()}
            name, count = recipe.name, 1
            while name in taken:
                count += 1
                name = f"{recipe.name}_{count}"
            bound = self.unnamed[recipe] = Bound(recipe, (name,))
        return bound

    def _node(
        self,
        recipe: Recipe,
        path: LayerPath | None,
        inputs: tuple[TensorType, ...],
        span: Span,
        tensors: tuple[Tensor, ...] = (),
    ) -> Node | None:
        """The node of a recipe in this body, with the chain of uses noted for diagnostics."""
        if recipe.is_op:
            return self._op(recipe, path, inputs, span, tensors)
        name = ".".join(path) if path else recipe.name
        labels = [Label(span, f"in `{recipe.name}`" + (f", used as `{name}` here" if name != recipe.name else " here"))]
        if recipe.span.source != span.source and recipe.args:
            labels.append(Label(recipe.span, f"`{recipe.name}` was given its arguments here"))
        self.environment.pin(recipe)
        self.ledger.uses.append(tuple(labels))
        try:
            return self.elaborator.node(recipe, inputs, self.starts.rules, span)
        finally:
            self.ledger.uses.pop()

    def _op(
        self,
        recipe: Recipe,
        path: LayerPath | None,
        inputs: tuple[TensorType, ...],
        span: Span,
        tensors: tuple[Tensor, ...],
    ) -> OpNode:
        made = self.elaborator.op(recipe, inputs, self.starts.rules, span, tensors)
        for left, relation, right in made.op.asks():
            self.environment.ask(left, relation, right)
        inits = self.starts.of_layer(path[0]) if path is not None else {}
        if not inits:
            return made
        return OpNode(made.op, tuple(replace(w, init=inits.get(w.name, w.init)) for w in made.weights), made.span)

    def _apply_list(
        self, items: tuple[Value, ...], path: LayerPath | None, flat: list[Tensor], span: Span, survival: float
    ) -> Value:
        """A list of layers applied as a whole: each to what the one before gives."""
        if not items:
            return flat[0]
        if len(flat) != 1:
            self.ledger.fail(WrongCount(span, "tensors for a list of layers", 1, len(flat)))
        if path is None:
            value: Value = flat[0]
            for item in items:
                value = self.apply(item, [value], span)
            return value
        made = self._layer_list(items, tuple(t.type for t in flat), span, survival)
        if made is None:
            return POISON
        self.draft.use(Bound(items, path), made[0], span)
        return self._step(made[0], path, flat, span)

    def _layer_list(
        self, items: tuple[Value, ...], types: tuple[TensorType, ...], span: Span, survival: float = 1.0
    ) -> tuple[LayerList, tuple[TensorType, ...]] | None:
        """The node of a list applied as a whole, and the type of its result; lists may hold lists."""
        nodes: list[Node] = []
        between = [types]
        for at, item in enumerate(items):
            self.ledger.spend(span, ITEM)
            made = self._entry(item, at, types, span)
            if made is None:
                return None
            nodes.append(made[0])
            types = made[1]
            between.append(types)
        if isinstance(items, RepeatedList) and (apart := parted(items, between)) is not items:
            every = bind(apart, items[0].path[:-1])
            assert isinstance(every, Bound)
            assert isinstance(every.value, tuple)
            return self._layer_list(every.value, between[0], span, survival)
        runs = items.runs if isinstance(items, RepeatedList) else ()
        layers = LayerList(tuple(nodes), sequential=True, survival=survival, runs=runs)
        if survival < 1:
            self._check_survival(layers, between[0][0], span)
        return layers, types

    def _entry(
        self, item: Value, at: int, types: tuple[TensorType, ...], span: Span
    ) -> tuple[Node, tuple[TensorType, ...]] | None:
        """The node of one entry of a list, and the type of its result."""
        if isinstance(item, Bound) and isinstance(item.value, tuple):
            return self._layer_list(item.value, types, span, item.survival)
        recipe = unbind(item)
        if not isinstance(recipe, Recipe) or not isinstance(item, Bound):
            wanted = "an op, a module or a list of them in each place of a list that is applied as a whole"
            self.ledger.fail(WrongKind(span, wanted, f"{describe(recipe)} in place {at}"))
        node = self._node(recipe, item.path, types, recipe.span if recipe.name == "stage" else span)
        if node is None:
            return None
        if isinstance(node, OpNode) and not node.op.stateful and not node.op.listed:
            self.ledger.fail(NotALayer(span, recipe.name, recipe.span))
        self._note(node, item.path, recipe, types)
        types = _renamed(node, _outside(node, types, recipe))
        if len(types) != 1:
            self.ledger.fail(WrongCount(span, f"results of `{recipe.name}` inside a list", 1, len(types)))
        return node, types

    def _check_survival(self, layers: LayerList, given: TensorType, span: Span) -> None:
        """Layers that take part in training by chance are one layer each, and leave the shape as it is."""
        if not layers.whole:
            self.ledger.fail(SurvivalInside(span))
        for at, node in enumerate(layers.items) if len(layers.items) > 1 else ():
            if node.outputs[0].shape != given.shape:
                self.ledger.fail(SurvivalShape(span, at, str(given), str(node.outputs[0])))

    def _step(self, node: Node, path: LayerPath | None, inputs: list[Tensor], span: Span) -> Value:
        self.ledger.spend(span, STEP + EACH * (len(inputs) + len(node.outputs)))
        instance = self.draft.instance
        outside = instance.traces.get(path) if path else None
        made = tuple(self.draft.tensor(type, span) for type in _renamed(node, outside))
        instance.body.append(Step(node, path, tuple(t.id for t in inputs), tuple(t.id for t in made), span))
        several = len(made) != 1 or (isinstance(node, Instance) and node.returns != "one")
        if isinstance(node, OpNode) and node.op.variadic_outputs:
            several = True
        return made if several else made[0]

    def _note(self, node: Node, path: LayerPath, recipe: Recipe, inputs: tuple[TensorType, ...]) -> None:
        """Remember what a layer's arguments and axes are in the names of this body."""
        self.draft.instance.traces.setdefault(path, _outside(node, inputs, recipe))


def _renamed(node: Node, outside: Outside | None) -> tuple[TensorType, ...]:
    """The node's output types, their sizes in the names of the body that uses it."""
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


def _outside(node: Node, inputs: tuple[TensorType, ...], recipe: Recipe) -> Outside:
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
