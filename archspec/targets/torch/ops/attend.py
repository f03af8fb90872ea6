"""Scaled dot-product attention."""

from __future__ import annotations

from archspec.emit.code import Atom, Code, IfExp, Slots, call
from archspec.ops.attend import Attend


def apply(op: Attend, slot: Slots, *inputs: Code) -> Code:
    rate = slot.unless("dropout", 0.0)
    dropped = None if rate is None else IfExp(rate, Atom("self.training"), Atom("0.0"))
    return call(
        "F.scaled_dot_product_attention",
        *inputs[:3],
        attn_mask=inputs[3] if len(inputs) == 4 else None,
        dropout_p=dropped,
        is_causal=slot.unless("causal", False),
        scale=slot.unless("scale", None),
    )
