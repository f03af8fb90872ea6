"""Random expressions of static values, each valid in every sample of a body at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import Any, TypeVar

from tests.fuzz import tree
from tests.fuzz.interpret import Frame, Invalid, is_number
from tests.fuzz.tree import Binary, Call, Comprehension, Conditional, Index, List, Literal, Name, Node, Slice, Unary

T = TypeVar("T")
VARIABLES = (
    "lambda", "int", "max", "range", "self", "torch", "x", "i", "j", "k", "n", "min", "len", "sum", "float", "abs",
    "round", "list", "tuple", "zip", "enumerate", "class", "def", "is", "from_", "nn", "F", "math", "Tensor", "super",
    "print", "del", "pass", "yield", "None", "True", "type", "id", "object", "c", "layer", "training", "and_", "bool",
)  # fmt: skip
"""Names of comprehension variables and numbers: whatever Python, torch or the language itself may mean by them."""


def kind_of(values: Sequence[Any]) -> str:
    """What a name stands for in every sample; ``other`` where that differs."""
    kinds = set(map(kind, values))
    if kinds == {"int", "float"}:
        return "float"
    if kinds in ({"ints", "floats"}, {"ints", "empty"}, {"floats", "empty"}):
        return "floats" if "floats" in kinds else "other"
    return kinds.pop() if len(kinds) == 1 else "other"


def kind(value: Any) -> str:
    """What a value is."""
    if isinstance(value, bool):
        return "bool"
    if is_number(value):
        return "int" if isinstance(value, int) else "float"
    if isinstance(value, tuple):
        inner = {kind(item) for item in value}
        if not inner:
            return "empty"
        return "ints" if inner == {"int"} else "floats" if inner <= {"int", "float"} else "list"
    return "text" if isinstance(value, str) else "none" if value is None else type(value).__name__


class Expressions:
    """Writes expressions over the names of a body; ``frames`` are that body in several samples."""

    def __init__(self, rng: Random, frames: list[Frame], outer: Sequence[str] = ()) -> None:
        self.rng = rng
        self.frames = frames
        self.outer = list(outer)

    # what there is

    def values(self, node: Node) -> list[Any]:
        """Its value in every sample."""
        return [frame.eval(node) for frame in self.frames]

    def holds(self, node: Node, test: Callable[[Any], bool]) -> bool:
        """Whether it has a value that fits in every sample."""
        try:
            return all(test(value) for value in self.values(node))
        except Invalid:
            return False

    def names(self, *kinds: str) -> list[str]:
        """Names of some kinds."""
        first = self.frames[0]
        found = [n for n in first.names if all(n in frame.names for frame in self.frames)]
        found += [n for n in self.outer if n not in first.names]
        return [n for n in found if kind_of([frame.value_of(n) for frame in self.frames]) in kinds]

    def pick(self, *options: T) -> T:
        return self.rng.choice(options)

    def one(self, *options: Node) -> Node:
        return self.rng.choice(options)

    def chance(self, probability: float) -> bool:
        return self.rng.random() < probability

    def tried(self, make: Callable[[], Node], test: Callable[[Any], bool], otherwise: Callable[[], Node]) -> Node:
        """Something that fits in every sample."""
        for _ in range(6):
            node = make()
            if self.holds(node, test):
                return node
        return otherwise()

    # numbers

    def int_(self, low: int = -9, high: int = 12, depth: int = 2) -> Node:
        """A whole number between two bounds."""

        def fits(value: Any) -> bool:
            return type(value) is int and low <= value <= high

        def tamed() -> Node:
            loose = self._int(depth)
            if not self.holds(loose, lambda value: type(value) is int):
                return tree.number(self.rng.randint(low, high))
            span = Literal(high - low + 1)
            wrapped = self.one(
                Binary("+", tree.number(low), Binary("%", loose, span)),
                Binary("+", Binary("%", loose, span), tree.number(low)),
                Call(Name("min"), (Call(Name("max"), (loose, tree.number(low))), tree.number(high))),
            )
            return wrapped if self.holds(wrapped, fits) else tree.number(self.rng.randint(low, high))

        return self.tried(lambda: self._int(depth), fits, tamed)

    def float_(self, low: float = -10.0, high: float = 10.0, depth: int = 2) -> Node:
        """A number between two bounds, whole or not."""

        def fits(value: Any) -> bool:
            return is_number(value) and low <= value <= high

        def plain() -> Node:
            return tree.number(round(self.rng.uniform(low, high), 2))

        def tamed() -> Node:
            loose = self._float(depth)
            wrapped = Call(Name("min"), (Call(Name("max"), (loose, tree.number(low))), tree.number(high)))
            return wrapped if self.holds(wrapped, fits) else plain()

        return self.tried(lambda: self._float(depth), fits, tamed)

    def _literal_int(self) -> Node:
        value = self.pick(0, 1, 1, 2, 2, 3, 3, 4, 5, 6, 7, 8, 9, 12, 16)
        if self.chance(0.04):
            return self.one(Literal(1000, "1K"), Literal(10, "1_0"), Literal(2, "02"), Literal(12, "0_12"))
        return Literal(value)

    def _literal_float(self) -> Node:
        plain = self.pick(0.5, 0.25, 1.5, 2.5, 1e-3, 0.1, 3.0, 0.0, 1.0, 2.0)
        return self.one(Literal(plain), Literal(plain), Literal(0.5, ".5"), Literal(2.0, "2."), Literal(20.0, "2e1"),
                        Literal(1500.0, "1.5K"), Name("pi"))  # fmt: skip

    def _int(self, depth: int) -> Node:
        names = self.names("int")
        if depth <= 0 or self.chance(0.15):
            return Name(self.rng.choice(names)) if names and self.chance(0.65) else self._literal_int()
        inner = depth - 1
        match self.rng.randrange(15):
            case 0 | 1 | 2 | 3:
                return Binary(self.pick("+", "-", "*", "+", "-"), self._int(inner), self._int(inner))
            case 4 | 5:
                return Binary(self.pick("//", "%"), self._int(inner), self._divisor(inner))
            case 6:
                return Unary("-", self._int(inner))
            case 7 | 8:
                return Conditional(self.bool_(inner), self._int(inner), self._int(inner))
            case 9:
                many = tuple(self._int(inner) for _ in range(self.rng.randint(2, 3)))
                return Call(Name(self.pick("min", "max")), many if self.chance(0.8) else (List(many),))
            case 10:
                return Call(Name(self.pick("int", "round", "floor", "ceil")), (self._float(inner),))
            case 11:
                return Call(Name("abs"), (self._int(inner),))
            case 12:
                return Call(Name(self.pick("sum", "len")), (self.ints(inner),))
            case 13:
                return self._entry(self.ints(inner))
            case _:
                if self.chance(0.4):
                    return Binary("**", self._int(0), Literal(self.pick(2, 2, 3, 0)))
                tensors = self.names("TensorType")
                if not tensors:
                    return self._int(inner)
                shape = Call(Name("shape"), (Name(self.rng.choice(tensors)),))
                return Call(Name("len"), (shape,)) if self.chance(0.3) else self._entry(shape)

    def _divisor(self, depth: int) -> Node:
        return Literal(self.pick(2, 3, 4, 5)) if self.chance(0.7) else self.int_(1, 7, depth)

    def _entry(self, items: Node) -> Node:
        """An entry of a list, from either end."""
        try:
            shortest = min(map(len, self.values(items)))
        except Invalid:
            return self._literal_int()
        if not shortest:
            return self._literal_int()
        if self.chance(0.3):
            return Index(items, (self.int_(-shortest, shortest - 1, 1),))
        return Index(items, (tree.number(self.rng.randint(-shortest, shortest - 1)),))

    def _float(self, depth: int) -> Node:
        names = self.names("float", "int") if self.chance(0.5) else self.names("float")
        if depth <= 0 or self.chance(0.15):
            return Name(self.rng.choice(names)) if names and self.chance(0.65) else self._literal_float()
        inner = depth - 1
        match self.rng.randrange(12):
            case 0 | 1 | 2:
                return Binary(self.pick("+", "-", "*"), self._float(inner), self.pick(self._float, self._int)(inner))
            case 3:
                return Binary(self.pick("+", "-", "*"), self._int(inner), self._float(inner))
            case 4 | 5:
                return Binary("/", self.pick(self._float, self._int)(inner), self._divisor(inner))
            case 6:
                return Unary("-", self._float(inner))
            case 7:
                return Conditional(self.bool_(inner), self.pick(self._float, self._int)(inner), self._float(inner))
            case 8:
                size = Call(Name("abs"), (self._float(inner),))
                return self.one(
                    Call(Name("sqrt"), (size,)),
                    Call(Name("log"), (Binary("+", size, Literal(1)),)),
                    Call(Name(self.pick("sin", "cos")), (self._float(inner),)),
                    Call(Name("exp"), (Call(Name("min"), (self._float(inner), Literal(3))),)),
                )
            case 9:
                return Call(Name(self.pick("min", "max")), (self._float(inner), self._int(inner)))
            case 10:
                round_ = Call(Name("round"), (self._float(inner), Literal(self.pick(1, 2, 3))))
                float_, abs_ = Call(Name("float"), (self._int(inner),)), Call(Name("abs"), (self._float(inner),))
                return self.one(float_, abs_, round_)
            case _:
                exponents: tuple[Node, ...] = (Unary("-", Literal(0.5)), Literal(0.5), Unary("-", Literal(1)))
                return Binary("**", self._literal_int(), self.rng.choice(exponents))

    # truths, words

    def bool_(self, depth: int = 2) -> Node:
        """A truth."""
        return self.tried(lambda: self._bool(depth), lambda value: isinstance(value, bool), lambda: Literal(True))

    def _bool(self, depth: int) -> Node:
        names = self.names("bool")
        if depth <= 0:
            if names and self.chance(0.4):
                return Name(self.rng.choice(names))
            if self.chance(0.15):
                return Literal(self.chance(0.5))
            return Binary(self._relation(), self._int(0), self._int(0))
        inner = depth - 1
        match self.rng.randrange(10):
            case 0 | 1 | 2:
                return Binary(self._relation(), self.pick(self._int, self._float)(inner), self._int(inner))
            case 3:
                return Binary(self.pick("==", "!="), self._bool(inner), self._bool(inner))
            case 4 | 5:
                return Binary(self.pick("and", "or"), self._bool(inner), self._bool(inner))
            case 6:
                return Unary("not", self._bool(inner))
            case 7:
                return Binary("in", self._int(inner), self.ints(inner))
            case 8:
                texts = self.names("text")
                if texts and self.chance(0.6):
                    name = self.rng.choice(texts)
                    return Binary(self.pick("==", "!="), Name(name), Literal(self.frames[0].value_of(name)))
                return Conditional(self._bool(inner), self._bool(inner), self._bool(inner))
            case _:
                names = self.names("none", "int", "float")
                other = Name(self.rng.choice(names)) if names else Literal(None)
                return Binary(self.pick("==", "!="), other, Literal(None))

    def _relation(self) -> str:
        return self.pick("==", "!=", "<", "<=", ">", ">=")

    def text_(self, wanted: str) -> Node:
        """A way to write a string that is known, holes in it where numbers stand."""
        holes = [name for name in self.names("int", "text") if self.chance(0.5)]
        for name in holes:
            shown = {str(frame.value_of(name)) for frame in self.frames}
            if len(shown) == 1 and (own := shown.pop()) and own in wanted and '"' not in own:
                before, after = wanted.split(own, 1)
                return tree.Text((before, Name(name), after))
        if len(wanted) > 2 and self.chance(0.15):
            at = self.rng.randint(1, len(wanted) - 1)
            return Binary("+", Literal(wanted[:at]), Literal(wanted[at:]))
        if self.chance(0.15):
            condition = self.bool_(1)
            sides = set(self.values(condition))
            if len(sides) == 1:
                other = Literal("other")
                return Conditional(condition, *((Literal(wanted), other) if sides.pop() else (other, Literal(wanted))))
        return Literal(wanted)

    # lists

    def ints(self, depth: int = 1, length: int | None = None) -> Node:
        """A list of whole numbers, of a length where one is given."""
        return self.list_of(self._int, "ints", depth, length)

    def floats(self, depth: int = 1, length: int | None = None) -> Node:
        """A list of numbers."""
        return self.list_of(self.pick(self._float, self._float, self._int), "floats", depth, length)

    def list_of(self, entry: Callable[[int], Node], known: str, depth: int, length: int | None = None) -> Node:
        """A list made in one of many ways."""
        count = self.rng.randint(1, 4) if length is None else length

        def fits(value: Any) -> bool:
            right = len(value) <= 12 if length is None else len(value) == length
            return isinstance(value, tuple) and right and all(map(is_number, value))

        def literal() -> Node:
            return List(tuple(entry(max(0, depth - 1)) for _ in range(count)))

        def plain() -> Node:
            return self._plain(literal, fits, count)

        return self.tried(lambda: self._list(entry, known, depth, count), fits, plain)

    def _plain(self, literal: Callable[[], Node], fits: Callable[[Any], bool], count: int) -> Node:
        return self.tried(literal, fits, lambda: List(tuple(self._literal_int() for _ in range(count))))

    def _list(self, entry: Callable[[int], Node], known: str, depth: int, count: int) -> Node:
        inner = max(0, depth - 1)
        names = self.names(known)
        if names and self.chance(0.2):
            return Name(self.rng.choice(names))
        if depth <= 0:
            return List(tuple(entry(0) for _ in range(count)))
        match self.rng.randrange(9):
            case 0 | 1:
                return List(tuple(entry(inner) for _ in range(count)))
            case 2 | 3 | 4:
                return self.comprehension(entry, inner, count)
            case 5:
                cut = self.rng.randint(0, count)
                return Binary("+", self._list(entry, known, inner, cut), self._list(entry, known, inner, count - cut))
            case 6:
                one = List((entry(inner),))
                return Binary("*", one, self.number_of(count)) if self.chance(0.8) else Call(Name("reversed"), (one,))
            case 7:
                longer = self._list(entry, known, inner, count + 1)
                return Index(longer, (self.pick(Slice(None, tree.number(-1)), Slice(Literal(1), None)),))
            case _:
                if known == "ints":
                    start = self.rng.randint(0, 3)
                    bounds = (Literal(start), Literal(start + count)) if start else (self.number_of(count),)
                    return Call(Name("range"), bounds)
                return Call(Name("ramp"), (entry(0), entry(0), self.number_of(count)))

    def number_of(self, value: int) -> Node:
        """A number that is known, as a name where one has it."""
        same = [n for n in self.names("int") if all(frame.value_of(n) == value for frame in self.frames)]
        return Name(self.rng.choice(same)) if same and self.chance(0.6) else tree.number(value)

    def comprehension(self, entry: Callable[[int], Node], depth: int, count: int) -> Node:
        """``[entry for targets in list]``, the entry written over what the targets stand for."""
        counter = self.number_of(count)
        spread: Node = Call(Name("range"), (counter,))
        condition: Node | None = None
        iterable: Node
        match self.rng.randrange(6):
            case 0:
                targets, iterable = 2, Call(Name("zip"), (self.ints(0, count), self.floats(0, count)))
            case 1:
                targets, iterable = 2, Call(Name("enumerate"), (self.floats(0, count),))
            case 2:
                targets, iterable = 1, self.ints(depth, count)
            case 3:
                targets, iterable = 1, Call(Name("range"), (Binary("*", Literal(2), counter),))
                condition = Literal(True)
            case _:
                targets, iterable = 1, spread
        names = tuple(self.rng.sample(VARIABLES, targets))
        try:
            frames = [f.with_names(own) for f in self.frames for own in f.entries(names, f.eval(iterable))]
        except Invalid:
            return List(())
        if not frames:
            return List(())
        inside = Expressions(self.rng, frames if len(frames) <= 30 else self.rng.sample(frames, 30), self.outer)
        if condition is not None:
            even = Binary(self.pick("==", "!="), Binary("%", Name(names[0]), Literal(2)), Literal(self.pick(0, 1)))
            below = Binary(self.pick("<", ">="), Name(names[0]), counter)
            condition = self.one(even, below)
        elif self.chance(0.15):
            condition = self.one(Literal(True), Binary("<", Name(names[0]), Literal(1500)))
        item = inside.again(entry, depth)
        if self.chance(0.5):
            item = self.one(
                Binary(self.pick("+", "-", "*"), item, Name(names[-1])),
                Conditional(inside.bool_(1), Name(names[0]), item),
                Binary("+", Conditional(inside.bool_(1), item, Literal(1)), Name(names[0])),
            )
        return Comprehension(item, names, iterable, condition)

    def again(self, entry: Callable[[int], Node], depth: int) -> Node:
        """The same kind of expression, over these names."""
        own: Node = getattr(self, entry.__name__)(depth)
        return own

    # known sizes

    def sized(self, values: Sequence[int]) -> Node | None:
        """An expression that has these values in the samples, or None where none is found."""
        numbers = self.names("int")
        own = {name: [frame.value_of(name) for frame in self.frames] for name in numbers}
        found: list[Node] = [Name(name) for name, had in own.items() if had == list(values)]
        if len(set(values)) == 1:
            found.append(tree.number(values[0]))
        for name, had in own.items():
            by = {v // n for v, n in zip(values, had) if n and v % n == 0}
            if len(by) == 1 and all(n and v % n == 0 for v, n in zip(values, had)) and 1 < (k := by.pop()) < 9:
                found.append(self.one(Binary("*", Literal(k), Name(name)), Binary("*", Name(name), Literal(k))))
            for k in (2, 3, 4):
                if all(n // k == v for v, n in zip(values, had)):
                    found.append(Binary("//", Name(name), Literal(k)))
            off = {v - n for v, n in zip(values, had)}
            if len(off) == 1 and 0 < abs(k := off.pop()) < 9:
                found.append(Binary("+" if k > 0 else "-", Name(name), Literal(abs(k))))
        if not found:
            for a in numbers:
                for b in numbers:
                    if all(x * y == v for x, y, v in zip(own[a], own[b], values)):
                        found.append(Binary("*", Name(a), Name(b)))
        if not found:
            return None
        named = [node for node in found if not isinstance(node, (Literal, Unary))]
        node = self.rng.choice(named if named and self.chance(0.8) else found)
        return self.disguised(node) if self.chance(0.25) else node

    def disguised(self, node: Node) -> Node:
        """The same whole number, said another way."""
        other = self._int(1)
        if not self.holds(other, lambda value: type(value) is int):
            return node
        condition = self.bool_(1)
        sides = set(self.values(condition))
        choices: list[Node] = [
            Binary("-", Binary("+", node, other), other),
            Binary("//", Binary("*", node, Literal(3)), Literal(3)),
            Index(List((other, node)), (tree.number(self.pick(1, -1)),)),
            Conditional(condition, node, node),
            Call(Name("int"), (Binary("/", Binary("*", Literal(2), node), Literal(2)),)),
            Call(Name("max"), (node, Unary("-", node))),
            Call(Name("sum"), (List((node,)),)),
        ]
        if len(sides) == 1:
            choices.append(Conditional(condition, *((node, other) if sides.pop() else (other, node))))
        made = self.one(*choices)
        return made if self.holds(made, lambda value: type(value) is int and value >= 1) else node
