"""Between what bounds a formula lies where its symbols lie between theirs, in exact whole numbers where it is whole."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf, sqrt
from typing import Any

from archspec.sym.algebra import Condition, FormulaNode, Term
from archspec.sym.operators import MIRRORED
from archspec.sym.poly import Poly

Bounds = tuple[Any, Any]
"""The least and the greatest value; either may be infinite."""


class Range:
    """Bounds of formulas, remembering those of nodes."""

    def __init__(self, symbols: Mapping[FormulaNode, Bounds]) -> None:
        self.made: dict[FormulaNode, Bounds] = dict(symbols)
        self.largest: Any = 0
        """The greatest size of any whole number met, products on the way included."""
        self.converted: Any = 0
        """The greatest size of any whole number that becomes one with a fraction."""

    def of(self, term: Term) -> Bounds:
        """The bounds of a formula."""
        if isinstance(term, Poly):
            return self._poly(term)
        if isinstance(term, FormulaNode):
            if term not in self.made:
                self.made[term] = self._node(term)
            return self.made[term]
        return (term, term)

    def compare(self, condition: Condition) -> None:
        """Take up a comparison: of a whole number with one that has a fraction, the former becomes one too."""
        sides = (condition.left, condition.right)
        for side in sides:
            ends = self.of(side)
            if isinstance(side, Poly) and not all(isinstance(other, Poly) for other in sides):
                self.converted = max([self.converted, *map(abs, ends)])

    def tighten(self, condition: Condition) -> bool:
        """Narrow the bounds of a node by a condition on it alone; whether the condition was one."""
        left = condition.left
        if not isinstance(left, Poly) or condition.right != Poly({}):
            return False
        nodes = {monomial: count for monomial, count in left.terms.items() if monomial}
        if len(nodes) != 1 or sum(exponent for _, exponent in next(iter(nodes))) != 1:
            return False
        ((((node, _),), count),) = nodes.items()
        relation = condition.relation if count > 0 else MIRRORED[condition.relation]
        edge, rest = divmod(-left.terms.get((), 0) * (1 if count > 0 else -1), abs(count))
        if rest:
            if relation in ("==", "!="):
                return False
            relation = "<=" if relation in ("<", "<=") else ">"
        low, high = self.of(node)
        match relation:
            case ">=" | ">":
                low = max(low, edge + (relation == ">"))
            case "<=" | "<":
                high = min(high, edge - (relation == "<"))
            case "==":
                low = high = edge
            case "!=" if low < edge < high:
                return False
            case "!=":
                low, high = low + (low == edge), high - (high == edge)
        self.made[node] = (low, high)
        return True

    def holds(self, condition: Condition) -> bool:
        """Whether a condition holds everywhere between the bounds, as far as they tell."""
        low, high = self.of(self._divided(condition.left) if condition.right == Poly({}) else condition.left)
        least, most = self.of(condition.right)
        match condition.relation:
            case ">=":
                return bool(low >= most)
            case ">":
                return bool(low > most)
            case "<=":
                return bool(high <= least)
            case "<":
                return bool(high < least)
            case "!=":
                return bool(low > most or high < least)
        return bool(low == high == least == most)

    def factored(self, condition: Condition) -> Condition:
        """``a * b >= 1`` as ``b >= 1`` where ``a`` is known to be above 0: whole numbers have no room in between."""
        left = condition.left
        if isinstance(left, Poly) and condition.relation == ">=" and left.terms.get(()) == -1:
            rest = self._divided(left + Poly.constant(1))
            return Condition(">=", rest - Poly.constant(1), condition.right) if isinstance(rest, Poly) else condition
        return condition

    def _divided(self, term: Term) -> Term:
        """A polynomial without the nodes that all of its terms share and that are above 0: its sign stays."""
        if not isinstance(term, Poly) or not term.terms:
            return term
        for node in term.nodes():
            if all(any(own is node for own, _ in monomial) for monomial in term.terms) and self.of(node)[0] > 0:
                return self._divided(term.divided(Poly.of(node))[0])
        return term

    def _poly(self, poly: Poly) -> Bounds:
        low = high = size = 0
        for monomial, count in poly.terms.items():
            one: Bounds = (count, count)
            for node, exponent in monomial:
                base = self.of(node)
                for _ in range(exponent):
                    one = _times(one, base)
            low, high = low + one[0], high + one[1]
            size += max(abs(one[0]), abs(one[1]))
        self.largest = max(self.largest, size)
        return (low, high)

    def _node(self, node: FormulaNode) -> Bounds:
        parts = [self.of(arg) for arg in node.args if isinstance(arg, (Poly, FormulaNode, int, float))]
        if node.real:
            whole = [self.of(arg) for arg in node.args if isinstance(arg, Poly)]
            self.converted = max([self.converted, *(abs(end) for ends in whole for end in ends)])
        match node.op, parts:
            case "//", [(a, b), (c, d)] if c > 0 and not node.real:
                ends = [_over(end, by) for end in (a, b) for by in (c, d)]
                return (min(ends), max(ends))
            case "%", [(a, b), (c, d)] if c > 0 and not node.real:
                return (a, b) if a >= 0 and b < c else (0, d - 1)
            case "max", _:
                return (max(low for low, _ in parts), max(high for _, high in parts))
            case "min", _:
                return (min(low for low, _ in parts), min(high for _, high in parts))
            case "*", [left, right]:
                return _times(left, right)
            case "+", [(a, b), (c, d)]:
                return (a + c, b + d)
            case "-", [(a, b), (c, d)]:
                return (a - d, b - c)
            case "/", [(a, b), (c, d)] if (c > 0 or d < 0) and _plain(a, b, c if c > 0 else d):
                ends = [end / by for end in (a, b) for by in (c, d)]
                return (min(ends), max(ends))
            case "sqrt", [(a, b)] if a >= 0 and _plain(a, b):
                return (sqrt(a), sqrt(b))
            case "int" | "floor" | "ceil" | "round" | "float", [(a, b), *_] if abs(a) < 2**62 and abs(b) < 2**62:
                return (a - 1, b + 1) if node.op != "float" else (a, b)
        return (-inf, inf)


def _plain(*ends: Any) -> bool:
    """Whether all are finite, and small enough to be divided."""
    return all(abs(end) < 2**62 for end in ends)


def _over(value: Any, by: Any) -> Any:
    """``value // by`` for a positive ``by``; either may be infinite."""
    if abs(value) == inf:
        return value
    return value // by if by != inf else 0 if value >= 0 else -1


def _times(left: Bounds, right: Bounds) -> Bounds:
    ends = [0 if 0 in (a, b) else a * b for a in left for b in right]
    return (min(ends), max(ends))
