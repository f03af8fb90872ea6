"""Which uses of an op are one line of source: those that a target writes alike, their numbers left open."""

from __future__ import annotations

from typing import Any

from archspec.emit.code import Atom, Code, flat, literal
from archspec.emit.target import Target
from archspec.graph.extern import ExternOp
from archspec.opdef.op import Op


def op_form(target: Target, op: Op) -> tuple[object, ...]:
    """All of a use of an op that is not a number: uses with the same are the same source."""
    slots = _OpenSlots(op)
    layer = target.layer(op, slots)
    names = [Atom(f"x{at}") for at in range(len(op.inputs))]
    applied = target.apply(op, slots, *([Atom("layer"), *names] if op.stateful else names))
    kinds = [type(value).__name__ for value in op.values.values()] if isinstance(op, ExternOp) else []
    batched = tuple(given.batched for given in op.inputs)
    return op.name(), batched, None if layer is None else flat(layer), flat(applied), *kinds


class _OpenSlots:
    """The slots of an op by their names; flags and strings are what they are."""

    def __init__(self, op: Op) -> None:
        self.op = op

    def __call__(self, attribute: str) -> Code:
        value = getattr(self.op, attribute)
        return literal(value) if _is_fixed(value) else Atom(f"?{attribute}")

    def unless(self, attribute: str, default: Any) -> Code | None:
        value = getattr(self.op, attribute)
        return None if _is_fixed(value) and value is default else self(attribute)

    def sometimes(self, attribute: str, value: Any) -> bool:
        return True  # so that it is written for any value


def _is_fixed(value: Any) -> bool:
    return value is None or isinstance(value, (bool, str))
