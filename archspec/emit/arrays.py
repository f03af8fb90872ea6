"""Arrays as code: their rule over ``torch.arange``, or as a comprehension where that alone gives the very numbers.

torch computes with whole numbers, comparisons, choices, and sums, products, quotients and roots in float64 as Python
does, to the last bit; whatever else a rule has (waves, logarithms, powers of fractions) is Python's own, number by
number. What the numbers of a rule are called is for the class to say, so that one class serves tables of many sizes.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import reduce
from typing import Any, NamedTuple

from archspec.emit.code import (
    Atom,
    BinOp,
    Code,
    Comprehension,
    IfExp,
    Slice,
    Subscript,
    UnaryOp,
    arithmetic,
    call,
    display,
    literal,
    method,
    whole_number,
)
from archspec.emit.layout import fits
from archspec.emit.tables import Unsaid
from archspec.emit.target import Target
from archspec.graph.nodes import Table
from archspec.sym import array as sym
from archspec.sym.array import NumberList, SymArray
from archspec.sym.expr import SymExpr
from archspec.sym.number import hint
from archspec.sym.operators import ARITHMETIC, COMPARISONS, IN_MATH, MIRRORED, OPPOSITE

BODY = " " * 8
FEW = 16
"""So many numbers are as good as a rule."""
SHORT = 8
"""Bits of a fraction that every dtype of torch holds."""
MOST = 2**25
"""So many numbers may be held while a table is filled."""
DOUBLE = Atom("torch.float64")

SpellNumber = Callable[[Sequence[Any]], Code]
"""A number for each instance of the class, as code."""


class TorchPart(NamedTuple):
    """A piece of torch's arithmetic and what it is.

    ``form``: ``number`` for a plain one, ``whole`` and ``real`` for tensors of int64 and float64, ``truth``, and
    ``short`` for a tensor of numbers with so few digits that any dtype holds them.
    """

    code: Code
    form: str
    values: tuple[Any, ...] = ()

    @property
    def is_whole(self) -> bool:
        """Whether it is made of whole numbers alone."""
        return self.form == "whole" or (self.form == "number" and all(isinstance(value, int) for value in self.values))


def rule_of(table: Table) -> SymArray | None:
    """The rule by which a table is written, so that its numbers may be arguments of the class; None for any other."""
    array = table.array
    return array if array is not None and array.numel > FEW and sayable(array) else None


def sayable(array: SymArray) -> bool:
    """Whether a rule is all that has to be written: lists that it reads have rules of their own, or are short."""
    return all(_has_rule(given) or len(given.entries) <= FEW for given in array.lists)


def _has_rule(given: NumberList) -> bool:
    return given.array is not None and len(given.entries) > FEW and sayable(given.array)


class ArrayCode:
    """Writes the arrays of one module. ``lines`` name what they are put together from, in order.

    Args:
        spell: says a number, given for each instance of the class.
        target: knows which names a file has for its framework.
        taken: variables that are others'.
    """

    def __init__(self, spell: SpellNumber, target: Target, taken: Callable[[], set[str]]) -> None:
        self.spell = spell
        self.target = target
        self.taken = taken
        self.lines: list[tuple[str, Code]] = []
        self.lists: dict[Any, tuple[str, str]] = {}
        """Names and forms of the lists that have been said, by what tells them apart."""
        self.loops: dict[str, Code] = {}
        self.locals: dict[str, str] = {}
        self.used: set[str] = set()

    def code(self, arrays: Sequence[SymArray]) -> TorchPart:
        """One array for each instance of the class, all of one structure, as code: a tensor, a number or lists."""
        before = list(self.lines), dict(self.lists), dict(self.loops), dict(self.locals), set(self.used)
        try:
            return _TorchWriter(self, arrays).whole()
        except Unsaid:
            self.lines, self.lists, self.loops, self.locals, self.used = before
            return TorchPart(_ListWriter(self, arrays).whole(), "lists")

    def number(self, values: Sequence[Any]) -> Code:
        """A number of the rule."""
        if all(hint(value) == math.pi for value in values):
            return Atom("math.pi")
        return self.spell(values)

    def local(self, label: str, make: Callable[[], Code]) -> Code:
        """A number of the author's that has a name: bound to a variable, unless it is as short as one."""
        if label not in self.locals:
            code = make()
            if isinstance(code, Atom):
                return code
            self.locals[label] = self.variable(label, self.used)
            self.lines.append((self.locals[label], code))
        return Atom(self.locals[label])

    def variable(self, label: str, others: set[str]) -> str:
        """A variable for a loop."""
        made = self.target.variable(label)
        fixed = {own for own, _ in self.lists.values()} | {*self.locals.values()} | self.taken()
        while made in others | fixed:
            made += "_"
        self.used.add(made)
        return made

    def say(self, name: str, code: Code) -> None:
        """Bind a variable of a loop, unless it is bound to the same."""
        if self.loops.get(name) != code:
            self.loops[name] = code
            self.lines.append((name, code))

    def said(self, key: Any, label: str, make: Callable[[], tuple[Code, str]]) -> tuple[str, str]:
        """The name and form of a list, which gets its line where it has none."""
        if key not in self.lists:
            code, form = make()
            name = self.variable(label, self.used)
            self.lines += self._short(name, code)
            self.lists[key] = name, form
        return self.lists[key]

    def _short(self, name: str, code: Code) -> list[tuple[str, Code]]:
        """The lines that bind a name: choices in a sum that is too long for one are bound before."""
        if not isinstance(code, BinOp) or fits(f"{name} = ", code, BODY):
            return [(name, code)]
        lines = []
        sides = [code.left, code.right]
        for at, side in enumerate(sides):
            part = self.variable("part", self.used)
            if isinstance(side, BinOp):
                lines += self._short(part, side)
            else:
                lines.append((part, side))
            sides[at] = Atom(part)
        return [*lines, (name, BinOp(code.op, *sides))]


class _ArrayWriter:
    """What writes one array of each instance."""

    def __init__(self, owner: ArrayCode, arrays: Sequence[SymArray]) -> None:
        self.owner = owner
        self.arrays = arrays
        self.first = arrays[0]
        self.variables: list[str] = []
        for loop in self.first.loops:
            self.variables.append(owner.variable(loop.label, set(self.variables)))

    def numbers(self, name: str) -> tuple[Any, ...]:
        """The values of a number of the rule, one for each instance."""
        return tuple(own.numbers[int(name[1:])] for own in self.arrays)

    def list_of(self, name: str) -> tuple[NumberList, list[NumberList]]:
        """A list of the rule: the first instance's, and all."""
        found = [own.lists[int(name[1:])] for own in self.arrays]
        return found[0], found

    def plain(self, expr: SymExpr) -> Code:
        """An expression on single numbers."""
        match expr.op:
            case "name":
                own, at = expr.parts[0][0], expr.parts[0][1:]
                return Atom(self.variables[int(at)]) if own == "i" else self.owner.number(self.numbers(expr.parts[0]))
            case "literal":
                return literal(expr.parts[0])
            case "entry":
                return self.entry(expr)
        parts = [self.plain(part) for part in expr.parts]
        match expr.op:
            case "if":
                return IfExp(parts[1], parts[0], parts[2])
            case "not":
                return _not(parts[0], "not ")
            case "neg":
                return UnaryOp("-", parts[0])
        if expr.op in COMPARISONS:
            return comparison(expr.op, *parts)
        if expr.op in ARITHMETIC or expr.op in ("and", "or"):
            return BinOp(expr.op, *parts)
        return call(f"math.{expr.op}" if expr.op in IN_MATH else expr.op, *parts)

    def entry(self, expr: SymExpr) -> Code:
        """An entry of a list."""
        raise Unsaid

    def bounds(self, at: int) -> list[Code]:
        """What a range is called with for a loop."""
        loop = self.first.loops[at]
        ends = [self.plain(end) for end in (loop.start, loop.stop, loop.step)]
        if loop.step != sym.literal(1):
            return ends
        return ends[1:2] if loop.start == sym.literal(0) else ends[:2]


class _ListWriter(_ArrayWriter):
    """Writes comprehensions."""

    def whole(self) -> Code:
        """The array as lists in lists."""
        made = self.plain(self.first.item)
        at = len(self.first.loops)
        for count in reversed(self.first.groups):
            for inner in range(count):
                at -= 1
                over = call("range", *self.bounds(at))
                made = Comprehension(made, (self.variables[at],), over, None, "[]", joined=inner > 0)
        return made

    def entry(self, expr: SymExpr) -> Code:
        given, all_ = self.list_of(expr.parts[0].parts[0])

        def make() -> tuple[Code, str]:
            if _has_rule(given):
                return _ListWriter(self.owner, [own.array for own in all_ if own.array is not None]).whole(), "lists"
            return _nested(given.entries, given.shape), "lists"

        name, _ = self.owner.said(("lists", given.structure, _key(all_)), given.label, make)
        made: Code = Atom(name)
        for place in expr.parts[1:]:
            made = Subscript(made, (self.plain(place),))
        return made


class _TorchWriter(_ArrayWriter):
    """Writes torch's arithmetic, or finds that it does not do."""

    def whole(self) -> TorchPart:
        """The array as a tensor that spreads to its shape, or a number for all places.

        Raises:
            Unsaid: it would not be the very numbers.
        """
        if any(count > 1 for count in self.first.groups) or any(_held(own, own.item) > MOST for own in self.arrays):
            raise Unsaid
        made = self.of(self.first.item)
        if made.form == "truth":
            raise Unsaid
        used = self.first.item.names()
        behind = len(self.variables)
        for at, variable in enumerate(self.variables):
            behind -= 1
            if f"i{at}" in used:
                own: Code = call("torch.arange", *self.bounds(at))
                self.owner.say(variable, Subscript(own, (Slice(), *[Atom("None")] * behind)) if behind else own)
        return made

    def of(self, expr: SymExpr) -> TorchPart:
        """An expression as torch has it."""
        match expr.op:
            case "name":
                if expr.parts[0].startswith("i"):
                    return TorchPart(Atom(self.variables[int(expr.parts[0][1:])]), "whole")
                values = self.numbers(expr.parts[0])
                return TorchPart(self.owner.number(values), "number", tuple(map(hint, values)))
            case "literal":
                form = "truth" if isinstance(expr.parts[0], bool) else "number"
                return TorchPart(literal(expr.parts[0]), form, expr.parts)
            case "entry":
                return self._entry(expr)
        parts = [self.of(part) for part in expr.parts]
        match expr.op:
            case "if":
                return self._if(*parts)
            case "not":
                return TorchPart(_not(parts[0].code, None), "truth")
            case "and" | "or":
                return TorchPart(BinOp("&" if expr.op == "and" else "|", *(part.code for part in parts)), "truth")
            case "neg":
                own = parts[0] if parts[0].is_whole else _double(parts[0])
                return TorchPart(UnaryOp("-", own.code), own.form)
        if expr.op in COMPARISONS:
            return TorchPart(comparison(expr.op, *(part.code for part in self._together(parts))), "truth")
        if any(part.form == "truth" for part in parts):
            raise Unsaid
        if expr.op in ARITHMETIC:
            return self._arithmetic(expr.op, parts)
        return self._function(expr.op, parts)

    def _together(self, parts: Sequence[TorchPart]) -> list[TorchPart]:
        """Operands of which torch makes what Python does: all whole, or in float64."""
        if all(part.is_whole for part in parts) or {part.form for part in parts} == {"truth"}:
            return list(parts)
        parts = [_double(part) if part.form == "short" else part for part in parts]
        return parts if any(part.form == "real" for part in parts) else list(map(_double, parts))

    def _arithmetic(self, op: str, parts: list[TorchPart]) -> TorchPart:
        left, right = parts
        if op == "/":
            given = list(map(_double, parts)) if left.form == "number" else [_double(left), right]
            return TorchPart(BinOp(op, *(part.code for part in given)), "real")
        whole = left.is_whole and right.is_whole
        if op == "**" and (right.form != "number" or not whole or min(right.values) < 0):
            raise Unsaid
        if op in ("//", "%", "**") and not whole:
            raise Unsaid
        sides = [part.code for part in self._together(parts)]
        return TorchPart(_folded(op, *sides), "whole") if whole else TorchPart(BinOp(op, *sides), "real")

    def _function(self, op: str, parts: list[TorchPart]) -> TorchPart:
        first = parts[0]
        match op:
            case "min" | "max" if all(part.is_whole for part in parts):
                return reduce(lambda one, other: _bounded(op, one, other), parts)
            case "int" | "floor" | "ceil" | "round" if len(parts) == 1:
                if first.is_whole:
                    return first
                cut = method(_double(first).code, "trunc" if op == "int" else op)
                return TorchPart(method(cut, "long"), "whole")
            case "float":
                return _double(first)
            case "abs":
                first = first if first.is_whole else _double(first)
                return TorchPart(method(first.code, "abs"), first.form)
            case "sqrt":
                return TorchPart(method(_double(first).code, "sqrt"), "real")
        raise Unsaid

    def _if(self, condition: TorchPart, yes: TorchPart, no: TorchPart) -> TorchPart:
        sides = [yes, no]
        if "truth" in (yes.form, no.form):
            raise Unsaid
        form = "whole" if all(side.is_whole for side in sides) else "real"
        if form == "real" and all(side.form in ("number", "short") for side in sides):
            form = "short"
            if not all(map(_short, [*yes.values, *no.values])):
                tensor = TorchPart(call("torch.tensor", yes.code, dtype=DOUBLE), "real")
                sides = [tensor if yes.form == "number" else _double(yes), _double(no)]
                form = "real"
            elif all(_is_integer(value) for side in sides for value in side.values):
                sides = [_as_integer(side) for side in sides]
        elif form == "real" and not any(side.form == "real" for side in sides):
            sides = list(map(_double, sides))
        return TorchPart(call("torch.where", condition.code, *(side.code for side in sides)), form)

    def _entry(self, expr: SymExpr) -> TorchPart:
        given, all_ = self.list_of(expr.parts[0].parts[0])
        if given.kinds == {int, float}:
            raise Unsaid
        places = [self.of(place) for place in expr.parts[1:]]

        def make() -> tuple[Code, str]:
            if not _has_rule(given):
                kind = None if given.kinds == {int} else DOUBLE
                return call(
                    "torch.tensor", _nested(given.entries, given.shape), dtype=kind
                ), "whole" if kind is None else "real"
            rule = _TorchWriter(self.owner, [own.array for own in all_ if own.array is not None])
            if len(rule.first.item.names() & {f"i{at}" for at in range(len(rule.variables))}) < len(rule.variables):
                raise Unsaid
            made = rule.whole()
            return made.code, made.form

        name, form = self.owner.said(("tensor", given.structure, _key(all_)), given.label, make)
        return TorchPart(Subscript(Atom(name), tuple(place.code for place in places)), form)


def comparison(op: str, left: Code, right: Code) -> Code:
    """A comparison; a literal on its left changes sides."""
    literals = [isinstance(side, Atom) and not side.text.isidentifier() for side in (left, right)]
    return BinOp(MIRRORED[op], right, left) if literals == [True, False] else BinOp(op, left, right)


def _held(array: SymArray, expr: SymExpr) -> int:
    """How many numbers are held at a time while an expression is worked out for all places."""
    before = most = 0
    for part in sym.parts_of(expr):
        most = max(most, before + _held(array, part))
        before += _count(array, part)
    return max(most, before + _count(array, expr))


def _count(array: SymArray, expr: SymExpr) -> int:
    used = expr.names()
    return math.prod(len(own) for at, own in enumerate(array.ranges) if f"i{at}" in used)


def _folded(op: str, left: Code, right: Code) -> Code:
    """An operator on whole numbers: of ``x + 7 - 1`` is made ``x + 6``."""
    last = whole_number(right)
    if op in ("+", "-") and last is not None and isinstance(left, BinOp) and left.op in ("+", "-"):
        before = whole_number(left.right)
        if before is not None:
            total = (before if left.op == "+" else -before) + (last if op == "+" else -last)
            return arithmetic("+" if total >= 0 else "-", left.left, literal(abs(total)))
    return arithmetic(op, left, right)


def _key(lists: Sequence[NumberList]) -> Any:
    return tuple(own.array.key if own.array else sym.typed(own.entries) for own in lists)


def _not(code: Code, sign: str | None) -> Code:
    """The opposite of a condition, by the comparison that says so where there is one."""
    if isinstance(code, BinOp) and code.op in OPPOSITE:
        return BinOp(OPPOSITE[code.op], code.left, code.right)
    return call("torch.logical_not", code) if sign is None else UnaryOp(sign, code)


def _double(part: TorchPart) -> TorchPart:
    """A tensor in float64; a plain number as it is."""
    return part if part.form in ("real", "number") else TorchPart(method(part.code, "double"), "real")


def _bounded(op: str, one: TorchPart, other: TorchPart) -> TorchPart:
    """The lesser or the greater of two whole numbers, of which one at least is a tensor."""
    if one.form == other.form == "number":
        raise Unsaid
    if "number" not in (one.form, other.form):
        return TorchPart(call(f"torch.{op}imum", one.code, other.code), "whole")
    tensor, number = (other, one) if one.form == "number" else (one, other)
    return TorchPart(method(tensor.code, "clamp", **{"max" if op == "min" else "min": number.code}), "whole")


def _short(value: Any) -> bool:
    """Whether every dtype of torch holds a number as it is."""
    if math.isinf(value):
        return True
    fraction, exponent = math.frexp(value)
    return (fraction * 2**SHORT).is_integer() and -13 < exponent < 16


def _is_integer(value: Any) -> bool:
    return math.isfinite(value) and float(value).is_integer() and (value != 0 or math.copysign(1, value) > 0)


def _as_integer(side: TorchPart) -> TorchPart:
    """A plain number without its fraction, which is 0."""
    if side.form != "number" or len({repr(value) for value in side.values}) > 1:
        return side
    return TorchPart(literal(int(side.values[0])), "number", side.values)


def _nested(values: Sequence[Any], shape: tuple[int, ...]) -> Code:
    step = len(values) // shape[0]
    rows = [values[at : at + step] for at in range(0, len(values), step)]
    return display([_nested(row, shape[1:]) if len(shape) > 1 else literal(row[0]) for row in rows], "[]")
