"""What a spec means, worked out once more: static values as they are, tensors as their types.

It knows the language from its guide and shares nothing with archspec's elaborator but the shape rules of the ops. What
it cannot run raises ``Invalid``: a writer then writes something else.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from archspec.graph.layers import layer_text
from archspec.graph.reserved import attribute_taken
from archspec.opdef.faults import Fault
from archspec.opdef.op import Op, arguments
from archspec.opdef.registry import find_op, op_names
from archspec.opdef.types import TensorType
from tests.fuzz import tree
from tests.fuzz.tree import Node

LARGEST = 10**9
LONGEST = 300


class Invalid(Exception):
    """This cannot be said, or not with these values."""


@dataclass(frozen=True)
class Recipe:
    """An op (by name) or a module with some arguments given."""

    target: Any
    given: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True)
class Ramp:
    """A number that goes evenly over all blocks of all stages."""

    start: float
    stop: float


@dataclass(eq=False)
class Layer:
    """A recipe under a name, or a list of such."""

    value: Any
    path: tuple[str, ...]
    taken: set[tuple[int, ...]] | None = None
    """Of a list of which layers survive, the shapes that it was given; None of any other."""


class Surviving(tuple[Any, ...]):
    """A list of which layers survive."""


@dataclass
class Made:
    """What a use of a module or op gives: its results, and its state and tables by key.

    ``layer``: it needs a name; ``listed``: it can stand in a list that is applied as a whole; ``kinds``: what makes the
    ops with weights inside it.
    """

    results: tuple[TensorType, ...]
    several: bool = False
    layer: bool = False
    listed: bool = True
    shapes: dict[str, tuple[int, ...]] = field(default_factory=dict)
    tables: dict[str, Any] = field(default_factory=dict)
    starts: dict[str, float] = field(default_factory=dict)
    kinds: dict[str, str | None] = field(default_factory=dict)

    def take(self, other: Made, prefix: str) -> None:
        """Note the state of a layer under its key."""
        self.layer = True
        self.shapes.update({f"{prefix}.{key}": value for key, value in other.shapes.items()})
        self.tables.update({f"{prefix}.{key}": value for key, value in other.tables.items()})
        self.starts.update({f"{prefix}.{key}": value for key, value in other.starts.items()})
        self.kinds.update({f"{prefix}.{key}": value for key, value in other.kinds.items()})


ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "+": lambda a, b: a + b, "-": lambda a, b: a - b, "*": lambda a, b: a * b, "/": lambda a, b: a / b,
    "//": lambda a, b: a // b, "%": lambda a, b: a % b, "**": lambda a, b: a**b,
}  # fmt: skip
COMPARISON: dict[str, Callable[[Any, Any], bool]] = {
    "==": lambda a, b: a == b, "!=": lambda a, b: a != b, "<": lambda a, b: a < b, "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b, ">=": lambda a, b: a >= b,
}  # fmt: skip
TENSOR_OPS = {"+": "add", "-": "sub", "*": "mul", "/": "div", "**": "pow", "@": "matmul"}
NUMERIC: dict[str, Callable[..., Any]] = {
    "int": int, "float": float, "round": round, "abs": abs, "sqrt": math.sqrt, "exp": math.exp, "log": math.log,
    "sin": math.sin, "cos": math.cos, "floor": math.floor, "ceil": math.ceil, "min": min, "max": max,
}  # fmt: skip
LISTS: dict[str, Callable[..., Any]] = {
    "len": len,
    "sum": sum,
    "range": lambda *bounds: tuple(range(*bounds)),
    "enumerate": lambda items: tuple(enumerate(items)),
    "zip": lambda *lists: tuple(zip(*lists)),
    "reversed": lambda items: tuple(reversed(items)),
}
INITIALISERS = {
    "zeros", "ones", "normal", "trunc_normal", "uniform", "kaiming_normal", "kaiming_normal_fan_out", "constant",
    "kaiming_uniform", "xavier_uniform", "xavier_normal", "orthogonal", "softmax_rows",
}  # fmt: skip


@dataclass(frozen=True)
class Start:
    """An initialiser with its numbers."""

    kind: str
    numbers: tuple[tuple[str, float], ...] = ()


def is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def is_recipe(value: Any) -> bool:
    return isinstance(value, (Recipe, Layer)) or (isinstance(value, tuple) and any(map(is_recipe, value)))


def has_tensor(value: Any) -> bool:
    return isinstance(value, TensorType) or (isinstance(value, tuple) and any(map(has_tensor, value)))


def unbound(value: Any) -> Any:
    """A value without names."""
    if isinstance(value, Layer):
        return unbound(value.value)
    return tuple(map(unbound, value)) if isinstance(value, tuple) else value


def bind(value: Any, path: tuple[str, ...]) -> Any:
    """A value under a name."""
    taken: set[tuple[int, ...]] | None = set() if isinstance(value, Surviving) else None
    value = unbound(value)
    if isinstance(value, Recipe):
        return Layer(value, path)
    if isinstance(value, tuple) and is_recipe(value):
        return Layer(tuple(bind(item, (*path, str(i))) for i, item in enumerate(value)), path, taken)
    return value


def ramp_at(value: Any, index: int, total: int) -> Any:
    """A value with its ramps replaced by their numbers at a block."""
    if isinstance(value, Ramp):
        if total == 1 or value.start == value.stop:
            return float(value.start)
        if value.start == 0:
            return value.stop * index / (total - 1)
        return value.start * (1 - index / (total - 1)) + value.stop * index / (total - 1)
    if isinstance(value, Recipe):
        return Recipe(value.target, tuple((name, ramp_at(item, index, total)) for name, item in value.given))
    return tuple(ramp_at(item, index, total) for item in value) if isinstance(value, tuple) else value


class Frame:
    """One body at work: what its names stand for, and the layers that it has made."""

    def __init__(self, names: dict[str, Any], outer: Mapping[str, Any]) -> None:
        self.names = names
        self.outer = outer
        self.made = Made(())
        self.owners: dict[tuple[str, ...], Any] = {}
        self.layers: dict[tuple[str, ...], Made] = {}
        self.results: Any = None

    def copy(self) -> Frame:
        """The same state, to try a statement on."""
        other = Frame(dict(self.names), self.outer)
        own = self.made
        other.made = replace(
            own, shapes=dict(own.shapes), tables=dict(own.tables), starts=dict(own.starts), kinds=dict(own.kinds)
        )
        other.owners, other.layers = dict(self.owners), dict(self.layers)
        return other

    def with_names(self, names: Mapping[str, Any]) -> Frame:
        """A look at this body with further names, for expressions without tensors."""
        other = Frame({**self.names, **names}, self.outer)
        other.owners, other.layers, other.made = self.owners, self.layers, self.made
        return other

    # expressions

    def eval(self, node: Node) -> Any:
        """The value of an expression."""
        try:
            value = self._eval(node)
        except (ArithmeticError, ValueError, TypeError, IndexError) as error:
            raise Invalid(str(error)) from None
        if is_number(value) and not (abs(value) <= LARGEST or value == math.inf):
            raise Invalid("too large")
        if isinstance(value, complex) or (isinstance(value, (tuple, str)) and len(value) > LONGEST):
            raise Invalid("too long")
        return value

    def _eval(self, node: Node) -> Any:
        match node:
            case tree.Literal(value):
                return value
            case tree.Name(id):
                return self.value_of(id)
            case tree.Unary("not", operand):
                return not self.truth(operand)
            case tree.Unary(_, operand):
                value = self.eval(operand)
                return self.apply(Recipe("neg"), (value,)) if isinstance(value, TensorType) else -number(value)
            case tree.Binary("and", left, right):
                return self.truth(left) and self.truth(right)
            case tree.Binary("or", left, right):
                return self.truth(left) or self.truth(right)
            case tree.Binary(op, left, right):
                return self._binary(op, self.eval(left), self.eval(right))
            case tree.Conditional(condition, yes, no):
                return self.eval(yes if self.truth(condition) else no)
            case tree.List(items):
                return tuple(map(self.eval, items))
            case tree.Comprehension():
                return tuple(self.comprehension(node))
            case tree.Call():
                return self._call(node)
            case tree.Index():
                return self._index(node)
            case tree.Text(parts):
                return "".join(part if isinstance(part, str) else shown(self.eval(part)) for part in parts)

    def comprehension(self, node: tree.Comprehension) -> Iterator[Any]:
        """The entries of a comprehension."""
        for names in self.entries(node.targets, self.eval(node.iterable)):
            inner = self.with_names(names)
            if node.condition is None or inner.truth(node.condition):
                yield inner.eval(node.item)

    def entries(self, targets: tuple[str, ...], items: Any) -> Iterator[dict[str, Any]]:
        """The names of a loop, an entry after the other."""
        if isinstance(items, Layer):
            items = items.value
        if not isinstance(items, tuple):
            raise Invalid("no list")
        for item in items:
            values = (item,) if len(targets) == 1 else item.value if isinstance(item, Layer) else item
            if not isinstance(values, tuple) or len(values) != len(targets):
                raise Invalid("other names")
            yield dict(zip(targets, values))

    def truth(self, node: Node) -> bool:
        """The value of a condition."""
        value = self.eval(node)
        if not isinstance(value, bool):
            raise Invalid("no condition")
        return value

    def value_of(self, id: str) -> Any:
        """What a name stands for."""
        if id in self.names:
            return self.names[id]
        if id in self.outer:
            return self.outer[id]
        if id in op_names():
            return Recipe(id)
        if id in INITIALISERS:
            return Start(id)
        if id in ("pi", "inf"):
            return getattr(math, id)
        raise Invalid(f"no {id}")

    def _binary(self, op: str, left: Any, right: Any) -> Any:
        if isinstance(left, TensorType) or isinstance(right, TensorType):
            if op not in TENSOR_OPS:
                raise Invalid("no tensor op")
            tensors = tuple(side for side in (left, right) if isinstance(side, TensorType))
            numbers = [side for side in (left, right) if not isinstance(side, TensorType)]
            if numbers and (op == "@" or not is_number(numbers[0])):
                raise Invalid("no tensor")
            given = (("number", numbers[0]), ("flipped", isinstance(right, TensorType))) if numbers else ()
            return self.apply(Recipe(TENSOR_OPS[op], given), tensors)
        left, right = unbound(left), unbound(right)
        if op == "in":
            if not isinstance(right, tuple):
                raise Invalid("no list")
            return left in right
        if op in COMPARISON:
            if op not in ("==", "!=") and not (is_number(left) and is_number(right)):
                raise Invalid("no order")
            return COMPARISON[op](left, right)
        fits = isinstance(right, tuple) if op == "+" else op == "*" and type(right) is int
        lists = isinstance(left, tuple) and fits
        words = op == "+" and isinstance(left, str) and isinstance(right, str)
        if not lists and not words and not (is_number(left) and is_number(right)):
            raise Invalid("other kinds")
        if op == "**" and (abs(left) > 20 or abs(right) > 8):
            raise Invalid("too large")
        if op == "*" and lists and len(left) * right > LONGEST:
            raise Invalid("too long")
        return ARITHMETIC[op](left, right)

    def _index(self, node: tree.Index) -> Any:
        value = self.eval(node.value)
        items = tuple(self._subscript(item) for item in node.items)
        if isinstance(value, TensorType):
            return self.apply(Recipe("index", (("items", items),)), (value,))
        entries = value.value if isinstance(value, Layer) else value
        if not isinstance(entries, tuple) or len(items) != 1:
            raise Invalid("no list")
        return entries[slice(*items[0])] if isinstance(items[0], tuple) else entries[items[0]]

    def _subscript(self, item: Node | tree.Slice) -> Any:
        bounds = (item.start, item.stop) if isinstance(item, tree.Slice) else (item,)
        values = tuple(None if bound is None else self.eval(bound) for bound in bounds)
        if any(value is not None and type(value) is not int for value in values):
            raise Invalid("no whole number")
        return values if isinstance(item, tree.Slice) else values[0]

    def _call(self, node: tree.Call) -> Any:
        given = [self.eval(argument) for argument in node.arguments]
        named = [(name, self.eval(value)) for name, value in node.named]
        id = node.function.id if isinstance(node.function, tree.Name) else None
        if id is not None and not is_recipe(self.names.get(id)):
            if id not in self.outer and (id not in op_names() or not (named or any(map(has_tensor, given)))):
                if id in LISTS or id in NUMERIC or id in ("shape", "ramp", "survive"):
                    return self._function(id, given)
                if id in INITIALISERS:
                    return Start(id, tuple((f"{i}", value) for i, value in enumerate(given)) + tuple(named))
            callee = self.outer.get(id) or Recipe(id)
        else:
            callee = self.eval(node.function)
        tensors: list[Any] = []
        while given and has_tensor(given[0]):
            tensors += given[0] if isinstance(given[0], tuple) else [given[0]]
            given = given[1:]
        if any(map(has_tensor, given)) or any(has_tensor(value) for _, value in named):
            raise Invalid("a tensor as argument")
        if given or named or not tensors:
            callee = self.refine(callee, given, named)
        return self.apply(callee, tuple(tensors)) if tensors else callee

    def _function(self, id: str, given: list[Any]) -> Any:
        given = [item.value if isinstance(item, Layer) else item for item in given]
        if id == "shape":
            if len(given) != 1 or not isinstance(given[0], TensorType):
                raise Invalid("no tensor")
            return given[0].shape
        if id == "survive":
            if not isinstance(given[0], tuple) or not given[0] or not 0 <= given[1] <= 1:
                raise Invalid("no list, or no probability")
            return Surviving(unbound(given[0]))
        if id == "ramp":
            made = Ramp(*given[:2])
            return made if len(given) == 2 else tuple(ramp_at(made, i, given[2]) for i in range(given[2]))
        if id in LISTS:
            if id == "sum" and not all(map(is_number, given[0])):
                raise Invalid("no numbers")
            if id == "range" and (max(map(abs, given)) > LONGEST or not all(type(n) is int for n in given)):
                raise Invalid("no range")
            return LISTS[id](*given)
        if id in ("min", "max") and len(given) == 1 and isinstance(given[0], tuple):
            given = list(given[0])
            if len(given) == 1:
                return number(given[0])
        return NUMERIC[id](*map(number, given))

    # recipes and layers

    def refine(self, callee: Any, given: list[Any], named: list[tuple[str, Any]]) -> Any:
        """A recipe with further arguments."""
        if isinstance(callee, Layer):
            return Layer(self.refine(callee.value, given, named), callee.path)
        if not isinstance(callee, Recipe):
            raise Invalid("no recipe")
        known = parameters(callee.target)
        values = dict(callee.given)
        if isinstance(callee.target, str) and len(values) + len(given) > 1 and given:
            raise Invalid("only the first goes by place")
        for value in given:
            open_ = [name for name in known if name not in values and name not in dict(named)]
            if not open_:
                raise Invalid("too many arguments")
            values[open_[0]] = unbound(value)
        for name, value in named:
            if name not in known and (not isinstance(callee.target, str) or find_op(callee.target).extra is None):
                raise Invalid("no such argument")
            values[name] = unbound(value)
        return Recipe(callee.target, tuple(values.items()))

    def apply(self, callee: Any, tensors: tuple[Any, ...], listed: bool = False) -> Any:
        """A recipe, layer or list of them on tensors; ``listed``: as an entry of a list applied as a whole."""
        if not all(isinstance(item, TensorType) for item in tensors):
            raise Invalid("no tensor")
        value = callee.value if isinstance(callee, Layer) else callee
        if isinstance(value, tuple):
            if len(tensors) != 1:
                raise Invalid("one tensor for a list")
            for item in value:
                made = self.apply(item, tensors, isinstance(callee, Layer))
                if not isinstance(made, TensorType):
                    raise Invalid("several results in a list")
                if isinstance(callee, Layer) and callee.taken is not None:
                    callee.taken.update((tensors[0].shape, made.shape))
                tensors = (made,)
            if isinstance(callee, Layer) and callee.taken is not None and len(callee.taken) > 1:
                raise Invalid("a list that survives, on several shapes")
            return tensors[0]
        if not isinstance(value, Recipe):
            raise Invalid("nothing to apply")
        made = use(value, tensors)
        if listed and not made.listed:
            raise Invalid("no layer")
        if isinstance(callee, Layer):
            self._note(callee, made)
        elif made.layer:
            raise Invalid("without a name")
        return made.results if made.several else made.results[0]

    def _note(self, layer: Layer, made: Made) -> None:
        """A first use makes the layer; another one shares it."""
        path = layer.path
        if not made.layer:
            return
        if attribute_taken(path[0]):
            raise Invalid("no name of a layer")
        if path in self.owners:
            if self.owners[path] is not layer.value or self.layers[path].shapes != made.shapes:
                raise Invalid("shared with another shape")
            if self.layers[path].kinds != made.kinds:
                raise Invalid("shared with another kind")
            if self.layers[path].tables != made.tables or self.layers[path].starts != made.starts:
                raise Invalid("shared with other tables")
            return
        if path[0] in self.made.shapes or path[0] in self.made.tables:
            raise Invalid("taken")
        self.owners[path], self.layers[path] = layer.value, made
        self.made.take(made, ".".join(path))


def number(value: Any) -> Any:
    """A number, and nothing else."""
    if not is_number(value):
        raise Invalid("no number")
    return value


def shown(value: Any) -> str:
    """A value inside a string."""
    if isinstance(value, bool):
        return str(value).lower()
    if not isinstance(value, (int, float, str)):
        raise Invalid("not shown")
    return str(value)


def parameters(target: Any) -> tuple[str, ...]:
    """The names of the arguments of an op or module."""
    return tuple(arguments(find_op(target))) if isinstance(target, str) else tuple(target.names)


def use(recipe: Recipe, inputs: tuple[TensorType, ...]) -> Made:
    """What a recipe makes of tensors."""
    if not isinstance(recipe.target, str):
        made: Made = recipe.target.use(dict(recipe.given), inputs)
        return made
    if recipe.target not in op_names():
        raise Invalid("no op")
    op_class = find_op(recipe.target)
    from archspec.opdef.args import REQUIRED

    if any(spec.default is REQUIRED and n not in dict(recipe.given) for n, spec in arguments(op_class).items()):
        raise Invalid("an argument is missing")
    try:
        op: Op = op_class(dict(recipe.given), inputs)
    except Fault as fault:
        raise Invalid(str(fault)) from None
    shapes = {weight.name: tuple(weight.shape) for weight in op.weights()}
    several = op.variadic_outputs or len(op.outputs) != 1
    plain = tuple(TensorType(tuple(map(int, t.shape)), t.dtype, t.batched, t.entries) for t in op.outputs)
    if any(size < 1 or size > 300 for t in plain for size in t.shape) or any(t.numel > 3000 for t in plain):
        raise Invalid("too large a tensor")
    made = Made(plain, several, op.stateful, op.stateful or op.listed, shapes)
    made.kinds[""] = layer_text(op)
    return made
