"""Numbers of consecutive blocks on a ramp: recognised among values, and said by their rule."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from archspec.emit.code import Atom, BinOp, Code, Comprehension, Slice, Subscript, call, literal
from archspec.emit.layout import mentions
from archspec.emit.values import RampRow, same
from archspec.graph.ramps import OpenRamp, Ramped
from archspec.sym.number import is_open
from archspec.sym.open import compute, identical, settled

Say = Callable[[Any], Code]
"""What says a number."""


def row_of(values: tuple[Any, ...]) -> RampRow | None:
    """Numbers that follow one another on a ramp; None where they do not, or are fewer than two."""
    if len(values) < 2 or not all(isinstance(value, Ramped) or hasattr(value, "place") for value in values):
        return None
    ramp, first, last = values[0].place
    for at, value in enumerate(values):
        if isinstance(value, OpenRamp) or value.place[1] != first + at or not same_ramp(value.place, values[0].place):
            return None
    return RampRow(ramp.start, ramp.stop, first, last, len(values))


def same_ramp(one: Any, other: Any) -> bool:
    """Whether two places are on one ramp."""
    (a, _, i), (b, _, j) = one, other
    return same(a.start, b.start) and same(a.stop, b.stop) and same(i, j)


def repeated_row(value: Any, count: Any) -> RampRow | None:
    """The numbers of a list of blocks whose length is open."""
    if not isinstance(value, OpenRamp):
        return None
    ramp, first, last = value.place
    return RampRow(ramp.start, ramp.stop, first, last, count)


def rule(row: RampRow, say: Say, index: str = "i") -> tuple[Code, Code]:
    """``0.1 * i / 35`` and ``range(12, 30)``."""
    start, stop = settled(row.start), settled(row.stop)
    code: Code = BinOp("/", BinOp("*", say(stop), Atom(index)), say(row.last))
    if is_open(start) or start != 0:
        left = BinOp("-", literal(1), BinOp("/", Atom(index), say(row.last)))
        first = BinOp("*", say(start), left)
        code = BinOp("+", first, code) if is_open(stop) or stop != 0 else first
    end = row.first + row.count
    at_start = not is_open(row.first) and row.first == 0
    return code, call("range", *([] if at_start else [say(row.first)]), say(end))


def whole_row(row: RampRow) -> RampRow:
    """All numbers of the ramp that a row is on."""
    return row if is_whole(row) else RampRow(row.start, row.stop, 0, row.last, row.last + 1)


def is_whole(row: RampRow) -> bool:
    """Whether a row whose length is open is all of its ramp, be it of one number."""
    start = not is_open(row.first) and row.first == 0
    return start and is_open(row.count) and identical(row.last, compute("max", max, (row.count - 1, 1)))


def all_of(row: RampRow, say: Say) -> Code:
    """The numbers of a row as a tuple."""
    index = "i"
    while any(index in mentions(say(number)) for number in row.parts()):
        index += "_"
    item, places = rule(row, say, index)
    return call("tuple", Comprehension(item, (index,), places))


def part_of(name: str, row: RampRow, say: Say) -> Code:
    """The numbers of a row out of all of its ramp, which has a name."""
    if is_whole(row):
        return Atom(name)
    first, end, whole = row.first, row.first + row.count, row.last + 1
    start = None if not is_open(first) and first == 0 else say(first)
    stop = None if same(end, whole) else say(end)
    return Atom(name) if start is None and stop is None else Subscript(Atom(name), (Slice(start, stop),))
