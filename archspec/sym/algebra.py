"""Where formulas are made: nodes, each made once, and the conditions under which what was worked out holds.

Numbers with a fraction are never rearranged, since floating-point arithmetic depends on the order: a formula does to
them what the language does, step by step.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from math import gcd
from typing import Any, TypeAlias

from archspec.sym.operators import OPPOSITE
from archspec.sym.poly import Poly, times, without


class FormulaNode:
    """A symbol, or an operation on polynomials and nodes that is no polynomial. Equal nodes are one object.

    ``value`` is what it is in the case at hand, for which the formulas are being worked out; ``depth`` is how many
    nodes stand inside one another, itself counted.
    """

    __slots__ = ("args", "depth", "op", "order", "real", "symbols", "value")

    def __init__(self, op: str, args: tuple[Any, ...], order: int, real: bool, value: Any) -> None:
        inside: list[Any] = [
            arg.nodes() if isinstance(arg, Poly) else [arg] for arg in args if isinstance(arg, (Poly, FormulaNode))
        ]
        self.depth: int = 1 + max((node.depth for nodes in inside for node in nodes), default=0)
        own = [str(args[0])] if op in ("symbol", "index") else []
        self.symbols: frozenset[str] = frozenset(own).union(
            *(arg.symbols for arg in args if isinstance(arg, (Poly, FormulaNode)))
        )
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


WORK = 2_000_000
"""Terms that are worked on before formulas are given up."""
TERMS = 10_000
"""Terms that are worked on at once."""
CONDITION = 40
"""What a condition costs, in terms: it is written as a line of Python."""
IN_CONDITION = 25
"""What each term of a condition costs besides."""
DEGREE = 60
"""The most factors of one term."""
DEPTH = 60
"""The most nodes inside one another."""


class Algebra:
    """Makes nodes and keeps the conditions on which decisions hung.

    Formulas that grow beyond what says anything to anybody are given up: what was left open is then the case at hand's,
    on the one condition that it is, and what is computed from it has no formula.
    """

    def __init__(self, family: bool = False) -> None:
        self.family = family
        """Whether source is to be written: numbers then have the author's expressions beside their formulas."""
        self.rates: set[str] = set()
        """Symbols that were compared with numbers that have a fraction: whole ones among them could have one."""
        self.since: Any = None
        self.polys: dict[Poly, Term] = {}
        self.known: dict[FormulaNode, Term] = {}
        """Nodes as they were settled last, and since when that holds."""
        self.dividing: set[FormulaNode] = set()
        """Remainders of which it was decided that they are 0."""
        self.decided: frozenset[str] = frozenset()
        """The symbols that are no longer open: source is written for their values."""
        self.work = 0
        self.given_up = False
        self.made: dict[tuple[Any, ...], FormulaNode] = {}
        self.conditions: dict[Condition, Any] = {}
        """Each with the place in the spec where it first came up."""
        self.place: Any = None

    def node(self, op: str, args: tuple[Any, ...], value: Any) -> FormulaNode:
        """The node of an operation, which gives ``value`` in the case at hand."""
        real = isinstance(value, float)
        key = (op, real, *node_key(args))
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

    def pinned(self) -> frozenset[str]:
        """The symbols that have one value in all cases that the conditions admit."""
        found = set()
        for condition in self.conditions:
            left = condition.left
            if condition.relation == "==" and not isinstance(condition.right, FormulaNode):
                nodes: list[Any] = list(left.nodes()) if isinstance(left, Poly) else [left]
                found |= {n.name for n in nodes if len(nodes) == 1 and isinstance(n, FormulaNode) and n.op == "symbol"}
        return frozenset(found)

    def quotient(self, left: Poly, right: Poly) -> Poly:
        """``left // right``, for a right side that is not 0."""
        left, right, _ = without_content(left, right)
        whole, rest = left.divided(right)
        small, by = rest.value, right.value
        if small is not None and (small == 0 or (by is not None and 0 <= small < by)):
            return whole
        return whole + Poly.of(self.node("//", (rest, right), rest.at_hand() // right.at_hand()))

    def remainder(self, left: Poly, right: Poly) -> Poly:
        """``left % right``, for a right side that is not 0; what divides, as was decided before, leaves nothing."""
        made, shared = self._remainder(left, right)
        nodes = list(made.nodes())
        zero = len(nodes) == 1 and nodes[0] in self.dividing
        return Poly({}) if zero else made * Poly.constant(shared)

    def _remainder(self, left: Poly, right: Poly) -> tuple[Poly, int]:
        left, right, shared = without_content(left, right)
        _, rest = left.divided(right)
        small, by = rest.value, right.value
        if small is not None and (small == 0 or (by is not None and 0 <= small < by)):
            return rest, shared
        return Poly.of(self.node("%", (rest, right), rest.at_hand() % right.at_hand())), shared

    def by_remainders(self, poly: Poly) -> Poly:
        """A formula with ``c * (x // c)`` as ``x - x % c``, so that it says what is left over."""
        for node in poly.nodes():
            by = node.args[1].value if node.op == "//" and not node.real else None
            count = poly.terms.get(((node, 1),), 0)
            if by and count and count % by == 0:
                whole, rest = node.args[0], self._remainder(*node.args)[0]
                poly = poly + Poly.constant(count // by) * (whole - rest) - Poly({((node, 1),): count})
        return poly

    def exact(self, poly: Poly) -> Poly:
        """A formula with ``y * (x // y)`` as ``x`` where ``x % y == 0`` was decided."""
        if not self.dividing:
            return poly
        for node in poly.nodes():
            if node.op == "//" and not node.real and self.made.get(("%", False, *node_key(node.args))) in self.dividing:
                ((by, unit),) = node.args[1].terms.items() if len(node.args[1].terms) == 1 else ((None, 0),)
                whole = times(((node, 1),), by) if by is not None else ()
                for monomial, count in poly.terms.items():
                    rest = without(monomial, whole) if by is not None else None
                    if rest is not None and count % unit == 0:
                        changed = Poly({rest: count // unit}) * node.args[0] - Poly({monomial: count})
                        return self.exact(poly + changed)
        return poly

    def settled(self, condition: Condition) -> Condition:
        """A condition once more, with what has been decided since beside it."""
        left, right = condition.left, condition.right
        if isinstance(left, Poly) and (node := divided_without_rest(condition)) is not None:
            whole, by = (arg if isinstance(arg, Poly) else Poly({}) for arg in map(self.settle, node.args))
            left, _ = self._remainder(whole, by)
        else:
            left = self.settle(left)
        if isinstance(left, Poly) and isinstance(right, Poly):  # right is 0
            left = self.by_remainders(left).reduced()
        return Condition(condition.relation, left, self.settle(right))

    @contextmanager
    def deciding(self, names: Iterable[str]) -> Iterator[None]:
        """Let more symbols have their values for a while."""
        before = self.decided
        self.decided = before.union(names)
        try:
            yield
        finally:
            self.decided = before

    def settle(self, term: Term) -> Term:
        """A formula once more, with what has been decided since: values of symbols, and what divides what."""
        since = len(self.dividing), self.decided
        if self.since != since:
            self.since, self.known, self.polys = since, {}, {}
        if not isinstance(term, Poly):
            return self._settled(term, self.known)
        if term not in self.polys:
            self.polys[term] = self._settled(term, self.known)
        return self.polys[term]

    def _settled(self, term: Term, known: dict[FormulaNode, Term]) -> Term:
        if isinstance(term, Poly):
            total = Poly({})
            for monomial, count in term.terms.items():
                part = Poly.constant(count)
                for node, exponent in monomial:
                    whole = self._settled(node, known)
                    part = part * (whole if isinstance(whole, Poly) else Poly.of(node)).power(exponent)
                total = total + part
            return self.exact(total)
        if not isinstance(term, FormulaNode):
            return term
        if term not in known:
            known[term] = self._again(term, known)
        return known[term]

    def _again(self, node: FormulaNode, known: dict[FormulaNode, Term]) -> Term:
        if node.op == "symbol":
            own: Term = float(node.value) if node.real else Poly.constant(node.value)
            return own if node.name in self.decided else node if node.real else Poly.of(node)
        if node.op == "ramp":
            return node
        args = tuple(self._settled(arg, known) for arg in node.args)
        whole = [arg for arg in args if isinstance(arg, Poly)]
        if not node.real and len(whole) == len(args) and node.op in ("//", "%", "max", "min"):
            if node.op in ("max", "min"):
                return self.choose(node.op, whole)
            return self.quotient(*whole) if node.op == "//" else self.remainder(*whole)
        made = self.node(node.op, args, node.value)
        return made if node.real else Poly.of(made)

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
        relation = relation if holds else OPPOSITE[relation]
        if isinstance(left, Poly) and isinstance(right, Poly):
            left, right = left - right if right.terms else left, Poly({})
            left = (self.by_remainders(left) if self.family and relation in ("==", "!=") else left).reduced()
            if left.value is not None or not self.spend(2 * len(left.terms)):
                return
        elif isinstance(left, float) and isinstance(right, float):
            return
        elif (name := lone_symbol(left) or lone_symbol(right)) is not None:
            self.rates.add(name)
        condition = Condition(relation, left, right)
        if self.family and (node := divided_without_rest(condition)) is not None:
            self.dividing.add(node)
        if condition in self.conditions:
            return
        if self.spend(CONDITION + IN_CONDITION * (len(left.terms) if isinstance(left, Poly) else 1)):
            self.conditions[condition] = self.place


def divided_without_rest(condition: Condition) -> FormulaNode | None:
    """The remainder that a condition says to be 0; None where it says something else."""
    if condition.relation == "==" and isinstance(condition.left, Poly) and len(condition.left.terms) == 1:
        ((monomial, _),) = condition.left.terms.items()
        if len(monomial) == 1 and monomial[0][0].op == "%":
            return monomial[0][0]
    return None


def lone_symbol(term: Any) -> str | None:
    """The symbol that a formula is, as it is or as a number with a fraction; None where it is more, or none."""
    while isinstance(term, (Poly, FormulaNode)):
        if isinstance(term, FormulaNode) and term.op == "symbol":
            return term.name
        if isinstance(term, FormulaNode):
            term = term.args[0] if term.op == "float" else None
        else:
            nodes = list(term.nodes())
            term = nodes[0] if len(nodes) == 1 and term == Poly.of(nodes[0]) else None
    return None


def node_key(args: tuple[Any, ...]) -> tuple[Any, ...]:
    """Arguments as a part of a key in which 1 and 1.0 differ."""
    return tuple((type(arg), arg) for arg in args)


def without_content(left: Poly, right: Poly) -> tuple[Poly, Poly, int]:
    """Two formulas without the number that goes into all of their terms, and that number."""
    shared = gcd(*left.terms.values(), *right.terms.values())
    if shared <= 1:
        return left, right, 1
    parts = [Poly({m: count // shared for m, count in poly.terms.items()}) for poly in (left, right)]
    return parts[0], parts[1], shared


def _spread(op: str, term: Poly) -> list[Poly]:
    """``a + max(b, c)`` as ``a + b`` and ``a + c``."""
    for monomial, count in term.terms.items():
        if len(monomial) == count == 1 and monomial[0][1] == 1 and monomial[0][0].op == op:
            node = monomial[0][0]
            rest = term - Poly.of(node)
            return [part for arg in node.args for part in _spread(op, rest + arg)]
    return [term]
