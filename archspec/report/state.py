"""What layers hold: the numbers in their parameters, buffers and constant tables."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

from archspec.graph.extern import ExternOp
from archspec.graph.layers import layer_at
from archspec.graph.nodes import Instance, LayerPath, Node, OpNode, Table
from archspec.graph.walk import own_tables, own_weights, tables_of
from archspec.opdef.allocator import INT, ITEM, FloatType


@dataclass
class StateSize:
    """``params`` numbers in ``trained`` parameters; ``floats`` and ``ints`` in buffers.

    Parameters that externs declare are among the numbers, constant tables are buffers.
    """

    params: int = 0
    trained: int = 0
    floats: int = 0
    ints: int = 0

    def add(self, other: StateSize, times: int = 1) -> None:
        """Add what others hold."""
        self.params += other.params * times
        self.trained += other.trained * times
        self.floats += other.floats * times
        self.ints += other.ints * times

    def buffer_bytes(self, dtype: FloatType) -> int:
        """Bytes of buffers, those that are no part of the state included; a whole number takes 8."""
        return self.floats * ITEM[dtype] + self.ints * INT


def own_state(node: Node) -> StateSize:
    """What a node holds beside what its layers do."""
    size = StateSize()
    if isinstance(node, OpNode) and isinstance(node.op, ExternOp):
        size.params = node.op.declared_params
    for weight in own_weights(node):
        if weight.trained:
            size.add(StateSize(params=prod(weight.shape), trained=1))
        else:
            size.add(_buffer(weight.shape, weight.dtype))
    further = _further_tables(node) if isinstance(node, Instance) else ()
    for table in (*own_tables(node), *further):
        size.add(_buffer(table.shape, table.dtype))
    return size


def _buffer(shape: tuple[int, ...], dtype: str) -> StateSize:
    return StateSize(ints=prod(shape)) if dtype == "int" else StateSize(floats=prod(shape))


def _further_tables(instance: Instance) -> list[Table]:
    """The tables that layers of a module need for further uses beside those that they have."""
    known: dict[tuple[LayerPath, LayerPath, str], list[Table]] = {}
    for path, use in [(step.layer, step.node) for step in instance.steps if step.layer]:
        first = layer_at(instance, path)
        if use is first:
            continue
        own = {(at, table.name): table for at, table in tables_of(first)}
        for at, table in tables_of(use):
            lent = known.setdefault((path, at, table.name), [])
            has = [own[at, table.name]] if (at, table.name) in own else []
            if not any(table.same(other) for other in (*has, *lent)):
                lent.append(table)
    return [table for lent in known.values() for table in lent]
