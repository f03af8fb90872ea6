"""Numbers left open: each has the value it takes in the case at hand, and a formula for all cases.

Whatever is computed from one is one. A decision that hangs on one (a comparison, a division, a use as a plain number)
goes as the case at hand has it and leaves a condition behind, so that formulas and conditions together say exactly for
which other cases the very same steps would have been taken. Hence costs worked out once hold for all of those.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any

from archspec.formula.algebra import Algebra, FormulaNode, Term
from archspec.formula.poly import Poly
from archspec.graph.trace import ARITHMETIC, FUNCTIONS, TracedFloat, TracedFree, TracedInt
from archspec.graph.values import Recipe
from archspec.opdef.types import Free, marked

LONGEST_POWER = 8
_WHOLE: dict[str, Callable[[Algebra, Poly, Poly], Poly]] = {
    "+": lambda algebra, a, b: a + b,
    "-": lambda algebra, a, b: a - b,
    "*": lambda algebra, a, b: a * b,
    "//": Algebra.quotient,
    "%": Algebra.remainder,
}


class Open:
    """What open numbers have in common. ``term`` is the formula, ``algebra`` where it was made."""

    term: Term
    algebra: Algebra

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
        return self._compare("<", other)

    def __le__(self, other: Any) -> Any:
        return self._compare("<=", other)

    def __gt__(self, other: Any) -> Any:
        return self._compare(">", other)

    def __ge__(self, other: Any) -> Any:
        return self._compare(">=", other)

    def __eq__(self, other: object) -> Any:
        return self._compare("==", other)

    def __ne__(self, other: object) -> Any:
        return self._compare("!=", other)

    def __hash__(self) -> int:
        return hash(self.term)

    def __bool__(self) -> bool:
        return bool(self != 0)

    def __int__(self) -> int:
        self.pin()
        return int(bare(self))

    def __float__(self) -> float:
        self.pin()
        return float(bare(self))

    def __deepcopy__(self, memo: Any) -> Any:
        return self

    def largest(self, other: Any) -> Any:
        """The larger of this and another number, as a formula."""
        return compute("max", FUNCTIONS["max"], (self, other))

    def pin(self) -> None:
        """Note that the case at hand's very value was used, and the formula holds for no other."""
        self.algebra.require("==", self.term, _term(bare(self)), True)

    def _compare(self, relation: str, other: Any) -> Any:
        if not isinstance(other, (int, float)):
            return NotImplemented
        holds = _RELATIONS[relation](bare(self), bare(other))
        self.algebra.require(relation, self.term, _term(other), holds)
        return holds


class OpenInt(Open, TracedInt):  # type: ignore[misc]
    """A whole number left open."""

    term: Poly


class OpenFree(OpenInt, TracedFree):  # type: ignore[misc]
    """A size that follows the input's, left open."""


class OpenFloat(Open, TracedFloat):  # type: ignore[misc]
    """A number with a fraction, left open."""

    term: FormulaNode


_RELATIONS: dict[str, Callable[[Any, Any], bool]] = {
    "<": lambda a, b: bool(a < b),
    "<=": lambda a, b: bool(a <= b),
    ">": lambda a, b: bool(a > b),
    ">=": lambda a, b: bool(a >= b),
    "==": lambda a, b: bool(a == b),
    "!=": lambda a, b: bool(a != b),
}


def bare(value: Any) -> Any:
    """The value of the case at hand, without its formula; nothing is noted."""
    if isinstance(value, OpenInt):
        return int.__pos__(value)
    return float.__pos__(value) if isinstance(value, OpenFloat) else value


def opened(value: Any, name: str, algebra: Algebra, free: bool = False) -> Any:
    """A number left open under a name."""
    real = isinstance(value, float)
    node = algebra.symbol(name, bare(value))
    return _made(value, node if real else Poly.of(node), algebra, free)


def formula(value: Any) -> Poly:
    """The formula of a whole number, open or not."""
    return value.term if isinstance(value, OpenInt) else Poly.constant(int(value))


def compute(op: str, function: Callable[..., Any], operands: tuple[Any, ...]) -> Any:
    """An operator or function of compile-time numbers, some of them open.

    Raises:
        ArithmeticError, ValueError, TypeError: it has no value in the case at hand, which is noted.
    """
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


def alike(value: Any, *beside: Any) -> Any:
    """``value`` with its fractions as numbers that note what is decided on them, where it or ``beside`` has open ones.

    A float next to a whole number is Python's own to add or compare, and would not ask what the whole number is.
    """
    algebra = _algebra((value, *beside))
    return value if algebra is None else _alike(value, algebra)


def _algebra(value: Any) -> Algebra | None:
    """Where the open numbers of a value, however nested, were made; None where it has none."""
    stack = [value]
    while stack:
        item = stack.pop()
        if isinstance(item, Open):
            return item.algebra
        if isinstance(item, tuple):
            stack += item
        elif isinstance(item, Recipe):
            stack += [argument for _, argument in item.args]
    return None


def _alike(value: Any, algebra: Algebra) -> Any:
    if isinstance(value, float) and not isinstance(value, Open):
        made: Any = OpenFloat(value)
        made.term, made.algebra = float(value), algebra
        return made
    if type(value) is tuple:
        return tuple(_alike(item, algebra) for item in value)
    if isinstance(value, Recipe):
        return Recipe(value.target, tuple((name, _alike(item, algebra)) for name, item in value.args), value.span)
    return value


def _computed(op: str, function: Callable[..., Any], operands: tuple[Any, ...]) -> Any:
    algebra: Algebra = next(operand.algebra for operand in operands if isinstance(operand, Open))
    if op in ARITHMETIC:
        return _binary(op, *operands)
    if op in ("max", "min") and len({isinstance(operand, float) for operand in operands}) == 2:
        return _chosen(op, operands)
    value = function(*map(bare, operands))
    if not algebra.spend(2 * len(operands)):
        return marked(value, *operands)
    if op == "abs":
        return abs(operands[0])
    if op in ("max", "min"):
        terms = [formula(operand) for operand in operands]
        return _made(value, algebra.choose(op, terms), algebra, any(isinstance(o, Free) for o in operands))
    if op in ("int", "floor", "ceil", "round") and len(operands) == 1 and isinstance(operands[0], int):
        return operands[0]
    terms_ = tuple(_term(operand) for operand in operands)
    if op == "float" and isinstance(operands[0], float):
        return operands[0]
    real = isinstance(value, float)
    node = algebra.node(op, terms_, value)
    return _made(value, node if real else Poly.of(node), algebra, any(isinstance(o, Free) for o in operands))


def _chosen(op: str, operands: tuple[Any, ...]) -> Any:
    """The largest or smallest of numbers some of which have a fraction: of which kind it is hangs on the case."""
    beside = alike(operands)
    best = 0
    for at in range(1, len(operands)):
        if beside[at] > beside[best] if op == "max" else beside[at] < beside[best]:
            best = at
    return operands[best]


def _binary(op: str, left: Any, right: Any) -> Any:
    if not isinstance(left, (int, float)) or not isinstance(right, (int, float)):
        return NotImplemented
    algebra: Algebra = left.algebra if isinstance(left, Open) else right.algebra  # type: ignore[union-attr]
    if op in ("//", "%", "/") and isinstance(right, Open):
        algebra.require("!=", right.term, _term(0), bare(right) != 0)
    value = ARITHMETIC[op](bare(left), bare(right))
    one, two = _term(left), _term(right)
    if not _affordable(op, one, two, algebra):
        return marked(value, left, right)
    if isinstance(value, float) and not math.isfinite(value):
        pin((left, right))
        return value
    free = isinstance(left, Free) or isinstance(right, Free)
    if isinstance(one, Poly) and isinstance(two, Poly):
        if op in _WHOLE:
            return _made(value, _WHOLE[op](algebra, one, two), algebra, free)
        if op == "**" and (exponent := _exponent(two)) is not None:
            return _made(value, one.power(exponent), algebra, free)
    if op == "**":
        pin((left, right))
        return value
    return _made(value, algebra.node(op, (one, two), value), algebra, free)


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


def _term(value: Any) -> Term:
    """A number as a term."""
    if isinstance(value, Open):
        return value.term
    return value if isinstance(value, float) else Poly.constant(int(value))


def _made(value: Any, term: Term, algebra: Algebra, free: bool) -> Any:
    if algebra.given_up or (isinstance(term, Poly) and term.value is not None):
        return value
    made: Any = (OpenFloat if isinstance(value, float) else OpenFree if free else OpenInt)(value)
    made.term, made.algebra = term, algebra
    return made
