"""Between what bounds the values of an array lie, and whether it has them everywhere, told without working them out.

Assumes the numbers of the case at hand. Guarantees that every value of an expression, wherever it has one, is of the
kind and between the bounds that are told, and that no whole number on the way is too large for 64 bits and for a number
with a fraction to hold it; anything else is :class:`Inexact`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from archspec.sym.array import SymArray
from archspec.sym.expr import LARGEST_EXPR, SymExpr
from archspec.sym.operators import COMPARISONS, FUNCTIONS, MIRRORED, OPPOSITE

LARGEST = 2.0**63
"""Numbers of the language are smaller."""
EXACT = 2**53
"""Whole numbers up to here are numbers with a fraction, too."""
INF = math.inf


class Inexact(Exception):
    """A rule whose values arrays might not have to the last digit, or that mixes kinds of values."""


class Extent(NamedTuple):
    """The kind of an expression (``truth``, ``int``, ``float`` or ``mixed``), and between what its values lie.

    The bounds of a truth value are those of False and True.
    """

    kind: str
    low: Any
    high: Any


class Surveyor:
    """Finds the extents of expressions. ``safe``: whether everything looked at so far has a value everywhere."""

    def __init__(self, names: Mapping[str, Extent]) -> None:
        self.names = names
        self.safe = True

    def of(self, expr: SymExpr, scope: _KnownBounds | None = None) -> Extent:
        """The extent of an expression, in a branch of the ``if`` that it stands in.

        Raises:
            Inexact: see the class.
        """
        scope = scope or _KnownBounds({})
        known = scope.found.get(id(expr))
        if known is None:
            known = self._narrowed(expr, self._of(expr, scope), scope)
            if known.kind == "int" and not max(abs(known.low), abs(known.high)) < EXACT:
                raise Inexact
            scope.found[id(expr)] = known
        return known

    def _narrowed(self, expr: SymExpr, found: Extent, scope: _KnownBounds) -> Extent:
        if not scope.bounds or expr.size > LARGEST_EXPR or expr not in scope.bounds:
            return found
        low, high = scope.bounds[expr]
        low, high = max(low, found.low), min(high, found.high)
        return Extent(found.kind, low, high) if low <= high else found  # nothing comes here at all

    def _of(self, expr: SymExpr, scope: _KnownBounds) -> Extent:
        match expr.op:
            case "literal":
                return extent_of(expr.parts)
            case "name":
                return self.names[expr.parts[0]]
            case "if":
                return self._if(expr, scope)
            case "and" | "or":
                left = self._truth(expr.parts[0], scope)
                right = self._truth(expr.parts[1], self._branch(expr.parts[0], expr.op == "and", scope))
                ends = [bool(min(a, b)) if expr.op == "and" else bool(max(a, b)) for a, b in zip(left, right)]
                return Extent("truth", *ends)
            case "not":
                low, high = self._truth(expr.parts[0], scope)
                return Extent("truth", not high, not low)
        parts = [self.of(part, scope) for part in expr.parts]
        if expr.op == "entry":
            return self._entry(expr, parts)
        if expr.op in COMPARISONS:
            return self._compared(expr.op, *parts)
        if any(part.kind == "truth" for part in parts):
            raise Inexact
        if expr.op == "neg":
            return Extent(_kind(parts), -parts[0].high, -parts[0].low)
        found = _RULES[expr.op](self, *parts)
        if found.kind == "float" and not (found.low > -LARGEST and found.high < LARGEST):
            self.safe = False
        return found

    def _truth(self, expr: SymExpr, scope: _KnownBounds) -> tuple[bool, bool]:
        found = self.of(expr, scope)
        if found.kind != "truth":
            raise Inexact
        return found.low, found.high

    def _if(self, expr: SymExpr, scope: _KnownBounds) -> Extent:
        condition, yes, no = expr.parts
        low, high = self._truth(condition, scope)
        if low == high:
            return self.of(yes if low else no, scope)
        one, other = (self.of(part, self._branch(condition, part is yes, scope)) for part in (yes, no))
        kinds = {one.kind, other.kind}
        if "truth" in kinds and len(kinds) > 1:
            raise Inexact
        kind = one.kind if len(kinds) == 1 else "mixed"
        return Extent(kind, min(one.low, other.low), max(one.high, other.high))

    def _branch(self, condition: SymExpr, holds: bool, scope: _KnownBounds) -> _KnownBounds:
        """What is known where a condition holds, or where it does not."""
        bounds = dict(scope.bounds)
        left = [(condition, holds)]
        while left:
            part, true = left.pop()
            if part.op == "not":
                left.append((part.parts[0], not true))
            elif part.op == ("and" if true else "or"):
                left += [(own, true) for own in part.parts]
            elif part.op in COMPARISONS:
                relation = part.op if true else OPPOSITE[part.op]
                ends = [self.of(side, scope) for side in part.parts] if "truth" not in self._kinds(part, scope) else []
                if ends:
                    self._bound(bounds, part.parts[0], relation, *ends)
                    self._bound(bounds, part.parts[1], MIRRORED[relation], ends[1], ends[0])
        return _KnownBounds(bounds)

    def _kinds(self, comparison: SymExpr, scope: _KnownBounds) -> set[str]:
        return {self.of(part, scope).kind for part in comparison.parts}

    def _bound(
        self, bounds: dict[SymExpr, tuple[Any, Any]], expr: SymExpr, relation: str, own: Extent, other: Extent
    ) -> None:
        if expr.op == "literal" or expr.size > LARGEST_EXPR:
            return
        low, high = bounds.get(expr, (own.low, own.high))
        gap = 1 if own.kind == other.kind == "int" else 0
        match relation:
            case "<" | "<=":
                high = min(high, other.high - (gap if relation == "<" else 0))
            case ">" | ">=":
                low = max(low, other.low + (gap if relation == ">" else 0))
            case "==":
                low, high = max(low, other.low), min(high, other.high)
            case "!=" if gap and other.low == other.high:
                low, high = low + (low == other.low), high - (high == other.low)
        bounds[expr] = (low, high)

    def _compared(self, relation: str, left: Extent, right: Extent) -> Extent:
        truths = [side.kind == "truth" for side in (left, right)]
        if any(truths) and not (all(truths) and relation in ("==", "!=")):
            raise Inexact
        outcomes = {
            "<": (left.high < right.low, left.low < right.high),
            "<=": (left.high <= right.low, left.low <= right.high),
            ">": (left.low > right.high, left.high > right.low),
            ">=": (left.low >= right.high, left.high >= right.low),
            "==": (left.low == left.high == right.low == right.high, left.low <= right.high and right.low <= left.high),
        }
        if relation == "!=":
            sure, maybe = outcomes["=="]
            return Extent("truth", not maybe, not sure)
        return Extent("truth", *map(bool, outcomes[relation]))

    def _entry(self, expr: SymExpr, parts: list[Extent]) -> Extent:
        given, *places = parts
        for place, size in zip(places, self.names[f"{expr.parts[0].parts[0]}.shape"]):
            if place.kind != "int":
                raise Inexact
            if not -size <= place.low <= place.high < size:
                self.safe = False
        return given

    # arithmetic

    def _sum(self, a: Extent, b: Extent) -> Extent:
        return _ends(_kind((a, b)), a.low + b.low, a.high + b.high)

    def _difference(self, a: Extent, b: Extent) -> Extent:
        return _ends(_kind((a, b)), a.low - b.high, a.high - b.low)

    def _product(self, a: Extent, b: Extent) -> Extent:
        return _corners(_kind((a, b)), lambda x, y: x * y, a, b)

    def _quotient(self, a: Extent, b: Extent) -> Extent:
        _kind((a, b))
        if b.low <= 0 <= b.high:
            self.safe = False
            return Extent("float", -INF, INF)
        return _corners("float", lambda x, y: x / y, a, b)

    def _floored(self, a: Extent, b: Extent) -> Extent:
        kind = _kind((a, b))
        if b.low <= 0 <= b.high:
            self.safe = False
            most = max(abs(a.low), abs(a.high)) if kind == "int" else INF
            return Extent(kind, -most, most)
        return _corners(kind, lambda x, y: x // y, a, b)

    def _remainder(self, a: Extent, b: Extent) -> Extent:
        kind = _kind((a, b))
        if b.low <= 0 <= b.high:
            self.safe = False
            most = max(abs(b.low), abs(b.high))
            return Extent(kind, -most, most)
        if kind == "int" and b.low == b.high and a.low // b.low == a.high // b.low:
            ends = (a.low % b.low, a.high % b.low)
            return Extent(kind, *ends)
        inside = 1 if kind == "int" else 0
        if b.low > 0:
            return Extent(kind, 0, min(a.high, b.high - inside) if a.low >= 0 else b.high - inside)
        return Extent(kind, b.low + inside, 0)

    def _power(self, a: Extent, b: Extent) -> Extent:
        if "mixed" in (a.kind, b.kind):
            raise Inexact
        whole = a.kind == b.kind == "int"
        if whole and b.low < 0 <= b.high:
            raise Inexact  # the kind of each value is its own
        if max(abs(b.low), abs(b.high)) > 64 and max(abs(a.low), abs(a.high)) > 1:
            self.safe = False
            if whole:
                raise Inexact
        kind = "int" if whole and b.low >= 0 else "float"
        if a.low > 0 or (a.low >= 0 <= b.low):
            ends = [_power(x, y) for x in a[1:] for y in b[1:]]
            return Extent(kind, *_slack(min(ends), max([*ends, 1]) if a.low == 0 else max(ends), kind))
        if kind == "int":
            most = max(abs(a.low), abs(a.high), 1) ** b.high
            return Extent(kind, 0 if b.low == b.high and b.low % 2 == 0 else -most, most)
        self.safe = False
        return Extent("float", -INF, INF)

    # functions

    def _to_whole(self, a: Extent) -> Extent:
        if not (abs(a.low) < EXACT and abs(a.high) < EXACT):
            raise Inexact
        return Extent("int", math.floor(a.low), math.ceil(a.high))

    def _round(self, a: Extent, digits: Extent | None = None) -> Extent:
        if digits is None:
            return self._to_whole(a)
        if a.kind != "float" or digits.kind != "int" or digits.low != digits.high or abs(digits.low) > 15:
            raise Inexact
        slack = 10.0**-digits.low
        return Extent("float", a.low - slack, a.high + slack)

    def _float(self, a: Extent) -> Extent:
        return _ends("float", float(a.low), float(a.high))

    def _abs(self, a: Extent) -> Extent:
        ends = (abs(a.low), abs(a.high))
        return Extent(_kind((a,)), 0 if a.low <= 0 <= a.high else min(ends), max(ends))

    def _max(self, *parts: Extent) -> Extent:
        return Extent(_joined(parts), max(p.low for p in parts), max(p.high for p in parts))

    def _min(self, *parts: Extent) -> Extent:
        return Extent(_joined(parts), min(p.low for p in parts), min(p.high for p in parts))

    def _sqrt(self, a: Extent) -> Extent:
        self.safe &= a.low >= 0
        return Extent("float", math.sqrt(max(a.low, 0)), math.sqrt(max(a.high, 0)))

    def _exp(self, a: Extent) -> Extent:
        low, high = (math.exp(end) if end < 700 else INF for end in a[1:])
        return Extent("float", *_slack(low, high))

    def _log(self, a: Extent) -> Extent:
        if a.low <= 0:
            self.safe = False
            return Extent("float", -INF, math.log(a.high) + 1 if a.high > 0 else INF)
        return Extent("float", *_slack(math.log(a.low), math.log(a.high)))

    def _wave(self, a: Extent) -> Extent:
        self.safe &= a.low > -INF and a.high < INF
        return Extent("float", -1, 1)


_RULES: dict[str, Callable[..., Extent]] = {
    "+": Surveyor._sum, "-": Surveyor._difference, "*": Surveyor._product, "/": Surveyor._quotient,
    "//": Surveyor._floored, "%": Surveyor._remainder, "**": Surveyor._power, "int": Surveyor._to_whole,
    "floor": Surveyor._to_whole, "ceil": Surveyor._to_whole, "round": Surveyor._round, "float": Surveyor._float,
    "abs": Surveyor._abs, "max": Surveyor._max, "min": Surveyor._min, "sqrt": Surveyor._sqrt, "exp": Surveyor._exp,
    "log": Surveyor._log, "sin": Surveyor._wave, "cos": Surveyor._wave,
}  # fmt: skip
assert _RULES.keys() >= FUNCTIONS.keys()


class _KnownBounds:
    """A branch of an ``if``: what is known of expressions there, and the extents that were found there."""

    def __init__(self, bounds: dict[SymExpr, tuple[Any, Any]]) -> None:
        self.bounds = bounds
        self.found: dict[int, Extent] = {}


def extent_of(values: Any) -> Extent:
    """The extent of some plain values.

    Raises:
        Inexact: there are numbers and truth values among them, or none.
    """
    kinds = set(map(type, values))
    names = {bool: "truth", int: "int", float: "float"}
    if not kinds or not kinds <= names.keys() or (bool in kinds and len(kinds) > 1):
        raise Inexact
    if any(type(value) is int and abs(value) >= EXACT for value in values):
        raise Inexact
    return Extent(names[kinds.pop()] if len(kinds) == 1 else "mixed", min(values), max(values))


def surveyed(array: SymArray) -> tuple[Extent, bool]:
    """The extent of an array's values, and whether it is sure that it has all of them.

    Raises:
        Inexact: see the module.
    """
    names: dict[str, Any] = {f"n{at}": extent_of((array.known[f"n{at}"],)) for at in range(len(array.numbers))}
    for at, own in enumerate(array.ranges):
        if not own:
            raise Inexact
        names[f"i{at}"] = Extent("int", min(own[0], own[-1]), max(own[0], own[-1]))
    for at, given in enumerate(array.lists):
        names[f"l{at}"] = extent_of(given.entries)
        names[f"l{at}.shape"] = given.shape
    surveyor = Surveyor(names)
    found = surveyor.of(array.item)
    if found.kind == "truth":
        raise Inexact
    return found, surveyor.safe


def _kind(parts: Any) -> str:
    """The kind of what comes of arithmetic: with a fraction where one operand has one.

    Raises:
        Inexact: it hangs on the values.
    """
    kinds = {part.kind for part in parts}
    if "float" in kinds:
        return "float"
    if "mixed" in kinds:
        raise Inexact
    return "int"


def _joined(parts: Any) -> str:
    """The kind of what is one of several."""
    kinds = {part.kind for part in parts}
    return kinds.pop() if len(kinds) == 1 else "mixed"


def _ends(kind: str, low: Any, high: Any) -> Extent:
    if math.isnan(low) or math.isnan(high):
        return Extent(kind, -INF, INF)
    return Extent(kind, low, high)


def _corners(kind: str, of: Callable[[Any, Any], Any], a: Extent, b: Extent) -> Extent:
    """The extent of what is greatest and least at the ends of both sides."""
    try:
        ends = [of(x, y) for x in a[1:] for y in b[1:]]
    except OverflowError:
        return Extent(kind, -INF, INF)
    if any(map(math.isnan, ends)):
        return Extent(kind, -INF, INF)
    return Extent(kind, min(ends), max(ends))


def _power(base: Any, exponent: Any) -> Any:
    try:
        return base**exponent
    except OverflowError:
        return INF
    except ZeroDivisionError:
        return INF


def _slack(low: Any, high: Any, kind: str = "float") -> tuple[Any, Any]:
    """Bounds of a function that may err in its last digit, and the least bit wider for that."""
    if kind == "int":
        return low, high
    return low - abs(low) * 1e-12, high + abs(high) * 1e-12
