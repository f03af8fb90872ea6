"""Bodies to instances: statements in order, layers made at first use, shapes checked on the way.

Assumes a resolved spec. Guarantees a graph in which every op accepted its inputs, or a
:class:`~archspec.diagnostics.SpecError` with all independent problems, each with the chain of uses that led to it.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any, NoReturn

from archspec.diagnostics import Diagnostic, Label, Problem, SpecError
from archspec.graph.body import Body, definition_parameters
from archspec.graph.calls import Scope
from archspec.graph.dataflow import InitRule
from archspec.graph.nodes import Instance, Node, OpNode, fixed_by, weights_of
from archspec.graph.opening import Opening
from archspec.graph.problems.calls import ExternRefused, MissingArgument, OpFault
from archspec.graph.problems.limits import TooDeeplyUsed, TooMuchWork
from archspec.graph.problems.signature import FixedSize, NothingReturned
from archspec.graph.problems.values import Failed, WrongKind
from archspec.graph.signature import model_inputs
from archspec.graph.sizes import weighed
from archspec.graph.values import Recipe, Surviving, detached, size_of
from archspec.limits import now
from archspec.opdef.faults import Fault, Mismatch
from archspec.opdef.init import Initialiser
from archspec.opdef.op import Op
from archspec.opdef.registry import find_op
from archspec.opdef.types import TensorType
from archspec.source import NOWHERE, Source, Span
from archspec.spec.names import names_in
from archspec.spec.resolved import Resolved
from archspec.sym.number import follows, hint, is_free, plain
from archspec.sym.open import Open, formula
from archspec.sym.printer import symbols
from archspec.syntax import tree
from archspec.syntax.parser import parse_expression

FAILURE = 300
"""Units of work of a problem that is found."""
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
        self.limits = now()
        self.problems: list[Diagnostic] = []
        self.warnings: dict[tuple[str, str, Span], Diagnostic] = {}
        self.uses: list[tuple[Label, ...]] = []
        self.work = 0
        self.made: dict[Any, Instance | OpNode | None] = {}
        self.files: dict[tuple[str, str], Any] = {}
        self.expressions: dict[tuple[Source, int], tree.Expr] = {}
        self.tables: dict[tuple[Span, str], tuple[tuple[int, ...], tuple[Any, ...]]] = {}

    def run(self) -> Instance:
        """The instance of the model.

        Raises:
            SpecError: with every problem found.
        """
        instance = None
        try:
            instance = Body.of_model(self, self.spec)
        except Failed:
            pass
        except RecursionError:
            problem = TooDeeplyUsed(self.spec.model.span, "uses", self.limits.uses, self.spec.name)
            self.problems.append(problem.diagnostic())
        if instance is not None and not self.problems:
            self._check_size(instance)
        if instance is None and not self.problems:
            self.problems.append(NothingReturned(self.spec.model.span, self.spec.name, True).diagnostic())
        if self.problems or instance is None:
            raise SpecError(self.problems, self.spec.texts())
        instance.warnings = tuple(self.warnings.values())
        instance.work = self.work
        return instance

    def _check_size(self, instance: Instance) -> None:
        """A model whose weights hang on the size of its input cannot be given another."""
        if self.spec.input_shape is None and (self.opening is None or self.opening.family):
            return
        key = fixed_by(instance)
        if key is not None and self._resized(instance):
            span = (self.spec.inputs or self.spec.model.inputs)[0].span
            size = "x".join(map(str, declared_shape(self.spec) or ()))
            self.problems.append(FixedSize(span, self.spec.name, size, key).diagnostic())

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

    def fail(self, problem: Problem, code: str | None = None) -> NoReturn:
        """Record a problem with the chain of uses that led to it, and leave the statement."""
        self.spend(problem.span, FAILURE)
        item = self._placed(problem)
        if code is not None:
            item = Diagnostic(**{**item.__dict__, "code": code})
        if item not in self.problems:
            self.problems.append(item)
        if len(self.problems) >= self.limits.problems:
            raise SpecError(self.problems, self.spec.texts())
        raise Failed

    def warn(self, problem: Problem) -> None:
        """Record what is probably not meant, once for each place, and no more than problems are."""
        self.spend(problem.span, FAILURE)
        item = self._placed(problem)
        if len(self.warnings) < self.limits.problems:
            self.warnings.setdefault((item.code, item.message, item.span), item)

    def _placed(self, problem: Problem) -> Diagnostic:
        uses = [label for step in reversed(self.uses[-6:]) for label in step]
        return problem.diagnostic(list(dict.fromkeys(uses)))

    def spend(self, span: Span, units: int) -> None:
        """Count units of work.

        Raises:
            SpecError: there are more than the limit has it.
        """
        self.work += units if type(units) is int else hint(units)
        if self.opening is not None:
            self.opening.algebra.place = span
        if self.work > self.limits.work:
            self.problems.append(TooMuchWork(span, "work", self.limits.work).diagnostic())
            raise SpecError(self.problems, self.spec.texts())

    def measure(self, value: Any, span: Span, units: int = 1) -> None:
        """Count each part of a value as so many units of work."""
        self.spend(span, units * size_of(value, max(0, self.limits.work - self.work))[0])

    def parsed(self, source: Source, place: int) -> tree.Expr:
        """The expression of a text that is a part of another, from a place on.

        Raises:
            SpecError: it is none.
        """
        key = (source, place)
        if key not in self.expressions:
            self.expressions[key] = parse_expression(source, place)
        return self.expressions[key]

    # definitions

    def names(self, file: str) -> tuple[str, ...]:
        """What the names of a file are."""
        return tuple(self.spec.scopes.get(file, ()))

    def lookup(self, file: str, name: tree.Name) -> Any:
        """What a name of a file stands for: a module's recipe, a constant's value, or None."""
        key = self.spec.scopes.get(file, {}).get(name.id)
        if key is None:
            return None
        found = self.spec.definitions.get(key)
        if found is None and name.id != "stage":
            self.fail(WrongKind(name.span, "a module", f"the variant `{name.id}`, which is a whole model"))
        if isinstance(found, tree.Bind):
            return self._constant(key, found, name.id)
        return Recipe(key, (), name.span)

    def _constant(self, key: str, bind: tree.Bind, name: str) -> Any:
        if (key, name) not in self.files:
            scope = Scope(self, key.rsplit(":", 1)[0])
            value = scope.eval(bind.value)
            names = tuple(target.id for target in bind.targets)
            scope.assign(names, value, bind.value.span)
            for target in names:
                own = f"{key.rsplit(':', 1)[0]}:{target}"
                self.files[own, target] = detached(scope.env[target])
        return self.files[key, name]

    def definition(self, key: str) -> tree.Module | tree.Model | tree.Extern:
        """The module, model or extern of a key."""
        found = self.spec.definitions.get(key)
        if found is None or isinstance(found, tree.Bind):
            self.fail(WrongKind(self.spec.model.span, "a stage under its own name", "a copy of one"))
        return found

    @cached_property
    def _mentioned(self) -> frozenset[str]:
        """Every name that the model can reach, in its own body and in those that it names, whatever they decide."""
        found: set[str] = set()
        left: list[tuple[str, Any]] = [(self.spec.model_file, self.spec.model)]
        left += [(given.file, given.value) for given in self.spec.given]
        done: set[str] = set()
        while left:
            file, node = left.pop()
            keys = self.spec.scopes.get(file, {})
            names = {name.id for name in names_in(node)} | {"stage"}
            found |= names
            for key in {keys[name] for name in names if name in keys} - done:
                done.add(key)
                if (inner := self.spec.definitions.get(key)) is not None:
                    left.append((key.rsplit(":", 1)[0], inner))
        return frozenset(found)

    def mentions(self, op: str) -> bool:
        """Whether an op is named anywhere that the model can reach."""
        return op in self._mentioned

    # nodes

    def node(
        self, recipe: Recipe, inputs: tuple[TensorType, ...], rules: tuple[InitRule, ...], span: Span
    ) -> Node | None:
        """The node of a recipe on inputs of known types; None where it could not be made."""
        self.measure(tuple(value for _, value in recipe.args), span, 4)
        self.spend(span, 2 * len(rules))
        args = {name: detached(value) for name, value in recipe.args}
        types = tuple(t.with_shape(*plain(t.shape)) for t in inputs)
        definition = self.definition(recipe.target)
        if isinstance(definition, tree.Extern) and not self.allow_extern:
            self.fail(ExternRefused(definition.span, definition.name, definition.target.value))
        follow = tuple(tuple(map(follows, type.shape)) for type in types)
        key = (recipe.target, frozenset((n, _typed(v)) for n, v in args.items()), types, follow, rules)
        if key not in self.made:
            if len(self.uses) >= self.limits.uses:
                self.fail(TooDeeplyUsed(span, "uses", self.limits.uses, recipe.name))
            self.spend(span, INSTANCE + PARAMETER * len(definition.parameters))
            make = Body.of_extern if isinstance(definition, tree.Extern) else Body.of_module
            self.made[key] = make(self, recipe.target, args, types, rules, span)
        return self.made[key]

    def op(
        self,
        recipe: Recipe,
        inputs: tuple[TensorType, ...],
        rules: tuple[InitRule, ...],
        span: Span,
        origins: tuple[Label, ...] = (),
    ) -> OpNode:
        """The node of an op; ``origins`` say where its inputs come from, for when they do not go together."""
        missing = definition_parameters(find_op(recipe.name), recipe.given())
        if missing:
            self.fail(MissingArgument(span, recipe.name, missing, recipe.span))
        try:
            op = find_op(recipe.name)(recipe.given(), inputs)
        except Fault as fault:
            labels: tuple[Label, ...] = ()
            if recipe.span not in (span, NOWHERE) and recipe.args:
                labels = (Label(recipe.span, f"this `{recipe.name}`"),)
            if isinstance(fault, Mismatch):
                labels = tuple(label for label in origins if label.span not in (span, NOWHERE))
            self.fail(OpFault(span, fault, labels), fault.code)
        self.spend(span, 2 * len(rules) + LAYER * (op.depth - 1))
        return OpNode(op, self._weights(op, rules), span)

    def _weights(self, op: Op, rules: tuple[InitRule, ...]) -> Any:
        """The op's parameters with the initialisers in force: the outermost rule for the op counts."""
        from dataclasses import replace

        made = []
        for weight in op.weights():
            init: Initialiser = weight.init
            for rule in reversed(rules):
                if rule.op == op.name() and weight.name in dict(rule.fields):
                    init = dict(rule.fields)[weight.name]
            made.append(weight if init is weight.init else replace(weight, init=init))
        return tuple(made)


def _typed(value: Any) -> Any:
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
    body = Body.of_arguments(Elaborator(bare, allow_extern=True), bare)
    return tuple(int(n) for n in model_inputs(body, bare)[0].shape)
