"""Conditions: what is true when a spec is compiled, and what of it hangs on the size of the input."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from archspec.graph.decisions import Decision, beside, compared
from archspec.graph.naming import unbind, whole
from archspec.graph.problems.values import BadOperands, Failed, NotACondition, WrongKind
from archspec.graph.traversal import alike
from archspec.graph.values import Poison, Value, contains_tensor, describe, has_parts
from archspec.sym.operators import COMPARISONS
from archspec.syntax import tree

if TYPE_CHECKING:
    from archspec.graph.evaluate import ExpressionEvaluator

COMPARED = 24
"""Units of work of a comparison that is noted as a decision."""


class Conditions:
    """Decides conditions."""

    def __init__(self, evaluator: ExpressionEvaluator) -> None:
        self.evaluator = evaluator
        self.ledger = evaluator.ledger
        self.environment = evaluator.environment

    def truth(self, node: tree.Expr) -> bool:
        """The value of a condition; where it hangs on the size of the input, that is noted.

        Raises:
            Failed: it hangs on a tensor.
        """
        holds, decision = self.decided(node)
        if decision is not None:
            self.environment.decide(decision if holds else decision.opposite())
        return holds

    def decided(self, node: tree.Expr) -> tuple[bool, Decision | None]:
        """The value of a condition, and what of it hangs on the size of the input; nothing is noted."""
        if isinstance(node, tree.Unary) and node.op == "not":
            holds, decision = self.decided(node.operand)
            return not holds, decision and decision.opposite()
        if isinstance(node, tree.Binary) and node.op in ("and", "or"):
            holds, decision = self.decided(node.left)
            if holds == (node.op == "or"):
                return holds, decision
            right, other = self.decided(node.right)
            if other is None and right == (node.op == "or"):
                return right, None  # so it comes out whatever the left side is
            return right, beside(node.op, decision, other)
        if isinstance(node, tree.Binary) and (node.op == "in" or node.op in COMPARISONS):
            return self._comparison(node)
        return self._condition(node), None

    def _condition(self, node: tree.Expr) -> bool:
        """The value of what stands as a condition and is no comparison."""
        value = unbind(whole(self.evaluator.eval(node)))
        if isinstance(value, Poison):
            raise Failed
        if contains_tensor(value):
            self.ledger.fail(
                WrongKind(node.span, "a condition that is known when the spec is compiled", describe(value))
            )
        if not isinstance(value, bool):
            words = self.evaluator.definitions.text(node.span)
            self.ledger.fail(NotACondition(node.span, describe(value), _asked(value, words)))
        return value

    def _comparison(self, node: tree.Binary) -> tuple[bool, Decision | None]:
        left, right = self.evaluator.eval(node.left), self.evaluator.eval(node.right)
        if isinstance(left, Poison) or isinstance(right, Poison):
            raise Failed
        left, right = whole(left), whole(right)
        if has_parts(left) or has_parts(right):
            self.ledger.charge((left, right), node.span)
        left, right = unbind(left), unbind(right)
        if node.op == "in":
            return self._membership(node, left, right)
        if (left is None or right is None) and node.op in ("==", "!="):
            return (left is right) == (node.op == "=="), None
        if contains_tensor(left) or contains_tensor(right) or _mixed(left, right):
            self._refuse(node, left, right)
        try:
            holds = bool(COMPARISONS[node.op](alike(left, right), alike(right, left)))
        except TypeError:
            self._refuse(node, left, right)
        decision = compared(node.op, left, right)
        self.ledger.spend(node.span, 0 if decision is None else COMPARED)
        return holds, decision

    def _membership(self, node: tree.Binary, left: Value, right: Value) -> tuple[bool, Decision | None]:
        if not isinstance(right, tuple):
            self.ledger.fail(WrongKind(node.right.span, "a list", describe(right)))
        if any(_mixed(left, other) for other in right):
            self._refuse(node, left, right)
        entries = alike(right, left)
        assert isinstance(entries, tuple)
        return alike(left, right) in entries, compared("in", left, right)

    def _refuse(self, node: tree.Binary, left: Value, right: Value) -> NoReturn:
        self.ledger.fail(BadOperands(node.span, node.op, describe(left), describe(right)))


def _mixed(left: Value, right: Value) -> bool:
    """Whether a comparison would hold true or false against a number, which Python's own takes for 1 and 0."""
    if isinstance(left, tuple) and isinstance(right, tuple):
        return any(map(_mixed, left, right))
    truths = [isinstance(side, bool) for side in (left, right)]
    return any(truths) and all(isinstance(side, (int, float)) for side in (left, right)) and not all(truths)


def _asked(value: Value, text: str) -> str | None:
    """What would be a condition on a value, for those that some languages take as one."""
    ways = {type(None): "{} != none", str: '{} != ""', tuple: "len({}) > 0"}
    way = "{} != 0" if isinstance(value, (int, float)) else ways.get(type(value))
    return way.format(text if text.isidentifier() else "...") if way is not None else None
