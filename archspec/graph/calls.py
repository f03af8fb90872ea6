"""Calls: functions of compile-time values, initialisers, recipes given arguments, recipes applied to tensors."""

from __future__ import annotations

from typing import Any, NoReturn

from archspec.graph import functions
from archspec.graph.evaluate import LARGEST, Expressions
from archspec.graph.problems.calls import ByName, MissingArgument, TooManyArguments, UnknownArgument
from archspec.graph.problems.values import BadArithmetic, WrongCount, WrongKind
from archspec.graph.values import (
    POISON,
    STAGE,
    Bound,
    InitFunction,
    Recipe,
    RepeatedList,
    alike,
    contains_tensor,
    describe,
    is_recipe,
    unbind,
    whole,
)
from archspec.opdef.args import REQUIRED
from archspec.opdef.init import Initialiser
from archspec.opdef.op import arguments
from archspec.opdef.registry import find_op, op_names
from archspec.source import Span
from archspec.spec.problems import GivenTwice
from archspec.sym.open import as_float
from archspec.sym.operators import FUNCTIONS
from archspec.syntax import tree

Arguments = list[tuple[str | None, Any, Span]]


class Scope(Expressions):
    """Evaluates every expression; applying to tensors is left to bodies."""

    def _call(self, node: tree.Call) -> Any:
        given: Arguments = [(a.name, self.eval(a.value), a.span) for a in node.arguments]
        if any(value is POISON for _, value, _ in given):
            return POISON
        function = node.function
        if isinstance(function, tree.Name) and not self._callable(function.id) and self._is_function(function, given):
            return self._function(function.id, given, node.span)
        callee = self._callee(function)
        if callee is POISON:
            return POISON
        if isinstance(callee, InitFunction):
            return self._initialiser(callee, given, node.span)
        if isinstance(callee, Initialiser) and not given:
            return callee
        if unbind(callee) == () and given:
            return given[0][1]
        if not is_recipe(callee):
            self.fail(WrongKind(function.span, "an op, a module or a function", describe(callee)))
        tensors: list[Any] = []
        while given and given[0][0] is None and contains_tensor(given[0][1]):
            tensors += given[0][1] if isinstance(given[0][1], tuple) else [given[0][1]]
            given = given[1:]
        for name, value, span in given:
            if contains_tensor(value):
                shown = f" for `{name}`" if name else ""
                self.fail(WrongKind(span, f"a compile-time value{shown}", describe(value)))
        refined = self.refine(callee, given, node.span) if given or not tensors else callee
        return self.apply(refined, tensors, node.span) if tensors else refined

    def _callable(self, name: str) -> bool:
        """Whether a name of this body can stand in front of brackets."""
        value = self.env.get(name)
        return value is POISON or is_recipe(value) or isinstance(value, InitFunction)

    def _callee(self, function: tree.Expr) -> Any:
        """What is called. A name bound to a number, such as a parameter ``dropout``, still means the op here."""
        if isinstance(function, tree.Name) and function.id in self.env and not self._callable(function.id):
            found = self.elaborator.lookup(self.file, function)
            if found is not None:
                return found
            if function.id in op_names():
                return Recipe(function.id, (), function.span)
        return self.eval(function)

    def _is_function(self, name: tree.Name, given: Arguments) -> bool:
        if self.elaborator.lookup(self.file, name) is not None:
            return False
        known = name.id in FUNCTIONS or name.id in functions.LISTS
        if name.id not in op_names() or not known:
            return known
        return not any(key is not None or contains_tensor(value) for key, value, _ in given)

    def _function(self, name: str, given: Arguments, span: Span) -> Any:
        values = [value for _, value, _ in given]
        for key, _, place in given:
            if key is not None:
                self.fail(UnknownArgument(place, name, key, ()))
        low, high = functions.COUNTS[name]
        if not low <= len(values) <= high:
            wanted = low if len(values) < low else high
            self.fail(WrongCount(span, f"arguments of `{name}`", wanted, len(values)))
        if name in functions.LISTS:
            first = values[0].value if isinstance(values[0], Bound) else values[0]
            if name == "len" and isinstance(first, RepeatedList):
                return first.count * len(first)
            values = values if name == "survive" else list(map(whole, values))
            values = [value.value if isinstance(value, Bound) and name != "ramp" else value for value in values]
            if name != "len":
                self.elaborator.spend(span, sum(len(value) for value in values if isinstance(value, tuple)))
            if name in ("range", "ramp", "enumerate", "survive"):
                self.pin(*(value for value in values if not isinstance(value, tuple)))
            try:
                made = functions.LISTS[name](*(alike(tuple(values)) if name in ("sum", "ramp") else values))
            except functions.TooManyEntries:
                self.too_long(span)
            except (TypeError, ValueError, AttributeError) as error:
                self.fail(BadArithmetic(span, f"{name}: {error}"))
            if isinstance(made, (int, float)) and not abs(made) < LARGEST:
                self.fail(BadArithmetic(span, f"{name}: the number is too large, or not a real number"))
            self.charge(made, span)
            return made
        if len(values) == 1 and isinstance(values[0], tuple) and name in ("min", "max"):
            values = list(values[0])
            if not values:
                self.fail(WrongCount(span, f"numbers for `{name}`", 1, 0))
            self.elaborator.spend(span, len(values))
        for value in values:
            if isinstance(value, bool) or not isinstance(value, (int, float)):
                self.fail(WrongKind(span, f"numbers for `{name}`", describe(value)))
        if name == "round" and len(values) > 1 and not (isinstance(values[1], int) and abs(values[1]) <= 15):
            self.fail(BadArithmetic(span, "`round` keeps at most 15 digits, a whole number of them"))
        if name in ("min", "max") and len(values) == 1:
            return values[0]
        return self.compute(span, name, FUNCTIONS[name], tuple(values))

    def _initialiser(self, function: InitFunction, given: Arguments, span: Span) -> Initialiser:
        wanted = functions.INITIALISERS[function.kind]
        names = [name for name, _ in wanted]
        values = dict(wanted)
        for index, (name, value, place) in enumerate(given):
            if name is None and index >= len(names):
                self.fail(TooManyArguments(place, function.kind, tuple(names)))
            key = name or names[index]
            if name is None and index >= functions.BY_POSITION.get(function.kind, 1):
                first = functions.BY_POSITION.get(function.kind, 1)
                self.fail(ByName(place, function.kind, key, tuple(names[:first]), tuple(names[first:])))
            if [other for other, _, _ in given].count(name) > 1 and name is not None:
                self.fail(GivenTwice(place, name))
            if key not in values:
                self.fail(UnknownArgument(place, function.kind, key, tuple(names)))
            if isinstance(value, bool) or not isinstance(value, (int, float)):
                self.fail(WrongKind(place, "a number", describe(value)))
            values[key] = value
        missing = tuple(name for name, value in values.items() if value is None)
        if missing:
            self.fail(MissingArgument(span, function.kind, missing, span))
        std, low, high = (values.get(key, 0.0) for key in ("std", "low", "high"))
        assert std is not None
        assert low is not None
        assert high is not None
        if std < 0 or (function.kind == "trunc_normal" and std == 0):
            self.fail(BadArithmetic(span, "a standard deviation is positive"))
        if low > high or (function.kind == "trunc_normal" and low == high):
            self.fail(BadArithmetic(span, "`low` lies above `high`"))
        own = tuple(as_float(0.0 if values[name] is None else values[name]) for name in names)
        return Initialiser(function.kind, own)  # type: ignore[arg-type]

    def refine(self, callee: Any, given: Arguments, span: Span) -> Any:
        """A recipe with further arguments; a layer-to-be keeps its name."""
        if isinstance(callee, Bound):
            return Bound(self.refine(callee.value, given, span), callee.path) if given else callee
        if not isinstance(callee, Recipe):
            self.fail(WrongKind(span, "one op or module to give arguments to", describe(callee)))
        if callee.target == STAGE:
            self.fail(WrongKind(span, "an op or module to give arguments to", "a stage, whose braces have them"))
        known, open_ended = self.parameters(callee)
        values = callee.given()
        names = [name for name, _, _ in given if name is not None]
        for name, _, place in given:
            if name is not None and names.count(name) > 1:
                self.fail(GivenTwice(place, name))
        places, left = [place for name, _, place in given if name is None], [k for k in known if k not in values]
        if len(places) > len(left):
            self.fail(TooManyArguments(places[len(left)], callee.name, known))
        for name, value, place in given:
            if name is None:
                name = next((k for k in known if k not in values), "")
                if not name:
                    self.fail(TooManyArguments(place, callee.name, known))
                if name in names:
                    self.fail(GivenTwice(place, name))
                if callee.is_op and name not in known[: find_op(callee.name).positional]:
                    self._refuse_position(callee, name, known, given, place)
            if name not in known and not open_ended:
                self.fail(UnknownArgument(place, callee.name, name, known))
            values[name] = unbind(value)
        self.charge(tuple(values.values()), span)
        return Recipe(callee.target, tuple(values.items()), span)

    def _refuse_position(
        self, callee: Recipe, name: str, known: tuple[str, ...], given: Arguments, place: Span
    ) -> NoReturn:
        """Numbers in another library's order would be others here: say by name what can be known of what is meant."""
        op = find_op(callee.name)
        first, others = known[: op.positional], known[op.positional :]
        texts = [self.text(span) for key, _, span in given if key is None]
        needed = sum(spec.default is REQUIRED for spec in arguments(op).values())
        if callee.given() or len(texts) < len(given) or not first:
            texts = []
        knows = op.knows if op.knows and len(texts) > max(needed, 1) else ""
        taken = texts[1:] if knows else texts if len(texts) <= needed else []
        parts = [*taken[: len(first)], *(f"{key} = {text}" for key, text in zip(others, taken[len(first) :]))]
        way = f"{callee.name}({', '.join(parts)})" if taken and all(taken) else ""
        self.fail(ByName(place, callee.name, name, first, others, knows, way))

    def parameters(self, recipe: Recipe) -> tuple[tuple[str, ...], bool]:
        """The names of the arguments that a recipe takes, and whether it takes any name besides."""
        if recipe.is_op:
            op = find_op(recipe.name)
            return tuple(arguments(op)), op.extra is not None
        return tuple(p.name for p in self.elaborator.definition(recipe.target).parameters), False
