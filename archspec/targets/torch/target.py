"""PyTorch."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import ClassVar

from archspec.emit.arrays import ArrayCode
from archspec.emit.class_text import BODY, ClassText, Method
from archspec.emit.code import Atom, BinOp, Code, Comprehension, call, display, flat, literal
from archspec.emit.layout import STEP, statement
from archspec.emit.target import CodeLine, LayerClass, Start, Target
from archspec.graph.nodes import OpNode
from archspec.graph.reserved import MODULE_NAMES
from archspec.opdef.types import Dtype
from archspec.resources import resource
from archspec.sym.array import SymArray
from archspec.targets.torch.arrays import TorchArrays
from archspec.targets.torch.starts import filling, init_subclasses


class TorchTarget(Target):
    """Modules of ``torch.nn``, in a file that needs nothing but torch."""

    name: ClassVar[str] = "PyTorch"
    ops: ClassVar[str] = "archspec.targets.torch.ops"
    module: ClassVar[str] = "nn.Module"
    layer_lists: ClassVar[str] = "nn.ModuleList"
    tensor: ClassVar[str] = "Tensor"
    tabled: ClassVar[str | None] = "Tabled"
    names: ClassVar[frozenset[str]] = frozenset({"torch", "nn", "F", "Tensor"})
    refills: ClassVar[bool] = True
    reserved: ClassVar[frozenset[str]] = MODULE_NAMES
    functions: ClassVar[Mapping[str, str]] = MappingProxyType({"unflatten": "torch.unflatten"})

    def layer_classes(self, nodes: Iterable[OpNode]) -> Sequence[LayerClass]:
        return init_subclasses(nodes, self)

    def identity(self) -> Code:
        return call("nn.Identity")

    def sequence(self, layers: Sequence[Code]) -> Code:
        return call("nn.Sequential", *layers)

    def layer_list(self, layers: Code) -> Code:
        return call(self.layer_lists, layers)

    def survivors(self, layers: str, kept: str, held: Code, rate: Code, indent: str) -> list[str]:
        drawn = BinOp("<", Atom("float(torch.rand(()))"), rate)
        some = Comprehension(Atom("layer"), ("layer",), Atom(layers), drawn, "[]")
        return [
            f"{indent}{layers} = list({flat(held)})",
            f"{indent}if self.training:",
            *statement(f"{kept} = ", some, indent + STEP),
            f"{indent}{STEP}{layers} = {kept} or [{layers}[int(torch.randint(len({layers}), ()))]]",
        ]

    def parameter(self, name: str, shape: Sequence[Code], start: Start) -> CodeLine:
        return f"self.{name} = ", call("nn.Parameter", _empty(shape))

    def buffer(self, name: str, shape: Sequence[Code], start: Start) -> CodeLine:
        return "", call("self.register_buffer", literal(name), _empty(shape))

    def table(self, name: str, shape: Sequence[Code], dtype: Dtype) -> CodeLine:
        made = _empty(shape, Atom("torch.long") if dtype == "int" else None)
        return "", call("self.register_buffer", literal(name), made, persistent=literal(False))

    def fill_table(self, name: str, code: Code, form: str) -> CodeLine:
        if form == "lists":
            code = call("torch.tensor", code, dtype=Atom(f"self.{name}.dtype"))
        return "", call(f"self.{name}.{'fill_' if form == 'number' else 'copy_'}", code)

    def array(self, owner: ArrayCode, arrays: Sequence[SymArray]) -> tuple[Code, str]:
        part = TorchArrays(owner, arrays).whole()
        return part.code, part.form

    def refill(self, weight: Code, start: Start) -> Code:
        return filling(start.kind, weight, start.values)

    def outline(self) -> Path:
        return resource("templates", "torch", "module.py.j2")

    def methods(self, text: ClassText) -> list[Method]:
        made = []
        if text.init or text.arguments:
            lines = [f"{BODY}super().__init__()", *text.init]
            made.append(Method("__init__", ["self", *text.arguments], "None", lines))
        if text.reset:
            lines = [*text.reset, *([f"{BODY}self.reset_tables()"] if text.tables else [])]
            made.append(Method("reset_parameters", ["self"], "None", lines))
        if text.tables:
            made.append(Method("reset_tables", ["self"], "None", text.tables))
        return [*made, Method("forward", ["self", *text.inputs], text.returns, text.applied())]

    def imports(self, code: str) -> list[str]:
        lines = ["import torch"] if re.search(r"\btorch\.", code) else []
        lines += ["import torch.nn.functional as F"] if re.search(r"\bF\.", code) else []
        return [*lines, "from torch import Tensor, nn"]


def _empty(shape: Sequence[Code], dtype: Code | None = None) -> Code:
    return call("torch.empty", *(shape or [display(())]), dtype=dtype)


TORCH = TorchTarget()
