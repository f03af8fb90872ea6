"""Strings with expressions in them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from archspec.diagnostics import SpecError
from archspec.graph.naming import unbind, whole
from archspec.graph.problems.values import BadArithmetic, Failed
from archspec.source import Source
from archspec.sym.expr import SymExpr
from archspec.sym.number import expr_of, plain
from archspec.sym.open import Open
from archspec.syntax import tree

if TYPE_CHECKING:
    from archspec.graph.evaluate import ExpressionEvaluator

HOLE = 12
"""Units of work of each part of a value that is written into a string."""


class Strings:
    """Puts strings together."""

    def __init__(self, evaluator: ExpressionEvaluator) -> None:
        self.evaluator = evaluator
        self.ledger = evaluator.ledger
        self.environment = evaluator.environment

    def interpolate(self, node: tree.String) -> str:
        """A string with each ``{expression}`` replaced by its value."""
        made = ""
        for piece in self._pieces(node):
            if not isinstance(piece, str):
                value = whole(self.evaluator.eval(piece))
                self.ledger.charge(value, node.span, HOLE)
                value = unbind(value)
                self.environment.pin(value)
                if isinstance(value, Open):
                    value.pin()
                piece = str(plain(value)) if not isinstance(value, bool) else str(value).lower()
            made = self.ledger.string(made + piece, node.span)
        return made

    def _pieces(self, node: tree.String) -> Iterator[str | tree.Expr]:
        """The texts of a string, and the expressions in between."""
        text, at = node.value, 0
        while (start := text.find("{", at)) >= 0 and (end := text.find("}", start)) >= 0:
            inner = text[start + 1 : end]
            place = node.span.start + 1 + start + 1
            yield text[at:start]
            try:
                yield self.evaluator.definitions.parsed(Source(node.span.source, inner), place)
            except SpecError:
                self.ledger.fail(BadArithmetic(node.span, f"`{{{inner}}}` in this string holds no expression"))
            at = end + 1
        yield text[at:]

    def template(self, node: tree.Expr) -> tuple[str | SymExpr, ...] | None:
        """A string with the numbers in it as traces; None where one of them has none, or it has no value at all."""
        decisions = dict(self.environment.decisions)
        words: list[str | SymExpr] = []
        try:
            with self.ledger.attempt():
                for piece in self._pieces(node) if isinstance(node, tree.String) else ():
                    value = piece if isinstance(piece, str) else self.evaluator.eval(piece)
                    word = value if isinstance(value, str) else expr_of(value)
                    if word is None:
                        return None
                    words.append(word)
        except Failed:
            return None
        finally:
            self.environment.decisions = decisions
        return tuple(words) or None
