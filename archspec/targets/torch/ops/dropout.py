"""Dropout."""

from __future__ import annotations

from archspec.emit.code import (
    Atom,
    Attribute,
    BinOp,
    Code,
    IfExp,
    Slots,
    Star,
    Subscript,
    call,
    display,
    literal,
    method,
)
from archspec.ops.dropout import Dropout


def layer(op: Dropout, slot: Slots) -> Code | None:
    return call("nn.Dropout", slot("rate")) if op.per == "element" else None


def apply(op: Dropout, slot: Slots, *inputs: Code) -> Code:
    (x,) = inputs
    training: Code = Atom("self.training")
    if op.per == "element":
        return call("F.dropout", x, slot("rate"), training)
    kept = 1 if op.per == "sample" else 2
    sizes = [Subscript(Attribute(x, "shape"), (literal(axis),)) for axis in range(kept)]
    ones: list[Code] = [literal(1)] * (op.rank - kept)
    if slot.sometimes("rank", op.rank):
        ones = [Star(BinOp("*", display([literal(1)], "[]"), BinOp("-", Attribute(x, "ndim"), literal(kept))))]
    noisy = BinOp("*", x, call("F.dropout", method(x, "new_ones", *sizes, *ones), slot("rate")))
    if slot.sometimes("rate", 0):
        training = BinOp("and", training, BinOp(">", slot("rate"), literal(0)))
    return IfExp(noisy, training, x)
