"""Conditions on variants, such as ``macs < 4G and dims[0] < dims[1]``: expressions of the language, over columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NoReturn

from archspec.diagnostics import Problem, SpecError
from archspec.search.partial import ARITHMETIC, COMPARISONS, LOGIC, Column, binary, truth, unary
from archspec.search.problems import BadCondition, TruthNotNumber, UnknownColumn
from archspec.source import Source
from archspec.syntax import tree
from archspec.syntax.parser import parse_expression

ORIGIN = "<where>"


@dataclass(frozen=True)
class Filter:
    """A condition as text; the empty one always holds."""

    text: str = ""

    @cached_property
    def expression(self) -> tree.Expr | None:
        """Its syntax tree.

        Raises:
            SpecError: it is no expression of the language.
        """
        if not self.text.strip():
            return None
        try:
            return parse_expression(Source(ORIGIN, self.text), 0, ORIGIN)
        except SpecError as error:
            raise SpecError(error.diagnostics, self._sources()) from None

    @property
    def columns(self) -> frozenset[str]:
        """The columns that it names."""
        return frozenset(_columns(self.expression)) if self.expression is not None else frozenset()

    def check(self, names: tuple[str, ...]) -> None:
        """Check that it says something of known columns alone.

        Raises:
            SpecError: an unknown name, or something that no column is.
        """
        if self.expression is not None:
            self._check(self.expression, names)

    def holds(self, columns: Mapping[str, Any]) -> tuple[Any, Any]:
        """Whether it holds, row by row, and whether it has no value there: what divides by zero, or is too large.

        A row without a value is none for which it holds.
        """
        if self.expression is None:
            return True, False
        found = truth(self._value(self.expression, columns))
        return found.values & ~found.undefined, found.undefined

    def _check(self, node: tree.Expr, names: tuple[str, ...], number: bool = False) -> None:
        """Check that a part is made of what conditions are made of, and is a ``number`` or a truth, as is needed."""
        match node:
            case tree.Binary() if node.op in (*ARITHMETIC, *COMPARISONS, *LOGIC):
                self._check_kind(node, node.op in ARITHMETIC, number)
                for side in (node.left, node.right):
                    self._check(side, names, node.op not in LOGIC)
            case tree.Unary():
                self._check_kind(node, node.op != "not", number)
                self._check(node.operand, names, node.op != "not")
            case tree.Number():
                self._check_kind(node, True, number)
            case tree.Name() | tree.Index() if (name := _column(node)) is not None:
                if name not in names:
                    self._fail(UnknownColumn(node.span, name, names))
                self._check_kind(node, True, number)
            case _:
                self._fail(BadCondition(node.span))

    def _check_kind(self, node: tree.Expr, number: bool, wanted: bool) -> None:
        """Check that a part which is a number, or a truth, is what is wanted there."""
        if number != wanted:
            self._fail(BadCondition(node.span, number=True) if number else TruthNotNumber(node.span))

    def _fail(self, problem: Problem) -> NoReturn:
        raise SpecError([problem.diagnostic()], self._sources())

    def _sources(self) -> dict[str, Source]:
        return {ORIGIN: Source(ORIGIN, self.text)}

    def _value(self, node: tree.Expr, columns: Mapping[str, Any]) -> Column:
        if isinstance(node, tree.Binary):
            return binary(node.op, self._value(node.left, columns), self._value(node.right, columns))
        if isinstance(node, tree.Unary):
            return unary(node.op, self._value(node.operand, columns))
        return Column.of(node.value if isinstance(node, tree.Number) else columns[_column(node) or ""])


def _columns(node: tree.Expr) -> Iterator[str]:
    name = _column(node)
    if name is not None:
        yield name
    elif isinstance(node, tree.Binary):
        yield from _columns(node.left)
        yield from _columns(node.right)
    elif isinstance(node, tree.Unary):
        yield from _columns(node.operand)


def _column(node: tree.Expr) -> str | None:
    """The column that ``macs`` or ``dims[2]`` names."""
    if isinstance(node, tree.Name):
        return node.id
    if isinstance(node, tree.Index) and isinstance(node.value, tree.Name) and len(node.items) == 1:
        (item,) = node.items
        return f"{node.value.id}[{item.value}]" if isinstance(item, tree.Number) else None
    return None
