"""The lower triangle."""

from __future__ import annotations

from archspec.emit.code import Atom, Code, Slots, call, literal, method
from archspec.ops.tril import Tril


def apply(op: Tril, slot: Slots, *inputs: Code) -> Code:
    (x,) = inputs
    if op.fill == 0:
        return method(x, "tril", op.offset) if op.offset else method(x, "tril")
    hidden = method(call("torch.ones_like", x, dtype=Atom("torch.bool")), "triu", int(op.offset) + 1)
    return method(x, "masked_fill", hidden, literal(op.fill))
