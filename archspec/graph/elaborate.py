"""Bodies to instances: statements in order, layers made at first use, shapes checked on the way.

Assumes a resolved spec. Guarantees a graph in which every op accepted its inputs, or a
:class:`~archspec.diagnostics.SpecError` with all independent problems, each with the chain of uses that led to it.
"""

from __future__ import annotations

from dataclasses import replace

from archspec.diagnostics import Label, SpecError
from archspec.graph.builder import ModuleBuilder
from archspec.graph.definitions import Definitions
from archspec.graph.extern_node import extern_node
from archspec.graph.ledger import Ledger
from archspec.graph.naming import detached
from archspec.graph.nodes import Instance, Node, OpNode
from archspec.graph.opening import Opening
from archspec.graph.problems.calls import ExternRefused, MissingArgument, OpFault
from archspec.graph.problems.limits import TooDeeplyUsed
from archspec.graph.problems.signature import FixedSize, NothingReturned
from archspec.graph.problems.values import Failed
from archspec.graph.sizes import weighed
from archspec.graph.starts import InitRule
from archspec.graph.tables import KnownTables
from archspec.graph.values import Recipe, Surviving, Tensor, Value
from archspec.graph.walk import fixed_by, weights_of
from archspec.opdef.args import REQUIRED
from archspec.opdef.faults import Fault, Mismatch
from archspec.opdef.op import Op, Weight, arguments
from archspec.opdef.registry import find_op
from archspec.opdef.types import TensorType
from archspec.source import NOWHERE, Span
from archspec.spec.resolved import Resolved
from archspec.sym.number import follows, is_free, plain
from archspec.sym.open import Open, formula
from archspec.sym.printer import symbols
from archspec.syntax import tree

LAYER = 150
"""Units of work of each layer of one op that has several."""
PARAMETER = 30
"""Units of work of each parameter of an instance."""
INSTANCE = 700
"""Units of work of an instance, its steps left out; the stages behind are counted in."""


class Elaborator:
    """Elaborates one spec. Equal instances are made once."""

    def __init__(self, spec: Resolved, allow_extern: bool = False, opening: Opening | None = None) -> None:
        self.spec = spec
        self.allow_extern = allow_extern
        self.opening = opening
        self.ledger = Ledger(spec, None if opening is None else opening.algebra)
        self.definitions = Definitions(spec, self.ledger)
        self.made: dict[object, Instance | OpNode | None] = {}
        self.tables = KnownTables()

    @property
    def work(self) -> int:
        """Units of work so far."""
        return self.ledger.work

    def run(self) -> Instance:
        """The instance of the model.

        Raises:
            SpecError: with every problem found.
        """
        problems, model = self.ledger.problems, self.spec.model
        instance = None
        try:
            instance = self._model()
        except Failed:
            pass
        except RecursionError:
            problem = TooDeeplyUsed(model.span, "uses", self.ledger.limits.uses, self.spec.name)
            problems.append(problem.diagnostic())
        if instance is not None and not problems:
            self._check_size(instance)
        if instance is None and not problems:
            problems.append(NothingReturned(model.span, self.spec.name, True).diagnostic())
        if problems or instance is None:
            raise SpecError(problems, self.spec.texts())
        instance.warnings = tuple(self.ledger.warnings.values())
        instance.work = self.work
        return instance

    def _model(self) -> Instance | None:
        builder = self.of_arguments()
        builder.signature.bind_inputs(builder.model_inputs(self.spec), self.spec.model.span, checked=False)
        return builder.finish()

    def of_arguments(self) -> ModuleBuilder:
        """The builder of the model with its parameters alone."""
        spec = self.spec
        builder = ModuleBuilder(self, f"{spec.model_file}:{spec.model.name}", spec.model)
        builder.open_model(spec)
        return builder

    def _check_size(self, instance: Instance) -> None:
        """A model whose weights hang on the size of its input cannot be given another."""
        if self.spec.input_shape is None and (self.opening is None or self.opening.family):
            return
        key = fixed_by(instance)
        if key is not None and self._resized(instance):
            span = (self.spec.inputs or self.spec.model.inputs)[0].span
            size = "x".join(map(str, declared_shape(self.spec) or ()))
            self.ledger.problems.append(FixedSize(span, self.spec.name, size, key).diagnostic())

    def _resized(self, instance: Instance) -> bool:
        """Whether an axis that weights follow has another size than the spec's."""
        if self.opening is not None and not self.opening.family:
            sizes = [
                size
                for _, weight in weights_of(instance)
                for size in weight.shape
                if isinstance(size, Open) and is_free(size)
            ]
            return self.opening.resized(set().union(*(symbols(formula(size)) for size in sizes)))
        pairs = zip(declared_shape(self.spec) or (), instance.inputs[0].shape)
        return any((0, axis) in weighed(instance) for axis, (own, given) in enumerate(pairs) if own != given)

    def node(
        self, recipe: Recipe, inputs: tuple[TensorType, ...], rules: tuple[InitRule, ...], span: Span
    ) -> Node | None:
        """The node of a recipe on inputs of known types; None where it could not be made."""
        self.ledger.measure(tuple(value for _, value in recipe.args), span, 4)
        self.ledger.spend(span, 2 * len(rules))
        args = {name: detached(value) for name, value in recipe.args}
        types = tuple(t.with_shape(*plain(t.shape)) for t in inputs)
        definition = self.definitions.definition(recipe.target)
        if isinstance(definition, tree.Extern) and not self.allow_extern:
            self.ledger.fail(ExternRefused(definition.span, definition.name, definition.target.value))
        follow = tuple(tuple(map(follows, type.shape)) for type in types)
        key = (recipe.target, frozenset((n, _typed(v)) for n, v in args.items()), types, follow, rules)
        if key not in self.made:
            if len(self.ledger.uses) >= self.ledger.limits.uses:
                self.ledger.fail(TooDeeplyUsed(span, "uses", self.ledger.limits.uses, recipe.name))
            self.ledger.spend(span, INSTANCE + PARAMETER * len(definition.parameters))
            self.made[key] = self._make(recipe.target, definition, args, types, rules, span)
        return self.made[key]

    def _make(
        self,
        key: str,
        definition: tree.Module | tree.Model | tree.Extern,
        args: dict[str, Value],
        inputs: tuple[TensorType, ...],
        rules: tuple[InitRule, ...],
        span: Span,
    ) -> Instance | OpNode | None:
        if isinstance(definition, tree.Extern):
            return extern_node(self, key, definition, args, inputs, span)
        builder = ModuleBuilder(self, key, definition, rules)
        builder.open(args, inputs, span)
        return builder.finish()

    def op(
        self,
        recipe: Recipe,
        inputs: tuple[TensorType, ...],
        rules: tuple[InitRule, ...],
        span: Span,
        tensors: tuple[Tensor, ...] = (),
    ) -> OpNode:
        """The node of an op; ``tensors`` say where its inputs come from, for when they do not go together."""
        kind, given = find_op(recipe.name), recipe.given()
        missing = tuple(n for n, spec in arguments(kind).items() if spec.default is REQUIRED and n not in given)
        if missing:
            self.ledger.fail(MissingArgument(span, recipe.name, missing, recipe.span))
        try:
            op = kind(given, inputs)
        except Fault as fault:
            labels: tuple[Label, ...] = ()
            if recipe.span not in (span, NOWHERE) and recipe.args:
                labels = (Label(recipe.span, f"this `{recipe.name}`"),)
            if isinstance(fault, Mismatch):
                labels = tuple(
                    Label(item.span, f"this is {item.type}") for item in tensors if item.span not in (span, NOWHERE)
                )
            self.ledger.fail(OpFault(span, fault, labels), fault.code)
        self.ledger.spend(span, 2 * len(rules) + LAYER * (op.depth - 1))
        return OpNode(op, self._weights(op, rules), span)

    def _weights(self, op: Op, rules: tuple[InitRule, ...]) -> tuple[Weight, ...]:
        """The op's parameters with the initialisers in force: the outermost rule for the op counts."""
        made = []
        for weight in op.weights():
            init = weight.init
            for rule in reversed(rules):
                if rule.op == op.name() and weight.name in dict(rule.fields):
                    init = dict(rule.fields)[weight.name]
            made.append(weight if init is weight.init else replace(weight, init=init))
        return tuple(made)


def _typed(value: Value) -> object:
    """A key in which 1, 1.0 and true differ."""
    if isinstance(value, tuple):
        return (getattr(value, "count", None), *map(_typed, value))
    if isinstance(value, Recipe):
        return (value.target, tuple((n, _typed(v)) for n, v in value.args))
    if isinstance(value, Surviving):
        return (_typed(value.items), value.probability)
    return (type(value).__name__, value)


def declared_shape(spec: Resolved) -> tuple[int, ...] | None:
    """The input size that a model declares, without the caller's."""
    bare = spec.at(None)
    builder = Elaborator(bare, allow_extern=True).of_arguments()
    return tuple(int(n) for n in builder.model_inputs(bare)[0].shape)
