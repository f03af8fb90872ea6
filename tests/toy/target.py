"""The toy target."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import ClassVar

from archspec.emit.class_text import ClassText, Method
from archspec.emit.code import Atom, Call, Code, call, display, literal
from archspec.emit.target import CodeLine, Start, Target
from archspec.opdef.op import Op
from archspec.opdef.types import Dtype


class ToyTarget(Target):
    """Modules that are given the generator which starts their parameters."""

    name: ClassVar[str] = "toy"
    ops: ClassVar[str] = "tests.toy.ops"
    module: ClassVar[str] = "fw.Module"
    layer_lists: ClassVar[str] = "fw.Module"
    tensor: ClassVar[str] = "Array"
    names: ClassVar[frozenset[str]] = frozenset({"fw", "Array", "rng"})
    context: ClassVar[tuple[str, ...]] = ("rng",)

    def identity(self) -> Code:
        return call("fw.Sequential")

    def sequence(self, layers: Sequence[Code]) -> Code:
        return call("fw.Sequential", *layers)

    def layer_list(self, layers: Code) -> Code:
        return call("list", layers)

    def survivors(self, layers: str, kept: str, held: Code, rate: Code, indent: str) -> list[str]:
        raise NotImplementedError

    def parameter(self, name: str, shape: Sequence[Code], start: Start) -> CodeLine:
        return f"self.{name} = ", Call(self.starting(start), (display(shape), Atom("rng")))

    def buffer(self, name: str, shape: Sequence[Code], start: Start) -> CodeLine:
        return self.parameter(name, shape, start)

    def table(self, name: str, shape: Sequence[Code], dtype: Dtype) -> CodeLine:
        return f"self.{name} = ", call("fw.table", display(shape), literal(dtype))

    def fill_table(self, name: str, code: Code, form: str) -> CodeLine:
        return f"self.{name}[...] = ", code

    def started(self, layer: Code, op: Op, start: Callable[[str], Start]) -> Code:
        own = start("weight")
        if own.kind != "normal":
            return layer
        assert isinstance(layer, Call)
        return Call(layer.function, layer.args, (*layer.kwargs, ("weight", self.starting(own))))

    def starting(self, start: Start) -> Code:
        """The function that makes an array."""
        return call("fw.normal", start.values[0]) if start.kind == "normal" else Atom(f"fw.{start.kind}")

    def outline(self) -> Path:
        return Path(__file__).with_name("module.py.j2")

    def methods(self, text: ClassText) -> list[Method]:
        lines = [*text.init, *text.tables]
        init = Method("__init__", ["self", *text.arguments, "*", "rng: fw.Rng"], "None", lines)
        call_ = Method("__call__", ["self", *text.inputs], text.returns, text.applied())
        return [init, call_] if lines else [call_]

    def imports(self, code: str) -> list[str]:
        return ["from tests.toy import framework as fw", "from tests.toy.framework import Array"]


TOY = ToyTarget()
