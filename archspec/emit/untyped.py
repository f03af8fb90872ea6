"""What a type checker makes of an expression of forward."""

from __future__ import annotations

from archspec.emit.code import Atom, Attribute, BinOp, Call, Code, Display, IfExp, Subscript
from archspec.emit.lent import LENDER


def is_untyped(code: Code, typed: set[str]) -> bool:
    """Whether a type checker sees Any: what a module gives, and methods and operators of such.

    A case for each kind of expression.
    """
    match code:
        case Atom():
            return code.text.isidentifier() and code.text not in typed
        case Call(function=Atom() as function):
            return function.text.startswith(("self.", f"{LENDER}."))
        case Call(function=Attribute() as function):
            return is_untyped(function.value, typed)
        case Call():
            return True
        case BinOp():
            return is_untyped(code.left, typed) or is_untyped(code.right, typed)
        case Subscript():
            return is_untyped(code.value, typed)
        case IfExp():
            return is_untyped(code.yes, typed) or is_untyped(code.no, typed)
        case Display():
            return False
        case Attribute():
            return is_untyped(code.value, typed)
    return False
