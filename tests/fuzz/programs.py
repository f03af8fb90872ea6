"""Whole specs: constants, modules that use one another, a model and its variants, and cases of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from archspec.opdef.types import TensorType
from tests.fuzz import tree
from tests.fuzz.bodies import Body
from tests.fuzz.expressions import Expressions
from tests.fuzz.interpret import Frame, Invalid, Made, Recipe, is_number
from tests.fuzz.statements import Bind, Input, Module
from tests.fuzz.steps import finish, grow, keeping, stages_step
from tests.fuzz.tree import Binary, Conditional, List, Literal, Name, Node, Printer

AXES = (
    ("c", "h", "w"), ("c", "int", "max"), ("channels", "lambda", "range"), ("c", "self", "torch"), ("C", "H", "W"),
    ("in_", "height", "width"), ("c", "training", "type"), ("n", "len", "sum"), ("dim", "x_", "y_"), ("c", "F", "nn"),
)  # fmt: skip
PARAMETERS = (
    "dim", "ratio", "depth", "rate", "kernel", "act", "norm", "mixer", "wide", "mode", "heads", "start", "lambda",
    "max", "int", "self", "dropout", "linear", "bias", "eps", "hidden", "training", "sizes", "class", "n_", "len",
)  # fmt: skip
INPUTS = (
    "x", "x", "x", "image", "tokens", "input", "self", "lambda", "max", "int", "q", "torch", "y_in", "list", "layer",
)  # fmt: skip
NAMES = (
    "block", "mlp", "mixer_", "attn", "gate", "scale", "squeeze", "cell", "unit", "branch", "lambda_", "Tensor_",
    "head_",
)  # fmt: skip


@dataclass(frozen=True)
class Case:
    """A model's parameters and first input size, where they are not as declared, and what should come of it."""

    params: dict[str, Any]
    input_shape: tuple[int, ...] | None
    made: Made
    model: str | None = None


@dataclass
class Program:
    """The text of a spec and its cases, the first as it stands."""

    text: str
    cases: list[Case]


@dataclass(frozen=True)
class Domain:
    """What a parameter may be: an argument in a body's terms, and values from outside."""

    write: Callable[[Body, Sequence[Module]], Node]
    outside: bool = True
    kind: str = ""


def domain(rng: Random) -> Domain:
    """A kind of parameter."""
    match rng.randrange(10):
        case 0 | 1 | 2:
            low, high = rng.choice(((1, 3), (0, 4), (1, 6), (2, 5)))
            return Domain(lambda body, _: body.write.int_(low, high, 2))
        case 3 | 4:
            return Domain(lambda body, _: body.write.float_(0.05, 0.9, 2), kind="rate")
        case 5:
            return Domain(lambda body, _: body.write.bool_(1) if body.chance(0.4) else Literal(body.chance(0.5)))
        case 6:
            words = rng.choice((("zeros", "circular"), ("none", "tanh"), ("nearest", "bilinear")))
            return Domain(lambda body, _: Literal(body.rng.choice(words)))
        case 7:
            return Domain(lambda body, _: body.write.ints(1, 2))
        case 8:
            return Domain(lambda body, _: body.write.int_(1, 6, 1) if body.chance(0.5) else Literal(None), kind="maybe")
    return Domain(lambda body, modules: keeping(body, modules), outside=False)


def settled(body: Body, domains: Mapping[str, Domain]) -> None:
    """Numbers for parameters that may be none."""
    for name, own in domains.items():
        if own.kind == "maybe":
            missing = Binary(body.pick("==", "!="), Name(name), Literal(None))
            sides: tuple[Node, Node] = (body.write.int_(1, 6, 1), Name(name))
            node = Conditional(missing, *(sides if missing.op == "==" else sides[::-1]))
            body.add(Bind((body.fresh(("own_", "hidden_", "size_")),), node))


class Programs:
    """Writes one program."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.outer: dict[str, Any] = {}
        self.constants: list[tuple[str, Node]] = []
        self.modules: list[Module] = []
        self.names: set[str] = set()

    def program(self) -> Program:
        """The whole of it."""
        for _ in range(self.rng.choice((0, 0, 1, 2))):
            self._constant()
        for _ in range(self.rng.choice((0, 1, 1, 2, 2, 3, 4))):
            self._module()
        for _ in range(20):
            made = self._model()
            if made is not None:
                return made
        raise Invalid("no model")

    def _constant(self) -> None:
        name = self._name(("width", "rates", "depth_", "lambda_", "max_", "K", "base", "sizes_"))
        write = Expressions(self.rng, [Frame({}, self.outer)], list(self.outer))
        match self.rng.randrange(5):
            case 0 | 1 | 2:
                node = write.int_(1, 8, 2)
            case 3:
                node = write.floats(1)
            case _:
                node = keeping(self._bare([]), [])
        self.outer[name] = write.values(node)[0]
        self.constants.append((name, node))

    def _name(self, pool: Sequence[str]) -> str:
        name, count = self.rng.choice(pool), 2
        while name in self.names:
            name, count = f"{name.rstrip('0123456789')}{count}", count + 1
        self.names.add(name)
        return name

    def _constants(self) -> list[str]:
        return [name for name, _ in self.constants]

    def _params(self, count: int) -> tuple[list[str], dict[str, Domain]]:
        domains = {name: domain(self.rng) for name in self.rng.sample(PARAMETERS, count)}
        return list(domains), domains

    def _bare(self, modules: Sequence[Module]) -> Body:
        """A body without names, to write defaults and arguments in."""
        return Body(self.rng, [Frame({}, self.outer)], self._constants(), ())

    # modules

    def _module(self) -> None:
        """A module; where no body comes about, none."""
        names, domains = self._params(self.rng.choice((0, 0, 1, 1, 2, 3)))
        inputs = self._inputs(set(names))
        modules = [m for m in self.modules if self.rng.random() < 0.7]
        bare = self._bare(modules)
        defaults: list[tuple[str, Node | None]] = []
        for name in names:
            defaults.append((name, domains[name].write(bare, modules) if self.rng.random() < 0.7 else None))
        defaults.sort(key=lambda pair: pair[1] is not None)
        own = {name: item.write for name, item in domains.items()}
        rates = tuple(name for name, item in domains.items() if item.kind == "rate")
        module = Module(self._name(NAMES), tuple(defaults), inputs, outer=self.outer, domains=own, rates=rates)
        frames = self._samples(module, bare, modules)
        if not frames:
            return
        taken = [n for frame in frames for n in frame.names]
        body = Body(self.rng, frames, self._constants(), [*taken, module.name])
        body.unread = [item.name for item in inputs if all(frame.names[item.name] is not None for frame in frames)]
        settled(body, domains)
        grow(body, modules, self.rng.choice((1, 2, 3, 4, 5)))
        keep = self.rng.random() < 0.55 and not inputs[0].whole
        try:
            outputs = finish(body, inputs[0].name if keep else None, not keep and self.rng.random() < 0.15)
        except (Invalid, IndexError):
            return
        module.body = tuple(body.statements)
        several = len(body.frames[0].results[0]) > 1
        if several and not outputs:
            return
        first = inputs[0].axes
        if keep and first is not None and len(inputs) == 1 and self.rng.random() < 0.7:
            named = tuple(a if isinstance(a, str) and a.startswith("*") else Name(a) for a in first)
            outputs = (named,)
        module.outputs = outputs if several or self.rng.random() < 0.7 else ()
        if self.rng.random() < 0.3:
            module.doc = self.rng.choice(("A part of it.", "Gates. (arXiv:1709.01507)", "With 'quotes' and \\\\ in it"))
        if keep and sum(not item.optional for item in inputs) == 1:
            module.kind = "keeping"
        module.cache.clear()
        self.modules.append(module)
        self.outer[module.name] = Recipe(module)

    def _inputs(self, taken: set[str]) -> tuple[Input, ...]:
        rng = self.rng
        c, h, w = rng.choice([axes for axes in AXES if not set(axes) & taken])
        shapes: list[Any] = [(c, h, w), (c, h, w), (h, c), (h, c), (c,), (f"*{h}", c), (c, f"*{h}"), None, (f"*{h}",)]
        made: list[Input] = []
        used = {c, h, w, *taken}
        for at in range(rng.choice((1, 1, 1, 1, 2))):
            name = rng.choice([n for n in INPUTS if n not in used])
            used.add(name)
            axes = rng.choice(shapes) if not made else made[0].axes
            made.append(Input(name, axes, False, optional=at > 0 and rng.random() < 0.6))
        return tuple(made)

    def _samples(self, module: Module, bare: Body, modules: Sequence[Module]) -> list[Frame]:
        """The module opened with random arguments on random sizes."""
        frames = []
        rank = self.rng.choice((1, 2, 3))
        given_inputs = [i for i in module.inputs if not i.optional or self.rng.random() < 0.6]
        given_inputs = list(module.inputs[: len(given_inputs)])
        for _ in range(4):
            sizes = {
                name: self.rng.choice((4, 4, 8, 12)) if at == 0 else self.rng.choice((3, 4, 5, 6, 8))
                for at, name in enumerate(("c", "h", "w"))
            }
            shape = tuple(sizes.values())[:rank]
            axes = module.inputs[0].axes
            if axes is not None and not any(a.startswith("*") for a in axes):
                shape = tuple(
                    sizes[key]
                    for key in (("c", "h", "w") if len(axes) == 3 else ("h", "c") if len(axes) == 2 else ("c",))
                )
            try:
                scope = bare.frames[0]
                given = {
                    n: scope.eval(module.domains[n](bare, modules))
                    for n, d in module.params
                    if d is None or self.rng.random() < 0.6
                }
                frames.append(module.open(given, tuple(TensorType(shape) for _ in given_inputs)))
            except Invalid:
                continue
        return frames

    # the model

    def _model(self) -> Program | None:
        rng = self.rng
        names, domains = self._params(rng.choice((0, 0, 1, 2, 3)))
        bare = self._bare(self.modules)
        params = [(name, domains[name].write(bare, self.modules)) for name in names]
        inputs, sizes = self._model_inputs(names, params, bare)
        frames: list[Frame] = []
        cases: list[tuple[dict[str, Any], tuple[int, ...] | None]] = []
        for at in range(3):
            given: dict[str, Any] = {}
            if at:
                for name in names:
                    if domains[name].outside and rng.random() < 0.6:
                        given[name] = bare.frames[0].eval(domains[name].write(bare, self.modules))
            shape = None
            if at == 2:
                first = sizes[0]
                shape = (first[0], *(n + rng.choice((0, 1, 2, 4)) for n in first[1:])) if len(first) > 1 else None
            try:
                frames.append(self._open(params, inputs, sizes, given, shape))
                cases.append((given, shape))
            except Invalid:
                if not at:
                    return None
        taken = [*frames[0].names, *(item.name for item in inputs)]
        body = Body(rng, frames, self._constants(), taken)
        body.unread = [item.name for item in inputs if not item.whole]
        settled(body, domains)
        if rng.random() < 0.12:
            stages_step(body, self.modules)
        grow(body, self.modules, rng.choice((2, 3, 4, 6, 8)))
        try:
            finish(body, None, rng.random() < 0.25)
        except (Invalid, IndexError):
            return None
        return self._written(params, inputs, body, cases)

    def _model_inputs(
        self, names: list[str], params: list[tuple[str, Node]], bare: Body
    ) -> tuple[tuple[Input, ...], list[tuple[int, ...]]]:
        rng = self.rng
        c, h, w = rng.choice([axes for axes in AXES if not set(axes) & set(names)])
        sizes: tuple[int, ...] = rng.choice(
            ((4, 6, 6), (3, 8, 8), (8, 5, 6), (6, 4), (4, 8), (5, 3), (6,), (8,), (2, 4, 3, 4))
        )
        style = rng.randrange(3)
        axes: tuple[Any, ...] = tuple(
            (name, Literal(size)) if style == 1 else Literal(size) for name, size in zip((c, h, w, "depth3"), sizes)
        )
        first = rng.choice([n for n in INPUTS if n not in (c, h, w, *names)])
        made, shapes = [Input(first, axes)], [sizes]
        plain = tuple(map(Literal, sizes))
        if rng.random() < 0.2:
            made.append(Input("second", plain))
            shapes.append(sizes)
        if rng.random() < 0.2:
            size = rng.randint(1, 4)
            made.append(Input("ids", (Literal(size),), whole=True))
            shapes.append((size,))
        if rng.random() < 0.06:
            made, shapes = [Input("ids", (Literal(4),), whole=True)], [(4,)]
        return tuple(made), shapes

    def _open(self, params: list[tuple[str, Node]], inputs: tuple[Input, ...], sizes: list[tuple[int, ...]],
              given: dict[str, Any], shape: tuple[int, ...] | None) -> Frame:  # fmt: skip
        shell = Module("", tuple(params), (), outer=self.outer)
        frame = shell.open(given, ())
        for at, (item, own) in enumerate(zip(inputs, sizes)):
            real = shape if at == 0 and shape is not None else own
            for axis, size in zip(item.axes or (), real):
                if isinstance(axis, tuple):
                    frame.names[axis[0]] = size
            frame.names[item.name] = TensorType(real, "int" if item.whole else "float")
        return frame

    def _written(
        self, params: list[tuple[str, Node]], inputs: tuple[Input, ...], body: Body, cases: list[Any]
    ) -> Program | None:
        rng = self.rng
        p = Printer(rng)
        made = []
        for frame, (given, shape) in zip(body.frames, cases):
            results, several = frame.results
            state = frame.made
            made.append(
                Case(given, shape, Made(results, several, True, True, state.shapes, state.tables, state.starts))
            )
        written = [[f"{name} = {p.text(node)}"] for name, node in self.constants]
        roots = [
            *body.statements,
            *(node for _, node in params),
            *(Name(m.name) for m in self.modules if rng.random() < 0.2),
        ]
        used = body_names(roots, self.modules)
        written += [list(module.lines(p)) for module in self.modules if module.name in used]
        rng.shuffle(written)
        own = ", ".join(f"{name} = {p.text(node)}" for name, node in params)
        head = f"model net{f'({own})' if own else ''} on {', '.join(item.text(p) for item in inputs)} {{"
        lines = [head, *(f"    {line}" for statement in body.statements for line in statement.lines(p)), "}"]
        text = "\n\n".join("\n".join(part) for part in (*written, lines)) + "\n"
        if len(made) > 1 and rng.random() < 0.25:
            text, made = self._with_variant(text, inputs, made, p)
        return Program(text, made)

    def _with_variant(
        self, text: str, inputs: tuple[Input, ...], cases: list[Case], p: Printer
    ) -> tuple[str, list[Case]]:
        """The last case as a variant of the model, in the same file."""
        last = cases[-1]
        given = ", ".join(f"{name} = {p.text(valued(value))}" for name, value in last.params.items())
        size = ""
        if last.input_shape is not None:
            first = inputs[0]
            axes = tuple(
                (axis[0], Literal(n)) if isinstance(axis, tuple) else Literal(n)
                for axis, n in zip(first.axes or (), last.input_shape)
            )
            size = f" on {', '.join(item.text(p) for item in (replace(first, axes=axes), *inputs[1:]))}"
        doc = '{ """A variant.""" }' if self.rng.random() < 0.3 else ""
        variant = f"model other = net({given}){size} {doc}".rstrip() + "\n"
        both = f"{variant}\n{text}" if self.rng.random() < 0.5 else f"{text}\n{variant}"
        return both, [*(replace(case, model="net") for case in cases), Case({}, None, last.made, "other")]


def valued(value: Any) -> Node:
    """A plain value as an expression."""
    if isinstance(value, tuple):
        return List(tuple(map(valued, value)))
    return tree.number(value) if is_number(value) else Literal(value)


def body_names(statements: Sequence[Any], modules: Sequence[Module]) -> set[str]:
    """Modules that a body needs, those that they need included."""
    from tests.fuzz.bodies import names_in

    known = {module.name: module for module in modules}
    found: set[str] = set()
    left = [name for statement in statements for name in names_in(statement)]
    while left:
        name = left.pop()
        if name in known and name not in found:
            found.add(name)
            own = known[name]
            left += [n for statement in own.body for n in names_in(statement)]
            left += [n for _, default in own.params for n in names_in(default)]
    return found


def write(seed: int | str) -> Program:
    """The program of a seed."""
    rng = Random(seed)
    while True:
        try:
            return Programs(rng).program()
        except Invalid:
            continue
