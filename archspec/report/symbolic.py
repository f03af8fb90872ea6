"""Closed forms for people: the formula of each figure, the names in them, and where they hold."""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import inf
from typing import Any

from archspec.diagnostics import SpecError
from archspec.report.closed import ClosedForm, Piece
from archspec.report.problems import NoClosedForm, NothingOpen, UnknownNumber
from archspec.source import NOWHERE
from archspec.spec.resolved import Resolved
from archspec.sym.algebra import Condition, FormulaNode
from archspec.sym.bounds import Range
from archspec.sym.poly import Poly
from archspec.sym.printer import FormulaPrinter

LIMIT = 2**31
"""Bounds from here on are limits of archspec's own, and are summed up."""


@dataclass(frozen=True)
class Formulas:
    """Formulas of metrics for people. ``names`` come in the order of their use; ``where`` says where they hold."""

    model: str
    open: tuple[str, ...]
    formulas: dict[str, str]
    names: dict[str, str]
    where: tuple[str, ...]

    def to_dict(self) -> dict[str, object]:
        """As JSON has it: formulas are expressions of Python."""
        return {
            "schema": "archspec.syms/1",
            "model": self.model,
            "open": list(self.open),
            "formulas": {name: expression(text) for name, text in self.formulas.items()},
            "names": {name: expression(text) for name, text in self.names.items()},
            "where": list(self.where),
        }


def expression(text: str) -> str:
    """A formula in words as an expression of Python."""
    return re.sub(r"(?<=\d),(?=\d{3})", "", text).replace("·", "*").replace("^", "**")


def formulas(
    spec: Resolved, names: tuple[str, ...] = (), batch: int = 1, dtype: str = "float32", allow_extern: bool = False
) -> Formulas:
    """The closed form of a model's costs over some of its numbers; over the sizes of its input unless others are named.

    Raises:
        SpecError: the spec is wrong, a name is none of its numbers, or the model's structure hangs on one of them.
    """
    wanted = names or ClosedForm(spec, (), None, batch, dtype, allow_extern).sizes
    form = ClosedForm(spec, wanted, None, batch, dtype, allow_extern)
    if form.pieces[0].error is not None:
        raise form.pieces[0].error
    _check_names(form, names)
    if not form.cases:
        raise SpecError.of(NothingOpen(NOWHERE, spec.name, tuple(name for name in form.known if "[" not in name)))
    piece = _general(spec, form, bool(names))
    printer = FormulaPrinter()
    made = {metric: printer.poly(poly) for metric, poly in piece.formulas.items()}
    where = _where(piece, printer, {*form.sizes, "batch"})
    return Formulas(spec.name, tuple(piece.symbols), made, dict(printer.definitions), where)


def _check_names(form: ClosedForm, names: tuple[str, ...]) -> None:
    """Check that every name is that of something left open.

    Raises:
        SpecError: one is not.
    """
    known = {*form.known, "batch"}
    for name in names:
        if name not in known or not any(own == name or own.startswith(f"{name}[") for own in form.cases):
            raise SpecError.of(UnknownNumber(NOWHERE, form.spec.name, name, tuple(sorted(known))))


def _general(spec: Resolved, form: ClosedForm, named: bool) -> Piece:
    """A piece that holds for more than one case. Some numbers are special in the spec itself, such as a rate of 0.

    Raises:
        SpecError: the steps hang on the value of a number, whatever it is.
    """
    first = _pinned(form.pieces[0])
    if first is None:
        return form.pieces[0]
    special = {name: _another(form.cases[name]) for name in form.cases if name in first}
    piece = form.work_out(form.cases | special)
    if piece.error is None and _pinned(piece) is None:
        return piece
    if not named:
        raise SpecError.of(NothingOpen(NOWHERE, spec.name, tuple(name for name in form.known if "[" not in name)))
    name, place = next(iter(first.items()))
    problem = NoClosedForm(place or NOWHERE, spec.name, name, str(form.cases[name]))
    raise SpecError([problem.diagnostic()], spec.texts())


def _another(value: float) -> float:
    return 2 * value if value else 0.5


def _pinned(piece: Piece) -> dict[str, Any] | None:
    """The numbers whose very values the steps hang on, with the places where they do; None where there are none."""
    names = {node: name for name, node in piece.symbols.items()}
    found = {}
    for condition, place in piece.conditions.items():
        left = condition.left
        nodes = list(left.nodes()) if isinstance(left, Poly) else [left]
        if condition.relation == "==" and len(nodes) == 1 and nodes[0] in names:
            found[names[nodes[0]]] = place
    return found or None


def _where(piece: Piece, printer: FormulaPrinter, positive: set[str]) -> tuple[str, ...]:
    """The conditions that do not follow from others, for sizes from 1 and other numbers from 0 on."""
    # three kinds of conditions, each worded by itself: of the spec, of how tensors lie in memory, of archspec's limits
    span = Range({node: (1 if name in positive else 0, inf) for name, node in piece.symbols.items()})
    shown = [condition for condition in piece.conditions if not _is_limit(condition)]
    own = [condition for condition in shown if piece.conditions[condition] and isinstance(condition.left, Poly)]
    made = _of_the_spec(own, printer, span)
    others = [condition for condition in shown if condition not in own]
    rest = sum(not span.holds(condition) and not span.tighten(condition) for condition in others)
    if rest:
        made.append(f"every other decision falls as it does here ({rest}, on how tensors lie in memory among them)")
    if len(shown) < len(piece.conditions):
        made.append("no size or figure beyond what archspec takes (2**63 for figures)")
    return tuple(made)


def _of_the_spec(conditions: list[Condition], printer: FormulaPrinter, span: Range) -> list[str]:
    """Conditions that have a place in the spec: bounds of numbers, then those that bounds do not say."""
    before = dict(span.made)
    made = [text for node in _bounded(conditions, span) for text in _bounds(printer, node, span, before)]
    return made + [printer.condition(condition) for condition in conditions if not span.holds(condition)]


def _bounded(conditions: list[Condition], span: Range) -> dict[FormulaNode, None]:
    """Take conditions that bound a single number into a span; the numbers that they bound."""
    found: dict[FormulaNode, None] = {}
    for condition in conditions:
        if not span.holds(condition) and span.tighten(condition) and isinstance(condition.left, Poly):
            found.update(dict.fromkeys(condition.left.nodes()))
    return found


def _bounds(
    printer: FormulaPrinter, node: FormulaNode, span: Range, before: dict[FormulaNode, tuple[float, float]]
) -> list[str]:
    low, high = span.of(node)
    known = before.get(node, (-inf, inf))
    shown = printer.node(node)
    if low == high:
        return [f"{shown} = {low:,}"]
    made = [f"{shown} >= {low:,}"] if low > known[0] else []
    return [*made, f"{shown} <= {high:,}"] if high < min(known[1], LIMIT / 1024) else made


def _is_limit(condition: Condition) -> bool:
    return isinstance(condition.left, Poly) and abs(condition.left.terms.get((), 0)) >= LIMIT
