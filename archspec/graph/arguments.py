"""Arguments of recipes: each under a name that the op or module takes, and none of them twice."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn, TypeAlias

from archspec.graph.ledger import Ledger
from archspec.graph.naming import unbind
from archspec.graph.problems.calls import ByName, TooManyArguments, UnknownArgument
from archspec.graph.problems.values import WrongKind
from archspec.graph.values import STAGE, Bound, Recipe, Value, describe
from archspec.opdef.args import REQUIRED
from archspec.opdef.op import arguments
from archspec.opdef.registry import find_op
from archspec.source import Span
from archspec.spec.problems import GivenTwice

if TYPE_CHECKING:
    from archspec.graph.definitions import Definitions

Arguments: TypeAlias = "list[tuple[str | None, Value, Span]]"
"""Arguments as they are given: by name or by position, with their values and places."""


class RecipeArguments:
    """Gives recipes arguments."""

    def __init__(self, ledger: Ledger, definitions: Definitions) -> None:
        self.ledger = ledger
        self.definitions = definitions

    def refine(self, callee: Value, given: Arguments, span: Span) -> Value:
        """A recipe with further arguments; a layer-to-be keeps its name."""
        if isinstance(callee, Bound):
            return Bound(self.refine(callee.value, given, span), callee.path) if given else callee
        if not isinstance(callee, Recipe):
            self.ledger.fail(WrongKind(span, "one op or module to give arguments to", describe(callee)))
        if callee.target == STAGE:
            self.ledger.fail(WrongKind(span, "an op or module to give arguments to", "a stage, whose braces have them"))
        known, open_ended = self.parameters(callee)
        values = callee.given()
        names = self._given_once(given)
        places, left = [place for name, _, place in given if name is None], [k for k in known if k not in values]
        if len(places) > len(left):
            self.ledger.fail(TooManyArguments(places[len(left)], callee.name, known))
        for name, value, place in given:
            if name is None:
                name = self._next(callee, known, values, names, place)
                if callee.is_op and name not in known[: find_op(callee.name).positional]:
                    self._refuse_position(callee, name, known, given, place)
            if name not in known and not open_ended:
                self.ledger.fail(UnknownArgument(place, callee.name, name, known))
            values[name] = unbind(value)
        self.ledger.charge(tuple(values.values()), span)
        return Recipe(callee.target, tuple(values.items()), span)

    def _given_once(self, given: Arguments) -> list[str]:
        """The names that arguments are given by, each once."""
        names = [name for name, _, _ in given if name is not None]
        for name, _, place in given:
            if name is not None and names.count(name) > 1:
                self.ledger.fail(GivenTwice(place, name))
        return names

    def _next(
        self, callee: Recipe, known: tuple[str, ...], values: dict[str, Value], names: list[str], place: Span
    ) -> str:
        """What an argument by position is called: the first that has no value yet."""
        name = next((k for k in known if k not in values), None)
        if name is None:
            self.ledger.fail(TooManyArguments(place, callee.name, known))
        if name in names:
            self.ledger.fail(GivenTwice(place, name))
        return name

    def _refuse_position(
        self, callee: Recipe, name: str, known: tuple[str, ...], given: Arguments, place: Span
    ) -> NoReturn:
        """Numbers in another library's order would be others here: say by name what can be known of what is meant."""
        op = find_op(callee.name)
        first, others = known[: op.positional], known[op.positional :]
        texts = [self.definitions.text(span) for key, _, span in given if key is None]
        needed = sum(spec.default is REQUIRED for spec in arguments(op).values())
        if callee.given() or len(texts) < len(given) or not first:
            texts = []
        knows = op.knows if op.knows and len(texts) > max(needed, 1) else ""
        taken = texts[1:] if knows else texts if len(texts) <= needed else []
        parts = [*taken[: len(first)], *(f"{key} = {text}" for key, text in zip(others, taken[len(first) :]))]
        way = f"{callee.name}({', '.join(parts)})" if taken and all(taken) else ""
        self.ledger.fail(ByName(place, callee.name, name, first, others, knows, way))

    def parameters(self, recipe: Recipe) -> tuple[tuple[str, ...], bool]:
        """The names of the arguments that a recipe takes, and whether it takes any name besides."""
        if recipe.is_op:
            op = find_op(recipe.name)
            return tuple(arguments(op)), op.extra is not None
        return tuple(p.name for p in self.definitions.definition(recipe.target).parameters), False
