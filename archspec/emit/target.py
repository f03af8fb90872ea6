"""What emission asks of the framework that a model is written for.

A target is a folder of ``archspec/targets`` with an object of a subclass of :class:`Target`, and in its ``ops`` a file
for each op that it writes: ``layer(op, slot)`` is the expression that makes what a module holds (None where a use has
none), ``apply(op, slot, *inputs)`` the one that applies it, an op with weights by its layer, which comes first. Either
may be left out: an op with a layer is applied by calling that. All else that a file says in words of its framework is a
method of the target: modules, lists of layers, parameters, how they start, imports.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

from archspec.emit import names
from archspec.emit.class_text import ClassText, Method
from archspec.emit.code import Code, Slots, call, flat
from archspec.emit.literals import Literals
from archspec.frozen import Frozen
from archspec.graph.nodes import OpNode
from archspec.opdef.op import Op
from archspec.opdef.types import Dtype
from archspec.sym.array import SymArray

if TYPE_CHECKING:
    from archspec.emit.arrays import ArrayCode


class Unsaid(Exception):
    """An expression that the target language has no like of."""


CodeLine: TypeAlias = tuple[str, Code]
"""What stands in front of an expression, and the expression."""


class Start(Frozen):
    """How a weight starts, as code: the kind of its initialiser, and the numbers of that in their order."""

    kind: str
    values: tuple[Code, ...]


class OpWriter(Frozen):
    """How a target writes an op."""

    layer: Callable[[Any, Slots], Code | None] | None
    apply: Callable[..., Code] | None


class LayerClass(ABC):
    """A class that a file has for some layers of ops, where the framework's own would not do: they start otherwise."""

    base: str
    name: str
    nodes: list[OpNode]

    @abstractmethod
    def label(self, first: bool) -> str:
        """What a name is made of; ``first``: of the classes with this base."""

    @abstractmethod
    def numbers(self, node: OpNode) -> dict[str, Any]:
        """The numbers of one layer that differ among those of the class, by the keyword argument that gives them."""

    @abstractmethod
    def doc(self) -> str:
        """What it is, in a sentence."""

    @abstractmethod
    def buffers(self) -> list[str]:
        """Attributes that have to be declared for type checkers."""

    @abstractmethod
    def methods(self) -> list[Method]:
        """Its methods."""


class Target(ABC):
    """Base class of targets. All code that they give is Python's."""

    name: ClassVar[str]
    """What people call it."""
    ops: ClassVar[str]
    """The package with a file for each op."""
    module: ClassVar[str]
    """The class of modules."""
    layer_lists: ClassVar[str]
    """The class of lists of layers that are applied one by one."""
    tensor: ClassVar[str]
    """The class of tensors."""
    tabled: ClassVar[str | None] = None
    """What a class that the outline has for modules with tables is called where no other class is."""
    names: ClassVar[frozenset[str]] = frozenset()
    """Names that a file has for the framework."""
    context: ClassVar[tuple[str, ...]] = ()
    """Variables that every constructor takes by keyword and gives to those of the modules in it."""
    refills: ClassVar[bool] = False
    """Whether parameters are filled by a method of their module, and not where they are made."""
    reserved: ClassVar[frozenset[str]] = frozenset()
    """Attributes that every module has by itself."""
    functions: ClassVar[Mapping[str, str]] = MappingProxyType({})
    """Methods of tensors that have no types, with the functions that do the same and have."""

    def variable(self, name: str) -> str:
        """A name of a spec as a variable."""
        return names.variable(name, self.names)

    def class_name(self, name: str, taken: Collection[str] = (), words: Collection[str] = ()) -> str:
        """A name of a spec as that of a class, off those that are ``taken`` and unlike the variables ``words``."""
        return names.class_name(name, self.names, taken, words)

    # ops

    def writer(self, op: Op) -> OpWriter:
        """How an op is written."""
        found = find_writer(self.ops, _file(op))
        assert found is not None, f"{self.ops} has no {op.name()}"
        return found

    def place(self, op: Op) -> str:
        """The file that says how an op is written, as a module."""
        return f"{self.ops}.{_file(op)}"

    def writes(self, op: Op) -> bool:
        """Whether it says how to apply an op, and how to make what is a layer."""
        found = find_writer(self.ops, _file(op))
        if found is None or (found.apply is None and not op.stateful):
            return False
        return not op.is_layer or self.made(op) is not None

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

    def layer_classes(self, nodes: Iterable[OpNode]) -> Sequence[LayerClass]:
        """The classes that a file has for some of its layers, in the order of these."""
        return ()

    # layers

    @abstractmethod
    def identity(self) -> Code:
        """The layer that does nothing."""

    @abstractmethod
    def sequence(self, layers: Sequence[Code]) -> Code:
        """Layers applied one after the other, as one layer."""

    @abstractmethod
    def layer_list(self, layers: Code) -> Code:
        """Layers to be applied one by one, from a list or a loop."""

    @abstractmethod
    def survivors(self, layers: str, kept: str, held: Code, rate: Code, indent: str) -> list[str]:
        """The statements that leave in the variable ``layers`` those of the list ``held`` that take part.

        In training each does so with probability ``rate``, and one at least; ``kept`` is a variable to use.
        """

    # state

    @abstractmethod
    def parameter(self, name: str, shape: Sequence[Code], start: Start) -> CodeLine:
        """The constructor's statement that makes a parameter."""

    @abstractmethod
    def buffer(self, name: str, shape: Sequence[Code], start: Start) -> CodeLine:
        """The constructor's statement that makes what is saved and not trained."""

    def refill(self, weight: Code, start: Start) -> Code:
        """The call that fills a parameter or buffer, in a target that ``refills``."""
        raise NotImplementedError

    @abstractmethod
    def table(self, name: str, shape: Sequence[Code], dtype: Dtype) -> CodeLine:
        """The constructor's statement that makes a constant, which is not saved."""

    @abstractmethod
    def fill_table(self, name: str, code: Code, form: str) -> CodeLine:
        """The statement that fills a constant from ``lists``, a ``number`` or what ``array`` gives."""

    def array(self, owner: ArrayCode, arrays: Sequence[SymArray]) -> tuple[Code, str]:
        """A rule for each instance of a class in the arithmetic of the framework, and its form (``number``, or any).

        Raises:
            Unsaid: that would not give the very numbers; then a comprehension does.
        """
        raise Unsaid

    def started(self, layer: Code, op: Op, start: Callable[[str], Start]) -> Code:
        """The layer of an op, its weights started as ``start`` says of each of their names.

        That of a target whose layers start as ops say, or which has ``layer_classes`` for the others, is as it is.
        """
        return layer

    # files

    @abstractmethod
    def outline(self) -> Path:
        """The template of a file: its docstring ``facts``, a line for its imports, ``classes``."""

    @abstractmethod
    def methods(self, text: ClassText) -> list[Method]:
        """The methods of a class."""

    @abstractmethod
    def imports(self, code: str) -> list[str]:
        """The imports of the framework that a file's code needs."""


def _file(op: Op) -> str:
    return type(op).__module__.rpartition(".")[2]


@cache
def find_writer(package: str, name: str) -> OpWriter | None:
    """The writer of an op in a target's package, imported when first asked for; None where there is none."""
    if find_spec(f"{package}.{name}") is None:
        return None
    module = import_module(f"{package}.{name}")
    return OpWriter(getattr(module, "layer", None), getattr(module, "apply", None))
