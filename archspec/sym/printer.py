"""Formulas as people read them: sums of products, with names for what stands in several places."""

from __future__ import annotations

from archspec.sym.algebra import Condition, FormulaNode, Term
from archspec.sym.operators import ARITHMETIC, MIRRORED
from archspec.sym.poly import Monomial, Poly

LONGEST = 60
"""Characters of a remainder that is written out."""


class FormulaPrinter:
    """Prints formulas, and keeps the definitions of the names that it made up on the way."""

    def __init__(self) -> None:
        self.names: dict[FormulaNode, str] = {}
        self.definitions: dict[str, str] = {}

    def poly(self, poly: Poly) -> str:
        """A polynomial, its largest powers first."""
        terms = sorted(poly.terms.items(), key=_rank)
        text = ""
        for monomial, count in terms:
            shown = self._product(monomial, abs(count))
            sign = "-" if count < 0 else "+"
            text += f" {sign} {shown}" if text else f"-{shown}" if count < 0 else shown
        return text or "0"

    def term(self, term: Term) -> str:
        """Any formula."""
        if isinstance(term, Poly):
            return self.poly(term)
        return self.node(term) if isinstance(term, FormulaNode) else repr(term)

    def node(self, node: FormulaNode) -> str:
        """The name of a node; a remainder is written out, since it stands in conditions alone."""
        if node.op == "symbol":
            return node.name
        if node.op == "%" and node not in self.names:
            text = " % ".join(f"({part})" if " " in part else part for part in map(self.term, node.args))
            if len(text) <= LONGEST:
                return text
        if node not in self.names:
            parts = [self.term(arg) for arg in node.args]
            if node.op in ARITHMETIC:
                sides = [f"({part})" if " " in part or "·" in part else part for part in parts]
                text = f" {node.op} ".join(sides)
            else:
                text = f"{node.op}({', '.join(parts)})"
            self.names[node] = self._fresh(node)
            self.definitions[self.names[node]] = text
        return self.names[node]

    def condition(self, condition: Condition) -> str:
        """A condition; what is subtracted on one side stands on the other."""
        left, right = condition.left, condition.right
        if not isinstance(left, Poly) or right != Poly({}):
            return f"{self.term(left)} {condition.relation} {self.term(right)}"
        more = Poly({monomial: count for monomial, count in left.terms.items() if count > 0})
        less = Poly({monomial: -count for monomial, count in left.terms.items() if count < 0})
        if more.value is not None:
            mirrored = MIRRORED[condition.relation]
            return f"{self.poly(less)} {mirrored} {self.poly(more)}"
        return f"{self.poly(more)} {condition.relation} {self.poly(less)}"

    def _product(self, monomial: Monomial, count: int) -> str:
        factors = [self.node(node) + (f"^{exponent}" if exponent > 1 else "") for node, exponent in monomial]
        return "·".join(factors if count == 1 and factors else [f"{count:,}", *factors])

    def _fresh(self, node: FormulaNode) -> str:
        """A name after the one symbol that a node hangs on, else a plain one."""
        names = symbols(node)
        (only,) = names if len(names) == 1 else ("t",)
        base = only if only.isalpha() else "t"
        number = 1
        while f"{base}{number}" in self.definitions:
            number += 1
        return f"{base}{number}"


def _rank(item: tuple[Monomial, int]) -> tuple[int, list[int]]:
    monomial, _ = item
    return (-sum(exponent for _, exponent in monomial), [node.order for node, _ in monomial])


def symbols(term: Term) -> frozenset[str]:
    """The names of the numbers left open that a formula hangs on."""
    return term.symbols if isinstance(term, (Poly, FormulaNode)) else frozenset()
