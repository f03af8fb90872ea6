"""What emission asks of the framework that a model is written for.

A target is a folder of ``archspec/targets`` with an object of a subclass of :class:`Target`, and in its ``ops`` a file
for each op that it writes: ``layer(op, slot)`` is the expression that makes what a module holds (None where a use has
none), ``apply(op, slot, *inputs)`` the one that applies it, an op with weights by its layer, which comes first. Either
may be left out: an op with a layer is applied by calling that.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any, ClassVar

from archspec.emit.code import Code, Slots, call, flat
from archspec.emit.literals import Literals
from archspec.frozen import Frozen
from archspec.opdef.op import Op


class OpWriter(Frozen):
    """How a target writes an op."""

    layer: Callable[[Any, Slots], Code | None] | None
    apply: Callable[..., Code] | None


class Target:
    """Base class of targets. All code that they give is Python's."""

    ops: ClassVar[str]
    """The package with a file for each op."""
    templates: ClassVar[str]
    """The folder of ``templates/`` with the outline of a file."""

    def writer(self, op: Op) -> OpWriter:
        """How an op is written."""
        found = find_writer(self.ops, type(op).__module__.rpartition(".")[2])
        assert found is not None, f"{self.ops} has no {op.name()}"
        return found

    def layer(self, op: Op, slot: Slots) -> Code | None:
        """The expression that makes its layer; None where it has none."""
        layer = self.writer(op).layer
        return None if layer is None else layer(op, slot)

    def apply(self, op: Op, slot: Slots, *inputs: Code) -> Code:
        """The expression that applies it; an op with weights gets its layer first."""
        apply = self.writer(op).apply
        return call(*inputs) if apply is None else apply(op, slot, *inputs)

    def is_called(self, op: Op) -> bool:
        """Whether applying it is calling its layer, whatever it is."""
        return self.writer(op).apply is None

    def made(self, op: Op) -> str | None:
        """The text that makes the layer of an op with its own numbers; None where it has none."""
        code = self.layer(op, Literals(op))
        return None if code is None else flat(code)


@cache
def find_writer(package: str, name: str) -> OpWriter | None:
    """The writer of an op in a target's package, imported when first asked for; None where there is none."""
    if find_spec(f"{package}.{name}") is None:
        return None
    module = import_module(f"{package}.{name}")
    return OpWriter(getattr(module, "layer", None), getattr(module, "apply", None))
