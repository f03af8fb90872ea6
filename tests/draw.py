"""Random small programs of ops: arguments from what the ops declare, inputs of all shapes, in whatever order of use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import prod
from random import Random
from typing import Any

from archspec.opdef.args import REQUIRED, show
from archspec.opdef.elementwise import Arithmetic
from archspec.opdef.faults import Fault
from archspec.opdef.op import Op, arguments
from archspec.opdef.registry import find_op, op_names
from archspec.opdef.types import TensorType

OPS = tuple(sorted(op_names()))
WHOLE = (0, 1, 1, 1, 2, 2, 2, 3, 3, 4, 5, 6, 7, 8, 12, -1, -1, -2, -3, -5, -8)
REAL = (0.0, 0.1, 0.3, 0.5, 1.0, 2.5, -1.5, float("inf"), float("-inf"), 1e-6)
LARGEST = 2000
"""Elements of a tensor: what would be larger is not drawn."""


@dataclass
class Program:
    """A model as lines of text, with the type of each of its tensors and the ops that made them."""

    random: Random
    inputs: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    types: dict[str, TensorType] = field(default_factory=dict)
    made: list[str] = field(default_factory=list)
    ops: list[Op] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The model; it returns all that was made."""
        lines = "\n".join(f"    {line}" for line in self.lines)
        return (
            f"model drawn on {', '.join(self.inputs or ['x: [1]'])} {{\n{lines}\n    return {', '.join(self.made)}\n}}"
        )

    def source(self, type: TensorType, fixed: bool = False) -> str:
        """A tensor of that type from outside: an input, a parameter, a buffer or a table."""
        name = f"x{len(self.types)}"
        self.types[name] = type
        if type.batched:
            self.inputs.append(f"{name}: {type}")
        elif type.dtype == "int" or fixed:
            kind = "int " if type.dtype == "int" else ""
            self.lines.append(f"const {name}: {kind}{_sizes(type)} = {_zeros(type.shape)}")
        else:
            kind = self.random.choice(("param", "param", "buffer"))
            self.lines.append(f"{kind} {name}: {_sizes(type)} = uniform(low = 0.1, high = 1.1)")
        return name

    def apply(self, op: Op, names: Sequence[str]) -> None:
        """A line for an op on tensors of these names."""
        at = len(self.types)
        if isinstance(op, Arithmetic):
            sides = [*names, *([show(op.number)] if op.number is not None else [])]
            use = f" {op.symbol} ".join(f"({side})" for side in (sides[::-1] if op.flipped else sides))
        elif op.name() == "index":
            items = ", ".join(_item(item) for item in op.items)  # type: ignore[attr-defined]
            use = f"{names[0]}[{items}]"
        else:
            given = {name: value for name, value in (op.values | op.extras).items() if value is not None}
            given_text = ", ".join(f"{name} = {show(value)}" for name, value in given.items())
            if op.stateful:
                self.lines.append(f"f{at} = {op.name()}({given_text})")
                use = f"f{at}({', '.join(names)})"
            else:
                use = f"{op.name()}({', '.join([*names, *([given_text] if given else [])])})"
        results = [f"y{at + i}" for i in range(len(op.outputs))]
        self.types.update(zip(results, op.outputs))
        left = ", ".join(results) if len(results) > 1 or not op.variadic_outputs else f"f{at}"
        self.lines += [f"{left} = {use}", *([f"{results[0]} = f{at}[0]"] if left != ", ".join(results) else [])]
        self.made += results
        self.ops.append(op)


def single(name: str, random: Random, tries: int = 30) -> Program:
    """A program of one op that is accepted, or, after so many tries, an empty one."""
    for _ in range(tries):
        program = Program(random)
        if step(program, name, fresh=True):
            return program
    return Program(random)


def chain(random: Random, length: int) -> Program:
    """A program of some ops, each on what those before have made; half are of a handful of them, that meet often."""
    program = Program(random)
    program.made.append(program.source(_type(random)))
    names = [*random.sample(OPS, 6), "rearrange"] if random.random() < 0.5 else OPS
    for _ in range(100 * length):
        if len(program.ops) < length:
            step(program, random.choice(names), fresh=random.random() < 0.05)
    return program


def step(program: Program, name: str, fresh: bool) -> bool:
    """Add a use of an op, on new tensors (``fresh``) or on those there are; False where it refuses what was drawn."""
    random, op = program.random, find_op(name)
    count = op.arity or random.choice((1, 2, 2, 3, 3, 4))
    types: list[TensorType] = []
    names: list[str | None] = []
    for at in range(count):
        known = [n for n, type in program.types.items() if n in program.made and type.dtype in op.dtypes]
        if known and not fresh and (at == 0 or random.random() < 0.8):
            fitting = [n for n in known if types and program.types[n].shape == types[0].shape]
            names.append(random.choice(known[-4:] if not fitting or random.random() < 0.3 else fitting))
            types.append(program.types[str(names[-1])])
        else:
            names.append(None)
            types.append(_type(random, random.choice(op.dtypes), types))
    values = _values(random, op, types)
    if issubclass(op, Arithmetic) and random.random() < 0.4:
        types, names = types[:1], names[:1]
        values = {"number": random.choice((2, 3, 0.5, -1)), "flipped": random.random() < 0.5}
    try:
        made = op(values, tuple(types))
    except Fault:
        return False
    if any(type.numel > LARGEST for type in made.outputs) or any(prod(w.shape) > LARGEST for w in made.weights()):
        return False
    fixed = name == "take" and random.random() < 0.5
    program.apply(made, [n if n is not None else program.source(type, fixed) for n, type in zip(names, types)])
    return True


def _type(random: Random, dtype: Any = "float", others: Sequence[TensorType] = ()) -> TensorType:
    """A type of 0 to 5 axes, or one near to those of ``others``."""
    shape = [random.choice((1, 1, 2, 3, 4, 4, 5, 6, 8)) for _ in range(random.choice((0, 1, 1, 2, 2, 3, 3, 4, 5)))]
    while prod(shape) > LARGEST:
        shape.pop()
    if others and random.random() < 0.8:
        shape = list(random.choice(others).shape)
        for _ in range(random.choice((0, 0, 1, 2))):
            change = random.randrange(4)
            if change == 0 and shape:
                shape[random.randrange(len(shape))] = random.choice((1, 2, 3, 5))
            elif change == 1:
                random.shuffle(shape)
            elif change == 2 and shape:
                shape.pop(random.randrange(len(shape)))
            elif change == 3 and len(shape) > 1:
                shape[-1], shape[-2] = shape[-2], shape[-1]
    return TensorType(tuple(shape), dtype, random.random() < 0.75 or (not others and random.random() < 0.5))


def _values(random: Random, op: type[Op], types: Sequence[TensorType]) -> dict[str, Any]:
    """A value for each argument that is drawn to be given."""
    if op.name() == "index":
        return {"items": tuple(_place(random) for _ in range(random.randint(1, max(types[0].rank, 1))))}
    values: dict[str, Any] = {}
    for name, argument in arguments(op).items():
        if argument.default is REQUIRED or random.random() < 0.5:
            fitting = [value for value in _candidates(random, types) if argument.check(value) is not None]
            quoted = [word for word in argument.expected.split('"')[1::2] if argument.check(word) is not None]
            values[name] = random.choice(quoted or fitting)
            if isinstance(values[name], str) and not quoted:
                values[name], sizes = _pattern(random, types)
                values |= sizes if op.extra is not None else {}
    return values


def _candidates(random: Random, types: Sequence[TensorType]) -> list[Any]:
    """Values of every kind, the lists among them of lengths and sums that suit the first input."""
    first = types[0].shape
    several = [tuple(random.choice(WHOLE) for _ in range(n)) for n in (1, 2, 3, len(first), max(len(first) - 1, 1))]
    numbers = [random.choice(WHOLE) for _ in range(6)] + [random.choice(first or (1,)) for _ in range(2)]
    shapes = [_factors(random, prod(first)), _parts(random, random.choice(first or (1,)))]
    return [*numbers, *several, *shapes, *REAL, random.random() < 0.5, "pattern"]


def _factors(random: Random, number: int) -> tuple[int, ...]:
    """Sizes that multiply up to a number."""
    found = []
    while number > 1:
        divisors = [d for d in range(2, number + 1) if number % d == 0]
        found.append(random.choice(divisors))
        number //= found[-1]
    found += [1] * random.choice((0, 0, 1))
    random.shuffle(found)
    return tuple(found)


def _parts(random: Random, number: int) -> tuple[int, ...]:
    """Sizes that add up to a number."""
    found = []
    while number > 0:
        found.append(random.randint(1, number))
        number -= found[-1]
    return tuple(found)


def _place(random: Random) -> Any:
    """An item of an index."""
    if random.random() < 0.4:
        return random.choice((0, 0, 1, 2, -1, -2))
    return random.choice((None, 0, 1, 2, -1, -2)), random.choice((None, None, 1, 2, 3, 9, -1, -2))


def _pattern(random: Random, types: Sequence[TensorType]) -> tuple[str, dict[str, int]]:
    """A pattern that names the axes of the inputs, equal sizes often by one name, with sizes of what it splits."""
    letters = iter("abcdefghijklmnopqrstuvwxyz")
    known: list[tuple[str, int]] = []
    sides, sizes = [], {}
    for type in types:
        words, used = [], []
        for size in type.shape:
            shared = [n for n, m in known if m == size and n not in used]
            divisors = [d for d in range(1, size + 1) if size % d == 0]
            if len(types) == 1 and random.random() < 0.3:
                one, other = next(letters), next(letters)
                sizes[one] = random.choice(divisors)
                known += [(one, sizes[one]), (other, size // sizes[one])]
                words.append(f"({one} {other})")
            elif len(types) == 1 and size == 1 and random.random() < 0.5:
                words.append("1")
            else:
                name = random.choice(shared) if shared and random.random() < 0.7 else next(letters)
                known.append((name, size))
                used.append(name)
                words.append(name)
        sides.append(" ".join(words))
    names = list(dict.fromkeys(name for name, _ in known))
    random.shuffle(names)
    if len(types) > 1 or random.random() < 0.1:
        names = names[: random.randint(0, len(names))]
    right: list[str] = []
    while names:
        count = random.choice((1, 1, 1, 2, 3)) if len(types) == 1 else 1
        group, names = names[:count], names[count:]
        right.append(f"({' '.join(group)})" if len(group) > 1 else group[0])
        right += ["1"] * (len(types) == 1 and random.random() < 0.1)
    return f"{', '.join(sides)} -> {' '.join(right)}", sizes


def _item(item: Any) -> str:
    if not isinstance(item, tuple):
        return str(item)
    return ":".join("" if end is None else str(end) for end in item)


def _sizes(type: TensorType) -> str:
    return f"[{', '.join(map(str, type.shape))}]"


def _zeros(shape: tuple[int, ...]) -> str:
    return f"[{', '.join([_zeros(shape[1:])] * shape[0])}]" if shape else "0"
