"""An expression that is too long for its line, divided: a part of it gets a variable of its own."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from archspec.emit.code import Atom, Attribute, BinOp, Call, Code, Display, IfExp, Subscript, flat
from archspec.emit.layout import mentions


@dataclass(frozen=True)
class Shortening:
    """One step in the division of ``whole``.

    ``target`` is the variable that the whole goes into, ``in_order`` whether its parts have to be computed in the order
    in which they stand. ``fits`` says whether a part has room as a statement of its own, ``fresh`` gives the name of a
    variable that is free, and ``assign`` writes the statement that fills one.
    """

    whole: Code
    target: str | None
    in_order: bool
    fits: Callable[[Code], bool]
    fresh: Callable[[str], str]
    assign: Callable[[str, Code], None]

    def shorter(self) -> Code:
        """The whole with one operand in a variable: the longest that is no name yet. The whole itself where none is."""
        match self.whole:
            case BinOp() as code:
                return self._operand(code)
            case Call(function=Attribute(value=x) as function) as code if not isinstance(x, Atom):
                return self._cut(code, function, set())
            case Call() as code if code.args:
                return replace(code, args=self._one(code.args))
            case Display() | Subscript():
                return self._part(self.whole)
        return self.whole

    def _operand(self, code: BinOp) -> Code:
        """The right one, as people read from the left, unless it is a name or what stands left has to come first."""
        free = self.target is not None and not self._read_beside(self.target, code.left)
        if isinstance(code.right, Atom) or (not isinstance(code.left, Atom) and (free or self.in_order)):
            return replace(code, left=self._stored(code.left))
        return replace(code, right=self._stored(code.right))

    def _part(self, code: Code) -> Code:
        """A part of a longer expression: stored where it computes something, its longest entry where it is a list."""
        if isinstance(code, (Call, BinOp, IfExp)):
            return self._stored(code)
        if isinstance(code, Subscript):
            return replace(code, value=self._part(code.value))
        if isinstance(code, Display) and code.items:
            return replace(code, items=self._one(code.items))
        return code

    def _one(self, parts: tuple[Code, ...]) -> tuple[Code, ...]:
        """The longest of some parts shortened; the first that can be, where they have to stay in order."""
        by_length = sorted(range(len(parts)), key=lambda i: -len(flat(parts[i])))
        for i in range(len(parts)) if self.in_order else by_length[:1]:
            shorter = self._part(parts[i])
            if shorter != parts[i]:
                return (*parts[:i], shorter, *parts[i + 1 :])
        return parts

    def _cut(self, code: Call, function: Attribute, outside: set[str]) -> Code:
        """A chain of methods in two: as much of its beginning as fits a line gets a variable."""
        inner = function.value
        deeper = isinstance(inner, Call) and isinstance(inner.function, Attribute)
        outside = outside.union(*(mentions(part) for part in code.args), *(mentions(v) for _, v in code.kwargs))
        if self.fits(inner) or not deeper:
            if self.target is None or self.target in outside or isinstance(inner, Atom):
                return replace(code, function=Attribute(self._stored(inner), function.name))
            self.assign(self.target, inner)
            return replace(code, function=Attribute(Atom(self.target), function.name))
        assert isinstance(inner, Call)
        assert isinstance(inner.function, Attribute)
        return replace(code, function=Attribute(self._cut(inner, inner.function, outside), function.name))

    def _stored(self, code: Code) -> Code:
        """A variable that holds an expression: the one that the whole will have, where nothing else reads it."""
        if isinstance(code, Atom):
            return code
        own = self.target
        name = own if own is not None and not self._read_beside(own, code) else self.fresh("y")
        self.assign(name, code)
        return Atom(name)

    def _read_beside(self, name: str, part: Code) -> bool:
        """Whether the whole reads a name outside of a part of it."""
        inside, all_ = (len(re.findall(rf"\b{re.escape(name)}\b", flat(code))) for code in (part, self.whole))
        return all_ > inside
