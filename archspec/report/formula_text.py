"""Formulas as text, JSON, CSV or Markdown."""

from __future__ import annotations

import json

from archspec.report.symbolic import Formulas, expression
from archspec.report.table import DataColumn, DataTable, escaped

COLUMNS = 100
"""So wide are formulas at most, where they can be broken."""


def render_formulas(made: Formulas, format: str = "table") -> str:
    """Formulas in a format; in text and Markdown with the names in them, and where they hold."""
    if format == "json":
        return json.dumps(made.to_dict(), indent=2)
    if format == "csv":
        both = {**made.formulas, **made.names}
        texts = DataColumn("formula", [*map(expression, both.values())])
        return DataTable((DataColumn("figure", [*both]), texts)).csv()
    return _markdown(made) if format == "markdown" else _plain(made)


def _markdown(made: Formulas) -> str:
    parts = [f"# {escaped(_title(made))}", "", *(f"- `{line}`" for line in _lines(made))]
    parts += ["", "where", "", *(f"- `{line}`" for line in _names(made))] if made.names else []
    return "\n".join([*parts, "", "This holds for", "", *(f"- {escaped(line)}" for line in made.where)])


def _plain(made: Formulas) -> str:
    indent = max(map(len, made.formulas)) + 3
    parts = [_title(made), "", *(part for line in _lines(made) for part in _wrapped(line, indent))]
    if made.names:
        parts += ["", "where", *(f"  {part}" for line in _names(made) for part in _wrapped(line, 5))]
    return "\n".join(parts + (["", "for", *(f"  {line}" for line in made.where)] if made.where else []))


def _title(made: Formulas) -> str:
    return f"{made.model}({', '.join(made.open)})"


def _lines(made: Formulas) -> list[str]:
    width = max(map(len, made.formulas))
    return [f"{name.ljust(width)} = {text}" for name, text in made.formulas.items()]


def _names(made: Formulas) -> list[str]:
    return [f"{name} = {text}" for name, text in made.names.items()]


def _wrapped(line: str, indent: int) -> list[str]:
    """A formula in lines of a terminal's width, broken in front of a sign or behind a comma."""
    made, rest = [], line
    while len(rest) > COLUMNS:
        at = max(
            rest.rfind(" + ", indent, COLUMNS), rest.rfind(" - ", indent, COLUMNS), rest.rfind(", ", indent, COLUMNS)
        )
        if at <= indent:
            break
        cut = at + 1 if rest[at] == "," else at
        made.append(rest[:cut])
        rest = " " * indent + rest[cut:].lstrip()
    return [*made, rest]
