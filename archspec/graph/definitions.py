"""What the names of a spec's files stand for: constants, and recipes of modules."""

from __future__ import annotations

from functools import cached_property

from archspec.graph.environment import Environment
from archspec.graph.evaluate import ExpressionEvaluator
from archspec.graph.ledger import Ledger
from archspec.graph.naming import detached
from archspec.graph.problems.values import WrongKind
from archspec.graph.values import Recipe, Value
from archspec.source import Source, Span
from archspec.spec.names import bound_names, names_in
from archspec.spec.resolved import Resolved
from archspec.syntax import tree
from archspec.syntax.parser import parse_expression


class Definitions:
    """The definitions of a spec by name. A constant is worked out once, when something asks for it."""

    def __init__(self, spec: Resolved, ledger: Ledger) -> None:
        self.spec = spec
        self.ledger = ledger
        self.constants: dict[tuple[str, str], Value] = {}
        self.bound: dict[tuple[str, bool], set[str]] = {}
        self.expressions: dict[tuple[Source, int], tree.Expr] = {}

    def names(self, file: str) -> tuple[str, ...]:
        """What the names of a file are."""
        return tuple(self.spec.scopes.get(file, ()))

    def lookup(self, file: str, name: tree.Name) -> Value:
        """What a name of a file stands for: a module's recipe, a constant's value, or None."""
        key = self.spec.scopes.get(file, {}).get(name.id)
        if key is None:
            return None
        found = self.spec.definitions.get(key)
        if found is None and name.id != "stage":
            self.ledger.fail(WrongKind(name.span, "a module", f"the variant `{name.id}`, which is a whole model"))
        if isinstance(found, tree.Bind):
            return self._constant(key, found, name.id)
        return Recipe(key, (), name.span)

    def _constant(self, key: str, bind: tree.Bind, name: str) -> Value:
        if (key, name) not in self.constants:
            file = key.rsplit(":", 1)[0]
            evaluator = ExpressionEvaluator(self.ledger, self, Environment(file))
            names = tuple(target.id for target in bind.targets)
            evaluator.assign(names, evaluator.eval(bind.value), bind.value.span)
            for target in names:
                self.constants[f"{file}:{target}", target] = detached(evaluator.environment.names[target])
        return self.constants[key, name]

    def constant(self, file: str, name: str) -> str | None:
        """What a constant that a file knows under a name is called where it stands; None where it is none."""
        key = self.spec.scopes.get(file, {}).get(name, "")
        return key.rsplit(":", 1)[-1] if isinstance(self.spec.definitions.get(key), tree.Bind) else None

    def stage(self, file: str) -> str:
        """The key of the module that a stage of a file is."""
        return self.spec.scopes[file]["stage"]

    def definition(self, key: str) -> tree.Module | tree.Model | tree.Extern:
        """The module, model or extern of a key."""
        found = self.spec.definitions.get(key)
        if found is None or isinstance(found, tree.Bind):
            self.ledger.fail(WrongKind(self.spec.model.span, "a stage under its own name", "a copy of one"))
        return found

    def bound_names(self, key: str, definition: tree.Module | tree.Model) -> set[str]:
        """Every name that a definition binds anywhere; the model is not what its key gives where it is a variant."""
        known = key, definition is self.spec.model
        if known not in self.bound:
            self.bound[known] = bound_names(definition)
        return self.bound[known]

    def mentions(self, op: str) -> bool:
        """Whether an op is named anywhere that the model can reach."""
        return op in self._mentioned

    @cached_property
    def _mentioned(self) -> frozenset[str]:
        """Every name that the model can reach, in its own body and in those that it names, whatever they decide."""
        found: set[str] = set()
        left: list[tuple[str, object]] = [(self.spec.model_file, self.spec.model)]
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

    def text(self, span: Span) -> str:
        """The words of a place in the spec."""
        return self.spec.sources.get(span.source, "")[span.start : span.end]

    def parsed(self, source: Source, place: int) -> tree.Expr:
        """The expression of a text that is a part of another, from a place on.

        Raises:
            SpecError: it is none.
        """
        key = (source, place)
        if key not in self.expressions:
            self.expressions[key] = parse_expression(source, place)
        return self.expressions[key]
