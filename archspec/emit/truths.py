"""Conditions as code, with what is decided left out."""

from __future__ import annotations

from dataclasses import replace

from archspec.emit.code import Atom, BinOp, Code, UnaryOp, is_literal
from archspec.sym.operators import MIRRORED, OPPOSITE

_OPPOSITE = {**OPPOSITE, "in": "not in", "is": "is not", "is not": "is"}
_NONE, _TRUE, _FALSE = Atom("None"), Atom("True"), Atom("False")


def operation(op: str, left: Code, right: Code) -> Code:
    """An operator, a literal on the left of a comparison changing sides."""
    if op in MIRRORED and is_literal(left) and not is_literal(right):
        return BinOp(MIRRORED[op], right, left)
    return BinOp(op, left, right)


def truth(op: str, *parts: Code) -> Code:
    """A comparison, or conditions joined; those that are true or false by themselves are worked out."""
    if op == "not":
        return opposite(parts[0])
    left, right = parts
    if op in ("and", "or"):
        neutral, other = (_TRUE, _FALSE) if op == "and" else (_FALSE, _TRUE)
        if other in (left, right):
            return other
        return right if left == neutral else left if right == neutral else BinOp(op, left, right)
    if _NONE in (left, right) and op in ("==", "!="):
        return BinOp("is" if op == "==" else "is not", *((right, left) if left == _NONE else (left, right)))
    return operation(op, left, right)


def opposite(code: Code) -> Code:
    """The opposite of a condition, by the operator that says so where there is one."""
    if code in (_TRUE, _FALSE):
        return _FALSE if code == _TRUE else _TRUE
    if isinstance(code, UnaryOp) and code.op == "not ":
        return code.value
    if isinstance(code, BinOp) and code.op in _OPPOSITE:
        return replace(code, op=_OPPOSITE[code.op])
    return UnaryOp("not ", code)
