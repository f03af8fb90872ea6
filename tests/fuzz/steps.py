"""What a body does next: ops, layers alone, shared and in lists, other modules, loops, and how it ends."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from archspec.graph.reserved import attribute_taken
from tests.fuzz import tree
from tests.fuzz.bodies import LAYERS, Body
from tests.fuzz.interpret import Invalid, Recipe, use
from tests.fuzz.ops import OPS, Use
from tests.fuzz.statements import Bind, For, Init, Module, Return, Stages, Statement
from tests.fuzz.tree import Binary, Call, Comprehension, Index, List, Literal, Name, Node

KEEPING = (
    "relu", "gelu", "tanh", "sigmoid", "silu", "softplus", "prelu", "batch_norm", "group_norm(1)", "rms_norm",
    "layer_norm", "dropout(0.25)", "leaky_relu(0.2)", "softmax(axis = 0)", "cumsum", "layer_norm(eps = 1e-3)",
    "clamp(low = 0.1)", "square", "batch_norm(affine = false)", "flip(axis = -1)", "mish", "elu", "hardswish",
)  # fmt: skip
"""Recipes that give back the shape they take."""


def keeping(body: Body, modules: Sequence[Module], depth: int = 1) -> Node:
    """A recipe that keeps the shape: an op, a module, or a list of them."""
    known = [n for n in body.outer if isinstance(body.frames[0].outer[n], Recipe)]
    if known and body.chance(0.15):
        return Name(body.rng.choice(known))
    own = [module for module in modules if module.kind == "keeping"]
    if own and body.chance(0.3):
        return recipe_of(body, body.rng.choice(own), modules)
    if depth and body.chance(0.15):
        return List(tuple(keeping(body, modules, 0) for _ in range(body.rng.randint(1, 3))))
    return parsed(body.rng.choice(KEEPING))


def parsed(text: str) -> Node:
    """One of the recipes of ``KEEPING``."""
    name, _, inside = text.partition("(")
    if not inside:
        return Name(name)
    key, _, value = inside[:-1].rpartition(" = ")
    if value == "false":
        own: Node = Literal(False)
    else:
        own = tree.number(int(value) if value.lstrip("-").isdigit() else float(value))
    return Call(Name(name), (), ((key, own),)) if key else Call(Name(name), (own,))


def recipe_of(body: Body, module: Module, modules: Sequence[Module]) -> Node:
    """A module with arguments, in this body's terms."""
    given = {n: module.domains[n](body, modules) for n, d in module.params if d is None or body.chance(0.5)}
    front = 0
    while front < len(module.params) and module.params[front][0] in given and body.chance(0.4):
        front += 1
    first = tuple(given[name] for name, _ in module.params[:front])
    named = [(name, given[name]) for name, _ in module.params[front:] if name in given]
    body.rng.shuffle(named)
    if not first and not named:
        return Name(module.name)
    return Call(Name(module.name), first, tuple(named))


def layer_name(body: Body) -> str:
    """A name that a layer may have."""
    while attribute_taken(name := body.fresh(LAYERS)):
        continue
    return name


def op_step(body: Body, op: str) -> bool:
    """One use of an op."""
    made = OPS[op](body)
    if made is None:
        return False
    if made.infix is not None:
        return body.result(body.alternatives(made.infix))
    recipe: Node = Name(op) if not made.given and not made.named else Call(Name(op), made.given, made.named)
    if stateful(body, recipe, made) or body.chance(0.15):
        name = layer_name(body)
        applied: Node = Call(Name(name), made.tensors)
        bound = Bind((name,), recipe)
        if not made.several and body.chance(0.1):
            applied = Binary("+", applied, Call(Name(name), made.tensors))
        before: tuple[Statement, ...] = (bound,)
        if body.chance(0.15) and op in ("conv", "linear", "embedding", "conv_transpose", "layer_norm"):
            before = (bound, Init(name, (("weight", body.start(1)),)))
        return body.result(applied, *before, several=made.several)
    if body.chance(0.2) and (made.given or made.named):
        return body.result(Call(recipe, made.tensors), several=made.several)
    plain = Call(Name(op), (*made.tensors, *made.given), made.named)
    return body.result(body.alternatives(plain), several=made.several)


def stateful(body: Body, recipe: Node, made: Use) -> bool:
    """Whether an op has weights in any sample."""
    for frame in body.frames:
        try:
            own = frame.eval(recipe)
            if not isinstance(own, Recipe):
                raise Invalid("no recipe")
            inputs = [frame.eval(tensor) for tensor in made.tensors]
            flat = tuple(t for item in inputs for t in (item if isinstance(item, tuple) else (item,)))
            if use(own, flat).layer:
                return True
        except Invalid:
            return True
    return False


def layer_step(body: Body) -> bool:
    """A layer that there is, or one that a parameter gives, on some tensor."""
    layers = body.write.names("Layer")
    x = body.tensor()
    if not layers or x is None:
        return False
    name = body.rng.choice(layers)
    values = [frame.value_of(name).value for frame in body.frames]
    stages = [own for statement in body.statements if isinstance(statement, Stages) for own in statement.named]
    if name not in stages and all(isinstance(value, tuple) and value for value in values) and body.chance(0.4):
        return body.result(Call(Index(Name(name), (Literal(0),)), (Name(x),)))
    return body.result(Call(Name(name), (Name(x),)))


def module_step(body: Body, modules: Sequence[Module]) -> bool:
    """A use of another module."""
    if not modules:
        return False
    used = [module for module in modules if module.name in body.used]
    module = body.rng.choice(used if used and body.chance(0.5) else modules)
    body.used.append(module.name)
    tensors = []
    for item in module.inputs:
        if item.optional and body.chance(0.5):
            break
        own = [n for n in body.tensors(lambda t: t.batched) if (body.frames[0].names[n].dtype == "int") == item.whole]
        rank = None if item.axes is None or any(str(a).startswith("*") for a in item.axes) else len(item.axes)
        own = [n for n in own if rank is None or body.rank(n) == rank]
        if not own:
            return False
        unread = [n for n in own if n in body.unread]
        tensors.append(Name(body.rng.choice(unread if unread and body.chance(0.7) else own)))
    recipe = recipe_of(body, module, modules)
    several = len(module.outputs) if len(module.outputs) > 1 else 0
    if isinstance(recipe, Name) and body.chance(0.25) and body.result(Call(recipe, tuple(tensors)), several=several):
        return True
    name = layer_name(body)
    applied = Call(Name(name), tuple(tensors))
    if body.chance(0.2) and not several:
        applied = Call(Name(name), (applied,)) if len(tensors) == 1 else applied
    return body.result(applied, Bind((name,), recipe), several=several)


def list_step(body: Body, modules: Sequence[Module]) -> bool:
    """A list of layers, applied whole or entry by entry."""
    x = body.tensor(lambda t: t.batched and t.rank > 0)
    if x is None:
        return False
    write, name = body.write, layer_name(body)
    count = write.int_(1, 3, 1) if body.chance(0.5) else tree.number(body.rng.randint(1, 3))
    entry = keeping(body, modules, 0)
    variable = body.fresh(("layer", "k", "i", "f", "block", "int", "lambda", "b_"))
    match body.rng.randrange(5):
        case 0:
            recipe: Node = Binary("*", List((entry,)), count)
        case 1:
            recipe = Comprehension(entry, (variable,), Call(Name("range"), (count,)))
        case 2:
            rates = Call(Name("ramp"), (write.float_(0, 0.4, 1), write.float_(0, 0.4, 1), count))
            recipe = Comprehension(Call(Name("dropout"), (Name(variable),)), (variable,), rates)
        case 3:
            recipe = List((List((entry, keeping(body, modules, 0))), keeping(body, modules, 0)))
        case _:
            recipe = List(tuple(keeping(body, modules, 0) for _ in range(body.rng.randint(1, 3))))
            if body.chance(0.4):
                recipe = Binary("+", recipe, Binary("*", List((entry,)), count))
    survival = body.chance(0.12)
    if survival:
        recipe = Call(Name("survive"), (recipe, write.float_(0.1, 1, 1)))
    bound = Bind((name,), recipe)
    match 0 if survival else body.rng.randrange(5):
        case 0 | 1:
            return body.result(Call(Name(name), (Name(x),)), bound)
        case 2:
            many = Comprehension(Call(Name(variable), (Name(x),)), (variable,), Name(name))
            return body.result(Call(Name("concat"), (many,), (("axis", Literal(0)),)), bound)
        case 3 if x not in body.fixed:
            loop = For((variable,), Name(name), (Bind((x,), Binary("+", Name(x), Call(Name(variable), (Name(x),)))),))
            return again(body, x, bound, loop)
        case 4 if x not in body.fixed:
            value = Binary("+", Call(Name(variable), (Name(x),)), Name("i_"))
            loop = For(("i_", variable), Call(Name("enumerate"), (Name(name),)), (Bind((x,), value),))
            return again(body, x, bound, loop)
    return body.result(Call(Name(name), (Name(x),)), bound)


def again(body: Body, x: str, *statements: Statement) -> bool:
    """Statements that give a tensor a new value."""
    if not body.add(*statements):
        return False
    if x not in body.unread:
        body.unread.append(x)
    return True


def loop_step(body: Body) -> bool:
    """Arithmetic on a tensor, once for each entry of a list of numbers."""
    x = body.tensor()
    if x is None or x in body.fixed:
        return False
    i, rate = (body.fresh(("i", "rate", "k", "max", "int", "lambda", "n_", "r")) for _ in range(2))
    numbers = body.write.floats(2)
    if body.chance(0.5):
        value = Binary("*", Name(x), Binary("-", Binary("+", Name(i), Literal(1)), Name(rate)))
        return again(body, x, For((i, rate), Call(Name("enumerate"), (numbers,)), (Bind((x,), value),)))
    value = Binary(body.pick("+", "-", "*"), Name(x), Name(rate))
    return again(body, x, For((rate,), numbers, (Bind((x,), value),)))


def stages_step(body: Body, modules: Sequence[Module]) -> bool:
    """Stages of a model: a block, dims, depths, and what goes in front of every stage but the first."""
    x = body.tensor(lambda t: t.rank == 3 and t.batched and min(t.shape[1:]) >= 4)
    if x is None or body.taken & {"stages", "down", "stem_"}:
        return False
    body.taken |= {"stages", "down", "stem_"}
    count = body.rng.randint(1, 2)
    dims = [body.rng.choice((4, 6, 8)) for _ in range(count)]
    own = [module for module in modules if module.kind == "keeping" and module.rates]
    if own and body.chance(0.7):
        module = body.rng.choice(own)
        given = {n: module.domains[n](body, modules) for n, d in module.params if d is None}
        ends = (Literal(0.0), body.write.float_(0.1, 0.8, 1))
        given[module.rates[0]] = Call(Name("ramp"), ends if body.chance(0.5) else tuple(reversed(ends)))
        block: Node = Call(Name(module.name), (), tuple(given.items()))
    else:
        block = keeping(body, modules, 0)
    depths = tuple(body.write.int_(1, 3, 1) for _ in range(count))
    fields: list[tuple[str, Node]] = [
        ("dim", List(tuple(map(Literal, dims)))),
        ("depth", body.pick(List(depths), depths[0])),
        ("block", block),
    ]
    down = Call(Name("conv"), (), (("kernel", Literal(2)), ("stride", Literal(2))))
    stem = Bind(("stem_",), Call(Name("conv"), (Literal(dims[0]),), (("kernel", Literal(1)),)))
    applied: Node = Call(Name("stem_"), (Name(x),))
    if body.chance(0.4) and not isinstance(block, List):
        stages = Stages(
            tuple(fields), down, tuple(body.fresh(("s1", "stage_", "low", "features")) for _ in range(count))
        )
        for name in stages.named:
            applied = Call(Name(name), (applied,))
        return body.result(applied, stem, stages)
    if body.chance(0.5):
        return body.result(Call(Name("stages"), (applied,)), stem, Stages(tuple(fields), down))
    y = body.fresh(("feature", "map_"))
    loop = For(("s",), Name("stages"), (Bind((y,), Call(Name("s"), (Name(y),))),))
    return again(body, y, stem, Stages(tuple(fields), down), Bind((y,), applied), loop)


def init_step(body: Body) -> bool:
    """A rule for all layers of an op from here on."""
    op = body.pick("linear", "conv")
    if op in body.frames[0].names or any(isinstance(s, Bind) and op in repr(s) for s in body.statements):
        return False
    fields: tuple[tuple[str, Node], ...] = (("weight", body.start(2)), ("bias", body.start(1)))
    return body.add(Init(op, fields[: body.rng.randint(1, 2)]))


def grow(body: Body, modules: Sequence[Module], count: int) -> None:
    """So many steps, as far as they fit."""
    for _ in range(count * 3):
        if count <= 0:
            return
        kind = body.rng.random()
        if kind < 0.5:
            done = op_step(body, body.rng.choice(sorted(OPS)))
        elif kind < 0.66:
            done = module_step(body, modules)
        elif kind < 0.75:
            done = list_step(body, modules)
        elif kind < 0.81:
            done = layer_step(body)
        elif kind < 0.88:
            done = body.local()
        elif kind < 0.92:
            done = body.branch()
        elif kind < 0.95:
            done = loop_step(body)
        elif kind < 0.97:
            done = body.require()
        else:
            done = init_step(body)
        count -= done


def folded(body: Body, main: str) -> Node:
    """A tensor with what nothing has read yet added to it."""
    node: Node = Name(main)
    ones = List(tuple(Literal(1) for _ in range(body.rank(main))))
    for name in list(body.unread):
        if name == main or body.frames[0].names[name].dtype != "float":
            continue
        if body.shapes(name) == body.shapes(main):
            node = Binary("+", node, Name(name))
        elif body.rank(main) == 0:
            node = Binary("+", node, body.reduced(name))
        else:
            node = Binary("+", node, Call(Name("reshape"), (body.reduced(name), ones)))
    return node


def finish(body: Body, keep: str | None, many: bool) -> tuple[tuple[Any, ...], ...]:
    """Return: what keeps the shape of an input, one tensor, or several; gives their shapes as expressions, if known."""
    floats = body.tensors(lambda t: t.dtype == "float" and t.batched)
    same = [n for n in floats if keep is not None and body.shapes(n) == body.shapes(keep)]
    new = [n for n in (same or floats) if n in body.unread]
    main = body.rng.choice(new or same or floats)
    values: tuple[Node, ...]
    rest = [n for n in floats if n in body.unread and n != main]
    if keep is None and many and rest:
        values = (Name(main), *map(Name, rest))
    else:
        values = (folded(body, main),)
    if not many or len(values) == 1 or body.chance(0.6):
        statement = Return(values)
    else:
        statement = Return((List(values),))
    body.statements.append(statement)
    for frame in body.frames:
        results = [frame.eval(value) for value in values]
        frame.results = (tuple(results), len(values) > 1 or isinstance(statement.values[0], List))
    outputs = []
    for at in range(len(values)):
        types = [frame.results[0][at] for frame in body.frames]
        if len({t.rank for t in types}) != 1:
            return ()
        dims = [body.write.sized([t.shape[axis] for t in types]) for axis in range(types[0].rank)]
        if any(dim is None for dim in dims):
            return ()
        outputs.append(tuple(dims))
    return tuple(outputs)
