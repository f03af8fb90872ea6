"""Memory of a live module, measured: what autograd packs in a forward, and the most that is alive at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.multiprocessing.reductions import StorageWeakRef
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from archspec.api import compile_spec, load_spec
from archspec.graph.nodes import Instance
from archspec.opdef.allocator import FloatType
from archspec.opdef.fake_tensor import FakeTensor, Storage
from archspec.pipeline import build_graph
from archspec.report.simulate import MemorySimulation


def random_inputs(root: Instance, batch: int, dtype: torch.dtype = torch.float32) -> list[Tensor]:
    """Inputs of a model: numbers between 0.1 and 1.1, or whole numbers below 3."""
    return [
        torch.randint(0, 3, (batch, *given.shape))
        if given.dtype == "int"
        else (torch.rand(batch, *given.shape) + 0.1).to(dtype)
        for given in root.inputs
    ]


def turned(x: Tensor) -> Tensor:
    """The same numbers with the axes the other way round in memory."""
    order = tuple(reversed(range(x.dim())))
    return x.permute(order).contiguous().permute(order)


def channels_last(x: Tensor) -> Tensor:
    """The same numbers with the second axis innermost in memory, and the others in their order."""
    return x.movedim(1, -1).contiguous().movedim(-1, 1) if x.dim() > 1 else x


LAYOUTS: tuple[Callable[[Tensor], Tensor], ...] = (torch.Tensor.contiguous, turned, channels_last)


def fake_tensor(x: Tensor) -> FakeTensor:
    """A live tensor's sizes and strides."""
    storage = Storage(x.untyped_storage().nbytes())
    return FakeTensor(storage, tuple(x.shape), x.stride(), x.element_size(), x.requires_grad)


def packed(model: nn.Module, inputs: Sequence[Tensor]) -> list[Tensor]:
    """One tensor for each storage that autograd keeps of a forward."""
    return held(model, inputs)[0]


def held(model: nn.Module, inputs: Sequence[Tensor]) -> tuple[list[Tensor], Any]:
    """The same, and what the model gives."""
    kept: list[Tensor] = []

    def pack(tensor: Tensor) -> Tensor:
        kept.append(tensor.detach())
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        result = model(*inputs)
    return list({tensor.untyped_storage().data_ptr(): tensor for tensor in kept}.values()), result


def nbytes(tensors: Sequence[Tensor]) -> int:
    """Bytes of the whole storages of tensors."""
    return sum(int(tensor.untyped_storage().nbytes()) for tensor in tensors)


class Alive(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Counts storages that come out of operators and are still alive after each, those of ``outside`` left out."""

    def __init__(self, outside: Sequence[Tensor]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.outside = {tensor.untyped_storage()._cdata for tensor in outside}
        self.alive: dict[int, tuple[StorageWeakRef, int]] = {}
        self.most: int = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        for tensor in tree_leaves(result):
            if isinstance(tensor, Tensor) and tensor.untyped_storage()._cdata not in self.outside:
                storage = tensor.untyped_storage()
                weak = StorageWeakRef(storage)  # type: ignore[no-untyped-call]
                self.alive.setdefault(storage._cdata, (weak, int(storage.nbytes())))
        gone = [key for key, (weak, _) in self.alive.items() if weak.expired()]  # type: ignore[no-untyped-call]
        for key in gone:
            del self.alive[key]
        self.most = max(self.most, sum(size for _, size in self.alive.values()))
        return result


def peak(model: nn.Module, inputs: Sequence[Tensor]) -> int:
    """The most bytes of activations alive at once in inference, the inputs included."""
    with torch.no_grad(), Alive([*model.parameters(), *model.buffers(), *inputs]) as alive:
        model.eval()(*inputs)
    return int(alive.most) + nbytes(inputs)


def differences(text: str, batch: int, layout: int, tracked: bool, dtype: FloatType = "float32") -> list[str]:
    """What is not as the graph has it when a model runs in training and in inference, with the gradients of all that it
    returns: outputs, their dtypes and strides, and what autograd keeps. Inputs lie in memory in one of ``LAYOUTS``.
    """
    spec = load_spec(text)
    root, number = build_graph(spec), getattr(torch, dtype)
    model = compile_spec(spec).to(number)
    inputs = [torch.zeros_like(x) if x.dtype == torch.int64 else x for x in random_inputs(root, batch, number)]
    inputs = [LAYOUTS[layout](x) for x in inputs]
    tracked = tracked or "group_norm" in text  # torch's gradient of it crashes for an input without one
    inputs = [x.requires_grad_(tracked and x.is_floating_point()) for x in inputs]
    found: list[str] = []
    outputs: list[Tensor] = []
    for training in (True, False):
        model.train(training)
        with torch.set_grad_enabled(training):
            kept, result = held(model, inputs)
        outputs = tree_leaves(result)
        effect = MemorySimulation(batch, dtype, training).effect(root, [fake_tensor(x) for x in inputs])
        for at, (own, type, x) in enumerate(zip(effect.outputs, root.outputs, outputs)):
            shape = (batch, *type.shape) if type.batched else type.shape
            kind = torch.int64 if type.dtype == "int" else number
            if (tuple(x.shape), x.dtype) != (tuple(shape), kind):
                found.append(f"{at}: {type} is {x.dtype} {list(x.shape)}")
            elif own.strides != x.stride():
                found.append(f"{at}: strides {own.strides} are {x.stride()} of {own.sizes}, {training=}")
        if training and any(x.requires_grad for x in outputs):
            torch.stack([x.sum() for x in outputs if x.requires_grad]).sum().backward()  # type: ignore[no-untyped-call]
        saved = effect.inside + sum(effect.state.values()) + sum(storage.size for storage in effect.saved)
        estimated = any(x.dtype == torch.uint8 for x in kept)  # the workspace of an lstm
        if training and saved != nbytes(kept) and not estimated:
            found.append(f"kept {saved} is {nbytes(kept)}: {[(tuple(x.shape), x.stride()) for x in kept]}")
    return found
