"""Long short-term memory."""

from __future__ import annotations

from archspec.emit.code import Code, Slots, Subscript, call, literal
from archspec.ops.lstm import Lstm


def layer(op: Lstm, slot: Slots) -> Code:
    return call(
        "nn.LSTM",
        slot("c"),
        slot("hidden"),
        num_layers=slot.unless("layers", 1),
        bias=slot.unless("bias", True),
        batch_first=literal(True),
        bidirectional=slot.unless("both_ways", False),
    )


def apply(op: Lstm, slot: Slots, *inputs: Code) -> Code:
    return Subscript(call(*inputs), (literal(0),))
