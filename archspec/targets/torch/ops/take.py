"""Rows by a table of places."""

from __future__ import annotations

from archspec.emit.code import Atom, Attribute, Code, Slice, Slots, Subscript, call, literal
from archspec.ops.take import Take


def apply(op: Take, slot: Slots, *inputs: Code) -> Code:
    table, index = inputs
    given, places = op.inputs
    if given.batched and places.batched:
        batch = Subscript(Attribute(table, "shape"), (literal(0),))
        rows = call("torch.arange", batch, device=Attribute(table, "device"))
        return Subscript(table, (Subscript(rows, (Slice(), *[Atom("None")] * places.rank)), index))
    return Subscript(table, (Slice(), index) if given.batched else (index,))
