"""The usual ways in which PyTorch writes an op, to be given to ``layer`` and ``apply`` of its file."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from archspec.emit.code import BinOp, Code, Slots, call, literal, method
from archspec.opdef.axes import batched_axis
from archspec.opdef.elementwise import Arithmetic
from archspec.opdef.op import Op
from archspec.opdef.pool import Pool
from archspec.opdef.reduction import Reduction

LayerWriter: TypeAlias = Callable[[Op, Slots], Code]


def module(name: str) -> LayerWriter:
    """``nn.ReLU()``."""
    return lambda op, slot: call(name)


def function(name: str) -> Callable[..., Code]:
    """``F.relu(x)``."""

    def apply(op: Op, slot: Slots, *inputs: Code) -> Code:
        return call(name, *inputs)

    return apply


def reduction(name: str) -> Callable[..., Code]:
    """``x.sum((1, 2), keepdim=True)``."""

    def apply(op: Reduction, slot: Slots, x: Code) -> Code:
        axes = tuple(batched_axis(op.x, axis) for axis in op.axes)
        where = literal(axes if len(axes) > 1 else axes[0])
        return method(x, name, where, keepdim=literal(True) if op.keep else None)

    return apply


def arithmetic(op: Arithmetic, slot: Slots, *inputs: Code) -> Code:
    """``x + y``, or ``x + 2``."""
    left, right = (*inputs, slot("number"))[:2] if op.number is not None else inputs
    return BinOp(op.symbol, *((right, left) if op.flipped else (left, right)))


def pooling(name: str, op: Pool, slot: Slots, *inputs: Code, **more: Code | None) -> Code:
    """``F.max_pool2d(x, 3, stride=2)``, or its module without inputs."""
    return call(
        f"{name}{op.rank}d",
        *inputs,
        slot("kernel"),
        stride=slot.unless("stride", None),
        padding=slot.unless("pad", 0),
        ceil_mode=slot.unless("ceil", False),
        **more,
    )
