"""Operators: on numbers, strings and lists when the spec is compiled, on tensors as ops of the dataflow."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NoReturn

from archspec.graph.naming import entries_of, joined, unbind, whole
from archspec.graph.problems.values import BadArithmetic, BadOperands, WrongKind
from archspec.graph.values import POISON, Poison, Recipe, RepeatedList, Tensor, Value, describe, has_parts, is_recipe
from archspec.source import Span
from archspec.sym.expr import SymExpr, combine
from archspec.sym.number import exceeds, expr_of, is_family, is_number, marked, plain, traced
from archspec.sym.open import Open, compute, pin
from archspec.sym.operators import ARITHMETIC, COMPARISONS
from archspec.syntax import tree

if TYPE_CHECKING:
    from archspec.graph.evaluate import ExpressionEvaluator

LARGEST = 2**63
TRACED = 12
"""Units of work of an operation on numbers that know where they came from."""
OPEN = 20
"""Units of work of an operation on a number that was left open."""
_OPS = {"+": "add", "-": "sub", "*": "mul", "/": "div", "**": "pow", "@": "matmul"}
_WORDS: dict[type[Exception], str] = {
    ZeroDivisionError: "division by zero",
    OverflowError: "the number is too large",
}


class Operators:
    """Works out unary and binary operators; those that are true or false are conditions."""

    def __init__(self, evaluator: ExpressionEvaluator) -> None:
        self.evaluator = evaluator
        self.ledger = evaluator.ledger
        self.environment = evaluator.environment

    def unary(self, node: tree.Unary) -> Value:
        """``-x`` or ``not x``."""
        if node.op == "not":
            return self.evaluator.conditions.truth(node)
        value = self.evaluator.eval(node.operand)
        if isinstance(value, Poison):
            return POISON
        if isinstance(value, Tensor):
            return self.evaluator.apply(Recipe("neg", (), node.span), [value], node.span)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            self.ledger.fail(WrongKind(node.operand.span, "a number or a tensor", describe(value)))
        own: SymExpr | None = getattr(value, "expr", None)
        self.ledger.spend(node.span, TRACED if own else 0)
        return traced(-value, combine("-", SymExpr("literal", (0,)), own)) if own else -value

    def binary(self, node: tree.Binary) -> Value:
        """``left op right``."""
        if node.op in ("and", "or", "in") or node.op in COMPARISONS:
            return self.evaluator.conditions.truth(node)
        left, right = self.evaluator.eval(node.left), self.evaluator.eval(node.right)
        if isinstance(left, Poison) or isinstance(right, Poison):
            return POISON
        made = joined(left, right) if node.op == "+" else None
        if made is not None and not exceeds(made.length, self.ledger.limits.entries):
            return made
        left, right = whole(left), whole(right)
        if has_parts(left) or has_parts(right):
            self.ledger.charge((left, right), node.span, 2)
        if isinstance(left, Tensor) or isinstance(right, Tensor):
            return self._of_tensors(node, left, right)
        return self._static(node, left, right)

    def _of_tensors(self, node: tree.Binary, left: Value, right: Value) -> Value:
        """An operator with a tensor on at least one side."""
        tensors: list[Value] = [side for side in (left, right) if isinstance(side, Tensor)]
        numbers = [side for side in (left, right) if not isinstance(side, Tensor)]
        if node.op not in _OPS or not all(map(is_number, numbers)) or (numbers and node.op == "@"):
            self._refuse(node, left, right)
        args: tuple[tuple[str, Value], ...] = ()
        if numbers:
            args = (("number", numbers[0]), ("flipped", isinstance(right, Tensor)))
        return self.evaluator.apply(Recipe(_OPS[node.op], args, node.span), tensors, node.span)

    def _static(self, node: tree.Binary, left: Value, right: Value) -> Value:
        one, two = unbind(left), unbind(right)
        if node.op == "+" and isinstance(one, tuple) and isinstance(two, tuple):
            self.ledger.entries(len(one) + len(two), node.span)
            return (entries_of(left) or ()) + (entries_of(right) or ())
        if node.op == "*" and isinstance(one, tuple) and isinstance(right, int) and not isinstance(right, bool):
            return self._repeated(node, one, right)
        if node.op == "+" and isinstance(left, str) and isinstance(right, str):
            return self.ledger.string(left + right, node.span)
        if node.op not in ARITHMETIC or not is_number(left) or not is_number(right):
            self._refuse(node, left, right)
        if node.op == "**" and abs(left) > 1 and abs(right) > 64:
            self.ledger.fail(BadArithmetic(node.span, "the power is too large"))
        return self.compute(node.span, node.op, ARITHMETIC[node.op], (left, right))

    def _repeated(self, node: tree.Binary, items: tuple[Value, ...], count: int) -> Value:
        """A list several times over; one of recipes may come as often as was left open."""
        repeated = isinstance(count, Open) and items and all(map(is_recipe, items))
        if repeated and count >= 1 and not exceeds(len(items) * count, self.ledger.limits.entries):
            return RepeatedList.of((items, count))
        self.environment.pin(count)
        if count < 0:
            self.ledger.fail(BadArithmetic(node.span, f"a list cannot come {int(count)} times"))
        self.ledger.entries(len(items) * int(count), node.span)
        return items * int(count)

    def _refuse(self, node: tree.Binary, left: Value, right: Value) -> NoReturn:
        self.ledger.fail(BadOperands(node.span, node.op, describe(left), describe(right)))

    def compute(self, span: Span, op: str, function: Callable[..., Any], operands: tuple[int | float, ...]) -> Value:
        """Apply an operator or function to numbers, with the trace of the result."""
        if any(isinstance(part, Open) for part in operands):
            return self._compute_open(span, op, function, operands)
        try:
            value = function(*operands)
        except (ArithmeticError, ValueError, TypeError) as error:
            self.ledger.fail(BadArithmetic(span, _WORDS.get(type(error), str(error))))
        if isinstance(value, complex) or (isinstance(value, (int, float)) and not abs(value) < LARGEST):
            self.ledger.fail(BadArithmetic(span, "the number is too large, or not a real number"))
        made: Value = marked(value, *operands)
        if all(getattr(part, "expr", None) is None for part in operands):
            made = plain(made)
        else:
            self.ledger.spend(span, TRACED)
            made = traced(made, combine(op, *(expr_of(part) for part in operands)))
        return made

    def _compute_open(
        self, span: Span, op: str, function: Callable[..., Any], operands: tuple[int | float, ...]
    ) -> Value:
        self.ledger.spend(span, OPEN)
        try:
            value: Any = compute(op, function, operands)
        except (ArithmeticError, ValueError, TypeError) as error:
            self.ledger.fail(BadArithmetic(span, str(error)))
        if isinstance(value, complex) or not -LARGEST < value < LARGEST:
            pin(operands)
            self.ledger.fail(BadArithmetic(span, "the number is too large, or not a real number"))
        made: Value = traced(value, combine(op, *map(expr_of, operands))) if is_family(value) else value
        return made
