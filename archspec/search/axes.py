"""Axes from text: ``dims[0]=32..128:16``, ``depths=[2,2,6,2],[3,4,12,3]``, ``norm=group_norm(1),batch_norm``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from math import isfinite
from typing import Any

from archspec.diagnostics import SpecError
from archspec.search.problems import BadOptions
from archspec.search.space import Option, SearchAxis, leaves
from archspec.source import NOWHERE, Source
from archspec.spec.asked import format_argument, written
from archspec.spec.commas import split
from archspec.syntax import tree
from archspec.syntax.build import read_number
from archspec.syntax.parser import parse_expression

MOST_OPTIONS = 100_000
WIDEST = 2**63
"""Whole numbers below this fit a column of int64."""
_NUMBER = r"-?[0-9][0-9_]*(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?[KMGT]?"
_RANGE = re.compile(rf"({_NUMBER})\s*\.\.\s*({_NUMBER})(?:\s*:\s*({_NUMBER}))?")


def axis_of(name: str, values: Any, base: Any) -> list[SearchAxis]:
    """The axes of one thing that varies.

    Args:
        name: the parameter, entry or size.
        values: options as text with commas between them, or a list of Python values.
        base: the model's own value; single numbers for a list vary each of its entries by itself.

    Raises:
        SpecError: the options cannot be read.
    """
    options = tuple(_options(name, values))
    single = all(option.numeric and not isinstance(option.value, tuple) for option in options)
    if single and isinstance(base, tuple):
        return [SearchAxis(f"{name}[{index}]", options) for index in range(len(base))]
    return [SearchAxis(name, options)]


def _options(name: str, values: Any) -> list[Option]:
    if isinstance(values, (bytes, Mapping)) or not isinstance(values, Iterable):
        raise SpecError.of(
            BadOptions(NOWHERE, name, format_argument(values), "this is neither text nor a list of values")
        )
    pieces = split(values) if isinstance(values, str) else list(values)
    if isinstance(values, str) and "" in pieces and pieces != [""]:
        raise SpecError.of(BadOptions(NOWHERE, name, values, "there is nothing between two commas"))
    made: dict[str, Option] = {}
    for piece in pieces if pieces != [""] else ():
        for option in _read(name, piece) if isinstance(piece, str) else [_given(name, piece)]:
            if any(isinstance(number, int) and abs(number) >= WIDEST for _, number in leaves(name, option.value)):
                raise SpecError.of(BadOptions(NOWHERE, name, option.text, "a number goes up to 2**63 - 1"))
            made[option.text] = option
            if len(made) > MOST_OPTIONS:
                raise SpecError.of(BadOptions(NOWHERE, name, str(values), f"more than {MOST_OPTIONS:,} values"))
    if not made:
        raise SpecError.of(BadOptions(NOWHERE, name, str(values), "there is no value"))
    return list(made.values())


def _given(name: str, value: Any) -> Option:
    """An option from a value of Python."""
    try:
        return _option(written(value))
    except ValueError as error:
        why = f"this is no value of the language, since {error}"
        raise SpecError.of(BadOptions(NOWHERE, name, format_argument(value), why)) from None


def _option(text: str) -> Option:
    try:
        return Option(text, literal(parse_expression(Source("<vary>", text), 0, "<vary>")))
    except SpecError as error:
        raise SpecError(error.diagnostics, {"<vary>": Source("<vary>", text)}) from None


def _read(name: str, text: str) -> Iterable[Option]:
    """The options of one part of a text: a value, or all values of a range, both ends counted."""
    found = _RANGE.fullmatch(text)
    if found is None:
        return [_option(text)]
    low, high, step = (_plain(name, text, number) for number in (found[1], found[2], found[3] or "0"))
    whole = all(isinstance(number, int) for number in (low, high, step))
    step = step if found[3] else 1 if whole else 0
    if step <= 0 or high < low:
        why = "a range goes up, and its step is positive"
        if high >= low and not found[3]:
            why = "a range with a point or an exponent needs a step, as in 1..2:0.25"
        raise SpecError.of(BadOptions(NOWHERE, name, text, why))
    if not isfinite((high - low) / step):
        raise SpecError.of(BadOptions(NOWHERE, name, text, "a number of it is too large"))
    count = int((high - low) / step + 1e-9) + 1
    if count > MOST_OPTIONS:
        raise SpecError.of(BadOptions(NOWHERE, name, text, f"more than {MOST_OPTIONS:,} values"))
    values = [low + index * step for index in range(count)]
    return [Option(repr(item), item) for item in (values if whole else (round(float(v), 12) for v in values))]


def _plain(name: str, text: str, number: str) -> Any:
    value = read_number(number.removeprefix("-"))
    if value is None:
        raise SpecError.of(
            BadOptions(NOWHERE, name, text, f"`{number}` is too large, or not written as the language writes numbers")
        )
    return -value if number.startswith("-") else value


def literal(node: tree.Expr) -> Any:
    """The number or list of numbers that an expression is, or None where it is anything else."""
    match node:
        case tree.Number():
            return node.value
        case tree.Unary(op="-") if isinstance(node.operand, tree.Number):
            return -node.operand.value
        case tree.List():
            items = tuple(literal(item) for item in node.items)
            return items if items and None not in items else None
    return None


def axes_of(vary: Mapping[str, Any], known: Mapping[str, Any]) -> tuple[SearchAxis, ...]:
    """All axes of a search; entries of a list beat the list."""
    made: dict[str, SearchAxis] = {}
    for name, values in vary.items():
        for axis in axis_of(name.replace(" ", ""), values, known.get(name)):
            made[axis.name] = axis
    return tuple(made.values())
