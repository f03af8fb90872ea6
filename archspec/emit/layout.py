"""Statements with line breaks where ruff's formatter puts them, so that the text needs no formatter to be stable.

Lines are broken inside brackets alone, and each of these stands in the expression on one line too: wrapped or not, the
text means the same.
"""

from __future__ import annotations

import re

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
    bracketed,
    clauses,
    flat,
    needs_brackets,
    rank,
    sides,
    stands_alone,
)
from archspec.sym.operators import CONDITIONAL, OR, POSTFIX, RANKS, SUM

WIDTH = 88
STEP = "    "


def statement(prefix: str, code: Code, indent: str, suffix: str = "") -> list[str]:
    """``prefix code suffix`` as lines; brackets are opened from the outside in until every line fits."""
    return _lines(prefix, code, indent, suffix, inside=False)


def _lines(before: str, code: Code, indent: str, after: str, inside: bool = True) -> list[str]:
    """An expression with what stands before and after it; ``inside`` brackets, operators may begin lines."""
    line = f"{indent}{before}{flat(code)}{after}"
    if len(line) <= WIDTH:
        return [line]
    match code:
        case Call(function=Atom()):
            head, tail = f"{indent}{before}{bracketed(code.function, POSTFIX)}(", f"{indent}){after}"
            if stands_alone(code):
                return [head, *_clauses(code.args[0], indent + STEP), tail]
            parts = [("", arg) for arg in code.args] + [(f"{name}=", value) for name, value in code.kwargs]
            joined = indent + STEP + ", ".join(name + flat(value) for name, value in parts)
            if len(joined) <= WIDTH:
                return [head, joined, tail]
            return [head, *_items(parts, indent + STEP), tail]
        case Subscript(items=(Slice() as item,)):
            inner = f"{indent}{STEP}{flat(item)}"
            if len(inner) <= WIDTH:
                return [f"{indent}{before}{bracketed(code.value, POSTFIX)}[", inner, f"{indent}]{after}"]
        case Display():
            opening, closing = code.brackets[:1], code.brackets[1:]
            items = _items([("", item) for item in code.items], indent + STEP, always=opening == "(")
            return [f"{indent}{before}{opening}", *items, f"{indent}{closing}{after}"]
        case Comprehension():
            opening, closing = code.brackets[:1], code.brackets[1:]
            return [f"{indent}{before}{opening}", *_clauses(code, indent + STEP), f"{indent}{closing}{after}"]
        case Star():
            return _placed(f"{before}*", code.value, SUM, indent, after)
        case UnaryOp() if inside or needs_brackets(code.value, rank(code)):
            return _placed(f"{before}{code.op}", code.value, rank(code), indent, after)
        case BinOp() if inside:
            return _row(before, _operands(code), indent, after)
        case IfExp() if inside:
            return _row(before, _branches(code), indent, after)
    return [line]


def _items(parts: list[tuple[str, Code]], indent: str, always: bool = False) -> list[str]:
    """Entries on lines of their own, a comma behind each where there are several."""
    comma = "," if always or len(parts) > 1 else ""
    return [line for name, code in parts for line in _lines(name, code, indent, comma)]


def _clauses(code: Code, indent: str) -> list[str]:
    """The item, the loop and the condition of a comprehension, on one line where they fit."""
    assert isinstance(code, Comprehension)
    joined = indent + " ".join(clauses(code))
    if len(joined) <= WIDTH:
        return [joined]
    loops = _loops(code, indent)
    item = code.item
    while isinstance(item, Comprehension) and code.joined:
        code, item = item, item.item
    return [*_lines("", item, indent, ""), *loops]


def _loops(code: Comprehension, indent: str) -> list[str]:
    """The loops of a comprehension with their conditions, each on a line of its own."""
    lines = _placed(f"for {', '.join(code.targets)} in ", code.iterable, OR, indent, "")
    lines += [] if code.condition is None else _placed("if ", code.condition, OR, indent, "")
    return lines + _loops(code.item, indent) if code.joined and isinstance(code.item, Comprehension) else lines


def _placed(before: str, code: Code, place: int, indent: str, after: str) -> list[str]:
    """An expression at a place that asks for a rank, in brackets where it binds less tightly."""
    if not needs_brackets(code, place):
        return _lines(before, code, indent, after)
    line = f"{indent}{before}{bracketed(code, place)}{after}"
    if len(line) <= WIDTH:
        return [line]
    return [f"{indent}{before}(", *_lines("", code, indent + STEP, ""), f"{indent}){after}"]


def _row(before: str, parts: list[tuple[str, Code, int]], indent: str, after: str) -> list[str]:
    """Operands on lines of their own, each behind its operator."""
    lines = []
    for at, (op, code, place) in enumerate(parts):
        lines += _placed(op if at else before, code, place, indent, after if at == len(parts) - 1 else "")
    return lines


def _operands(code: BinOp) -> list[tuple[str, Code, int]]:
    """The operands of neighbouring operators of one rank, with the operator before each and the rank of its place."""
    parts: list[tuple[str, Code, int]] = []
    for op, side, place in zip(("", f"{code.op} "), (code.left, code.right), sides(code)):
        if isinstance(side, BinOp) and RANKS[side.op] == RANKS[code.op] and not needs_brackets(side, place):
            (_, first, inner), *others = _operands(side)
            parts += [(op, first, inner), *others]
        else:
            parts.append((op, side, place))
    return parts


def _branches(code: IfExp) -> list[tuple[str, Code, int]]:
    """The parts of a conditional, those of one behind its ``else`` among them."""
    parts: list[tuple[str, Code, int]] = [("", code.yes, OR), ("if ", code.condition, OR)]
    if isinstance(code.no, IfExp):
        (_, yes, place), *others = _branches(code.no)
        return [*parts, ("else ", yes, place), *others]
    return [*parts, ("else ", code.no, CONDITIONAL)]


def fits(prefix: str, code: Code, indent: str) -> bool:
    """Whether a statement can be laid out without a line that is too long."""
    return all(len(line) <= WIDTH for line in statement(prefix, code, indent))


def mentions(code: Code) -> set[str]:
    """The names that an expression reads, and perhaps words that are none."""
    match code:
        case Atom():
            return set(re.findall(r"\w+", code.text))
        case Call():
            return mentions(code.function).union(*map(mentions, code.args), *(mentions(v) for _, v in code.kwargs))
        case Attribute() | UnaryOp() | Star():
            return mentions(code.value)
        case Subscript():
            return mentions(code.value).union(*map(mentions, code.items))
        case BinOp():
            return mentions(code.left) | mentions(code.right)
        case Slice():
            return set().union(*(mentions(end) for end in (code.start, code.stop) if end is not None))
        case IfExp():
            return mentions(code.yes) | mentions(code.condition) | mentions(code.no)
        case Display():
            return set().union(*map(mentions, code.items))
        case Comprehension():
            inside = mentions(code.item) | (mentions(code.condition) if code.condition is not None else set())
            return mentions(code.iterable) | (inside - set(code.targets))
