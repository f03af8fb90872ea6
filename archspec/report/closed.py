"""Costs in closed form: formulas over what was left open, each with the conditions on which it holds.

A model is worked out for one case with its open numbers carrying formulas (:mod:`archspec.graph.open`). The figures
that come out hold for every case in which the same decisions fall; where one would fall otherwise, that case is worked
out in its turn. So a closed form is a list of pieces, and what it says of a case equals what a report of it says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from archspec.diagnostics import SpecError
from archspec.formula.algebra import Condition, Node
from archspec.formula.evaluate import NUMBERS, function
from archspec.formula.poly import Poly
from archspec.graph.elaborate import Elaborator
from archspec.graph.open import Opening, formula
from archspec.report.model import LEGEND, make_report
from archspec.spec.resolved import Resolved

FIGURES = tuple(LEGEND)
BYTES = ("params_bytes", "train_saved_bytes", "inference_peak_bytes", "train_adamw_bytes")
METRICS = FIGURES + BYTES


@dataclass(frozen=True, eq=False)
class Piece:
    """Formulas of the figures for all cases that meet the conditions, or what is wrong with all of those.

    ``symbols`` are the open numbers by name, ``real`` tells numbers with a fraction from whole ones.
    """

    symbols: dict[str, Node]
    formulas: dict[str, Poly]
    conditions: dict[Condition, Any]
    error: SpecError | None

    def fits(self, values: Mapping[str, Any]) -> bool:
        """Whether values are of the kinds that the piece was worked out for."""
        return all(isinstance(values[name], float) == node.real for name, node in self.symbols.items())

    @cached_property
    def numbers(self) -> Callable[..., tuple[Any, tuple[Any, ...]]]:
        """The piece as a function of single numbers."""
        return function(tuple(self.symbols.values()), tuple(self.formulas.values()), tuple(self.conditions), NUMBERS)

    def at(self, values: Mapping[str, Any]) -> dict[str, int] | None:
        """The figures of a case; None where it does not meet the conditions.

        Raises:
            SpecError: what is wrong with the case.
        """
        try:
            holds, figures = self.numbers(*(values[name] for name in self.symbols))
        except ArithmeticError:
            return None
        if not holds:
            return None
        if self.error is not None:
            raise self.error
        return dict(zip(self.formulas, figures))


class ClosedForm:
    """The costs of a model with some of its numbers left open.

    Args:
        spec: the model.
        open: parameters, entries of them (``dims[2]``), sizes of the input (``h``, ``w``) and ``batch``.
        values: values for parameters and sizes in place of the spec's own.
        batch, dtype: as for a report.
    """

    def __init__(
        self,
        spec: Resolved,
        open: Iterable[str],
        values: Mapping[str, Any] | None = None,
        batch: int = 1,
        dtype: str = "float32",
        allow_extern: bool = False,
    ) -> None:
        self.spec = spec
        self.open = frozenset(open)
        self.fixed_values = dict(values or {})
        self.batch = batch
        self.dtype = dtype
        self.allow_extern = allow_extern
        self.pieces: list[Piece] = []
        self.defaults: dict[str, Any] = {}
        """The values of what is open in the spec itself."""
        self.known: dict[str, Any] = {}
        """Every parameter, entry of one and open size of the input, with its value in the spec."""
        self.first = self.work_out({})

    def at(self, **values: Any) -> dict[str, int]:
        """The figures of one case: ``at(h=384, w=384)``; what is not given is as in the spec.

        Raises:
            SpecError: the case is no model.
            KeyError: a name that was not left open.
        """
        return self.figures(values)

    def figures(self, values: Mapping[str, Any]) -> dict[str, int]:
        """The figures of one case; names may have brackets (``dims[2]``)."""
        for name in values:
            if name not in self.defaults:
                raise KeyError(name)
        whole = {**self.defaults, **values}
        for piece in self.pieces:
            if piece.fits(whole):
                found = piece.at(whole)
                if found is not None:
                    return found
        piece = self.work_out(whole)
        if piece.error is not None:
            raise piece.error
        found = piece.at(whole)
        assert found is not None, "a piece holds for the case that it was worked out for"
        return found

    def work_out(self, values: Mapping[str, Any]) -> Piece:
        """A piece that holds for a case, added to the others."""
        opening = Opening({**self.fixed_values, **values}, self.open)
        algebra, error, figures = opening.algebra, None, {}
        try:
            root = Elaborator(self.spec, self.allow_extern, opening).run()
            report = make_report(root, opening.batch(self.batch), self.dtype)
            figures = {name: formula(getattr(report, name)) for name in FIGURES}
            figures |= {name: formula(getattr(report.memory, name)) for name in BYTES}
        except SpecError as problem:
            error = problem
        if not self.pieces:
            self.defaults, self.known = dict(opening.cases), dict(opening.known)
        symbols = {name: _node(value.term) for name, value in opening.symbols.items()}
        piece = Piece(symbols, figures, dict(algebra.conditions), error)
        self.pieces.append(piece)
        return piece


def _node(term: Any) -> Node:
    return next(iter(term.nodes())) if isinstance(term, Poly) else term
