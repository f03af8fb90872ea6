"""Formulas of numbers left open as code, for the one place where nothing else says them: the model's constructor."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from archspec.emit.code import BinOp, Code, UnaryOp, call, is_literal, literal
from archspec.sym.algebra import Condition, FormulaNode, Term
from archspec.sym.open import Specialise
from archspec.sym.operators import ARITHMETIC, IN_MATH, MIRRORED
from archspec.sym.poly import Monomial, Poly
from archspec.sym.printer import symbols

Spell = Callable[[str], Code]
"""What a symbol is called: ``dims[2]``."""


def formula_code(term: Term, spell: Spell) -> Code:
    """A formula as an expression; all entries of a list, added up, are its sum."""
    if isinstance(term, Poly):
        return _sum(term, spell)
    if not isinstance(term, FormulaNode):
        return literal(term)
    if term.op == "symbol":
        return spell(term.name)
    if term.op == "ramp":  # a number of each block, wanted as one number of all
        raise Specialise(symbols(term.args[2]) | symbols(term.args[3]))
    parts = [formula_code(arg, spell) if isinstance(arg, (Poly, FormulaNode)) else literal(arg) for arg in term.args]
    if term.op in ARITHMETIC:
        return BinOp(term.op, *parts)
    return call(f"math.{term.op}" if term.op in IN_MATH else term.op, *parts)


def condition_code(condition: Condition, spell: Spell) -> Code:
    """A condition as an expression; what is subtracted on one side stands on the other."""
    left, right = condition.left, condition.right
    if isinstance(left, Poly) and right == Poly({}):
        more = Poly({monomial: count for monomial, count in left.terms.items() if count > 0})
        less = Poly({monomial: -count for monomial, count in left.terms.items() if count < 0})
        left, right = more, less
    if isinstance(left, Poly) and left.value is not None:
        left, right, relation = right, left, MIRRORED[condition.relation]
    else:
        relation = condition.relation
    sides = formula_code(left, spell), formula_code(right, spell)
    if is_literal(sides[0]) and not is_literal(sides[1]):
        return BinOp(MIRRORED[relation], sides[1], sides[0])
    return BinOp(relation, *sides)


def _sum(poly: Poly, spell: Spell) -> Code:
    made: Code | None = None
    terms = sorted(poly.terms.items(), key=_order)
    summed = _sums(poly, spell)
    for monomial, count in terms:
        if monomial in summed:
            part = summed[monomial]
            if part is None:
                continue
            part = part if abs(count) == 1 else BinOp("*", literal(abs(count)), part)
        else:
            part = _product(monomial, abs(count), spell)
        if made is None:
            made = UnaryOp("-", part) if count < 0 else part
        else:
            made = BinOp("-" if count < 0 else "+", made, part)
    return literal(0) if made is None else made


def _sums(poly: Poly, spell: Spell) -> dict[Monomial, Code | None]:
    """Terms that add up entries of one list from its first on: the sum for the first of them, None for the others."""
    found: dict[tuple[str, int], list[Monomial]] = {}
    for monomial, count in poly.terms.items():
        if len(monomial) == 1 and monomial[0][1] == 1 and monomial[0][0].op == "symbol":
            base, _, place = monomial[0][0].name.rstrip("]").partition("[")
            if place:
                found.setdefault((base, count), []).append(monomial)
    made: dict[Monomial, Code | None] = {}
    for (base, _), monomials in found.items():
        places = sorted((int(m[0][0].name.rstrip("]").partition("[")[2]), m[0][0].order, m) for m in monomials)
        if len(places) > 1 and [place for place, _, _ in places] == list(range(len(places))):
            code = spell(f"{base}[:{len(places)}]")
            if code is not None:
                made |= dict.fromkeys(monomials)
                made[min(monomials, key=lambda m: m[0][0].order)] = call("sum", code)
    return made


def _order(item: tuple[Monomial, int]) -> tuple[bool, int, list[int]]:
    """Positive terms first, the largest powers first, symbols in their order."""
    monomial, count = item
    return count < 0, -sum(exponent for _, exponent in monomial), [node.order for node, _ in monomial]


def _product(monomial: Monomial, count: int, spell: Spell) -> Code:
    made: Any = None
    for node, exponent in monomial:
        part = formula_code(node, spell)
        part = BinOp("**", part, literal(exponent)) if exponent > 1 else part
        made = part if made is None else BinOp("*", made, part)
    if made is None:
        return literal(count)
    return made if count == 1 else BinOp("*", literal(count), made)
