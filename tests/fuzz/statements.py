"""Statements, modules and models as this package writes them: their text, and what they do to a body at work."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from archspec.opdef.entries import known_entries
from archspec.opdef.types import TensorType
from tests.fuzz.interpret import Frame, Invalid, Layer, Made, Start, bind, is_number, parameters, ramp_at, unbound
from tests.fuzz.tree import List, Node, Printer


class Returned(Exception):
    """A ``return`` was reached."""


@dataclass(frozen=True)
class Bind:
    names: tuple[str, ...]
    value: Node

    def lines(self, p: Printer) -> Iterator[str]:
        yield f"{', '.join(self.names)} = {p.text(self.value)}"

    def run(self, frame: Frame) -> None:
        value = frame.eval(self.value)
        if len(self.names) == 1:
            frame.names[self.names[0]] = bind(value, self.names)
            return
        values = unbound(value) if isinstance(value, Layer) else value
        if not isinstance(values, tuple) or len(values) != len(self.names):
            raise Invalid("other names")
        for name, item in zip(self.names, values):
            frame.names[name] = bind(item, (name,))


@dataclass(frozen=True)
class Return:
    values: tuple[Node, ...]

    def lines(self, p: Printer) -> Iterator[str]:
        yield f"return {', '.join(map(p.text, self.values))}"

    def run(self, frame: Frame) -> None:
        values = [frame.eval(value) for value in self.values]
        several = len(values) > 1
        if len(values) == 1 and isinstance(values[0], tuple):
            values, several = list(values[0]), True
        if not values or not all(isinstance(value, TensorType) for value in values):
            raise Invalid("no tensors returned")
        frame.results = (tuple(values), several)
        raise Returned


@dataclass(frozen=True)
class If:
    condition: Node
    then: tuple[Statement, ...]
    otherwise: tuple[Statement, ...] = ()

    def lines(self, p: Printer) -> Iterator[str]:
        yield f"if {p.text(self.condition)} {{"
        yield from inside(self.then, p)
        if len(self.otherwise) == 1 and isinstance(self.otherwise[0], If):
            first, *rest = self.otherwise[0].lines(p)
            yield f"}} else {first}"
            yield from rest
            return
        if self.otherwise:
            yield "} else {"
            yield from inside(self.otherwise, p)
        yield "}"

    def run(self, frame: Frame) -> None:
        for statement in self.then if frame.truth(self.condition) else self.otherwise:
            statement.run(frame)


@dataclass(frozen=True)
class For:
    targets: tuple[str, ...]
    iterable: Node
    body: tuple[Statement, ...]

    def lines(self, p: Printer) -> Iterator[str]:
        yield f"for {', '.join(self.targets)} in {p.text(self.iterable)} {{"
        yield from inside(self.body, p)
        yield "}"

    def run(self, frame: Frame) -> None:
        for names in frame.entries(self.targets, frame.eval(self.iterable)):
            frame.names.update(names)
            for statement in self.body:
                statement.run(frame)


@dataclass(frozen=True)
class Require:
    condition: Node
    message: Node

    def lines(self, p: Printer) -> Iterator[str]:
        yield f"require {p.text(self.condition)}, {p.text(self.message)}"

    def run(self, frame: Frame) -> None:
        if not frame.truth(self.condition):
            raise Invalid("required")


@dataclass(frozen=True)
class State:
    """``param`` or ``buffer``."""

    kind: str
    name: str
    sizes: tuple[Node, ...]
    start: Node

    def lines(self, p: Printer) -> Iterator[str]:
        yield f"{self.kind} {self.name}: [{', '.join(map(p.text, self.sizes))}] = {p.text(self.start)}"

    def run(self, frame: Frame) -> None:
        shape = sizes(frame, self.sizes)
        start = frame.eval(self.start)
        if not isinstance(start, Start) and not is_number(start):
            raise Invalid("no start")
        own(frame, self.name)
        frame.made.layer = True
        frame.made.shapes[self.name] = shape
        if is_number(start):
            frame.made.starts[self.name] = float(start)
        frame.names[self.name] = TensorType(shape, "float", batched=False)


@dataclass(frozen=True)
class Table:
    """``const``."""

    name: str
    whole: bool
    sizes: tuple[Node, ...]
    value: Node

    def lines(self, p: Printer) -> Iterator[str]:
        kind = "int " if self.whole else ""
        yield f"const {self.name}: {kind}[{', '.join(map(p.text, self.sizes))}] = {p.text(self.value)}"

    def run(self, frame: Frame) -> None:
        shape = sizes(frame, self.sizes)
        value = frame.eval(self.value)
        found: list[Any] = []
        if flatten(value, found) != shape or not all(type(n) is int if self.whole else is_number(n) for n in found):
            raise Invalid("another table")
        own(frame, self.name)
        frame.made.tables[self.name] = (shape, tuple(found), self.whole)
        entries = known_entries(tuple(found)) if self.whole else None
        frame.names[self.name] = TensorType(shape, "int" if self.whole else "float", False, entries)


@dataclass(frozen=True)
class Init:
    selector: str
    fields: tuple[tuple[str, Node], ...]

    def lines(self, p: Printer) -> Iterator[str]:
        yield f"init {self.selector} {{ {', '.join(f'{name} = {p.text(value)}' for name, value in self.fields)} }}"

    def run(self, frame: Frame) -> None:
        for _, value in self.fields:
            if not isinstance(frame.eval(value), Start) and not is_number(frame.eval(value)):
                raise Invalid("no start")


@dataclass(frozen=True)
class Stages:
    """All stages of a model: ``stage NAME { ... }`` each where there are names, else ``stages { ... }``."""

    fields: tuple[tuple[str, Node], ...]
    down: Node
    named: tuple[str, ...] = ()

    def lines(self, p: Printer) -> Iterator[str]:
        yield f"down = {p.text(self.down)}"
        for at, name in enumerate(self.named):
            own = [(key, value.items[at] if isinstance(value, List) else value) for key, value in self.fields]
            yield f"stage {name} {{ {', '.join(f'{key} = {p.text(value)}' for key, value in own)} }}"
        if self.named:
            return
        yield f"stages {{ {', '.join(f'{name} = {p.text(value)}' for name, value in self.fields)} }}"

    def run(self, frame: Frame) -> None:
        down = unbound(frame.eval(self.down))
        values = {name: unbound(frame.eval(value)) for name, value in self.fields}
        lists = {name: value for name, value in values.items() if isinstance(value, tuple)}
        if not lists or len({len(value) for value in lists.values()}) != 1:
            raise Invalid("other stages")
        count = len(next(iter(lists.values())))
        rows = [{n: lists[n][i] if n in lists else value for n, value in values.items()} for i in range(count)]
        if any(type(row["depth"]) is not int or not 1 <= row["depth"] <= 4 for row in rows):
            raise Invalid("no depth")
        total, at, made = sum(row["depth"] for row in rows), 0, []
        for i, row in enumerate(rows):
            own_fields = [(n, v) for n, v in row.items() if n not in ("depth", "block", "dim")]
            block = frame.refine(row["block"], [], own_fields)
            parts: list[Any] = []
            path = (self.named[i],) if self.named else ("stages", str(i))
            if i:
                sized = frame.refine(down, [], [(parameters(down.target)[0], row["dim"])])
                parts.append(bind(sized, (*path, "downsample")))
            blocks = tuple(ramp_at(block, at + j, total) for j in range(row["depth"]))
            parts.append(bind(blocks, (*path, "blocks")))
            at += row["depth"]
            made.append(Layer(tuple(parts), path))
        frame.names["down"] = bind(down, ("down",))
        frame.names |= dict(zip(self.named, made)) if self.named else {"stages": Layer(tuple(made), ("stages",))}


Statement: TypeAlias = Bind | Return | If | For | Require | State | Table | Init | Stages


def inside(statements: tuple[Statement, ...], p: Printer) -> Iterator[str]:
    """Statements a step to the right."""
    for statement in statements:
        yield from (f"    {line}" for line in statement.lines(p))


def sizes(frame: Frame, nodes: tuple[Node, ...]) -> tuple[int, ...]:
    """The sizes of a declared shape."""
    made = tuple(frame.eval(node) for node in nodes)
    if any(type(n) is not int or not 1 <= n <= 64 for n in made):
        raise Invalid("no size")
    return made


def own(frame: Frame, name: str) -> None:
    """A new name of state."""
    if name in frame.made.shapes or name in frame.made.tables or any(path[0] == name for path in frame.owners):
        raise Invalid("taken")


def flatten(value: Any, into: list[Any]) -> tuple[int, ...] | None:
    """The shape of nested lists, gathered row by row."""
    if not isinstance(value, tuple):
        into.append(value)
        return ()
    shapes = {flatten(item, into) for item in value}
    if len(shapes) != 1 or None in shapes:
        return None
    return (len(value), *(shapes.pop() or ()))


@dataclass(frozen=True)
class Input:
    """An input: axes are a name, an expression (a size), or ``*name``; a model's may be ``(name, size)``."""

    name: str
    axes: tuple[Any, ...] | None
    whole: bool = False
    optional: bool = False

    def text(self, p: Printer) -> str:
        shape = ""
        if self.axes is not None:
            shape = f": {'int ' if self.whole else ''}[{', '.join(self._axis(axis, p) for axis in self.axes)}]"
        return f"{self.name}{shape}{' = none' if self.optional else ''}"

    def _axis(self, axis: Any, p: Printer) -> str:
        if isinstance(axis, str):
            return axis
        return f"{axis[0]} = {p.text(axis[1])}" if isinstance(axis, tuple) else p.text(axis)


@dataclass
class Module:
    """A module; ``samples`` are arguments and inputs that it was written with."""

    name: str
    params: tuple[tuple[str, Node | None], ...]
    inputs: tuple[Input, ...]
    outputs: tuple[tuple[Any, ...], ...] = ()
    body: tuple[Statement, ...] = ()
    doc: str = ""
    outer: Mapping[str, Any] = field(default_factory=dict)
    kind: str = ""
    domains: Mapping[str, Any] = field(default_factory=dict)
    rates: tuple[str, ...] = ()
    cache: dict[Any, Made | None] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its parameters."""
        return tuple(name for name, _ in self.params)

    def lines(self, p: Printer) -> Iterator[str]:
        """The text of the module."""
        params = ", ".join(name if default is None else f"{name} = {p.text(default)}" for name, default in self.params)
        head = f"module {self.name}{f'({params})' if params else ''} on {', '.join(i.text(p) for i in self.inputs)}"
        if self.outputs:
            shapes = (f"[{', '.join(a if isinstance(a, str) else p.text(a) for a in shape)}]" for shape in self.outputs)
            head += f" -> {', '.join(shapes)}"
        yield head + " {"
        if self.doc:
            yield f'    """{self.doc}"""'
        yield from inside(self.body, p)
        yield "}"

    def use(self, given: dict[str, Any], inputs: tuple[TensorType, ...]) -> Made:
        """What a use gives: worked out once for equal arguments and inputs."""
        key = (tuple((n, type(v).__name__, v) for n, v in given.items()), inputs)
        if key not in self.cache:
            self.cache[key] = None
            try:
                frame = self.open(given, inputs)
                self.cache[key] = self.finish(frame)
            except Invalid:
                pass
        made = self.cache[key]
        if made is None:
            raise Invalid(f"not in {self.name}")
        return made

    def open(self, given: dict[str, Any], inputs: tuple[TensorType, ...]) -> Frame:
        """A body with its arguments and inputs bound."""
        frame = Frame({}, self.outer)
        for name, value in given.items():
            frame.names[name] = bind(value, (name,))
        self.bind_inputs(frame, inputs)
        for name, default in self.params:
            if name not in frame.names:
                if default is None:
                    raise Invalid("an argument is missing")
                frame.names[name] = bind(unbound(frame.eval(default)), (name,))
        return frame

    def bind_inputs(self, frame: Frame, inputs: tuple[TensorType, ...]) -> None:
        """Inputs, and the axes that they name."""
        needed = [item for item in self.inputs if not item.optional]
        if not len(needed) <= len(inputs) <= len(self.inputs):
            raise Invalid("other inputs")
        for item in self.inputs[len(inputs) :]:
            frame.names[item.name] = None
        for item, own_type in zip(self.inputs, inputs):
            if own_type.dtype != ("int" if item.whole else "float"):
                raise Invalid("other numbers")
            if item.axes is not None:
                bind_axes(frame, item.axes, own_type.shape)
            frame.names[item.name] = own_type

    def finish(self, frame: Frame) -> Made:
        """Run the body."""
        run(frame, self.body)
        results, several = frame.results
        if self.outputs:
            if len(self.outputs) != len(results):
                raise Invalid("other results")
            for shape, own_type in zip(self.outputs, results):
                wanted: list[int] = []
                for axis in shape:
                    wanted += frame.names[axis[1:]] if isinstance(axis, str) else [frame.eval(axis)]
                if tuple(wanted) != own_type.shape:
                    raise Invalid("another shape")
        made = frame.made
        return replace(made, results=results, several=several)


def bind_axes(frame: Frame, axes: tuple[Any, ...], shape: tuple[int, ...]) -> None:
    """Axes of an input as numbers."""
    rest = [i for i, axis in enumerate(axes) if isinstance(axis, str) and axis.startswith("*")]
    spare = len(shape) - (len(axes) - len(rest))
    if spare < 0 or (spare and not rest):
        raise Invalid("another rank")
    at = 0
    for axis in axes:
        if isinstance(axis, str) and axis.startswith("*"):
            if frame.names.setdefault(axis[1:], shape[at : at + spare]) != shape[at : at + spare]:
                raise Invalid("another size")
            at += spare
            continue
        size, at = shape[at], at + 1
        if isinstance(axis, str):
            known = frame.outer.get(axis)
            if frame.names.setdefault(axis, known if is_number(known) else size) != size:
                raise Invalid("another size")
        elif frame.eval(axis) != size:
            raise Invalid("another size")


def run(frame: Frame, body: tuple[Statement, ...]) -> None:
    """Statements up to a return."""
    try:
        for statement in body:
            statement.run(frame)
    except Returned:
        return
    raise Invalid("nothing returned")
