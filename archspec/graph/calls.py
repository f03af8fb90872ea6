"""Calls: what stands in front of the brackets decides whether it is a function, an initialiser or a recipe."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archspec.graph import functions
from archspec.graph.arguments import Arguments, RecipeArguments
from archspec.graph.function_calls import FunctionCalls
from archspec.graph.initialisers import Initialisers
from archspec.graph.naming import unbind
from archspec.graph.problems.values import WrongKind
from archspec.graph.values import POISON, InitFunction, Poison, Recipe, Value, contains_tensor, describe, is_recipe
from archspec.opdef.init import Initialiser
from archspec.opdef.registry import op_names
from archspec.source import Span
from archspec.sym.operators import FUNCTIONS
from archspec.syntax import tree

if TYPE_CHECKING:
    from archspec.graph.evaluate import ExpressionEvaluator


class Calls:
    """Tells calls apart: functions of compile-time values, initialisers, recipes given arguments or tensors."""

    def __init__(self, evaluator: ExpressionEvaluator) -> None:
        self.evaluator = evaluator
        self.ledger = evaluator.ledger
        self.names = evaluator.environment.names
        self.functions = FunctionCalls(evaluator.ledger, evaluator.environment, evaluator.operators)
        self.initialisers = Initialisers(evaluator.ledger)
        self.recipes = RecipeArguments(evaluator.ledger, evaluator.definitions)

    def call(self, node: tree.Call) -> Value:
        """``function(arguments)``."""
        given: Arguments = [(a.name, self.evaluator.eval(a.value), a.span) for a in node.arguments]
        if any(isinstance(value, Poison) for _, value, _ in given):
            return POISON
        function = node.function
        if isinstance(function, tree.Name) and self._is_function(function, given):
            return self.functions.call(function.id, given, node.span)
        callee = self._callee(function)
        if isinstance(callee, Poison):
            return POISON
        if isinstance(callee, InitFunction):
            return self.initialisers.call(callee, given, node.span)
        if isinstance(callee, Initialiser) and not given:
            return callee
        if given and unbind(callee) == ():
            return given[0][1]
        if not is_recipe(callee):
            self.ledger.fail(WrongKind(function.span, "an op, a module or a function", describe(callee)))
        return self._use(callee, given, node.span)

    def _use(self, callee: Value, given: Arguments, span: Span) -> Value:
        """A recipe with further arguments, and applied where the first of them are tensors."""
        tensors: list[Value] = []
        while given and given[0][0] is None and contains_tensor(given[0][1]):
            first = given[0][1]
            tensors += first if isinstance(first, tuple) else [first]
            given = given[1:]
        for name, value, place in given:
            if contains_tensor(value):
                shown = f" for `{name}`" if name else ""
                self.ledger.fail(WrongKind(place, f"a compile-time value{shown}", describe(value)))
        refined = self.recipes.refine(callee, given, span) if given or not tensors else callee
        return self.evaluator.apply(refined, tensors, span) if tensors else refined

    def is_callable(self, name: str) -> bool:
        """Whether a name of this body can stand in front of brackets."""
        value = self.names.get(name)
        return isinstance(value, (Poison, InitFunction)) or is_recipe(value)

    def is_function(self, name: str) -> bool:
        """Whether a name is a function of the language here, and nothing of the body or the file."""
        known = name in functions.NAMES and not self.is_callable(name)
        return known and name not in self.evaluator.definitions.names(self.evaluator.environment.file)

    def _lookup(self, name: tree.Name) -> Value:
        return self.evaluator.definitions.lookup(self.evaluator.environment.file, name)

    def _is_function(self, name: tree.Name, given: Arguments) -> bool:
        if self.is_callable(name.id) or self._lookup(name) is not None:
            return False
        known = name.id in FUNCTIONS or name.id in functions.LISTS
        if name.id not in op_names() or not known:
            return known
        return not any(key is not None or contains_tensor(value) for key, value, _ in given)

    def _callee(self, function: tree.Expr) -> Value:
        """What is called. A name bound to a number, such as a parameter ``dropout``, still means the op here."""
        if isinstance(function, tree.Name) and function.id in self.names and not self.is_callable(function.id):
            found = self._lookup(function)
            if found is not None:
                return found
            if function.id in op_names():
                return Recipe(function.id, (), function.span)
        return self.evaluator.eval(function)
