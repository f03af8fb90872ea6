"""Where formulas are made: nodes, each made once, and the conditions under which what was worked out holds.

Numbers with a fraction are never rearranged, since floating-point arithmetic depends on the order: a formula does to
them what the language does, step by step.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

from archspec.formula.poly import Poly


class FormulaNode:
    """A symbol, or an operation on polynomials and nodes that is no polynomial. Equal nodes are one object.

    ``value`` is what it is in the case at hand, for which the formulas are being worked out; ``depth`` is how many
    nodes stand inside one another, itself counted.
    """

    __slots__ = ("args", "depth", "op", "order", "real", "value")

    def __init__(self, op: str, args: tuple[Any, ...], order: int, real: bool, value: Any) -> None:
        inside: list[Any] = [
            arg.nodes() if isinstance(arg, Poly) else [arg] for arg in args if isinstance(arg, (Poly, FormulaNode))
        ]
        self.depth: int = 1 + max((node.depth for nodes in inside for node in nodes), default=0)
        self.op = op
        self.args = args
        self.order = order
        self.real = real
        self.value = value

    @property
    def name(self) -> str:
        """The name of a symbol."""
        return str(self.args[0])


Term: TypeAlias = Poly | FormulaNode | float
"""What an operation works on: whole numbers as polynomials; numbers with a fraction as nodes, or as they are."""


@dataclass(frozen=True)
class Condition:
    """``left relation right``; between whole numbers ``right`` is 0."""

    relation: str
    left: Term
    right: Term


NEGATED = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}


WORK = 2_000_000
"""Terms that are worked on before formulas are given up."""
TERMS = 10_000
"""Terms that are worked on at once."""
CONDITION = 40
"""What a condition costs, in terms."""
DEGREE = 60
"""The most factors of one term."""
DEPTH = 60
"""The most nodes inside one another."""


class Algebra:
    """Makes nodes and keeps the conditions on which decisions hung.

    Formulas that grow beyond what says anything to anybody are given up: what was left open is then the case at hand's,
    on the one condition that it is, and what is computed from it has no formula.
    """

    def __init__(self) -> None:
        self.work = 0
        self.given_up = False
        self.made: dict[tuple[Any, ...], FormulaNode] = {}
        self.conditions: dict[Condition, Any] = {}
        """Each with the place in the spec where it first came up."""
        self.place: Any = None

    def node(self, op: str, args: tuple[Any, ...], value: Any) -> FormulaNode:
        """The node of an operation, which gives ``value`` in the case at hand."""
        real = isinstance(value, float)
        key = (op, real, *((type(arg), arg) for arg in args))
        if key not in self.made:
            self.made[key] = made = FormulaNode(op, args, len(self.made), real, value)
            if made.depth > DEPTH:
                self.give_up()
        return self.made[key]

    def symbol(self, name: str, value: Any) -> FormulaNode:
        """A number left open."""
        made = self.node("symbol", (name,), value)
        if self.given_up:
            self._settle(made)
        return made

    def spend(self, terms: int, degree: int = 0) -> bool:
        """Count terms to be worked on, and the factors of what comes of it; whether there are formulas still."""
        self.work += terms
        if self.work > WORK or terms > TERMS or degree > DEGREE:
            self.give_up()
        return not self.given_up

    def give_up(self) -> None:
        """Let go of all conditions but that every symbol has its value."""
        if not self.given_up:
            self.given_up = True
            self.conditions.clear()
            for node in self.made.values():
                if node.op == "symbol":
                    self._settle(node)

    def _settle(self, node: FormulaNode) -> None:
        """Note that a symbol has its value."""
        left: Term = node if node.real else Poly.of(node) - Poly.constant(node.value)
        self.conditions[Condition("==", left, float(node.value) if node.real else Poly({}))] = self.place

    def quotient(self, left: Poly, right: Poly) -> Poly:
        """``left // right``, for a right side that is not 0."""
        whole, rest = left.divided(right)
        small, by = rest.value, right.value
        if small is not None and (small == 0 or (by is not None and 0 <= small < by)):
            return whole
        return whole + Poly.of(self.node("//", (rest, right), rest.at_hand() // right.at_hand()))

    def remainder(self, left: Poly, right: Poly) -> Poly:
        """``left % right``, for a right side that is not 0."""
        _, rest = left.divided(right)
        small, by = rest.value, right.value
        if small is not None and (small == 0 or (by is not None and 0 <= small < by)):
            return rest
        return Poly.of(self.node("%", (rest, right), rest.at_hand() % right.at_hand()))

    def choose(self, op: str, terms: list[Poly]) -> Poly:
        """``max`` or ``min`` of some polynomials."""
        flat = dict.fromkeys(part for term in terms for part in _spread(op, term))
        left: list[Poly] = []
        for term in flat:
            if not self.spend(sum(len(term.terms) + len(other.terms) for other in left)):
                values = [term.at_hand() for term in terms]
                return Poly.constant(max(values) if op == "max" else min(values))
            left = self._beaten(op, left, term)
        if len(left) == 1:
            return left[0]
        values = [term.at_hand() for term in left]
        return Poly.of(self.node(op, tuple(left), max(values) if op == "max" else min(values)))

    def _beaten(self, op: str, left: list[Poly], term: Poly) -> list[Poly]:
        """Terms with another, without those that one beats in all cases in which no symbol is negative.

        That it does so in the case at hand is noted as a condition.
        """
        kept = []
        for other in left:
            more = term - other if op == "max" else other - term
            ahead = more.at_hand()
            if ahead <= 0 and all(count <= 0 for count in more.terms.values()):
                self.require("<=", more, Poly({}), True)
                return left
            if ahead >= 0 and all(count >= 0 for count in more.terms.values()):
                self.require(">=", more, Poly({}), True)
            else:
                kept.append(other)
        return [*kept, term]

    def require(self, relation: str, left: Term, right: Term, holds: bool) -> None:
        """Note that a comparison came out as ``holds``; one that is the same for all values is not noted."""
        if self.given_up:
            return
        relation = relation if holds else NEGATED[relation]
        if isinstance(left, Poly) and isinstance(right, Poly):
            left, right = (left - right if right.terms else left).reduced(), Poly({})
            if left.value is not None or not self.spend(2 * len(left.terms)):
                return
        elif isinstance(left, float) and isinstance(right, float):
            return
        condition = Condition(relation, left, right)
        if condition not in self.conditions and self.spend(CONDITION):
            self.conditions[condition] = self.place


def _spread(op: str, term: Poly) -> list[Poly]:
    """``a + max(b, c)`` as ``a + b`` and ``a + c``."""
    for monomial, count in term.terms.items():
        if len(monomial) == count == 1 and monomial[0][1] == 1 and monomial[0][0].op == op:
            node = monomial[0][0]
            rest = term - Poly.of(node)
            return [part for arg in node.args for part in _spread(op, rest + arg)]
    return [term]
