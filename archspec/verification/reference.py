"""Reference execution: the plain road from a graph to numbers.

Every node of the graph is run as it stands, in the order of the body, with its own literal numbers: no class is shared,
no expression is lifted, no loop is rolled, and nothing of ``archspec/emit`` is used but how the target writes an op
(``archspec/targets/torch/ops``). So it is slow and simple, and stands against the compiled module, which is neither.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from archspec.emit.code import Atom, flat
from archspec.emit.literals import Literals
from archspec.graph.extern import ExternOp
from archspec.graph.nodes import Binding, Instance, LayerList, LayerPath, Node, OpNode, Step, Table
from archspec.targets.torch.target import TORCH

if TYPE_CHECKING:
    from torch import Tensor

Observer = Callable[[LayerPath, list["Tensor"]], None]


class Reference:
    """Runs a graph on tensors.

    Args:
        root: the model.
        state: its parameters and buffers by key. Gradients flow to those that want them.
        training: whether dropout drops, lists of layers lose some, and batch norms use their batch.
        observe: called with the path of each layer and what it gave, as soon as it has; the model's path is empty.
    """

    def __init__(
        self, root: Instance, state: Mapping[str, Tensor], training: bool = False, observe: Observer | None = None
    ) -> None:
        self.root = root
        self.state = state
        self.training = training
        self.observe = observe
        self.codes: dict[OpNode, Any] = {}
        self.made: dict[tuple[OpNode, LayerPath], Any] = {}

    def __call__(self, *inputs: Tensor) -> list[Tensor]:
        """The outputs, each with the batch in front.

        Raises:
            Exception: whatever torch raises where an op cannot be run.
        """
        return self.execute(self.root, (), list(inputs))

    def execute(self, node: Node, path: LayerPath | None, inputs: list[Tensor]) -> list[Tensor]:
        """The outputs of one node; ``path`` is None where it is no layer."""
        if isinstance(node, OpNode):
            found = self._op(node, path or (), inputs)
        elif isinstance(node, LayerList):
            found = self._layer_list(node, path or (), inputs)
        else:
            found = self._instance(node, path or (), inputs)
        if self.observe is not None and path is not None:
            self.observe(path, found)
        return found

    def _instance(self, instance: Instance, path: LayerPath, inputs: list[Tensor]) -> list[Tensor]:
        tensors = dict(enumerate(inputs))
        tables = {table.name: table for table in instance.tables}
        for item in instance.body:
            if isinstance(item, Step):
                own = None if item.layer is None else (*path, *item.layer)
                found = self.execute(item.node, own, [tensors[i] for i in item.inputs])
                tensors.update(zip(item.outputs, found, strict=True))
            elif item.names[0].startswith("self."):
                tensors[item.tensors[0]] = self._own(path, item, tables, inputs)
        return [tensors[i] for i in instance.results]

    def _own(self, path: LayerPath, item: Binding, tables: Mapping[str, Table], inputs: list[Tensor]) -> Tensor:
        """A parameter, buffer or table of a body."""
        name = item.names[0].removeprefix("self.")
        return tensor_of(tables[name]) if name in tables else self.state[".".join((*path, name))]

    def _layer_list(self, layers: LayerList, path: LayerPath, inputs: list[Tensor]) -> list[Tensor]:
        """Layers one after the other. In training each takes part with the list's probability, and one at least."""
        import torch

        kept = list(range(len(layers.items)))
        if self.training and layers.survival < 1:
            kept = [i for i in kept if float(torch.rand(())) < layers.survival]
            kept = kept or [int(torch.randint(len(layers.items), ()))]
        for i in kept:
            inputs = self.execute(layers.items[i], (*path, str(i)), inputs)
        return inputs

    def _op(self, node: OpNode, path: LayerPath, inputs: list[Tensor]) -> list[Tensor]:
        import math

        import torch
        import torch.nn.functional as F

        if node not in self.codes:
            names = [Atom(f"t{i}") for i in range(len(inputs))]
            given = (Atom("layer"), *names) if node.op.stateful else tuple(names)
            self.codes[node] = compile(flat(TORCH.apply(node.op, Literals(node.op), *given)), f"<{node.name}>", "eval")
        known = {"torch": torch, "F": F, "nn": torch.nn, "math": math, "self": SimpleNamespace(training=self.training)}
        known |= {f"t{i}": tensor for i, tensor in enumerate(inputs)}
        if node.op.stateful:
            known["layer"] = self._layer(node, path)
        found = eval(self.codes[node], known)
        return list(found) if isinstance(found, (list, tuple)) else [found]

    def _layer(self, node: OpNode, path: LayerPath) -> Any:
        """The module of an op with weights, its own numbers in its constructor, the state's tensors in their places."""
        import torch

        if (node, path) in self.made:
            return self.made[node, path]
        prefix = "".join(f"{part}." for part in path)
        known: dict[str, Any] = {"nn": torch.nn, "torch": torch}
        if isinstance(node.op, ExternOp):
            from importlib import import_module

            known[node.op.class_] = getattr(import_module(node.op.module), node.op.class_)
        with torch.device("meta"):
            layer = eval(TORCH.made(node.op) or "", known)
        for name in [*dict(layer.named_parameters()), *dict(layer.named_buffers())]:
            if prefix + name in self.state:
                owner, _, own = name.rpartition(".")
                setattr(layer.get_submodule(owner), own, self.state[prefix + name])
        layer.train(self.training)
        self.made[node, path] = layer
        return layer


def tensor_of(table: Table) -> Tensor:
    """A table's numbers as the elaborator worked them out, in float64 or int64."""
    import torch

    dtype = torch.long if table.dtype == "int" else torch.float64
    values = table.array.values if table.array is not None else table.values
    return torch.tensor(values, dtype=dtype).reshape(table.shape)
