"""Ops written with their own numbers, for one use alone."""

from __future__ import annotations

from typing import Any

from archspec.emit.code import Atom, Code, literal
from archspec.opdef.op import Op
from archspec.sym.number import is_open
from archspec.sym.printer import FormulaPrinter


class Literals:
    """What an op is given to say itself: each of its attributes as a literal."""

    def __init__(self, op: Op) -> None:
        self.op = op

    def __call__(self, attribute: str) -> Code:
        value = getattr(self.op, attribute)
        return Atom(FormulaPrinter().term(value.term)) if is_open(value) else literal(value)

    def unless(self, attribute: str, default: Any) -> Code | None:
        value = getattr(self.op, attribute)
        if is_open(value):
            return self(attribute)
        return None if value == default and isinstance(value, bool) == isinstance(default, bool) else self(attribute)

    def sometimes(self, attribute: str, value: Any) -> bool:
        return False
