"""Sum of products over named axes."""

from __future__ import annotations

from archspec.emit.code import Code, Slots, call, literal
from archspec.ops.einsum import Einsum


def apply(op: Einsum, slot: Slots, *inputs: Code) -> Code:
    letters = op.letters()
    sides = []
    for groups, given in zip(op.groups, (*op.inputs, op.y)):
        sides.append(("b" if given.batched else "") + "".join(letters[name] for (name,) in groups))
    return call("torch.einsum", literal(f"{','.join(sides[:-1])}->{sides[-1]}"), *inputs)
