"""Initialisers as values: their numbers by name and by position, held to what they can be."""

from __future__ import annotations

from archspec.graph.arguments import Arguments
from archspec.graph.ledger import Ledger
from archspec.graph.problems.calls import ByName, MissingArgument, TooManyArguments, UnknownArgument
from archspec.graph.problems.starts import InitShape
from archspec.graph.problems.values import BadArithmetic, WrongKind
from archspec.graph.values import InitFunction, Value, describe
from archspec.opdef.init import BY_POSITION, INITIALISERS, Initialiser
from archspec.source import Span
from archspec.spec.problems import GivenTwice
from archspec.sym.open import as_float


class Initialisers:
    """Makes initialisers of what a spec says."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger

    def call(self, function: InitFunction, given: Arguments, span: Span) -> Initialiser:
        """``trunc_normal(0.02)``."""
        values = self._numbers(function, given)
        missing = tuple(name for name, value in values.items() if value is None)
        if missing:
            self.ledger.fail(MissingArgument(span, function.kind, missing, span))
        known = {name: value for name, value in values.items() if value is not None}
        std, low, high = (known.get(key, 0.0) for key in ("std", "low", "high"))
        if std < 0 or (function.kind == "trunc_normal" and std == 0):
            self.ledger.fail(BadArithmetic(span, "a standard deviation is positive"))
        if low > high or (function.kind == "trunc_normal" and low == high):
            self.ledger.fail(BadArithmetic(span, "`low` lies above `high`"))
        return Initialiser(function.kind, tuple(map(as_float, known.values())))

    def _numbers(self, function: InitFunction, given: Arguments) -> dict[str, float | None]:
        """The numbers of an initialiser by name, with their defaults; None where one is missing."""
        values = dict(INITIALISERS[function.kind])
        names = tuple(values)
        by_position = BY_POSITION.get(function.kind, 1)
        for index, (name, value, place) in enumerate(given):
            if name is None and index >= len(names):
                self.ledger.fail(TooManyArguments(place, function.kind, names))
            key = name or names[index]
            if name is None and index >= by_position:
                self.ledger.fail(ByName(place, function.kind, key, names[:by_position], names[by_position:]))
            if name is not None and [other for other, _, _ in given].count(name) > 1:
                self.ledger.fail(GivenTwice(place, name))
            if key not in values:
                self.ledger.fail(UnknownArgument(place, function.kind, key, names))
            if isinstance(value, bool) or not isinstance(value, (int, float)):
                self.ledger.fail(WrongKind(place, "a number", describe(value)))
            values[key] = value
        return values

    def of(self, value: Value, span: Span) -> Initialiser:
        """A number is a constant start; an initialiser whose numbers all have defaults needs no brackets."""
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return Initialiser("constant", (as_float(value),))
        if isinstance(value, InitFunction):
            return self.call(value, [], span)
        if not isinstance(value, Initialiser):
            self.ledger.fail(WrongKind(span, "an initialiser, such as zeros or normal(0.02)", describe(value)))
        return value

    def fits(self, init: Initialiser, name: str, rank: int, span: Span) -> None:
        """An initialiser that looks at rows and columns needs both."""
        if rank < init.axes:
            self.ledger.fail(InitShape(span, init.kind, name, init.axes, rank))
