"""Rules of tables read as arrays: one expression over the variables of their loops (`archspec/sym/array.py`).

What hangs on no loop is left to the evaluator. A rule is read where every loop runs over the same for all values of
the loops around it, and the item is a number by arithmetic, conditions, functions of numbers and lists read by place.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from math import prod
from typing import Any

from archspec.graph import functions
from archspec.graph.program import Unfit, flattened
from archspec.limits import now
from archspec.spec.names import names_in
from archspec.sym.array import IndexLoop, NoValue, NumberList, SymArray, literal, node, walk
from archspec.sym.expr import SymExpr, name
from archspec.sym.extent import Inexact, surveyed
from archspec.sym.number import SymNumber, hint, is_number, plain, unmarked
from archspec.sym.operators import ARITHMETIC, COMPARISONS, FUNCTIONS
from archspec.syntax import tree

FEW = 16
"""Entries of a list in which a number is looked for one by one."""
WORK = {"exp": 60, "log": 60, "sin": 60, "cos": 60, "**": 60, "round": 60, "entry": 8, "//": 8, "%": 8}
"""What an operation costs a value, in sums."""
RATE = 512
"""Sums of so many values are a unit of work."""
HELD = 16
"""What a value costs besides, its memory counted in."""


def array_of(
    rule: tree.Expr,
    value: Callable[[tree.Expr], Any],
    is_function: Callable[[str], bool],
    ruled: Mapping[str, SymArray],
) -> SymArray:
    """The array of a table's rule.

    Args:
        rule: a comprehension.
        value: gives what an expression without loop variables comes to, or is Unfit.
        is_function: whether a name means the function of the language here.
        ruled: lists by name that are arrays themselves.

    Raises:
        Unfit: it is none.
    """
    return _Reader(value, is_function, ruled).read(rule)


def settle(array: SymArray) -> tuple[SymArray, bool]:
    """An array with its kind and bounds, and whether these alone say that it has a value everywhere.

    Raises:
        Unfit: it has none, or not to the last digit.
    """
    try:
        found, safe = surveyed(array)
    except Inexact:
        raise Unfit from None
    return replace(array, kind=found.kind, low=found.low, high=found.high), safe


def check_values(array: SymArray) -> SymArray:
    """An array that has a value everywhere, with the least and the greatest of them.

    Raises:
        Unfit: it has not.
    """
    try:
        values = array.values
    except NoValue:
        raise Unfit from None
    return replace(array, low=values.min().item(), high=values.max().item(), first=array.first or array)


def cost(array: SymArray) -> int:
    """Units of work that the values of an array take, whenever they are worked out."""
    sizes = {f"i{at}": len(own) for at, own in enumerate(array.ranges)}
    total = 0
    for part in walk(array.item):
        if part.op not in ("name", "literal"):
            total += prod(sizes[own] for own in part.names() if own in sizes) * WORK.get(part.op, 1)
    return (total + HELD * array.numel) // RATE


class _Reader:
    def __init__(
        self,
        value: Callable[[tree.Expr], Any],
        is_function: Callable[[str], bool],
        ruled: Mapping[str, SymArray],
    ) -> None:
        self.value = value
        self.is_function = is_function
        self.ruled = ruled
        self.loops: list[IndexLoop] = []
        self.numbers: dict[Any, tuple[int, Any]] = {}
        self.lists: dict[Any, tuple[int, NumberList]] = {}

    def read(self, rule: tree.Expr) -> SymArray:
        """The array of a rule."""
        scope: dict[str, SymExpr] = {}
        groups = []
        while isinstance(rule, tree.Comprehension):
            count = 1
            self._loop(rule, scope)
            while rule.joined:
                assert isinstance(rule.item, tree.Comprehension)
                rule, count = rule.item, count + 1
                self._loop(rule, scope)
            groups.append(count)
            rule = rule.item
        if not groups:
            raise Unfit
        item = self._whole(rule, scope)
        numbers = tuple(number for _, number in self.numbers.values())
        return SymArray(tuple(self.loops), tuple(groups), item, numbers, tuple(self.given))

    # loops

    def _loop(self, rule: tree.Comprehension, scope: dict[str, SymExpr]) -> None:
        if rule.condition is not None or not scope.keys().isdisjoint(own.id for own in names_in(rule.iterable)):
            raise Unfit
        for target, own in zip(rule.targets, self._targets(rule.iterable, rule.targets)):
            scope[target] = own

    def _targets(self, iterable: tree.Expr, targets: tuple[str, ...]) -> list[SymExpr]:
        """What the variables of a loop are, a loop over places added for them."""
        function, given = self._called(iterable)
        if function == "range" and len(targets) == 1:
            start, stop, step = self._range(given)
            return [self._add(targets[0], start, stop, step)]
        if function == "reversed" and len(targets) == 1:
            inner, bounds = self._called(given[0])
            if inner == "range":
                start, stop, step = self._range(bounds)
                if start == literal(0) and step == literal(1):
                    return [self._add(targets[0], node("-", stop, literal(1)), literal(-1), literal(-1))]
        parts = given if function == "zip" else given[:1] if function == "enumerate" and len(given) == 1 else [iterable]
        lists = [self._list(part) for part in parts]
        if any(len(self._shape(own)) != 1 for own in lists):
            raise Unfit
        count = literal(min(self._shape(own)[0] for own in lists))
        index = self._add(targets[0] if function == "enumerate" else "at", literal(0), count, literal(1))
        entries = [node("entry", own, index) for own in lists]
        made = [index, *entries] if function == "enumerate" else entries
        if len(made) != len(targets):
            raise Unfit
        return made

    def _range(self, given: list[tree.Expr]) -> tuple[SymExpr, SymExpr, SymExpr]:
        """The bounds of a range, and that the language takes them."""
        bounds = [self._leaf(part) for part in given]
        known = [self.value(part) for part in given]
        if not 1 <= len(known) <= 3 or any(isinstance(end, bool) or not isinstance(end, int) for end in known):
            raise Unfit
        start, stop, step = [literal(0), *bounds, literal(1)] if len(bounds) == 1 else [*bounds, literal(1)][:3]
        if len(known) == 3 and hint(known[2]) == 0:
            raise Unfit
        found = range(*(int(hint(end)) for end in known))
        if (found.stop - found.start) // found.step > now().entries:  # ``len`` knows no more than an index
            raise Unfit
        return start, stop, step

    def _add(self, label: str, start: SymExpr, stop: SymExpr, step: SymExpr) -> SymExpr:
        self.loops.append(IndexLoop(label, start, stop, step))
        return name(f"i{len(self.loops) - 1}")

    def _called(self, call: tree.Expr) -> tuple[str, list[tree.Expr]]:
        """The function of the language that is called, by position; no name where it is none."""
        if not isinstance(call, tree.Call) or not isinstance(call.function, tree.Name):
            return "", []
        function, given = call.function.id, call.arguments
        low, high = functions.COUNTS.get(function, (1, 0))
        fits = low <= len(given) <= high and all(argument.name is None for argument in given)
        return (function, [a.value for a in given]) if fits and self.is_function(function) else ("", [])

    # numbers and lists that no loop changes

    def _leaf(self, part: tree.Expr) -> SymExpr:
        value = self.value(part)
        if isinstance(value, bool) or isinstance(part, tree.Number):
            return literal(value)
        if not is_number(value):
            raise Unfit
        known = self.numbers.setdefault((getattr(value, "expr", None), repr(hint(value))), (len(self.numbers), value))
        return name(f"n{known[0]}")

    def _list(self, part: tree.Expr) -> SymExpr:
        """A list of numbers, however nested, each row as long as the others."""
        key = part.id if isinstance(part, tree.Name) else part.span
        if key not in self.lists:
            value = self.value(part)
            shape, found = flattened(plain(value)) if isinstance(value, tuple) else (None, [])
            sources = tuple(entry for entry in found if isinstance(entry, SymNumber))
            entries = [unmarked(hint(entry)) for entry in found]
            if not shape or not entries or not set(map(type, entries)) <= {int, float}:
                raise Unfit
            label = part.id if isinstance(part, tree.Name) else "table"
            array = self.ruled.get(label) if isinstance(part, tree.Name) else None
            self.lists[key] = len(self.lists), NumberList(label, shape, tuple(entries), sources, array)
        return name(f"l{self.lists[key][0]}")

    def _shape(self, given: SymExpr) -> tuple[int, ...]:
        return self.given[int(given.parts[0][1:])].shape

    @property
    def given(self) -> list[NumberList]:
        """The lists that were read so far."""
        return [own for _, own in self.lists.values()]

    # expressions

    def _whole(self, part: tree.Expr, scope: Mapping[str, SymExpr]) -> SymExpr:
        """An expression, whether loops change it or not."""
        return self._expr(part, scope) or self._leaf(part)

    def _expr(self, part: tree.Expr, scope: Mapping[str, SymExpr]) -> SymExpr | None:
        """An expression that a loop changes; None for any other."""
        match part:
            case tree.Name():
                return scope.get(part.id)
            case tree.Number() | tree.Constant():
                return None
            case tree.Unary():
                own = self._expr(part.operand, scope)
                return own and node("not" if part.op == "not" else "neg", own)
            case tree.Binary(op="and" | "or"):
                return self._logic(part, scope)
            case tree.Binary(op="in"):
                return self._among(part, scope)
            case tree.Binary() if part.op in ARITHMETIC or part.op in COMPARISONS:
                return self._node(part.op, [part.left, part.right], scope)
            case tree.Conditional():
                condition = self._expr(part.condition, scope)
                if condition is None:
                    return self._expr(part.yes if self._truth(part.condition) else part.no, scope)
                return node("if", condition, self._whole(part.yes, scope), self._whole(part.no, scope))
            case tree.Call(function=tree.Name() as function) if function.id in FUNCTIONS:
                function_id, given = self._called(part)
                several = function_id not in ("min", "max") or len(given) > 1
                if function_id and several and not isinstance(given[0], tree.Comprehension):
                    return self._node(function_id, given, scope)
            case tree.Index():
                return self._index(part, scope)
        return self._settled(part, scope)

    def _node(self, op: str, given: list[tree.Expr], scope: Mapping[str, SymExpr]) -> SymExpr | None:
        parts = [self._expr(own, scope) for own in given]
        if all(own is None for own in parts):
            return None
        return node(op, *(own or self._leaf(part) for own, part in zip(parts, given)))

    def _truth(self, part: tree.Expr) -> bool:
        value = self.value(part)
        if not isinstance(value, bool):
            raise Unfit
        return value

    def _logic(self, part: tree.Binary, scope: Mapping[str, SymExpr]) -> SymExpr | None:
        left = self._expr(part.left, scope)
        if left is None:
            if self._truth(part.left) == (part.op == "or"):
                return None
            return self._expr(part.right, scope)
        return node(part.op, left, self._expr(part.right, scope) or literal(self._truth(part.right)))

    def _among(self, part: tree.Binary, scope: Mapping[str, SymExpr]) -> SymExpr | None:
        """``k in [1, 2]``: equal to one of a few."""
        left = self._expr(part.left, scope)
        if left is None:
            return self._settled(part, scope)
        given = self.value(part.right) if self._expr(part.right, scope) is None else None
        if not isinstance(given, tuple) or not 0 < len(given) <= FEW or not all(map(is_number, given)):
            raise Unfit
        made = None
        for number in given:
            test = node("==", left, literal(unmarked(plain(hint(number)))))
            made = test if made is None else node("or", made, test)
        return made

    def _settled(self, part: tree.Expr, scope: Mapping[str, SymExpr]) -> SymExpr | None:
        """None: an expression that has nothing in it that a loop changes.

        Raises:
            Unfit: it has.
        """
        if any(own.id in scope for own in names_in(part)):
            raise Unfit
        return None

    def _index(self, part: tree.Index, scope: Mapping[str, SymExpr]) -> SymExpr | None:
        """``places[t][i]``."""
        base: tree.Expr = part
        places: list[SymExpr] = []
        varies = False
        while isinstance(base, tree.Index):
            if len(base.items) != 1 or isinstance(base.items[0], tree.Slice):
                return self._settled(part, scope)
            own = self._expr(base.items[0], scope)
            varies |= own is not None
            places.insert(0, own or self._leaf(base.items[0]))
            base = base.value
        if not varies:
            return self._settled(part, scope)
        if self._expr(base, scope) is not None:
            raise Unfit
        given = self._list(base)
        if len(self._shape(given)) != len(places):
            raise Unfit
        return node("entry", given, *places)
