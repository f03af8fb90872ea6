"""Arrays as code: their rule in the target's arithmetic, or as a comprehension where that alone gives the very numbers.

What the numbers of a rule are called is for the class to say, so that one class serves tables of many sizes.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from archspec.emit.code import (
    Atom,
    BinOp,
    Code,
    Comprehension,
    IfExp,
    Subscript,
    UnaryOp,
    call,
    display,
    literal,
)
from archspec.emit.layout import fits
from archspec.emit.target import Target, Unsaid
from archspec.graph.nodes import Table
from archspec.sym import array as sym
from archspec.sym.array import NumberList, SymArray
from archspec.sym.expr import SymExpr
from archspec.sym.number import hint
from archspec.sym.operators import ARITHMETIC, COMPARISONS, IN_MATH, MIRRORED, OPPOSITE

BODY = " " * 8
FEW = 16
"""So many numbers are as good as a rule."""

SpellNumber = Callable[[Sequence[Any]], Code]
"""A number for each instance of the class, as code."""


def rule_of(table: Table) -> SymArray | None:
    """The rule by which a table is written, so that its numbers may be arguments of the class; None for any other."""
    array = table.array
    return array if array is not None and array.numel > FEW and sayable(array) else None


def sayable(array: SymArray) -> bool:
    """Whether a rule is all that has to be written: lists that it reads have rules of their own, or are short."""
    return all(has_rule(given) or len(given.entries) <= FEW for given in array.lists)


def has_rule(given: NumberList) -> bool:
    """Whether a list is written by a rule of its own."""
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

    def code(self, arrays: Sequence[SymArray]) -> tuple[Code, str]:
        """One array for each instance of the class, all of one structure, as code, and the form of that.

        The form is ``lists``, ``number`` for a number that is the same everywhere, or one of the target's.
        """
        before = list(self.lines), dict(self.lists), dict(self.loops), dict(self.locals), set(self.used)
        try:
            return self.target.array(self, arrays)
        except Unsaid:
            self.lines, self.lists, self.loops, self.locals, self.used = before
            return _ListWriter(self, arrays).whole(), "lists"

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


class ArrayWriter:
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
                opposite = opposed(parts[0])
                return UnaryOp("not ", parts[0]) if opposite is None else opposite
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


class _ListWriter(ArrayWriter):
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
            if has_rule(given):
                return _ListWriter(self.owner, [own.array for own in all_ if own.array is not None]).whole(), "lists"
            return nested(given.entries, given.shape), "lists"

        name, _ = self.owner.said(("lists", given.structure, key_of(all_)), given.label, make)
        made: Code = Atom(name)
        for place in expr.parts[1:]:
            made = Subscript(made, (self.plain(place),))
        return made


def comparison(op: str, left: Code, right: Code) -> Code:
    """A comparison; a literal on its left changes sides."""
    literals = [isinstance(side, Atom) and not side.text.isidentifier() for side in (left, right)]
    return BinOp(MIRRORED[op], right, left) if literals == [True, False] else BinOp(op, left, right)


def opposed(code: Code) -> Code | None:
    """The opposite of a comparison, by the operator that says so; None for any other condition."""
    known = isinstance(code, BinOp) and code.op in OPPOSITE
    return BinOp(OPPOSITE[code.op], code.left, code.right) if known and isinstance(code, BinOp) else None


def key_of(lists: Sequence[NumberList]) -> Any:
    """What tells lists apart, one of each instance."""
    return tuple(own.array.key if own.array else sym.typed(own.entries) for own in lists)


def nested(values: Sequence[Any], shape: tuple[int, ...]) -> Code:
    """Numbers row by row as lists in lists."""
    step = len(values) // shape[0]
    rows = [values[at : at + step] for at in range(0, len(values), step)]
    return display([nested(row, shape[1:]) if len(shape) > 1 else literal(row[0]) for row in rows], "[]")
