"""The graph: a tree of module instances, each a short dataflow of ops and uses of its layers.

Equal instances (same module, arguments, input types) are one node, however often they are used. Nodes are not changed
once made. All types are without the batch.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, ClassVar, TypeAlias

from archspec.diagnostics import Diagnostic
from archspec.frozen import Frozen, immutable
from archspec.graph.decisions import Decision
from archspec.graph.values import Value
from archspec.opdef.entries import KnownEntries, known_entries
from archspec.opdef.op import Op, Weight
from archspec.opdef.types import Dtype, TensorType
from archspec.source import NOWHERE, Span
from archspec.sym import expr
from archspec.sym.array import SymArray
from archspec.sym.expr import SymExpr, entry
from archspec.sym.number import is_number
from archspec.syntax import tree

LayerPath: TypeAlias = tuple[str, ...]
"""Where a layer is: its attribute in each module on the way, and its place in each list."""


@dataclass(frozen=True, eq=False)
class OpNode:
    """A primitive op with its arguments on inputs of known types; ``weights`` carry the initialisers in force."""

    op: Op
    weights: tuple[Weight, ...] = ()
    span: Span = NOWHERE
    one_call: ClassVar[bool] = True

    @property
    def is_module(self) -> bool:
        """Whether a list of layers can call it: it has a module, or does nothing."""
        return self.op.is_identity() or self.op.is_layer

    @property
    def name(self) -> str:
        return self.op.name()

    @property
    def inputs(self) -> tuple[TensorType, ...]:
        return self.op.inputs

    @property
    def outputs(self) -> tuple[TensorType, ...]:
        return self.op.outputs


@dataclass(frozen=True, eq=False)
class LayerList:
    """Layers in a list. ``sequential``: the list is applied as a whole, each layer to what the one before gives.

    ``survival``: the probability that a layer takes part in training; one always does. ``runs``: where a depth was left
    open, how many items stand in each part of the list and how often that part comes, one after the other; a part that
    comes several times gives the type that it takes.
    """

    items: tuple[Node, ...]
    sequential: bool
    survival: float = 1.0
    runs: tuple[tuple[int, int], ...] = ()

    @property
    def name(self) -> str:
        return "list"

    @property
    def whole(self) -> bool:
        """Whether it can be one call: every entry is a module, and none of the lists in it loses layers in training."""
        return all(item.is_module for item in self.items)

    @property
    def is_module(self) -> bool:
        return self.survival == 1 and self.whole

    @property
    def one_call(self) -> bool:
        """Whether it is applied as one call; of any other its users want the entries, even if these do nothing."""
        return self.sequential and self.survival == 1 and self.whole

    @property
    def inputs(self) -> tuple[TensorType, ...]:
        return self.items[0].inputs

    @property
    def outputs(self) -> tuple[TensorType, ...]:
        return self.items[-1].outputs

    @cached_property
    def parts(self) -> tuple[LayerList, ...]:
        """The list in parts of one run each; itself where it has no more."""
        if len(self.runs) < 2:
            return (self,)
        made, at = [], 0
        for size, times in self.runs:
            made.append(replace(self, items=self.items[at : at + size], runs=((size, times),)))
            at += size
        return tuple(made)

    @property
    def times(self) -> int:
        """How often its items follow one another, for a list of one run."""
        ((_, times),) = self.runs or ((len(self.items), 1),)
        return times

    @property
    def counted(self) -> list[tuple[Node, int]]:
        """Its items, each with how often it is there."""
        return [(item, part.times) for part in self.parts for item in part.items]


@immutable
class Step:
    """One use of an op or layer: which tensors go in, which come out. ``layer`` is its path where it has a name."""

    node: Node
    layer: tuple[str, ...] | None
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    span: Span = NOWHERE


@dataclass(frozen=True)
class Binding:
    """``names = tensors`` as the author wrote it."""

    names: tuple[str, ...]
    tensors: tuple[int, ...]


class StageFact(Frozen):
    """What a stage says of itself."""

    path: tuple[str, ...]
    dim: int | None
    depth: int
    mixer: str | None


class Table(Frozen):
    """A constant of a body: an array, or its numbers row by row, and the expression that they come from.

    ``names`` are the values that names in reach of the expression had there, the sizes for a tensor.
    """

    name: str
    shape: tuple[int, ...]
    dtype: Dtype
    given: SymArray | tuple[float, ...]
    expr: tree.Expr
    names: tuple[tuple[str, Value], ...] = ()

    @property
    def array(self) -> SymArray | None:
        """Its numbers as an expression over the places, where they are one."""
        return self.given if isinstance(self.given, SymArray) else None

    @cached_property
    def values(self) -> tuple[float, ...]:
        """Its numbers row by row; those of an array are worked out for it."""
        return self.given.numbers_in_order() if isinstance(self.given, SymArray) else self.given

    @property
    def entries(self) -> KnownEntries | None:
        """Its whole numbers, as a tensor of it holds them; None for one of other numbers."""
        if self.dtype != "int":
            return None
        if isinstance(self.given, SymArray):
            return KnownEntries(self.given.low, self.given.high, lambda: tuple(map(int, self.values)))
        return known_entries(tuple(map(int, self.given)))

    @property
    def exact(self) -> bytes:
        """The numbers as they are held, bit by bit, so that -0.0 is not 0.0."""
        return exactly(self.dtype, self.values)

    @cached_property
    def contents(self) -> Any:
        """A key by which constants that hold the same numbers in the same shape are the same, as far as rules tell."""
        return self.shape, self.dtype, self.array.key if self.array else hash(self.exact)

    def same(self, other: Table) -> bool:
        """Whether a constant holds the same numbers in the same shape; of sizes left open that is a decision."""
        if self.dtype != other.dtype or self.shape != other.shape:
            return False
        equal = self.array is not None and other.array is not None and self.array.key == other.array.key
        return equal or self.exact == other.exact


def exactly(dtype: Dtype, values: Iterable[float]) -> bytes:
    """Numbers of a table for comparison, bit by bit."""
    return array("q" if dtype == "int" else "d", values).tobytes()


@dataclass(eq=False)
class Instance:
    """A module with its arguments, on inputs of known types.

    ``types[i]`` is the type of tensor ``i``, the inputs first. ``layers`` are its children by name in order of first
    use; ``returns`` is ``one``, ``tuple`` or ``list``. ``locals`` are numbers that the body names, ``traces`` what each
    layer's arguments and axes are in the names of this module, ``facts`` all compile-time values by name and ``rules``
    the expressions of those that are lists of numbers, with the values that names had there. A layer whose results
    nothing reads has no step. ``warnings`` are the model's, in all its modules, ``choices`` the conditions of its
    branches, ``decisions`` what hangs on the sizes of the inputs, ``tied`` the axes of a model's inputs that parameters
    give, an image's channels left out; ``held`` is kept by ``archspec/graph/sizes.py``, ``ranks`` by
    ``archspec/graph/walk.py``.
    """

    key: str
    name: str
    doc: str | None
    args: dict[str, Value]
    input_names: tuple[str, ...]
    inputs: tuple[TensorType, ...]
    input_axes: tuple[tuple[str | None, ...] | None, ...]
    axes: dict[str, int]
    types: list[TensorType] = field(default_factory=list)
    state: list[Weight] = field(default_factory=list)
    layers: dict[str, Node] = field(default_factory=dict)
    body: list[Step | Binding] = field(default_factory=list)
    results: tuple[int, ...] = ()
    returns: str = "one"
    stages: list[StageFact] = field(default_factory=list)
    file: str = ""
    locals: dict[str, tuple[Value, SymExpr]] = field(default_factory=dict)
    traces: dict[tuple[str, ...], dict[str, SymExpr]] = field(default_factory=dict)
    facts: dict[str, Value] = field(default_factory=dict)
    tables: list[Table] = field(default_factory=list)
    rules: dict[str, tuple[tree.Expr, tuple[tuple[str, Value], ...]]] = field(default_factory=dict)
    decisions: tuple[Decision, ...] = ()
    choices: tuple[tree.Expr, ...] = ()
    tied: frozenset[tuple[int, int]] = frozenset()
    held: frozenset[tuple[int, int]] | None = None
    ranks: dict[str, dict[str, int]] | None = None
    layer_count: int = 0
    warnings: tuple[Diagnostic, ...] = ()
    work: int = 0
    """Units of work that a model took to elaborate."""
    one_call: ClassVar[bool] = True
    is_module: ClassVar[bool] = True

    @property
    def outputs(self) -> tuple[TensorType, ...]:
        return tuple(self.types[i] for i in self.results)

    @property
    def steps(self) -> list[Step]:
        """The steps of its body in order."""
        return [item for item in self.body if isinstance(item, Step)]

    @property
    def environment(self) -> dict[str, Any]:
        """The numbers that its names stand for."""
        entries = {
            entry(name, at): item
            for name, value in self.args.items()
            if type(value) is tuple
            for at, item in enumerate(value)
            if is_number(item)
        }
        return {**entries, **{name: value for name, (value, _) in self.locals.items()}, **self.axes, **self.args}

    def names_a_value(self, name: str) -> bool:
        """Whether a name, or a place in a list that has one, stands for a number, string or list."""
        return any(name.partition("[")[0] in known for known in (self.locals, self.axes, self.args))

    def expand(self, own: SymExpr | None) -> SymExpr | None:
        """A trace with the body's local names replaced by what they stand for."""
        while own is not None and own.names() & self.locals.keys():
            known = {name: expr.name(name) for name in own.names()}
            own = own.substitute(known | {name: self.locals[name][1] for name in own.names() & self.locals.keys()})
        return own


Node: TypeAlias = OpNode | LayerList | Instance

"""What layers and steps are made of: also the right side of ``isinstance``."""
