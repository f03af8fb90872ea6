"""A body that grows statement by statement; each is kept only if it runs in every sample."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import Any, TypeVar

from archspec.opdef.types import TensorType
from tests.fuzz import tree
from tests.fuzz.expressions import VARIABLES, Expressions
from tests.fuzz.interpret import Frame, Invalid
from tests.fuzz.statements import Bind, If, Require, Returned, State, Statement, Table
from tests.fuzz.tree import Binary, Call, Comprehension, Conditional, Index, List, Literal, Name, Node

T = TypeVar("T")
LOCALS = (*VARIABLES, "dropout", "linear", "mean", "weight", "bias", "forward", "device", "dropout_rate", "conv", "h2")
LAYERS = (
    "fc", "proj", "norm", "act", "mixer", "head", "block", "dropout", "linear", "conv1", "layer", "x", "max", "int_",
    "weight", "self", "torch", "nn", "F", "math", "Tensor", "mean", "bias", "super", "list", "print", "mlp", "item",
)  # fmt: skip
TENSORS = (
    "y", "z", "out", "h_", "tokens", "x1", "a", "b", "list", "max", "int", "sum", "range", "lambda", "self", "torch",
    "nn", "F", "math", "layer", "features", "t", "x", "x", "_", "class", "mean", "training", "abs", "len", "i",
)  # fmt: skip
TABLES = ("table", "index", "mask", "scale", "gamma", "offset", "pos_embed", "w", "weight", "data", "shift", "q_")
MATRICES = (
    "kaiming_normal", "kaiming_normal_fan_out", "kaiming_uniform", "xavier_uniform", "xavier_normal", "orthogonal",
    "softmax_rows",
)  # fmt: skip


class Body:
    """Statements so far, the samples that they ran in, and the tensors that nothing has read yet."""

    def __init__(self, rng: Random, frames: list[Frame], outer: Sequence[str], taken: Sequence[str]) -> None:
        self.rng = rng
        self.frames = frames
        self.outer = outer
        self.taken = set(taken)
        self.statements: list[Statement] = []
        self.unread: list[str] = []
        self.fixed: set[str] = set()
        self.used: list[str] = []

    @property
    def write(self) -> Expressions:
        """Expressions over the names there are now."""
        return Expressions(self.rng, self.frames, self.outer)

    def chance(self, probability: float) -> bool:
        return self.rng.random() < probability

    def pick(self, *options: T) -> T:
        return self.rng.choice(options)

    # names

    def fresh(self, pool: Sequence[str]) -> str:
        """A name that the body does not use yet."""
        for _ in range(6):
            name = self.rng.choice(pool)
            if name not in self.taken:
                self.taken.add(name)
                return name
        name, count = self.rng.choice(pool), 2
        while f"{name}{count}" in self.taken:
            count += 1
        self.taken.add(f"{name}{count}")
        return f"{name}{count}"

    def tensors(self, test: Callable[[TensorType], bool] = lambda t: True) -> list[str]:
        """Names of tensors that fit, and have the same axes, in every sample."""
        found = [name for name in self.write.names("TensorType") if len(set(map(len, self.shapes(name)))) == 1]
        return [name for name in found if all(test(frame.names[name]) for frame in self.frames)]

    def tensor(self, test: Callable[[TensorType], bool] = lambda t: True) -> str | None:
        """One of them, most likely one that nothing has read yet."""
        fits = [name for name in self.tensors(test) if self.frames[0].names[name].dtype == "float"]
        new = [name for name in fits if name in self.unread]
        if new and self.chance(0.8):
            return self.rng.choice(new)
        return self.rng.choice(fits) if fits else None

    def rank(self, name: str) -> int:
        """The rank of a tensor, in the first sample."""
        found: int = self.frames[0].names[name].rank
        return found

    def shapes(self, name: str) -> list[tuple[int, ...]]:
        """Its shape in every sample."""
        return [frame.names[name].shape for frame in self.frames]

    def size(self, name: str, axis: int) -> Node | None:
        """An expression for one of its sizes."""
        return self.write.sized([shape[axis] for shape in self.shapes(name)])

    # statements

    def add(self, *statements: Statement, tensors: Sequence[str] = ()) -> bool:
        """Keep statements if they run in every sample, and these names are tensors then."""
        tried = [frame.copy() for frame in self.frames]
        try:
            for frame in tried:
                for statement in statements:
                    statement.run(frame)
        except (Invalid, Returned):
            return False
        if not all(isinstance(frame.names[name], TensorType) for frame in tried for name in tensors):
            return False
        for statement in statements:
            self.read(statement)
        self.frames[:] = tried
        self.statements += statements
        return True

    def read(self, part: Any) -> None:
        """Mark tensors that an expression or statement names as read."""
        if isinstance(part, Name):
            if part.id in self.unread:
                self.unread.remove(part.id)
        elif isinstance(part, Call) and isinstance(part.function, Name):
            if part.function.id != "shape":
                self.read((part.arguments, part.named))
        elif isinstance(part, tuple):
            for item in part:
                self.read(item)
        elif hasattr(part, "__dataclass_fields__"):
            for name in part.__dataclass_fields__:
                self.read(getattr(part, name))

    def result(self, value: Node, *before: Statement, several: int = 0) -> bool:
        """Bind a new tensor, or several, to an expression."""
        tensors = self.tensors()
        names = tuple(self.fresh(TENSORS) for _ in range(several or 1))
        if not several and self.chance(0.3) and tensors:
            again = [n for n in tensors if n in names_in(value) and n not in self.fixed]
            names = (self.rng.choice(again),) if again else names
        if not self.add(*before, Bind(names, value), tensors=names):
            return False
        self.unread += [name for name in names if name not in self.unread]
        return True

    def state(self, shapes: Sequence[tuple[int, ...]], whole_below: int = 0) -> str | None:
        """A parameter, buffer or table of a shape; ``whole_below``: whole numbers from 0 up to that."""
        if len({len(shape) for shape in shapes}) != 1:
            return None
        dims = [self.write.sized([shape[axis] for shape in shapes]) for axis in range(len(shapes[0]))]
        if any(dim is None for dim in dims):
            return None
        known = tuple(dim for dim in dims if dim is not None)
        name = self.fresh(TABLES)
        self.fixed.add(name)
        if whole_below or self.chance(0.45):
            return name if self.add(Table(name, bool(whole_below), known, self.table(known, whole_below))) else None
        kind = self.pick("param", "param", "buffer")
        return name if self.add(State(kind, name, known, self.start(len(known)))) else None

    def table(self, dims: tuple[Node, ...], whole_below: int = 0) -> Node:
        """Nested lists of numbers of a shape, by comprehensions, repeats or one by one."""
        for _ in range(8):
            node = self._table(self.write, dims, whole_below)
            shape = [tuple(frame.eval(dim) for dim in dims) for frame in self.frames]
            try:
                if all(_fits(frame.eval(node), own, whole_below) for frame, own in zip(self.frames, shape)):
                    return node
            except Invalid:
                continue
        node = Literal(1 if whole_below != 1 else 0)
        for dim in reversed(dims):
            node = Comprehension(node, ("_",), Call(Name("range"), (dim,)))
        return node

    def _table(self, write: Expressions, dims: tuple[Node, ...], whole_below: int) -> Node:
        if not dims:
            if whole_below:
                return write.int_(0, whole_below - 1, 2)
            return write.pick(write.float_, write.float_, write.int_)(-3, 3, 2)
        first, rest = dims[0], dims[1:]
        known = {frame.eval(first) for frame in write.frames}
        if len(known) == 1 and self.chance(0.2) and (count := next(iter(known))) <= 4:
            return List(tuple(self._table(write, rest, whole_below) for _ in range(count)))
        if self.chance(0.15):
            return Binary("*", List((self._table(write, rest, whole_below),)), first)
        spread: Node = Call(Name("range"), (first,))
        free = sorted(set(VARIABLES) - names_in(rest))
        names = tuple(self.rng.sample(free, 1))
        if self.chance(0.15):
            spread, names = Call(Name("enumerate"), (spread,)), tuple(self.rng.sample(free, 2))
        elif self.chance(0.1):
            spread = Call(Name("reversed"), (spread,))
        try:
            frames = [f.with_names(own) for f in write.frames for own in f.entries(names, f.eval(spread))]
        except Invalid:
            return List(())
        inside = Expressions(self.rng, frames if len(frames) <= 24 else self.rng.sample(frames, 24), self.outer)
        return Comprehension(self._table(inside, rest, whole_below), names, spread)

    def start(self, rank: int) -> Node:
        """An initialiser."""
        write = self.write
        match self.rng.randrange(9):
            case 0 | 1:
                return write.float_(-2, 2)
            case 2:
                return Name(self.pick("zeros", "ones", "normal"))
            case 3:
                return Call(Name("normal"), (write.float_(0.01, 1),))
            case 4:
                return Call(Name("trunc_normal"), (write.float_(0.01, 1),))
            case 5:
                return Call(Name("uniform"), (), (("low", write.float_(-2, 0)), ("high", write.float_(0.1, 2))))
            case 6 if rank >= 2:
                return Name(self.rng.choice(MATRICES))
            case 7:
                return Call(Name("constant"), (write.float_(-2, 2),))
        return Call(Name("normal"), (write.float_(0.01, 1),), (("mean", write.float_(-1, 1)),))

    def local(self) -> bool:
        """A number, list, truth or word with a name."""
        write, name = self.write, self.fresh(LOCALS)
        match self.rng.randrange(7):
            case 0 | 1:
                value = write.int_(0, 9)
            case 2:
                value = write.float_(-2, 2)
            case 3:
                value = write.bool_()
            case 4:
                value = write.ints(2)
            case 5:
                value = write.floats(2)
            case _:
                value = write.text_(self.pick("none", "tanh", "zeros", "a b"))
        return self.add(Bind((name,), value))

    def require(self) -> bool:
        """Something that holds in every sample, with a message."""
        condition = self.write.bool_(2)
        if not self.write.holds(condition, lambda value: value is True):
            condition = tree.Unary("not", condition)
        numbers = self.write.names("int", "float")
        hole = Name(self.rng.choice(numbers)) if numbers else Literal(1)
        return self.add(Require(condition, tree.Text(("it is ", hole, ", which is wrong"))))

    def branch(self) -> bool:
        """An ``if`` that works on a tensor on one side or both."""
        x = self.tensor()
        if x is None or x in self.fixed:
            return False
        factor = self.write.float_(-2, 2, 1)
        then: Statement = Bind((x,), Binary(self.pick("*", "+", "-"), Name(x), factor))
        other: Statement = Bind((x,), Call(Name(self.pick("tanh", "relu", "sigmoid")), (Name(x),)))
        made = If(self.write.bool_(2), (then,), (other,) if self.chance(0.5) else ())
        if self.chance(0.3):
            made = If(self.write.bool_(1), (other,), (made,))
        unread = x in self.unread
        if not self.add(made):
            return False
        if unread:
            self.unread.append(x)
        return True

    def reduced(self, name: str) -> Node:
        """A tensor as one number a sample, or a slice that says all of it."""
        axes = List(tuple(Literal(i) for i in range(self.rank(name))))
        if self.rank(name) == 0:
            return Name(name)
        return Call(Name("mean"), (Name(name),), (("axis", axes),))

    def alternatives(self, value: Node) -> Node:
        """The same tensor, by a detour through a condition or a list."""
        if self.chance(0.85):
            return value
        if self.chance(0.5):
            return Index(List((value, value)), (tree.number(self.pick(0, -1, 1)),))
        return Conditional(self.write.bool_(1), value, value)


def names_in(node: Any) -> set[str]:
    """All names in an expression."""
    if isinstance(node, Name):
        return {node.id}
    if isinstance(node, tuple):
        return set().union(*map(names_in, node)) if node else set()
    if hasattr(node, "__dataclass_fields__"):
        return set().union(*(names_in(getattr(node, name)) for name in node.__dataclass_fields__))
    return set()


def _fits(value: Any, shape: tuple[int, ...], whole_below: int) -> bool:
    if not shape:
        if whole_below:
            return type(value) is int and 0 <= value < whole_below
        return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) <= 50
    return isinstance(value, tuple) and len(value) == shape[0] and all(_fits(v, shape[1:], whole_below) for v in value)
