"""Costs in closed form: formulas over what was left open, each with the conditions on which it holds.

A model is worked out for one case with its open numbers carrying formulas (:mod:`archspec.graph.open`). The metrics
that come out hold for every case in which the same decisions fall; where one would fall otherwise, that case is worked
out in its turn. So a closed form is a list of pieces, and what it says of a case equals what a report of it says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from archspec.diagnostics import SpecError
from archspec.graph.elaborate import Elaborator
from archspec.graph.opening import Opening
from archspec.limits import held, now
from archspec.report.metrics import CLOSED, Metrics
from archspec.report.model import make_report
from archspec.report.problems import NotANumber, UnknownNumber
from archspec.source import NOWHERE
from archspec.spec.asked import format_argument, plain_number
from archspec.spec.resolved import Resolved
from archspec.sym.algebra import Condition, FormulaNode
from archspec.sym.evaluate import NUMBERS, function
from archspec.sym.open import Specialise, formula
from archspec.sym.poly import Poly

BEYOND = 1e300
"""Numbers of a spec are below this."""


@dataclass(frozen=True, eq=False)
class Piece:
    """Formulas of the metrics for all cases that meet the conditions, or what is wrong with all of those.

    ``symbols`` are the open numbers by name; ``conditions`` have each the place in the spec where it first came up.
    """

    symbols: dict[str, FormulaNode]
    formulas: dict[str, Poly]
    conditions: dict[Condition, Any]
    error: SpecError | None

    def fits(self, values: Mapping[str, Any]) -> bool:
        """Whether values are of the kinds, whole or not, that the piece was worked out for."""
        return all(isinstance(values[name], float) == node.real for name, node in self.symbols.items())

    @cached_property
    def numbers(self) -> Callable[..., tuple[Any, tuple[Any, ...]]]:
        """The piece as a function of single numbers."""
        return function(tuple(self.symbols.values()), tuple(self.formulas.values()), tuple(self.conditions), NUMBERS)

    def at(self, values: Mapping[str, Any]) -> Metrics | None:
        """The metrics of a case; None where it does not meet the conditions.

        Raises:
            SpecError: what is wrong with the case.
        """
        try:
            holds, metrics = self.numbers(*(values[name] for name in self.symbols))
        except (ArithmeticError, ValueError):
            return None
        if not holds:
            return None
        if self.error is not None:
            raise self.error
        return Metrics(dict(zip(CLOSED, metrics)))


class ClosedForm:
    """The costs of a model with some of its numbers left open.

    Args:
        spec: the model.
        names: what is left open: parameters, entries of them (``dims[2]``), sizes of the input (``h``), ``batch``.
        values: values for parameters and sizes in place of the spec's own.
        batch, dtype: as for a report.
    """

    def __init__(
        self,
        spec: Resolved,
        names: Iterable[str],
        values: Mapping[str, Any] | None = None,
        batch: int = 1,
        dtype: str = "float32",
        allow_extern: bool = False,
    ) -> None:
        self.spec = spec
        self.names = frozenset(names)
        self.given = dict(values or {})
        self.batch = batch
        self.dtype = dtype
        self.allow_extern = allow_extern
        self.limits = now()
        self.pieces: list[Piece] = []
        self.cases: dict[str, Any] = {}
        """What is open, with its value in the spec."""
        self.known: dict[str, Any] = {}
        """Every parameter, entry of one and size that follows the caller's, with its value in the spec."""
        self.sizes: tuple[str, ...] = ()
        """The sizes of the input that the model leaves to the caller."""
        self.work_out({})

    def at(self, /, **values: Any) -> Metrics:
        """The metrics of one case, ``at(h=384, w=384)``; what is not given is as in the spec.

        Raises:
            SpecError: the case is no model, or what is given was not left open or is no number.
        """
        return self.metrics(values)

    def metrics(self, values: Mapping[str, Any]) -> Metrics:
        """The same for names with brackets (``dims[2]``)."""
        case = self.cases | dict(self._leaves(values))
        for piece in self.pieces:
            if piece.fits(case):
                found = piece.at(case)
                if found is not None:
                    return found
        piece = self.work_out(case)
        found = piece.at(case)
        assert found is not None, "a piece holds for the case that it was worked out for"
        return found

    def _leaves(self, values: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
        for name, given in values.items():
            value = plain_number(given)
            if name in self.cases:
                if isinstance(value, bool) or not isinstance(value, (int, float)) or not abs(value) < BEYOND:
                    raise SpecError.of(NotANumber(NOWHERE, name, format_argument(given)))
                yield name, value
            elif f"{name}[0]" in self.cases:
                if not isinstance(value, (list, tuple)) or len(value) != len(self.known[name]):
                    raise SpecError.of(NotANumber(NOWHERE, name, format_argument(given)))
                yield from self._leaves({f"{name}[{index}]": item for index, item in enumerate(value)})
            else:
                raise SpecError.of(UnknownNumber(NOWHERE, self.spec.name, name, tuple(self.cases)))

    def work_out(self, values: Mapping[str, Any]) -> Piece:
        """A piece that holds for a case, added to the others."""
        closed: frozenset[str] = frozenset()
        while True:
            try:
                return self._work_out(Opening({**self.given, **values}, self.names, closed))
            except Specialise as wanted:
                if wanted.names <= closed:  # what is closed is no number left open, and wants nothing
                    raise
                closed |= wanted.names

    def _work_out(self, opening: Opening) -> Piece:
        metrics: dict[str, Poly] = {}
        error = None
        try:
            with held(self.limits):
                root = Elaborator(self.spec, self.allow_extern, opening).run()
            opening.algebra.place = None
            batch = opening.batch(self.batch)
            report = make_report(root, batch, self.dtype)
            metrics = {name: formula(report.metrics[name]) for name in CLOSED}
        except SpecError as problem:
            error = SpecError(problem.diagnostics, self.spec.texts())
        if not self.pieces:
            self.cases, self.known, self.sizes = dict(opening.cases), dict(opening.known), tuple(opening.sizes)
        symbols = {name: _symbol(value.term) for name, value in opening.symbols.items()}
        piece = Piece(symbols, metrics, dict(opening.algebra.conditions), error)
        self.pieces.append(piece)
        return piece


def _symbol(term: Any) -> FormulaNode:
    """The node of a number that was just left open."""
    node: FormulaNode = next(iter(term.nodes())) if isinstance(term, Poly) else term
    return node
