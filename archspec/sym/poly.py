"""Polynomials with whole coefficients over nodes: symbols, and what is no polynomial of them (``h // 2``).

A polynomial is in one normal form, so equal ones are equal objects' worth: like terms add up and zeros vanish.
"""

from __future__ import annotations

from math import gcd, prod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from archspec.sym.algebra import FormulaNode

Monomial = tuple[tuple["FormulaNode", int], ...]
"""Nodes with their exponents, in the order of the nodes."""


class Poly:
    """A polynomial; ``terms`` has no zeros. Not changed once made. ``degree`` is its degree where that is known."""

    __slots__ = ("_degree", "_hash", "_nodes", "_symbols", "terms")

    def __init__(self, terms: dict[Monomial, int], degree: int | None = None) -> None:
        self.terms = terms
        self._hash: int | None = None
        self._nodes: tuple[FormulaNode, ...] | None = None
        self._symbols: frozenset[str] | None = None
        self._degree = degree

    @classmethod
    def constant(cls, value: int) -> Poly:
        """A number."""
        return cls({(): value} if value else {}, 0)

    @classmethod
    def of(cls, node: FormulaNode) -> Poly:
        """A node by itself."""
        return cls({((node, 1),): 1})

    @property
    def value(self) -> int | None:
        """The number that it is, or None where it is not constant."""
        if not self.terms:
            return 0
        return self.terms.get(()) if len(self.terms) == 1 else None

    @property
    def degree(self) -> int:
        """The number of factors of its longest term."""
        if self._degree is None:
            self._degree = max((sum(exponent for _, exponent in monomial) for monomial in self.terms), default=0)
        return self._degree

    def at_hand(self) -> int:
        """Its value in the case at hand."""
        return sum(count * prod(node.value**exponent for node, exponent in m) for m, count in self.terms.items())

    def nodes(self) -> tuple[FormulaNode, ...]:
        """Every node in it, each once, in order."""
        if self._nodes is None:
            found = {node for monomial in self.terms for node, _ in monomial}
            self._nodes = tuple(sorted(found, key=lambda node: node.order))
        return self._nodes

    @property
    def symbols(self) -> frozenset[str]:
        """The names of the numbers left open that it hangs on."""
        if self._symbols is None:
            self._symbols = frozenset().union(*(node.symbols for node in self.nodes()))
        return self._symbols

    def __hash__(self) -> int:
        if self._hash is None:
            self._hash = hash(frozenset(self.terms.items()))
        return self._hash

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Poly) and self.terms == other.terms

    def __add__(self, other: Poly) -> Poly:
        made = dict(self.terms)
        for monomial, count in other.terms.items():
            total = made.get(monomial, 0) + count
            if total:
                made[monomial] = total
            else:
                del made[monomial]
        return Poly(made)

    def __neg__(self) -> Poly:
        return Poly({monomial: -count for monomial, count in self.terms.items()})

    def __sub__(self, other: Poly) -> Poly:
        made = dict(self.terms)
        for monomial, count in other.terms.items():
            total = made.get(monomial, 0) - count
            if total:
                made[monomial] = total
            else:
                del made[monomial]
        return Poly(made)

    def __mul__(self, other: Poly) -> Poly:
        made: dict[Monomial, int] = {}
        for left, a in self.terms.items():
            for right, b in other.terms.items():
                monomial = times(left, right)
                total = made.get(monomial, 0) + a * b
                if total:
                    made[monomial] = total
                else:
                    del made[monomial]
        return Poly(made, self.degree + other.degree if made else 0)

    def power(self, exponent: int) -> Poly:
        """Its power with a whole exponent from 0."""
        made = Poly.constant(1)
        for _ in range(exponent):
            made = made * self
        return made

    def reduced(self) -> Poly:
        """Divided by what goes into all of its coefficients: of the same sign everywhere."""
        shared = gcd(*self.terms.values())
        return Poly({m: count // shared for m, count in self.terms.items()}) if shared > 1 else self

    def divided(self, by: Poly) -> tuple[Poly, Poly]:
        """What ``by`` goes into term by term, and the rest: ``self = quotient * by + rest``.

        The quotient is 0 where ``by`` has several terms, unless it is ``by`` itself times a number.
        """
        if len(by.terms) != 1:
            return self._whole(by)
        ((divisor, unit),) = by.terms.items()
        quotient: dict[Monomial, int] = {}
        rest: dict[Monomial, int] = {}
        for monomial, count in self.terms.items():
            left = without(monomial, divisor)
            whole, over = divmod(count, unit) if left is not None else (0, count)
            if whole and left is not None:
                quotient[left] = whole
            if over:
                rest[monomial] = over
        return Poly(quotient), Poly(rest)

    def _whole(self, by: Poly) -> tuple[Poly, Poly]:
        first = next(iter(by.terms), None)
        if first is not None and len(self.terms) == len(by.terms):
            count, over = divmod(self.terms.get(first, 0), by.terms[first])
            if not over and count and Poly({m: c * count for m, c in by.terms.items()}) == self:
                return Poly.constant(count), Poly({})
        return Poly({}), self


def times(left: Monomial, right: Monomial) -> Monomial:
    """The product of two monomials."""
    if not left or not right:
        return left or right
    made = dict(left)
    for node, exponent in right:
        made[node] = made.get(node, 0) + exponent
    return tuple(sorted(made.items(), key=lambda item: item[0].order))


def without(monomial: Monomial, divisor: Monomial) -> Monomial | None:
    """A monomial divided by another, or None where that does not go."""
    made = dict(monomial)
    for node, exponent in divisor:
        left = made.get(node, 0) - exponent
        if left < 0:
            return None
        if left:
            made[node] = left
        else:
            del made[node]
    return tuple(made.items())
