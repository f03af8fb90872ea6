"""The syntax tree: what a person wrote, node for node, with the place of each.

Nodes are frozen dataclasses with a literal ``kind``, so that pydantic reads and writes them as tagged JSON without a
second set of classes. Assumes nothing of meaning: names are not resolved, numbers are not checked.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

from archspec.frozen import Frozen
from archspec.source import Span


class Tagged:
    """Says that a union's members are told apart by their ``kind``, to pydantic where pydantic asks."""

    def __get_pydantic_core_schema__(self, union: Any, handler: Any) -> Any:
        from pydantic import Field as Told

        return handler.generate_schema(Annotated[union, Told(discriminator="kind")])


class Number(Frozen):
    """A number; ``text`` keeps the digits as written, for ``expect x ~ 8.8G``."""

    value: int | float
    text: str
    span: Span
    kind: Literal["number"] = "number"


class String(Frozen):
    """A string; ``{name}`` inside stands for a compile-time value."""

    value: str
    span: Span
    kind: Literal["string"] = "string"


class Constant(Frozen):
    """``true``, ``false`` or ``none``."""

    value: bool | None
    span: Span
    kind: Literal["constant"] = "constant"


class Name(Frozen):
    """A use of a name."""

    id: str
    span: Span
    kind: Literal["name"] = "name"


class List(Frozen):
    """``[a, b]``."""

    items: tuple[Expr, ...]
    span: Span
    kind: Literal["list"] = "list"


class Comprehension(Frozen):
    """``[item for targets in iterable if condition]``.

    Of several loops the outer ones are ``joined``: their items are lists, the comprehensions of the loops inside, and
    the entries of all of them make one list.
    """

    item: Expr
    targets: tuple[str, ...]
    iterable: Expr
    condition: Expr | None
    span: Span
    joined: bool = False
    kind: Literal["comprehension"] = "comprehension"


class Unary(Frozen):
    """``-x`` or ``not x``."""

    op: str
    operand: Expr
    span: Span
    kind: Literal["unary"] = "unary"


class Binary(Frozen):
    """``left op right``: arithmetic, comparison, ``and``/``or``, ``in``."""

    op: str
    left: Expr
    right: Expr
    span: Span
    kind: Literal["binary"] = "binary"


class Conditional(Frozen):
    """``if condition then yes else no``; decided when the spec is compiled."""

    condition: Expr
    yes: Expr
    no: Expr
    span: Span
    kind: Literal["conditional"] = "conditional"


class Argument(Frozen):
    """One argument of a call, by position (``name`` is None) or by name."""

    name: str | None
    value: Expr
    span: Span
    kind: Literal["argument"] = "argument"


class Call(Frozen):
    """``function(arguments)``: gives a recipe some of its arguments, or applies it to tensors."""

    function: Expr
    arguments: tuple[Argument, ...]
    span: Span
    kind: Literal["call"] = "call"


class Slice(Frozen):
    """``start:stop`` inside an index."""

    start: Expr | None
    stop: Expr | None
    span: Span
    kind: Literal["slice"] = "slice"


class Index(Frozen):
    """``value[items]``; axes of a tensor are counted without the batch."""

    value: Expr
    items: tuple[Expr | Slice, ...]
    span: Span
    kind: Literal["index"] = "index"


Expr: TypeAlias = Annotated[
    Number | String | Constant | Name | List | Comprehension | Unary | Binary | Conditional | Call | Index,
    Tagged(),
]


class Axis(Frozen):
    """One axis of a shape: ``c`` binds or checks, ``*s`` binds any number, ``h = 224`` names a size."""

    name: str | None
    size: Expr | None
    rest: bool
    span: Span
    kind: Literal["axis"] = "axis"


class Shape(Frozen):
    """``[c, h, w]``, without the batch axis."""

    axes: tuple[Axis, ...]
    span: Span
    kind: Literal["shape"] = "shape"


class Input(Frozen):
    """``name: dtype [shape]``; without a shape anything is taken; with ``= none`` behind it may be left out."""

    name: str
    dtype: str | None
    shape: Shape | None
    optional: bool
    span: Span
    kind: Literal["input"] = "input"


class Parameter(Frozen):
    """A parameter of a module or a model, with its default where it has one."""

    name: str
    default: Expr | None
    span: Span
    kind: Literal["parameter"] = "parameter"


class Field(Frozen):
    """``name = value`` inside braces."""

    name: str
    value: Expr
    span: Span
    kind: Literal["field"] = "field"


class Bind(Frozen):
    """``targets = value``."""

    targets: tuple[Name, ...]
    value: Expr
    span: Span
    kind: Literal["bind"] = "bind"


class Return(Frozen):
    """``return values``."""

    values: tuple[Expr, ...]
    span: Span
    kind: Literal["return"] = "return"


class If(Frozen):
    """A static ``if``."""

    condition: Expr
    then: tuple[Statement, ...]
    otherwise: tuple[Statement, ...]
    span: Span
    kind: Literal["if"] = "if"


class For(Frozen):
    """A static ``for``, unrolled over compile-time values."""

    targets: tuple[str, ...]
    iterable: Expr
    body: tuple[Statement, ...]
    span: Span
    kind: Literal["for"] = "for"


class Require(Frozen):
    """``require condition, message``."""

    condition: Expr
    message: Expr
    span: Span
    kind: Literal["require"] = "require"


class State(Frozen):
    """``param name: [shape] = initialiser``, or ``buffer`` for what is saved but not trained."""

    name: str
    shape: Shape
    init: Expr
    trained: bool
    span: Span
    kind: Literal["state"] = "state"


class Const(Frozen):
    """``const index: int [n, n] = [[...], ...]``: a table of numbers worked out when the spec is compiled."""

    name: str
    dtype: str | None
    shape: Shape
    value: Expr
    span: Span
    kind: Literal["const"] = "const"


class Stage(Frozen):
    """``stage s1 { dim = 96, depth = 6 }``."""

    name: str
    fields: tuple[Field, ...]
    span: Span
    kind: Literal["stage"] = "stage"


class Stages(Frozen):
    """``stages { dim = dims, depth = depths }``: one stage for each entry of the fields that are lists."""

    fields: tuple[Field, ...]
    span: Span
    kind: Literal["stages"] = "stages"


class Init(Frozen):
    """``init linear { weight = trunc_normal(0.02) }``: how parameters of an op, or of one layer, start."""

    selector: str
    fields: tuple[Field, ...]
    span: Span
    kind: Literal["init"] = "init"


class Expect(Frozen):
    """``expect params ~ 56M``."""

    metric: str
    relation: str
    value: Expr
    span: Span
    kind: Literal["expect"] = "expect"


class Rename(Frozen):
    """``"theirs" -> "ours"``: a published checkpoint's key (or its beginning) and the spec's own."""

    theirs: String
    ours: String
    span: Span
    kind: Literal["rename"] = "rename"


class Checkpoint(Frozen):
    """``checkpoint official { ... }``: a named map from published keys to the spec's own."""

    layout: str
    body: tuple[Statement, ...]
    span: Span
    kind: Literal["checkpoint"] = "checkpoint"


Statement: TypeAlias = Annotated[
    Bind | Return | If | For | Require | State | Const | Stage | Stages | Init | Expect | Rename | Checkpoint,
    Tagged(),
]


class Module(Frozen):
    """A module: parameters, typed inputs, a dataflow body."""

    name: str
    doc: str | None
    parameters: tuple[Parameter, ...]
    inputs: tuple[Input, ...]
    outputs: tuple[Shape, ...] | None
    body: tuple[Statement, ...]
    span: Span
    kind: Literal["module"] = "module"


class Model(Frozen):
    """A model: a module with an input size, that may have stages, expectations and checkpoint maps."""

    name: str
    doc: str | None
    parameters: tuple[Parameter, ...]
    inputs: tuple[Input, ...]
    outputs: tuple[Shape, ...] | None
    body: tuple[Statement, ...]
    span: Span
    kind: Literal["model"] = "model"


class Extern(Frozen):
    """``extern mixer(heads = 4) on x: [c] -> [c] = "package.module:Class" { params = ..., macs = ... }``."""

    name: str
    doc: str | None
    parameters: tuple[Parameter, ...]
    inputs: tuple[Input, ...]
    outputs: tuple[Shape, ...]
    target: String
    costs: tuple[Field, ...]
    span: Span
    kind: Literal["extern"] = "extern"


class Variant(Frozen):
    """``model small = family(dims = [...]) { ... }``: a family with other defaults."""

    name: str
    doc: str | None
    base: Expr
    inputs: tuple[Input, ...] | None
    body: tuple[Statement, ...]
    span: Span
    kind: Literal["variant"] = "variant"


class Use(Frozen):
    """``use std.blocks: metaformer as block``; ``names`` are (theirs, ours, place)."""

    path: tuple[str, ...]
    names: tuple[tuple[str, str, Span], ...]
    span: Span
    kind: Literal["use"] = "use"


Definition: TypeAlias = Module | Model | Variant | Extern | Bind


class File(Frozen):
    """One parsed text."""

    doc: str | None
    uses: tuple[Use, ...]
    definitions: tuple[Definition, ...]
    kind: Literal["file"] = "file"
