"""Rows of a table by whole numbers."""

from __future__ import annotations

from archspec.emit.code import Code, Slots, call
from archspec.ops.embedding import Embedding


def layer(op: Embedding, slot: Slots) -> Code:
    return call("nn.Embedding", slot("entries"), slot("dim"))
