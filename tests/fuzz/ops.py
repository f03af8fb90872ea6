"""Random uses of every op: what it is applied to, and arguments that are likely to fit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from archspec.opdef.types import TensorType
from tests.fuzz import tree
from tests.fuzz.bodies import Body
from tests.fuzz.tree import Binary, Call, List, Literal, Name, Node, Slice

Named = tuple[tuple[str, Node], ...]


@dataclass(frozen=True)
class Use:
    """An op on tensors with arguments; ``several``: how many tensors come out as a list; ``infix`` is no call."""

    op: str
    tensors: tuple[Node, ...]
    given: tuple[Node, ...] = ()
    named: Named = ()
    several: int = 0
    infix: Node | None = None


Maker = Callable[[Body], "Use | None"]


def has_rank(*ranks: int) -> Callable[[TensorType], bool]:
    return lambda t: t.rank in ranks and t.batched


def some(body: Body, *named: tuple[str, Node | None], often: float = 0.4) -> Named:
    """Some of these arguments."""
    return tuple((name, value) for name, value in named if value is not None and body.chance(often))


def flag(body: Body) -> Node:
    return body.write.bool_(1) if body.chance(0.6) else Literal(body.chance(0.5))


def axis_of(body: Body, x: str) -> Node:
    rank = body.rank(x)
    return body.write.int_(-rank, rank - 1, 1) if body.chance(0.3) else tree.number(body.rng.randint(-rank, rank - 1))


def axes_of(body: Body, x: str) -> Node:
    if body.chance(0.4):
        return axis_of(body, x)
    rank = body.rank(x)
    return List(
        tuple(
            tree.number(i - body.pick(0, rank)) for i in sorted(body.rng.sample(range(rank), body.rng.randint(1, rank)))
        )
    )


def plain(op: str) -> Maker:
    """An op of one tensor and nothing else."""

    def make(body: Body) -> Use | None:
        x = body.tensor()
        return None if x is None else Use(op, (Name(x),))

    return make


def guarded(op: str, guard: Callable[[Node], Node]) -> Maker:
    """An op that some numbers do not go into."""

    def make(body: Body) -> Use | None:
        x = body.tensor()
        return None if x is None else Use(op, (guard(Name(x)),))

    return make


def positive(x: Node) -> Node:
    return Binary("+", Call(Name("abs"), (x,)), Literal(0.5))


def reduction(op: str) -> Maker:
    def make(body: Body) -> Use | None:
        x = body.tensor(lambda t: t.rank > 0)
        return (
            None
            if x is None
            else Use(op, (Name(x),), (), (("axis", axes_of(body, x)), *some(body, ("keep", flag(body)))))
        )

    return make


def along(op: str, often: float = 0.7) -> Maker:
    """An op along one axis."""

    def make(body: Body) -> Use | None:
        x = body.tensor(lambda t: t.rank > 0)
        return None if x is None else Use(op, (Name(x),), (), some(body, ("axis", axis_of(body, x)), often=often))

    return make


def other_for(body: Body, x: str) -> Node | None:
    """Something to combine with a tensor: another one, state that broadcasts, or one number of another tensor."""
    same = [name for name in body.tensors() if name != x and body.shapes(name) == body.shapes(x)]
    same = [name for name in same if body.frames[0].names[name].dtype == "float"]
    if same and body.chance(0.6):
        return Name(body.rng.choice(same))
    keep = [body.chance(0.6) for _ in range(body.rank(x))]
    front = body.rng.randint(0, body.rank(x)) if body.chance(0.4) else 0
    made = (
        body.state([tuple(n if k else 1 for n, k in zip(shape, keep))[front:] for shape in body.shapes(x)])
        if body.rank(x)
        else None
    )
    return None if made is None else Name(made)


def arithmetic(op: str, symbol: str) -> Maker:
    def make(body: Body) -> Use | None:
        x = body.tensor()
        if x is None:
            return None
        left: Node = Name(x)
        right = body.write.float_(-3, 3, 2) if body.chance(0.35) else other_for(body, x)
        if right is None:
            return None
        if op == "div":
            right = (
                Binary("+", Call(Name("square"), (right,)), Literal(1)) if not is_static(body, right) else Literal(1.7)
            )
        if op == "pow":
            left, right = positive(left), body.write.float_(-2, 2, 1) if body.chance(0.7) else right
        if op in ("add", "sub", "mul") and body.chance(0.3):
            left, right = right, left
        if (
            op in ("add", "sub", "mul")
            and body.chance(0.2)
            and not is_static(body, left)
            and not is_static(body, right)
        ):
            return Use(op, (left, right))
        return Use(op, (), infix=Binary(symbol, left, right))

    return make


def is_static(body: Body, node: Node) -> bool:
    return not isinstance(body.frames[0].eval(node), TensorType)


def two(op: str) -> Maker:
    def make(body: Body) -> Use | None:
        x = body.tensor()
        other = None if x is None else other_for(body, x)
        return None if x is None or other is None else Use(op, (Name(x), other))

    return make


def matmul(body: Body) -> Use | None:
    x = body.tensor(lambda t: t.rank >= 2)
    if x is None:
        return None
    out = body.rng.randint(1, 4)
    fits = [
        n
        for n in body.tensors(has_rank(body.rank(x)))
        if [s[-2] for s in body.shapes(n)] == [s[-1] for s in body.shapes(x)]
    ]
    other = body.rng.choice(fits) if fits and body.chance(0.6) else body.state([(s[-1], out) for s in body.shapes(x)])
    return None if other is None else Use("matmul", (), infix=Binary("@", Name(x), Name(other)))


def window(op: str) -> Maker:
    """Pooling."""

    def make(body: Body) -> Use | None:
        x = body.tensor(lambda t: t.rank in (2, 3, 4) and t.batched)
        if x is None:
            return None
        write, kernel = body.write, body.pick(2, 3, 3)
        named = some(body, ("stride", write.number_of(body.pick(1, 2))), ("pad", Literal(1)), ("ceil", flag(body)))
        if op == "avg_pool":
            named += some(body, ("count_pad", flag(body)))
        return Use(op, (Name(x),), (write.number_of(kernel),), named)

    return make


def adaptive(body: Body) -> Use | None:
    x = body.tensor(has_rank(2, 3))
    return None if x is None else Use("adaptive_avg_pool", (Name(x),), (body.write.int_(1, 3, 1),))


def channels(body: Body, x: str) -> Node:
    """A number of channels to make, in terms of what there is."""
    own = body.size(x, 0)
    scaled = Binary(body.pick("*", "*", "//"), own, Literal(2)) if own is not None and body.chance(0.5) else own
    return scaled if scaled is not None and body.chance(0.6) else body.write.int_(1, 8, 1)


def conv(body: Body) -> Use | None:
    x = body.tensor(lambda t: t.rank in (2, 3, 4) and t.batched)
    if x is None:
        return None
    write, rank = body.write, body.rank(x) - 1
    kernel = body.pick(1, 2, 3, 3)
    size: Node = write.number_of(kernel)
    if body.chance(0.15):
        size = List(tuple(write.number_of(body.pick(1, kernel)) for _ in range(rank)))
    pad = (
        Binary("//", size, Literal(2))
        if not isinstance(size, List) and body.chance(0.5)
        else Literal(body.pick(0, 1, 1))
    )
    groups, out = None, channels(body, x)
    if body.chance(0.25) and (own := body.size(x, 0)) is not None:
        groups, out = own, body.pick(own, Binary("*", Literal(2), own))
    elif body.chance(0.15):
        groups, out = Literal(2), Binary("*", Literal(2), write.int_(1, 4, 1))
    named: Named = (("kernel", size), ("pad", pad))
    named += some(body, ("stride", write.number_of(body.pick(1, 2))), ("bias", flag(body)), often=0.3)
    mode = write.text_(body.pick("zeros", "reflect", "replicate", "circular"))
    named += some(body, ("dilation", Literal(2)), ("pad_mode", mode), often=0.15)
    return Use("conv", (Name(x),), (out,), named + ((("groups", groups),) if groups is not None else ()))


def conv_transpose(body: Body) -> Use | None:
    x = body.tensor(has_rank(2, 3))
    if x is None:
        return None
    write = body.write
    named: Named = (("kernel", write.number_of(body.pick(2, 3))),)
    named += some(
        body,
        ("stride", write.number_of(2)),
        ("pad", Literal(1)),
        ("bias", flag(body)),
        ("dilation", Literal(2)),
        often=0.3,
    )
    if "stride" in dict(named):
        named += some(body, ("extra_pad", Literal(1)), often=0.3)
    return Use("conv_transpose", (Name(x),), (channels(body, x),), named)


def linear(body: Body) -> Use | None:
    x = body.tensor(lambda t: t.rank > 0)
    if x is None:
        return None
    own = body.size(x, -1)
    out = body.write.int_(1, 8, 1) if own is None or body.chance(0.4) else body.pick(own, Binary("*", Literal(2), own))
    return Use("linear", (Name(x),), (out,), some(body, ("bias", flag(body))))


def norm(op: str, last: bool) -> Maker:
    def make(body: Body) -> Use | None:
        x = body.tensor(lambda t: t.rank > 0 and (last or t.batched) and (op != "instance_norm" or t.rank in (2, 3, 4)))
        if x is None:
            return None
        given: tuple[Node, ...] = ()
        if op == "group_norm":
            given = (body.pick(Literal(1), Literal(2), body.size(x, 0) or Literal(1)),)
        named = some(body, ("eps", Literal(body.pick(1e-6, 1e-3, 0.1))), ("affine", flag(body)), often=0.3)
        if op == "layer_norm":
            named += some(body, ("bias", flag(body)), often=0.3)
        if op == "batch_norm":
            named += some(body, ("momentum", body.write.float_(0, 1, 1)), often=0.2)
        return Use(op, (Name(x),), given, named)

    return make


def dropout(body: Body) -> Use | None:
    x = body.tensor()
    per = body.pick("element", "element", "channel", "sample")
    rate = body.write.float_(0, 0.9, 2)
    return None if x is None else Use("dropout", (Name(x),), (rate,), some(body, ("per", body.write.text_(per))))


def lstm(body: Body) -> Use | None:
    x = body.tensor(has_rank(2))
    named = some(body, ("layers", body.write.int_(1, 2, 1)), ("both_ways", flag(body)), ("bias", flag(body)), often=0.3)
    return None if x is None else Use("lstm", (Name(x),), (body.write.int_(1, 4, 1),), named)


def embedding(body: Body) -> Use | None:
    places = [n for n in body.tensors(lambda t: t.dtype == "int" and t.batched) if n in body.write.names("TensorType")]
    if not places:
        return None
    return Use(
        "embedding",
        (Name(body.rng.choice(places)),),
        (Literal(body.rng.randint(5, 9)),),
        (("dim", body.write.int_(1, 6, 1)),),
    )


def attend(body: Body) -> Use | None:
    q = body.tensor(has_rank(2, 3))
    if q is None:
        return None
    same = [n for n in body.tensors() if body.shapes(n) == body.shapes(q) and body.frames[0].names[n].batched]
    same = [n for n in same if body.frames[0].names[n].dtype == "float"]
    k, v = body.rng.choice(same), body.rng.choice(same)
    named = some(body, ("scale", body.write.float_(0.1, 2, 1)), often=0.3)
    tensors: tuple[Node, ...] = (Name(q), Name(k), Name(v))
    if body.chance(0.3):
        bias = body.state([(*s[:-2], s[-2], s[-2]) for s in body.shapes(q)])
        if bias is not None:
            return Use("attend", (*tensors, Name(bias)), (), named)
    return Use(
        "attend",
        tensors,
        (),
        named + some(body, ("causal", flag(body)), ("dropout", body.write.float_(0, 0.5, 1)), often=0.25),
    )


LETTERS = ("n", "d", "h", "c", "int", "lambda", "x", "max", "b", "q")


def einsum(body: Body) -> Use | None:
    x = body.tensor(lambda t: t.rank in (1, 2, 3))
    if x is None:
        return None
    names = body.rng.sample(LETTERS, body.rank(x) + 1)
    own, new = names[:-1], names[-1]
    summed = body.rng.choice(own)
    same = [
        n
        for n in body.tensors()
        if n != x and body.shapes(n) == body.shapes(x) and body.frames[0].names[n].dtype == "float"
    ]
    if same and body.chance(0.3):
        pattern = f"{' '.join(own)}, {' '.join(own)} -> {' '.join(n for n in own if n != summed)}"
        return Use("einsum", (Name(x), Name(body.rng.choice(same))), (body.write.text_(pattern),))
    if body.chance(0.2):
        order = body.rng.sample(own, body.rng.randint(0, len(own)))
        return Use("einsum", (Name(x),), (body.write.text_(f"{' '.join(own)} -> {' '.join(order)}"),))
    at = own.index(summed)
    w = body.state([(s[at], 3) for s in body.shapes(x)])
    if w is None:
        return None
    result = body.rng.sample([n for n in names if n != summed], len(names) - 1)
    sides = [(" ".join(own), Name(x)), (f"{summed} {new}", Name(w))]
    if body.chance(0.3):
        sides.reverse()
    pattern = f"{sides[0][0]}, {sides[1][0]} -> {' '.join(result)}"
    return Use("einsum", (sides[0][1], sides[1][1]), (body.write.text_(pattern),))


def rearrange(body: Body) -> Use | None:
    x = body.tensor(lambda t: 0 < t.rank <= 4)
    if x is None:
        return None
    names = body.rng.sample(LETTERS, body.rank(x))
    left, parts, named = [], [], []
    for axis, name in enumerate(names):
        sizes = [shape[axis] for shape in body.shapes(x)]
        factor = next((k for k in (2, 3) if all(n % k == 0 for n in sizes)), None)
        if factor and body.chance(0.3):
            first, second = f"{name}1", f"{name}2"
            given = first if body.chance(0.5) else second
            left.append(f"({first} {second})")
            parts += [first, second]
            named.append((given, body.write.number_of(factor)))
        elif set(sizes) == {1} and body.chance(0.5):
            left.append("1")
        else:
            left.append(name)
            parts.append(name)
    body.rng.shuffle(parts)
    right: list[str] = []
    while parts:
        take = 2 if len(parts) > 1 and body.chance(0.35) else 1
        right.append(f"({' '.join(parts[:take])})" if take > 1 else parts[0])
        parts = parts[take:]
    if body.chance(0.15):
        right.insert(body.rng.randint(0, len(right)), "1")
    return Use("rearrange", (Name(x),), (body.write.text_(f"{' '.join(left)} -> {' '.join(right)}"),), tuple(named))


def reshape(body: Body) -> Use | None:
    x = body.tensor(lambda t: t.rank > 0)
    if x is None:
        return None
    dims = [body.size(x, axis) for axis in range(body.rank(x))]
    if any(dim is None for dim in dims):
        return None
    known = [dim for dim in dims if dim is not None]
    if len(known) > 1 and body.chance(0.6):
        at = body.rng.randrange(len(known) - 1)
        known[at : at + 2] = [Binary("*", known[at], known[at + 1])]
    else:
        known.insert(body.rng.randint(0, len(known)), Literal(1))
    shape: Node = List(tuple(known))
    if body.chance(0.2):
        shape = Binary("+", List(tuple(known[:1])), List(tuple(known[1:])))
    return Use("reshape", (Name(x),), (shape,))


def parts(op: str) -> Maker:
    """chunk, split and unbind: all of what comes out is used."""

    def make(body: Body) -> Use | None:
        x = body.tensor(lambda t: t.rank > 0)
        if x is None:
            return None
        at = body.rng.randrange(body.rank(x))
        sizes = {shape[at] for shape in body.shapes(x)}
        axis = (("axis", tree.number(at - body.pick(0, body.rank(x)))),) if at or body.chance(0.3) else ()
        if op == "chunk":
            return Use(op, (Name(x),), (body.write.number_of(2),), axis, several=2)
        if op == "split":
            size = body.size(x, at)
            if size is None:
                return None
            first = body.write.int_(1, max(1, min(sizes) - 1), 1)
            return Use(op, (Name(x),), (List((first, Binary("-", size, first))),), axis, several=2)
        if len(sizes) != 1 or (count := sizes.pop()) > 4 or count < 2:
            return None
        return Use(op, (Name(x),), (), axis, several=count)

    return make


def concat(body: Body) -> Use | None:
    x = body.tensor(lambda t: t.rank > 0)
    if x is None:
        return None
    other = other_for(body, x) if body.chance(0.8) else Name(x)
    if other is None or is_static(body, other):
        return None
    many = body.rng.sample([Name(x), other], 2)
    return Use("concat", (List(tuple(many)),), (), some(body, ("axis", axis_of(body, x)), often=0.8))


def repeat(body: Body) -> Use | None:
    x = body.tensor(lambda t: t.rank > 0)
    return (
        None
        if x is None
        else Use("repeat", (Name(x),), (body.write.int_(1, 3, 1),), some(body, ("axis", axis_of(body, x))))
    )


def roll(body: Body) -> Use | None:
    x = body.tensor(lambda t: t.rank > 0)
    if x is None:
        return None
    if body.chance(0.3) and body.rank(x) > 1:
        both = List((body.write.int_(-3, 3, 1), body.write.int_(-3, 3, 1)))
        return Use("roll", (Name(x),), (both,), (("axis", List((Literal(0), Literal(1)))),))
    return Use("roll", (Name(x),), (body.write.int_(-5, 5, 1),), (("axis", axis_of(body, x)),))


def pad(body: Body) -> Use | None:
    x = body.tensor(lambda t: t.rank > 0)
    if x is None:
        return None
    write = body.write
    named = some(body, ("axis", axis_of(body, x)), ("value", write.float_(-2, 2, 1)))
    return Use("pad", (Name(x),), (write.int_(0, 3, 1),), (("after", write.int_(-1, 3, 1)), *named))


def tril(body: Body) -> Use | None:
    x = body.tensor(lambda t: t.rank >= 2)
    named = some(body, ("fill", body.write.float_(-2, 2, 1)), ("offset", body.write.int_(-2, 3, 1)))
    return None if x is None else Use("tril", (Name(x),), (), named)


def clamp(body: Body) -> Use | None:
    x = body.tensor()
    named = some(body, ("low", body.write.float_(-1, 0, 1)), ("high", body.write.float_(0.1, 1, 1)), often=0.7)
    return None if x is None else Use("clamp", (Name(x),), (), named)


def interpolate(body: Body) -> Use | None:
    x = body.tensor(has_rank(3))
    if x is None:
        return None
    write = body.write
    size: Node = write.int_(1, 8, 1)
    if body.chance(0.5):
        dims = [body.size(x, 1), body.size(x, 2)]
        size = List(tuple(Binary("*", Literal(2), dim) if dim is not None else write.int_(1, 8, 1) for dim in dims))
    mode = write.text_(body.pick("nearest", "bilinear", "bicubic"))
    return Use("interpolate", (Name(x),), (size,), some(body, ("mode", mode), often=0.6))


def take(body: Body) -> Use | None:
    x = body.tensor(lambda t: t.rank > 0)
    if x is None:
        return None
    places = body.tensors(lambda t: t.dtype == "int" and t.batched)
    if places and body.chance(0.5):
        return Use("take", (Name(x), Name(body.rng.choice(places)))) if all(s[0] >= 5 for s in body.shapes(x)) else None
    least = min(shape[0] for shape in body.shapes(x))
    dims = body.pick((2,), (3,), (2, 2))
    table = body.state([dims for _ in body.frames], whole_below=least)
    return None if table is None else Use("take", (Name(x), Name(table)))


def index(body: Body) -> Use | None:
    x = body.tensor(lambda t: t.rank > 0)
    if x is None:
        return None
    items: list[Node | Slice] = []
    for axis in range(body.rng.randint(1, body.rank(x))):
        least = min(shape[axis] for shape in body.shapes(x))
        write = body.write
        stop = body.rng.randint(1, least)
        items.append(
            body.pick(
                write.int_(-least, least - 1, 1),
                Slice(None, None),
                Slice(None, write.number_of(stop)),
                Slice(tree.number(body.pick(-stop, least - stop)), None),
                Slice(None, tree.number(-1)) if least > 1 else Slice(None, None),
                Slice(write.int_(0, stop - 1, 1), tree.number(stop)),
            )
        )
    return Use("index", (), infix=tree.Index(Name(x), tuple(items)))


def slope(op: str) -> Maker:
    def make(body: Body) -> Use | None:
        x = body.tensor()
        return (
            None if x is None else Use(op, (Name(x),), (body.write.float_(-0.5, 0.5, 1),) if body.chance(0.5) else ())
        )

    return make


def gelu(body: Body) -> Use | None:
    x = body.tensor()
    mode = body.write.text_(body.pick("none", "tanh"))
    return None if x is None else Use("gelu", (Name(x),), (), some(body, ("approximate", mode)))


def prelu(body: Body) -> Use | None:
    x = body.tensor(lambda t: t.rank > 0 and t.batched)
    return None if x is None else Use("prelu", (Name(x),))


def neg(body: Body) -> Use | None:
    x = body.tensor()
    return None if x is None else Use("neg", (), infix=tree.Unary("-", Name(x)))


PLAIN = (
    "abs", "cos", "elu", "erf", "hardsigmoid", "hardswish", "logsigmoid", "mish", "relu", "relu6", "selu", "sigmoid",
    "sign", "silu", "sin", "softplus", "softsign", "square", "tanh",
)  # fmt: skip
OPS: dict[str, Maker] = {
    **{op: plain(op) for op in PLAIN},
    "exp": guarded("exp", lambda x: Call(Name("tanh"), (x,))),
    "log": guarded("log", positive),
    "rsqrt": guarded("rsqrt", positive),
    "sqrt": guarded("sqrt", positive),
    "leaky_relu": slope("leaky_relu"),
    "gelu": gelu,
    "prelu": prelu,
    "neg": neg,
    "add": arithmetic("add", "+"), "sub": arithmetic("sub", "-"), "mul": arithmetic("mul", "*"),
    "div": arithmetic("div", "/"), "pow": arithmetic("pow", "**"), "matmul": matmul,
    "maximum": two("maximum"), "minimum": two("minimum"), "clamp": clamp,
    "max": reduction("max"), "min": reduction("min"), "mean": reduction("mean"), "sum": reduction("sum"),
    "softmax": along("softmax"), "flip": along("flip"), "cumsum": along("cumsum"),
    "adaptive_avg_pool": adaptive, "avg_pool": window("avg_pool"), "max_pool": window("max_pool"),
    "conv": conv, "conv_transpose": conv_transpose, "linear": linear, "lstm": lstm, "embedding": embedding,
    "layer_norm": norm("layer_norm", True), "rms_norm": norm("rms_norm", True), "batch_norm": norm("batch_norm", False),
    "group_norm": norm("group_norm", False), "instance_norm": norm("instance_norm", False),
    "dropout": dropout, "attend": attend, "einsum": einsum, "rearrange": rearrange, "reshape": reshape,
    "chunk": parts("chunk"), "split": parts("split"), "unbind": parts("unbind"), "concat": concat, "repeat": repeat,
    "roll": roll, "pad": pad, "tril": tril, "interpolate": interpolate, "take": take, "index": index,
}  # fmt: skip
"""How to use each op; a test holds the names against the registry."""
