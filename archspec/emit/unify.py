"""Expressions that differ in nothing but places in lists, as one expression over an index."""

from __future__ import annotations

from dataclasses import replace

from archspec.emit.code import (
    Atom,
    Attribute,
    BinOp,
    Call,
    Code,
    Comprehension,
    Display,
    IfExp,
    Slice,
    Star,
    Subscript,
    UnaryOp,
    call,
    literal,
)
from archspec.emit.layout import mentions

INDEX = "i"
FEWEST = 3
"""Expressions from which on a loop says more than they do."""


def loop_over(codes: list[Code]) -> Comprehension | None:
    """``f(dims[i]) for i in range(4)``; None where there is no such expression, or too few for one."""
    if len(codes) < FEWEST or any(INDEX in mentions(code) for code in codes):
        return None
    item = _unified([_canonical(code) for code in codes], 0, False)
    if item is None or INDEX not in mentions(item) or isinstance(item, IfExp):
        return None
    return Comprehension(item, (INDEX,), call("range", literal(len(codes))))


def _unified(codes: list[Code], start: int, place: bool) -> Code | None:
    """One expression for several, the first for an index of ``start``; ``place``: numbers in it are places in lists."""
    first = codes[0]
    if all(code == first for code in codes):
        return first
    made = _numbers(codes, start) if place else None
    if made is None and all(type(code) is type(first) for code in codes):
        made = _parts(codes, start, place)
    if made is None and start == 0 and len(codes) >= FEWEST and not place:
        rest = _unified(codes[1:], 1, place)
        several = isinstance(first, Star) or isinstance(rest, Star)
        made = None if rest is None or several else IfExp(rest, BinOp(">", Atom(INDEX), literal(0)), first)
    return made


def _numbers(codes: list[Code], start: int) -> Code | None:
    """Numbers that follow one another."""
    texts = [code.text for code in codes if isinstance(code, Atom)]
    if len(texts) < len(codes) or not all(text.isdigit() for text in texts):
        return None
    first = int(texts[0])
    if [int(text) for text in texts] != list(range(first, first + len(codes))):
        return None
    more = first - start
    index: Code = Atom(INDEX)
    return index if not more else BinOp("+" if more > 0 else "-", index, literal(abs(more)))


def _parts(codes: list[Code], start: int, place: bool) -> Code | None:
    """Expressions of one form, part by part."""
    first = codes[0]
    rows = [_split(code) for code in codes]
    if any(row[0] != rows[0][0] or len(row[1]) != len(rows[0][1]) for row in rows):
        return None
    made = []
    for at, column in enumerate(zip(*(row[1] for row in rows))):
        inside = (isinstance(first, Subscript) and at > 0) or (place and isinstance(first, Slice))
        part = _unified(list(column), start, inside)
        if part is None:
            return None
        made.append(part)
    return _joined(first, made)


def _split(code: Code) -> tuple[object, list[Code]]:
    """What of an expression has to be the same, and its parts."""
    match code:
        case Call():
            return tuple(name for name, _ in code.kwargs), [code.function, *code.args, *(v for _, v in code.kwargs)]
        case Attribute():
            return code.name, [code.value]
        case Subscript():
            return None, [code.value, *code.items]
        case BinOp():
            return code.op, [code.left, code.right]
        case UnaryOp():
            return code.op, [code.value]
        case Display():
            return code.brackets, list(code.items)
        case Star():
            return None, [code.value]
        case Slice():
            ends = [end for end in (code.start, code.stop) if end is not None]
            return (code.start is None, code.stop is None), ends
        case Comprehension() if code.condition is None:
            return (code.targets, code.brackets, code.joined), [code.item, code.iterable]
    return code, []


def _joined(code: Code, parts: list[Code]) -> Code:
    """The expression with other parts."""
    match code:
        case Call():
            args, values = parts[1 : 1 + len(code.args)], parts[1 + len(code.args) :]
            return Call(parts[0], tuple(args), tuple(zip((name for name, _ in code.kwargs), values)))
        case Subscript():
            return Subscript(parts[0], tuple(parts[1:]))
        case BinOp():
            return replace(code, left=parts[0], right=parts[1])
        case Display():
            return replace(code, items=tuple(parts))
        case Slice():
            return Slice(None if code.start is None else parts[0], None if code.stop is None else parts[-1])
        case Comprehension():
            return replace(code, item=parts[0], iterable=parts[1])
        case Attribute() | UnaryOp() | Star():
            return replace(code, value=parts[0])
    return code


def _canonical(code: Code) -> Code:
    """An expression with slices between sums of a list's first entries in one form, as they are for any index."""
    if isinstance(code, Slice):
        return _between_sums(code)
    if isinstance(code, Call) and code.kwargs:
        kwargs = tuple((name, _canonical(value)) for name, value in code.kwargs)
        return Call(code.function, tuple(map(_canonical, code.args)), kwargs)
    _, parts = _split(code)
    return _joined(code, list(map(_canonical, parts))) if parts else code


def _between_sums(code: Slice) -> Code:
    start, stop = _summed(code.start), _summed(code.stop)
    known = start or stop
    if known is None or (code.start is not None and start is None) or (code.stop is not None and stop is None):
        return code
    of, _ = known
    first = start[1] if start is not None else 0
    end = stop[1] if stop is not None else first + 1
    return Slice(_sum(of, first), _sum(of, end))


def _summed(code: Code | None) -> tuple[Code, int] | None:
    """The list of which an expression adds up the first entries, and how many."""
    match code:
        case Subscript(value=of, items=(Atom(text="0"),)):
            return of, 1
        case Call(
            function=Atom(text="sum"), args=(Subscript(value=of, items=(Slice(start=None, stop=Atom() as end),)),)
        ):
            return (of, int(end.text)) if end.text.isdigit() else None
    return None


def _sum(of: Code, count: int) -> Code:
    return call("sum", Subscript(of, (Slice(None, literal(count)),)))
