"""Dropout."""

from __future__ import annotations

from archspec.emit.code import Atom, Attribute, BinOp, Code, IfExp, Slots, Subscript, call, literal, method
from archspec.ops.dropout import Dropout


def layer(op: Dropout, slot: Slots) -> Code | None:
    return call("nn.Dropout", slot("rate")) if op.per == "element" else None


def apply(op: Dropout, slot: Slots, *inputs: Code) -> Code:
    (x,) = inputs
    training = Atom("self.training")
    if op.per == "element":
        return call("F.dropout", x, slot("rate"), training)
    shared = op.x.rank if op.per == "sample" else op.x.rank - 1
    kept = 1 if op.per == "sample" else 2
    sizes = [Subscript(Attribute(x, "shape"), (literal(axis),)) for axis in range(kept)]
    mask = method(x, "new_ones", *sizes, *(literal(1) for _ in range(shared)))
    noisy = BinOp("*", x, call("F.dropout", mask, slot("rate"), training))
    return IfExp(noisy, BinOp(">", slot("rate"), literal(0)), x) if slot.sometimes("rate", 0) else noisy
