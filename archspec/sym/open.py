"""Numbers left open: each has the value it takes in the case at hand, and a formula for all cases.

Whatever is computed from one is one. A decision that hangs on one (a comparison, a division, a use as a plain number)
goes as the case at hand has it and leaves a condition behind, so that formulas and conditions together say exactly for
which other cases the very same steps would have been taken. Hence costs worked out once hold for all of those.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any

from archspec.sym.algebra import Algebra, FormulaNode, Term
from archspec.sym.expr import SymExpr
from archspec.sym.number import SymFloat, SymInt, hint, is_family, marked, number, traced
from archspec.sym.operators import ARITHMETIC, COMPARISONS, FUNCTIONS
from archspec.sym.poly import Poly
from archspec.sym.printer import symbols

LONGEST_POWER = 8
_WHOLE: dict[str, Callable[[Algebra, Poly, Poly], Poly]] = {
    "+": lambda algebra, a, b: a + b,
    "-": lambda algebra, a, b: a - b,
    "*": lambda algebra, a, b: a * b,
    "//": Algebra.quotient,
    "%": Algebra.remainder,
}


class Specialise(Exception):
    """Something wants the value of parameters that were left open: source has to be written for those they have.

    Args:
        names: the symbols.
    """

    def __init__(self, names: Iterable[str]) -> None:
        super().__init__(", ".join(sorted(names)))
        self.names = frozenset(names)


class Open:
    """What open numbers have in common. ``term`` is the formula, ``algebra`` where it was made."""

    term: Term
    algebra: Algebra
    mark: int
    expr: SymExpr | None

    def renamed(self, expr: SymExpr | None) -> Any:
        """The same number with another expression, where expressions are kept beside formulas."""
        if not self.algebra.family or self.expr is expr:
            return self
        made = _made(hint(self), self.term, self.algebra, self.mark)
        if not isinstance(made, Open):  # formulas were given up
            return number(made, self.mark, expr)
        made.expr = expr
        return made

    @staticmethod
    def computed(op: str, function: Callable[..., Any], operands: tuple[Any, ...]) -> Any:
        """An operator or function of numbers of which some are open."""
        return compute(op, function, operands)

    def __add__(self, other: Any) -> Any:
        return _binary("+", self, other)

    def __radd__(self, other: Any) -> Any:
        return _binary("+", other, self)

    def __sub__(self, other: Any) -> Any:
        return _binary("-", self, other)

    def __rsub__(self, other: Any) -> Any:
        return _binary("-", other, self)

    def __mul__(self, other: Any) -> Any:
        return _binary("*", self, other)

    def __rmul__(self, other: Any) -> Any:
        return _binary("*", other, self)

    def __truediv__(self, other: Any) -> Any:
        return _binary("/", self, other)

    def __rtruediv__(self, other: Any) -> Any:
        return _binary("/", other, self)

    def __floordiv__(self, other: Any) -> Any:
        return _binary("//", self, other)

    def __rfloordiv__(self, other: Any) -> Any:
        return _binary("//", other, self)

    def __mod__(self, other: Any) -> Any:
        return _binary("%", self, other)

    def __rmod__(self, other: Any) -> Any:
        return _binary("%", other, self)

    def __pow__(self, other: Any) -> Any:
        return _binary("**", self, other)

    def __rpow__(self, other: Any) -> Any:
        return _binary("**", other, self)

    def __neg__(self) -> Any:
        return _binary("-", 0, self)

    def __pos__(self) -> Any:
        return self

    def __abs__(self) -> Any:
        return self if self >= 0 else -self

    def __lt__(self, other: Any) -> Any:
        return self.compare("<", other)

    def __le__(self, other: Any) -> Any:
        return self.compare("<=", other)

    def __gt__(self, other: Any) -> Any:
        return self.compare(">", other)

    def __ge__(self, other: Any) -> Any:
        return self.compare(">=", other)

    def __eq__(self, other: object) -> Any:
        return self.compare("==", other)

    def __ne__(self, other: object) -> Any:
        return self.compare("!=", other)

    def __hash__(self) -> int:
        return hash(self.term)

    def __bool__(self) -> bool:
        return bool(self != 0)

    def __int__(self) -> int:
        self.pin()
        return int(hint(self))

    def __float__(self) -> float:
        self.pin()
        return float(hint(self))

    def __repr__(self) -> str:
        return format(self, "")

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        if self.algebra.family:  # a number that is written down is one value
            self.pin()
        return format(hint(self), spec)

    def operand(self) -> Any:
        """The number as a part of another."""
        return self

    def settled(self) -> Any:
        """The number, or a plain one where its value has been decided."""
        return self if symbols(self.term) - self.algebra.decided else number(hint(self), self.mark, self.expr)

    def __deepcopy__(self, memo: Any) -> Any:
        return self

    def largest(self, other: Any) -> Any:
        """The larger of this and another number, as a formula."""
        return compute("max", FUNCTIONS["max"], (self, other))

    def pin(self) -> None:
        """Note that the case at hand's very value was used, and the formula holds for no other."""
        self.algebra.require("==", self.term, term_of(hint(self)), True)

    def compare(self, relation: str, other: Any) -> Any:
        """What a comparison gives in the case at hand, noted as a condition."""
        if not isinstance(other, (int, float)):
            return NotImplemented
        holds = COMPARISONS[relation](hint(self), hint(other))
        self.algebra.require(relation, self.term, term_of(other), holds)
        return holds


class OpenInt(Open, SymInt):  # type: ignore[misc]
    """A whole number left open."""

    term: Poly


class OpenFloat(Open, SymFloat):  # type: ignore[misc]
    """A number with a fraction, left open."""

    term: FormulaNode


def opened(value: Any, name: str, algebra: Algebra, mark: int = 0) -> Any:
    """A number left open under a name."""
    real = isinstance(value, float)
    node = algebra.symbol(name, hint(value))
    return _made(value, node if real else Poly.of(node), algebra, mark)


def indexed(algebra: Algebra) -> Any:
    """Any whole number from 0 on, with a name of its own; 0 in the case at hand. No condition on it is to be left."""
    return _made(0, Poly.of(algebra.node("index", (f"index {len(algebra.made)}",), 0)), algebra, 0)


def as_float(value: Any) -> Any:
    """A number as one with a fraction, with its expression; its formula is kept where source is written of it."""
    made = compute("float", float, (value,)) if is_family(value) else float(hint(value))
    return traced(made, getattr(value, "expr", None))


def settled(value: Any) -> Any:
    """``value`` with every number as a plain one that is open in symbols alone whose values have been decided."""
    if isinstance(value, Open):
        return value.settled()
    if type(value) is tuple and any(isinstance(item, (Open, tuple)) for item in value):
        return tuple(map(settled, value))
    return value


def identical(a: Any, b: Any) -> bool:
    """Whether two numbers, of which one is open, are one formula; nothing is noted."""
    if not isinstance(a, Open) or not isinstance(b, Open) or isinstance(a, int) != isinstance(b, int):
        return False
    return bool(a.term == b.term or (isinstance(a, int) and a.algebra.settle(a.term) == b.algebra.settle(b.term)))


def formula(value: Any) -> Poly:
    """The formula of a whole number, open or not."""
    return value.term if isinstance(value, OpenInt) else Poly.constant(int(value))


def compute(op: str, function: Callable[..., Any], operands: tuple[Any, ...]) -> Any:
    """An operator or function of compile-time numbers, some of them open.

    Raises:
        ArithmeticError, ValueError, TypeError: it has no value in the case at hand, which is noted.
    """
    for operand in operands:
        if isinstance(operand, Open):
            operand.operand()
    try:
        return _computed(op, function, operands)
    except (ArithmeticError, ValueError, TypeError):
        pin(operands)
        raise


def pin(values: Iterable[Any]) -> None:
    """Note that the very values of numbers were used, of those that are open, lists looked through."""
    for value in values:
        if isinstance(value, Open):
            value.pin()
        elif isinstance(value, tuple):
            pin(value)


def noting(value: Any, algebra: Algebra) -> Any:
    """A number with a fraction as one that notes what is decided on it; anything else as it is."""
    if not isinstance(value, float) or isinstance(value, Open):
        return value
    made: Any = OpenFloat(value)
    made.term, made.algebra, made.mark = hint(value), algebra, getattr(value, "mark", 0)
    return made


def _computed(op: str, function: Callable[..., Any], operands: tuple[Any, ...]) -> Any:
    algebra: Algebra = next(operand.algebra for operand in operands if isinstance(operand, Open))
    if op in ARITHMETIC:
        return _binary(op, *operands)
    if op in ("max", "min") and len({isinstance(operand, float) for operand in operands}) == 2:
        return _chosen(op, operands)
    value = function(*map(hint, operands))
    if not algebra.spend(2 * len(operands)):
        return marked(value, *operands)
    if op == "abs":
        return abs(operands[0])
    if op in ("max", "min"):
        terms = [formula(operand) for operand in operands]
        return _made(value, algebra.choose(op, terms), algebra, _mark(operands))
    if op in ("int", "floor", "ceil", "round") and len(operands) == 1 and isinstance(operands[0], int):
        return operands[0]
    terms_ = tuple(term_of(operand) for operand in operands)
    if op == "float" and isinstance(operands[0], float):
        return operands[0]
    real = isinstance(value, float)
    node = algebra.node(op, terms_, value)
    return _made(value, node if real else Poly.of(node), algebra, _mark(operands))


def _chosen(op: str, operands: tuple[Any, ...]) -> Any:
    """The largest or smallest of numbers some of which have a fraction: of which kind it is hangs on the case."""
    algebra = next(operand.algebra for operand in operands if isinstance(operand, Open))
    beside = [noting(operand, algebra) for operand in operands]
    best = 0
    for at in range(1, len(operands)):
        if beside[at] > beside[best] if op == "max" else beside[at] < beside[best]:
            best = at
    return operands[best]


def _binary(op: str, left: Any, right: Any) -> Any:
    if not isinstance(left, (int, float)) or not isinstance(right, (int, float)):
        return NotImplemented
    for side in (left, right):
        if isinstance(side, Open):
            side.operand()
    algebra: Algebra = left.algebra if isinstance(left, Open) else right.algebra  # type: ignore[union-attr]
    if op in ("//", "%", "/") and isinstance(right, Open):
        algebra.require("!=", right.term, term_of(0), hint(right) != 0)
    value = ARITHMETIC[op](hint(left), hint(right))
    one, two = term_of(left), term_of(right)
    if not _affordable(op, one, two, algebra):
        return marked(value, left, right)
    if isinstance(value, float) and not math.isfinite(value):
        pin((left, right))
        return value
    mark = _mark((left, right))
    if isinstance(one, Poly) and isinstance(two, Poly):
        if op in _WHOLE:
            return _made(value, algebra.exact(_WHOLE[op](algebra, one, two)), algebra, mark)
        if op == "**" and (exponent := _exponent(two)) is not None:
            return _made(value, one.power(exponent), algebra, mark)
    if op == "**":
        pin((left, right))
        return value
    return _made(value, algebra.node(op, (one, two), value), algebra, mark)


def _affordable(op: str, one: Term, two: Term, algebra: Algebra) -> bool:
    """Whether a formula of two others is worked out; none is where those before became too long."""
    if not isinstance(one, Poly) or not isinstance(two, Poly):
        return algebra.spend(2)
    if op == "*":
        return algebra.spend(len(one.terms) * len(two.terms), one.degree + two.degree)
    if op == "**" and (exponent := _exponent(two)) is not None:
        return algebra.spend(len(one.terms) ** exponent, one.degree * exponent)
    return algebra.spend(len(one.terms) + len(two.terms))


def _exponent(term: Poly) -> int | None:
    """The number that a power is multiplied out for, where it is one."""
    value = term.value
    return value if value is not None and 0 <= value <= LONGEST_POWER else None


def term_of(value: Any) -> Term:
    """A number as a term."""
    if isinstance(value, Open):
        return value.term
    return value if isinstance(value, float) else Poly.constant(int(value))


def _mark(operands: tuple[Any, ...]) -> int:
    """What the numbers that something was computed from follow."""
    mark = 0
    for operand in operands:
        mark |= getattr(operand, "mark", 0)
    return mark


def _made(value: Any, term: Term, algebra: Algebra, mark: int) -> Any:
    if algebra.given_up or (isinstance(term, Poly) and term.value is not None):
        return number(value, mark)
    made: Any = (OpenFloat if isinstance(value, float) else OpenInt)(value)
    made.term, made.algebra = term, algebra
    if mark:
        made.mark = mark
    return made
