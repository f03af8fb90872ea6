"""A module of the user's own Python, with the shapes and costs that the spec declares of it.

Nothing of it is run or imported to compile a spec; the generated source imports it. So it is refused unless the caller
of the compiler allows it: a spec from a stranger must not name code to run.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from archspec.graph.nodes import LayerPath, Node, OpNode
from archspec.graph.walk import walk
from archspec.opdef.allocator import Allocator
from archspec.opdef.fake_tensor import FakeTensor
from archspec.opdef.op import Op
from archspec.opdef.types import TensorType

TARGET = re.compile(r"([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*):([A-Za-z_]\w*)")
COSTS = ("params", "macs", "flops", "fvcore", "torch")


class ExternOp(Op):
    """One use: its class, its arguments, its declared output types and costs. Arithmetic: as the spec declares.

    Counts that are not declared follow from ``macs``. Tools that run the model see inside it and may count otherwise.
    """

    remarks = dict.fromkeys(COSTS, "as the spec declares")

    def __init__(
        self,
        label: str,
        target: str,
        values: Mapping[str, Any],
        inputs: tuple[TensorType, ...],
        outputs: tuple[TensorType, ...],
        costs: Mapping[str, int],
    ) -> None:
        self.label = label
        module, _, class_ = target.partition(":")
        self.module: str = module
        self.class_: str = class_
        self.values = dict(values)
        self.extras = {}
        self.inputs = inputs
        self.outputs = outputs
        self.costs = dict(costs)
        self.torch_kind = label
        self.fvcore_name = label if "fvcore" in costs or "macs" in costs else None
        for name, value in values.items():
            setattr(self, f"given_{name}", value)

    def name(self) -> str:  # type: ignore[override]
        """The name that the spec gives it."""
        return self.label

    @property
    def stateful(self) -> bool:
        return True

    @property
    def variadic_outputs(self) -> bool:  # type: ignore[override]
        return len(self.outputs) != 1

    @property
    def declared_params(self) -> int:
        """Its parameters, as declared."""
        return self.costs.get("params", 0)

    def macs(self) -> int:
        return self.costs.get("macs", 0)

    def flops(self) -> int:
        return self.costs.get("flops", 2 * self.macs())

    def fvcore(self) -> int:
        return self.costs.get("fvcore", self.macs())

    def torch_flops(self) -> int:
        return self.costs.get("torch", 2 * self.macs())

    def run(self, allocator: Allocator, *inputs: FakeTensor) -> tuple[FakeTensor, ...]:
        """Its inputs are taken to be kept, its outputs to be new and tracked; its inside is not known."""
        allocator.save(*inputs)
        return tuple(replace(allocator.make(type), grad=allocator.training) for type in self.outputs)


def externs_in(root: Node) -> Iterator[tuple[LayerPath, ExternOp]]:
    """The classes from outside that a model uses, with the paths of their layers."""
    for path, node in walk(root):
        if isinstance(node, OpNode) and isinstance(node.op, ExternOp):
            yield path, node.op
