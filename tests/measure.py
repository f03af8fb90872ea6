"""Memory of a live module, measured: what autograd packs in a forward, and the most that is alive at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.multiprocessing.reductions import StorageWeakRef
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from archspec.graph.nodes import Instance


def random_inputs(root: Instance, batch: int, dtype: torch.dtype = torch.float32) -> list[Tensor]:
    """Inputs of a model: numbers between 0.1 and 1.1, or whole numbers below 3."""
    return [
        torch.randint(0, 3, (batch, *given.shape))
        if given.dtype == "int"
        else (torch.rand(batch, *given.shape) + 0.1).to(dtype)
        for given in root.inputs
    ]


def packed(model: nn.Module, inputs: Sequence[Tensor]) -> list[Tensor]:
    """One tensor for each storage that autograd keeps of a forward."""
    kept: list[Tensor] = []

    def pack(tensor: Tensor) -> Tensor:
        kept.append(tensor.detach())
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        model(*inputs)
    return list({tensor.untyped_storage().data_ptr(): tensor for tensor in kept}.values())


def nbytes(tensors: Sequence[Tensor]) -> int:
    """Bytes of the whole storages of tensors."""
    return sum(tensor.untyped_storage().nbytes() for tensor in tensors)


class Alive(TorchDispatchMode):
    """Counts storages that come out of operators and are still alive after each, those of ``outside`` left out."""

    def __init__(self, outside: Sequence[Tensor]) -> None:
        super().__init__()
        self.outside = {tensor.untyped_storage()._cdata for tensor in outside}
        self.alive: dict[int, tuple[StorageWeakRef, int]] = {}
        self.most = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        for tensor in tree_leaves(result):
            if isinstance(tensor, Tensor) and tensor.untyped_storage()._cdata not in self.outside:
                storage = tensor.untyped_storage()
                self.alive.setdefault(storage._cdata, (StorageWeakRef(storage), storage.nbytes()))
        self.alive = {key: value for key, value in self.alive.items() if not value[0].expired()}
        self.most = max(self.most, sum(size for _, size in self.alive.values()))
        return result


def peak(model: nn.Module, inputs: Sequence[Tensor]) -> int:
    """The most bytes of activations alive at once in inference, the inputs included."""
    with torch.no_grad(), Alive([*model.parameters(), *model.buffers(), *inputs]) as alive:
        model.eval()(*inputs)
    return alive.most + nbytes(inputs)
