"""Arrays in torch's arithmetic, their rule over ``torch.arange``.

torch computes with whole numbers, comparisons, choices, and sums, products, quotients and roots in float64 as Python
does, to the last bit; whatever else a rule has (waves, logarithms, powers of fractions) is Python's own, number by
number.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import reduce
from typing import Any, NamedTuple

from archspec.emit.arrays import ArrayWriter, comparison, has_rule, key_of, nested, opposed
from archspec.emit.code import (
    Atom,
    BinOp,
    Code,
    Slice,
    Subscript,
    UnaryOp,
    arithmetic,
    call,
    literal,
    method,
    whole_number,
)
from archspec.emit.target import Unsaid
from archspec.sym.array import SymArray, parts_of
from archspec.sym.expr import SymExpr
from archspec.sym.number import hint
from archspec.sym.operators import ARITHMETIC, COMPARISONS

SHORT = 8
"""Bits of a fraction that every dtype of torch holds."""
MOST = 2**25
"""So many numbers may be held while a table is filled."""
DOUBLE = Atom("torch.float64")


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


class TorchArrays(ArrayWriter):
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
                opposite = opposed(parts[0].code)
                code = call("torch.logical_not", parts[0].code) if opposite is None else opposite
                return TorchPart(code, "truth")
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
            if not has_rule(given):
                kind = None if given.kinds == {int} else DOUBLE
                return call(
                    "torch.tensor", nested(given.entries, given.shape), dtype=kind
                ), "whole" if kind is None else "real"
            rule = TorchArrays(self.owner, [own.array for own in all_ if own.array is not None])
            if len(rule.first.item.names() & {f"i{at}" for at in range(len(rule.variables))}) < len(rule.variables):
                raise Unsaid
            made = rule.whole()
            return made.code, made.form

        name, form = self.owner.said(("tensor", given.structure, key_of(all_)), given.label, make)
        return TorchPart(Subscript(Atom(name), tuple(place.code for place in places)), form)


def _held(array: SymArray, expr: SymExpr) -> int:
    """How many numbers are held at a time while an expression is worked out for all places."""
    before = most = 0
    for part in parts_of(expr):
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
