"""Uses of the functions of the language: the right number of arguments of the right kinds, and their results."""

from __future__ import annotations

from collections.abc import Sequence

from archspec.graph import functions
from archspec.graph.arguments import Arguments
from archspec.graph.environment import Environment
from archspec.graph.ledger import Ledger
from archspec.graph.naming import whole
from archspec.graph.operators import LARGEST, Operators
from archspec.graph.problems.calls import UnknownArgument
from archspec.graph.problems.values import BadArithmetic, WrongCount, WrongKind
from archspec.graph.traversal import alike
from archspec.graph.values import Bound, RepeatedList, Value, describe
from archspec.source import Span
from archspec.sym.operators import FUNCTIONS

RAMPED = 8
"""Units of work of a number of a ramp, which knows its place there."""
_PINNED = ("range", "ramp", "enumerate", "survive")
"""Functions that use the very values of numbers."""


class FunctionCalls:
    """Calls functions of compile-time values."""

    def __init__(self, ledger: Ledger, environment: Environment, operators: Operators) -> None:
        self.ledger = ledger
        self.environment = environment
        self.operators = operators

    def call(self, name: str, given: Arguments, span: Span) -> Value:
        """The value of a function of the language."""
        values = [value for _, value, _ in given]
        for key, _, place in given:
            if key is not None:
                self.ledger.fail(UnknownArgument(place, name, key, ()))
        low, high = functions.COUNTS[name]
        if not low <= len(values) <= high:
            wanted = low if len(values) < low else high
            self.ledger.fail(WrongCount(span, f"arguments of `{name}`", wanted, len(values)))
        return self._of_lists(name, values, span) if name in functions.LISTS else self._of_numbers(name, values, span)

    def _of_lists(self, name: str, values: list[Value], span: Span) -> Value:
        """A function that takes or gives lists."""
        first = values[0].value if isinstance(values[0], Bound) else values[0]
        if name == "len" and isinstance(first, RepeatedList):
            return first.length
        values = values if name == "survive" else list(map(whole, values))
        values = [value.value if isinstance(value, Bound) and name != "ramp" else value for value in values]
        if name != "len":
            self.ledger.spend(span, sum(len(value) for value in values if isinstance(value, tuple)))
        if name in _PINNED:
            self.environment.pin(*(value for value in values if not isinstance(value, tuple)))
        if name in ("sum", "ramp"):
            values = [alike(value, *values) for value in values]
        made = self._made(name, values, span)
        if isinstance(made, (int, float)) and not abs(made) < LARGEST:
            self.ledger.fail(BadArithmetic(span, f"{name}: the number is too large, or not a real number"))
        self.ledger.charge(made, span, RAMPED if name == "ramp" else 1)
        return made

    def _made(self, name: str, values: list[Value], span: Span) -> Value:
        try:
            made: Value = functions.LISTS[name](*values)
            return made
        except functions.TooManyEntries:
            self.ledger.too_long(span)
        except (TypeError, ValueError, AttributeError) as error:
            self.ledger.fail(BadArithmetic(span, f"{name}: {error}"))

    def _of_numbers(self, name: str, values: Sequence[Value], span: Span) -> Value:
        """A function of numbers, which ``min`` and ``max`` take in a list too."""
        if len(values) == 1 and isinstance(values[0], tuple) and name in ("min", "max"):
            values = values[0]
            if not values:
                self.ledger.fail(WrongCount(span, f"numbers for `{name}`", 1, 0))
            self.ledger.spend(span, len(values))
        numbers: list[int | float] = []
        for value in values:
            if isinstance(value, bool) or not isinstance(value, (int, float)):
                self.ledger.fail(WrongKind(span, f"numbers for `{name}`", describe(value)))
            numbers.append(value)
        if name == "round" and len(numbers) > 1 and not (isinstance(numbers[1], int) and abs(numbers[1]) <= 15):
            self.ledger.fail(BadArithmetic(span, "`round` keeps at most 15 digits, a whole number of them"))
        if name in ("min", "max") and len(numbers) == 1:
            return numbers[0]
        return self.operators.compute(span, name, FUNCTIONS[name], tuple(numbers))
