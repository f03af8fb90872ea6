"""Closed forms for people: the formula of each figure, the names in them, and where they hold."""

from __future__ import annotations

import json
from dataclasses import dataclass
from math import inf

from archspec.diagnostics import SpecError
from archspec.formula.algebra import Condition, Node
from archspec.formula.bounds import Range
from archspec.formula.poly import Poly
from archspec.formula.words import Words
from archspec.report.closed import ClosedForm, Piece
from archspec.report.problems import NoClosedForm, NothingOpen, UnknownNumber
from archspec.source import NOWHERE
from archspec.spec.schema import Spec

LIMIT = 2**40
"""Bounds beyond this are limits of archspec's own, and are summed up."""


@dataclass(frozen=True)
class Formulas:
    """Formulas of figures in words. ``names`` are defined in the order of their use; ``where`` says where they hold."""

    model: str
    open: tuple[str, ...]
    formulas: dict[str, str]
    names: dict[str, str]
    where: tuple[str, ...]

    def to_dict(self) -> dict[str, object]:
        """As JSON has it."""
        return {
            "schema": "archspec.formulas/1",
            "model": self.model,
            "open": list(self.open),
            "formulas": self.formulas,
            "names": self.names,
            "where": list(self.where),
        }


def formulas(
    spec: Spec, names: tuple[str, ...] = (), batch: int = 1, dtype: str = "float32", allow_extern: bool = False
) -> Formulas:
    """The closed form of a model's costs over some of its numbers; over the sizes of its input unless others are named.

    Raises:
        SpecError: the spec is wrong, a name is none of its numbers, or the model's structure hangs on one of them.
    """
    if not names:
        probe = ClosedForm(spec, (), None, batch, dtype, allow_extern)
        form = ClosedForm(spec, probe.sizes, None, batch, dtype, allow_extern)
    else:
        form = ClosedForm(spec, names, None, batch, dtype, allow_extern)
    (piece,) = form.pieces
    if piece.error is not None:
        raise piece.error
    known = {*form.known, "batch"}
    for name in names:
        if name not in known or not any(own == name or own.startswith(f"{name}[") for own in form.cases):
            raise SpecError.of(UnknownNumber(NOWHERE, spec.name, name, tuple(sorted(known))))
    _refuse_pinned(spec, form, piece, bool(names))
    words = Words()
    made = {metric: words.poly(poly) for metric, poly in piece.formulas.items()}
    where = _where(piece, words, {*form.sizes, "batch"})
    return Formulas(spec.name, tuple(piece.symbols), made, dict(words.definitions), where)


def _refuse_pinned(spec: Spec, form: ClosedForm, piece: Piece, named: bool) -> None:
    """Refuse a number whose value the steps hang on."""
    names = {node: name for name, node in piece.symbols.items()}
    for condition, place in piece.conditions.items():
        left = condition.left
        only = left.nodes() if isinstance(left, Poly) else [left] if isinstance(left, Node) else []
        pinned = [names[node] for node in only if node in names]
        if condition.relation == "==" and len(list(only)) == 1 and pinned:
            if not named:
                raise SpecError.of(NothingOpen(NOWHERE, spec.name, tuple(n for n in form.known if "[" not in n)))
            problem = NoClosedForm(place or NOWHERE, spec.name, pinned[0], str(form.cases[pinned[0]]))
            raise SpecError([problem.diagnostic()], spec.texts())


def _where(piece: Piece, words: Words, positive: set[str]) -> tuple[str, ...]:
    """The conditions that do not follow from others, for sizes from 1 and other numbers from 0 on."""
    span = Range({node: (1 if name in positive else 0, inf) for name, node in piece.symbols.items()})
    own = [condition for condition in piece.conditions if not _is_limit(condition)]
    simple: dict[Node, None] = {}
    before = dict(span.made)
    for condition in own:
        nodes = condition.left.nodes() if isinstance(condition.left, Poly) else []
        if not span.holds(condition) and span.tighten(condition):
            simple.update(dict.fromkeys(nodes))
    made = [text for node in simple for text in _bounds(words, node, span, before)]
    made += [words.condition(condition) for condition in own if not span.holds(condition)]
    if len(own) < len(piece.conditions):
        made.append("all numbers stay below 2**63, and sizes below 2**40")
    return tuple(made)


def _bounds(words: Words, node: Node, span: Range, before: dict[Node, tuple[float, float]]) -> list[str]:
    low, high = span.of(node)
    known = before.get(node, (-inf, inf))
    shown = words.node(node)
    if low == high:
        return [f"{shown} = {low:,}"]
    made = [f"{shown} >= {low:,}"] if low > known[0] else []
    return [*made, f"{shown} <= {high:,}"] if high < known[1] else made


def _is_limit(condition: Condition) -> bool:
    return isinstance(condition.left, Poly) and abs(condition.left.terms.get((), 0)) >= LIMIT


def render_formulas(made: Formulas, format: str = "table") -> str:
    """Formulas as text, JSON, CSV or Markdown."""
    if format == "json":
        return json.dumps(made.to_dict(), indent=2)
    if format == "csv":
        rows = ["figure,formula", *(f'{name},"{text}"' for name, text in made.formulas.items())]
        return "\n".join(rows + [f'{name},"{text}"' for name, text in made.names.items()])
    open_ = ", ".join(made.open)
    width = max(len(name) for name in made.formulas)
    lines = [f"{name.ljust(width)} = {text}" for name, text in made.formulas.items()]
    names = [f"{name} = {text}" for name, text in made.names.items()]
    if format == "markdown":
        parts = [f"# {made.model}({open_})", "", *(f"- `{line}`" for line in lines)]
        parts += ["", "where", "", *(f"- `{line}`" for line in names)] if names else []
        return "\n".join([*parts, "", "This holds for", "", *(f"- {line}" for line in made.where)])
    parts = [f"{made.model}({open_})", "", *lines]
    parts += ["", "where", *(f"  {line}" for line in names)] if names else []
    parts += ["", "for", *(f"  {line}" for line in made.where)] if made.where else []
    return "\n".join(parts)
