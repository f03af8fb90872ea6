"""What the constructor of a model asks of its arguments: the conditions under which the source was written."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import reduce
from math import inf
from typing import Any

from archspec.emit.class_templates import ClassTemplate
from archspec.emit.code import Atom, BinOp, Code, Slice, Subscript, call, flat, literal
from archspec.emit.formulas import condition_code
from archspec.emit.layout import fits, statement
from archspec.emit.target import Target
from archspec.sym.algebra import Algebra, Condition, FormulaNode, lone_symbol
from archspec.sym.bounds import Range
from archspec.sym.expr import entry
from archspec.sym.number import hint
from archspec.sym.poly import Poly
from archspec.sym.printer import symbols

BODY = " " * 8
REFUSE = "require"
"""The function that refuses arguments for which a file was not written."""
LONGEST = 64
"""Characters of a condition that is told to people."""
LIMIT = 2**13
"""Bounds from here on are limits of archspec's own."""


def closed(value: Any) -> Any:
    """A value with every number that of the case at hand."""
    return tuple(map(closed, value)) if isinstance(value, tuple) else hint(value)


def family_guards(template: ClassTemplate, algebra: Algebra, target: Target) -> list[str]:
    """The statements that refuse arguments for which the source was not written."""
    return _Guards(template, algebra, target).lines()


class _Guards:
    def __init__(self, template: ClassTemplate, algebra: Algebra, target: Target) -> None:
        self.template = template
        self.target = target
        self.symbols = {node.name: node for node in algebra.made.values() if node.op == "symbol"}
        taken = {name for name in self.symbols if name.partition("[")[0] in template.arguments}
        self.open = taken - algebra.decided
        self.left_out = self.symbols.keys() - taken
        """What the constructor does not take is as in the spec."""
        closed_ = {node: (node.value, node.value) for name, node in self.symbols.items() if name not in self.open}
        self.range = Range(dict.fromkeys(self.symbols.values(), (-inf, inf)) | closed_)
        self.algebra = algebra
        self.asked = [c for c in algebra.conditions if (symbols(c.left) | symbols(c.right)) & self.open]
        self.real: dict[str, list[tuple[str, float]]] = {}
        self.atoms: dict[FormulaNode, tuple[Any, Any]] = {}
        """Numbers worked out from arguments that have bounds of their own, with those that they have anyway."""

    def lines(self) -> list[str]:
        """The statements, for each argument by itself first."""
        with self.algebra.deciding(self.left_out):
            settled = [self.algebra.settled(c) for c in self.asked if not _is_limit(c)]
        left = self._simple([part for c in settled for part in factors(c)])
        left = self._simple(solved(left))
        left = [c for c in left if not self.range.holds(c) and c.left != c.right]
        own = [line for name, values in self.template.arguments.items() for line in self._bounds(name, values[0])]
        edges = [edge for node in self.atoms for edge in self._edges(node)]
        return own + [line for c in dict.fromkeys(edges + left) for line in self._refusal(c)]

    def _simple(self, conditions: list[Condition]) -> list[Condition]:
        """Those that are no bounds of one number, which become its bounds."""
        left = conditions
        for _ in range(3):  # what bounds one number may make another condition one on a single number
            left = [c for c in left if not self._bounded(c)]
        return left

    def _bounded(self, condition: Condition) -> bool:
        left, right = condition.left, condition.right
        if isinstance(right, float) and (name := lone_symbol(left)) is not None:
            self.real.setdefault(name, []).append((condition.relation, right))
            return condition.relation in (">=", "<=")
        condition = self.range.factored(condition)
        if self.range.holds(condition):
            return True
        nodes = list(condition.left.nodes()) if isinstance(condition.left, Poly) else []
        before = self.range.of(nodes[0]) if len(nodes) == 1 else None
        if before is None or not self.range.tighten(condition):
            return False
        if nodes[0].op != "symbol":
            self.atoms.setdefault(nodes[0], before)
        return True

    def _edges(self, node: FormulaNode) -> list[Condition]:
        """What is asked of a number that is worked out from arguments."""
        (low, high), (least, most) = self.range.of(node), self.atoms[node]
        number = Poly.of(node)
        if low == high:
            return [Condition("==", number - Poly.constant(low), Poly({}))]
        made = [Condition(">=", number - Poly.constant(low), Poly({}))] if low > least else []
        return [*made, Condition("<=", number - Poly.constant(high), Poly({}))] if high < most else made

    def spell(self, name: str) -> Code:
        """A symbol as the constructor knows it."""
        base, _, place = name.rstrip("]").partition("[")
        own = Atom(self.target.variable(base))
        if place.startswith(":"):
            whole = int(place[1:]) == len(self.template.arguments[base][0])
            return own if whole else Subscript(own, (Slice(None, literal(int(place[1:]))),))
        if name not in self.open:
            return literal(self.symbols[name].value)
        return Subscript(own, (literal(int(place)),)) if place else own

    def _bounds(self, name: str, value: Any) -> list[str]:
        """What is asked of one argument by itself."""
        several = isinstance(value, tuple)
        own: Code = Atom(self.target.variable(name))
        parts = [entry(name, at) for at in range(len(value))] if several else [name]
        tests = [BinOp("==", call("len", own), literal(len(value)))] if several else []
        words: list[str] = []
        bounds = {part: self._of(part) for part in parts if part in self.open}
        alike = several and len(bounds) == len(parts) and len(set(bounds.values())) == 1
        for part, edges in list(bounds.items())[: 1 if alike else None]:
            low, high = (call(side, own) if alike else self.spell(part) for side in ("min", "max"))
            tests += [BinOp(">=", low, literal(edges[0]))] if edges[0] > -inf else []
            tests += [BinOp("<=", high, literal(edges[1]))] if edges[1] < inf else []
            words += [f"from {edges[0]} to {edges[1]}" if edges[1] < inf else f"from {edges[0]} on"]
        closed_ = [part for part in parts if several and part not in self.open]
        tests += [BinOp("==", self._entry(part), literal(closed(value[parts.index(part)]))) for part in closed_]
        if tests and not closed_ and len(words) == 1 and min(map(abs, next(iter(bounds.values())))) < inf:
            said = f"{len(value)} {name} {words[0]}" if several else f"{name} {words[0]}"
            if fits("", self._call(tests, said), BODY):
                return statement("", self._call(tests, said), BODY)
        lines: list[str] = []
        while tests:
            count = len(tests)
            while count > 1 and not fits("", self._call(tests[:count]), BODY):
                count -= 1
            lines += statement("", self._call(tests[:count]), BODY)
            tests = tests[count:]
        return lines

    def _of(self, part: str) -> tuple[Any, Any]:
        low, high = (-inf, inf) if self.symbols[part].real else self.range.of(self.symbols[part])
        asked = self.real.get(part, [])
        lows = [edge for relation, edge in asked if relation == ">="]
        highs = [edge for relation, edge in asked if relation == "<="]
        return max(lows, default=low), min(highs, default=high)

    def _refusal(self, condition: Condition) -> list[str]:
        return statement("", self._call([condition_code(condition, self.spell)]), BODY)

    def _call(self, tests: Sequence[Code], words: str | None = None) -> Code:
        """The call that holds tests against arguments, with words for people."""
        code = reduce(lambda one, other: BinOp("and", one, other), tests)
        words = words or flat(code).replace('"', "'")
        if len(words) > LONGEST:
            words = f"other {', '.join(name for name in self.template.arguments if self._mentions(words, name))}"
        return call(REFUSE, code, literal(words))

    def _entry(self, part: str) -> Code:
        base, _, place = part[:-1].partition("[")
        return Subscript(Atom(self.target.variable(base)), (literal(int(place)),))

    def _mentions(self, text: str, name: str) -> bool:
        """Whether a piece of code reads a name."""
        return re.search(rf"\b{re.escape(self.target.variable(name))}\b", text) is not None


def factors(condition: Condition) -> list[Condition]:
    """A product that is not 0 as its factors, none of which is."""
    left = condition.left
    if condition.relation != "!=" or not isinstance(left, Poly) or condition.right != Poly({}) or len(left.terms) != 1:
        return [condition]
    return [Condition("!=", Poly.of(node), Poly({})) for node in left.nodes()]


def solved(conditions: list[Condition]) -> list[Condition]:
    """Conditions with what equations among them say of a number in the place of it, in the other ones."""
    made = list(conditions)
    for equation in conditions:
        left = equation.left
        if equation.relation != "==" or not isinstance(left, Poly):
            continue
        for monomial, count in left.terms.items():
            if len(monomial) == 1 and monomial[0][1] == 1 and abs(count) == 1 and monomial[0][0].op != "symbol":
                node = monomial[0][0]
                value = Poly.constant(-count) * (left - Poly.constant(count) * Poly.of(node))
                made = [c if c is equation else substituted(c, node, value) for c in made]
                break
    return made


def substituted(condition: Condition, node: FormulaNode, value: Poly) -> Condition:
    """A condition with a formula in the place of a node, where it stands by itself."""
    left = condition.left
    count = left.terms.get(((node, 1),), 0) if isinstance(left, Poly) else 0
    if not count or not isinstance(left, Poly):
        return condition
    changed = left + Poly.constant(count) * (value - Poly.of(node))
    return Condition(condition.relation, changed, condition.right)


def _is_limit(condition: Condition) -> bool:
    """Whether a condition is one of archspec's own limits on numbers."""
    sides = (condition.left, condition.right)
    edges = [side.terms.get((), 0) if isinstance(side, Poly) else side for side in sides]
    return any(isinstance(edge, (int, float)) and abs(edge) >= LIMIT for edge in edges)
