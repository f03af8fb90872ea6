"""Axes from text: ``dims[0]=32..128:16``, ``depths=[2,2,6,2],[3,4,12,3]``, ``norm=group_norm(1),batch_norm``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from math import isfinite
from typing import Any

from archspec.diagnostics import SpecError
from archspec.explore.commas import split
from archspec.explore.problems import BadOptions
from archspec.explore.space import Axis, Option, leaves
from archspec.source import NOWHERE, Source
from archspec.syntax import tree
from archspec.syntax.parser import parse_expression

MOST_OPTIONS = 100_000
WIDEST = 2**63
"""Whole numbers below this fit a column of int64."""
_NUMBER = r"-?\d[\d_]*(?:\.\d+)?(?:[eE][+-]?\d+)?"
_RANGE = re.compile(rf"({_NUMBER})\.\.({_NUMBER})(?::({_NUMBER}))?")


def axis_of(name: str, values: Any, base: Any) -> list[Axis]:
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
        return [Axis(f"{name}[{index}]", options) for index in range(len(base))]
    return [Axis(name, options)]


def _options(name: str, values: Any) -> list[Option]:
    pieces = filter(None, split(values)) if isinstance(values, str) else list(values)
    made: dict[str, Option] = {}
    for piece in pieces:
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
    from archspec.spec.resolve import written

    value = tuple(value) if isinstance(value, list) else value
    try:
        return Option(written(value), value if _numbers(value) else None)
    except TypeError:
        why = "this is no value of the language"
        raise SpecError.of(BadOptions(NOWHERE, name, repr(value), why)) from None


def _numbers(value: Any) -> bool:
    if isinstance(value, tuple):
        return bool(value) and all(map(_numbers, value))
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _read(name: str, text: str) -> Iterable[Option]:
    """The options of one part of a text: a value, or all values of a range, both ends counted."""
    found = _RANGE.fullmatch(text)
    if found is None:
        try:
            expression = parse_expression(Source("<vary>", text), 0, "<vary>")
        except SpecError as error:
            raise SpecError(error.diagnostics, {"<vary>": Source("<vary>", text)}) from None
        return [Option(text, literal(expression))]
    low, high, step = _plain(found[1]), _plain(found[2]), _plain(found[3] or "0")
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


def _plain(text: str) -> Any:
    text = text.replace("_", "")
    return int(text) if re.fullmatch(r"-?\d+", text) else float(text)


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


def axes_of(vary: Mapping[str, Any], known: Mapping[str, Any]) -> tuple[Axis, ...]:
    """All axes of a search; entries of a list beat the list."""
    made: dict[str, Axis] = {}
    for name, values in vary.items():
        for axis in axis_of(name.replace(" ", ""), values, known.get(name)):
            made[axis.name] = axis
    return tuple(made.values())
