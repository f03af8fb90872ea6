"""Values that differ between the instances of a class, as expressions over as few constructor arguments as possible.

One rule, from the leaves to the model: what is equal in all instances is a literal; what the author computed from names
in reach is that expression; what is left becomes a constructor argument, and is a value of the class above in turn. At
the model there is one instance, so everything ends as data.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from archspec.emit.class_templates import ClassTemplate, ClassTemplates
from archspec.emit.code import (
    Atom,
    Call,
    Code,
    Comprehension,
    Slice,
    Star,
    Subscript,
    arithmetic,
    call,
    display,
    literal,
)
from archspec.emit.formulas import formula_code
from archspec.emit.layout import mentions
from archspec.emit.ramps import all_of, part_of, repeated_row, row_of, rule, whole_row
from archspec.emit.target import Start
from archspec.emit.truths import truth
from archspec.emit.unify import loop_over
from archspec.emit.values import RampRow, constant, open_in, rounds, same
from archspec.emit.variants import Apart
from archspec.graph.extern import ExternOp
from archspec.graph.nodes import Instance, LayerList, Node, OpNode
from archspec.graph.sizes import sizes_of
from archspec.sym.expr import SymExpr
from archspec.sym.number import follows, is_open, plain
from archspec.sym.open import Specialise, settled, term_of
from archspec.sym.operators import ARITHMETIC, CONDITIONS, IN_MATH
from archspec.sym.printer import symbols

Values = list[Any]
Traces = list["SymExpr | None"]


class Differ(Exception):
    """No one expression makes these layers; the class must be given the built module."""


class ParameterLifting:
    """Finds the expressions of one class. ``arguments`` collects what its constructor takes: name to value each."""

    def __init__(self, templates: ClassTemplates, template: ClassTemplate) -> None:
        self.templates = templates
        self.template = template
        self.target = templates.target
        self.arguments: dict[str, Values] = {}
        self.locals: dict[str, SymExpr] = {}
        self.reached: list[str] = []
        self.forced: set[str] = set()
        self.rows: dict[str, RampRow] = {}
        self.everyone = list(template.instances)
        self.partial = False
        """Whether some of the instances alone are looked at."""
        self.ramps: dict[str, Code] = {}
        """Variables of the model's constructor that hold the numbers of ramps."""
        self.environments = [instance.environment for instance in template.instances]
        self.all_environments = self.environments

    @contextmanager
    def among(self, which: Sequence[int] | None) -> Iterator[None]:
        """What is lifted inside of this is lifted from some of the instances alone; None stands for all."""
        if which is None:
            yield
            return
        template, environments, before = self.template, self.environments, dict(self.arguments)
        instances, variant = template.instances, template.variant
        outer, self.partial = self.partial, True
        template.instances = [instances[at] for at in which]
        template.variant = [variant[at] for at in which]
        self.environments = [environments[at] for at in which]
        try:
            yield
        finally:
            template.instances, template.variant = instances, variant
            self.environments, self.partial = environments, outer
        for name in [name for name, values in self.arguments.items() if before.get(name) is not values]:
            values = self.arguments[name]
            if isinstance(values[0], Node):
                raise Apart
            for environment in environments:
                environment.setdefault(name, values[0])
            self.arguments[name] = [environment[name] for environment in environments]

    def condition(
        self, flags: Sequence[bool], choices: Iterable[SymExpr], spell: Callable[[str], Code]
    ) -> tuple[Code, bool]:
        """A condition of the author's that tells instances apart, and whether it holds for those with a flag.

        Raises:
            Apart: none does.
        """
        for own in choices:
            if not all(map(_is_plain, (env.get(name, self) for env in self.environments for name in own.names()))):
                continue
            if self.agrees(own, list(flags)):
                return self.code(own, spell), True
            if self.agrees(own, [not flag for flag in flags]):
                return self.code(own, spell), False
        raise Apart

    # numbers

    def value(self, values: Values, traces: Traces, hint: str, name: Callable[[str], Code] | None = None) -> Code:
        """One number (string, flag, list) for each instance, as code; ``name`` turns a name in reach into code."""
        values = list(map(settled, values))
        if constant(values) and not (self.partial and any(map(self._varies, traces))):
            return _literal(values[0])
        spell = name or self.argument
        for own in dict.fromkeys(t for t in traces if t is not None and t.names()):
            if (spell != self.argument or all(map(self.reachable, own.names()))) and self.agrees(own, values):
                return self.code(own, spell)
        lists = all(isinstance(value, tuple) and len(value) == len(values[0]) for value in values)
        known = self._known(values, name) if not lists or any(map(open_in, values)) else None
        if known is not None:
            return spell(known)
        if self.template.first is self.templates.root and (row := _row(values[0])) is not None:
            return self._part(row, hint)
        if lists:
            if open_in(tuple(values)) and all(map(_row, values)):
                return spell(self._fresh(hint, values))
            entries = [[v[i] for v in values] for i in range(len(values[0]))]
            exprs = [[getattr(item, "expr", None) for item in entry] for entry in entries]
            return display([self.value(entry, own, hint, name) for entry, own in zip(entries, exprs)])
        if is_open(values[0]) and self.template.first is self.templates.root:
            return formula_code(values[0].algebra.settle(values[0].term), spell)
        return spell(self._fresh(hint, values))

    def _part(self, row: RampRow, hint: str) -> Code:
        """Numbers on a ramp that the model's constructor works out: a part of all of them, which get a name."""
        whole = whole_row(row)
        known = next((name for name, other in self.rows.items() if same(whole, other)), None)
        if known is None:
            known = hint
            while known in self.rows or self._taken(known, [whole]):
                known += "_"
            self.rows[known] = whole
            self.ramps[self.target.variable(known)] = all_of(whole, self._say)
        return part_of(self.target.variable(known), row, self._say)

    def _say(self, number: Any) -> Code:
        return self.value([number], [getattr(number, "expr", None)], "")

    def _varies(self, own: SymExpr | None) -> bool:
        """Whether the names of an expression stand for other numbers where the class is used otherwise."""
        everywhere = map(self.everywhere, own.names() if own is not None else ())
        return not all(constant(values) for values in everywhere if values)

    def everywhere(self, name: str) -> Values:
        """What a name stands for in all instances that have it."""
        return [settled(env[name]) for env in self.all_environments if name in env]

    def _known(self, values: Values, name: Callable[[str], Code] | None) -> str | None:
        """A name that stands for these values, to be turned into code by ``name``."""
        for known, size in self.environments[0].items():
            if name is not None and follows(size) and not follows(values[0]):
                continue  # equal by chance: forward reads this size anew each time
            if name in (None, self.argument) and not self.reachable(known):
                continue
            if all(known in env and same(env[known], value) for env, value in zip(self.environments, values)):
                return known
        return None

    def reachable(self, name: str) -> bool:
        """Whether a constructor can have a number: a local one may come from sizes that forward alone reads."""
        first = self.template.first
        if name not in first.locals or name in self.arguments:
            return True
        own = first.expand(first.locals[name][1])
        return own is not None and own.names() <= self.environments[0].keys()

    def agrees(self, own: SymExpr, values: Values, environments: list[dict[str, Any]] | None = None) -> bool:
        """Whether an expression has these values, one for each instance."""
        environments = environments or self.environments
        known = own.names()
        if not all(known <= env.keys() for env in environments):
            return False
        with self.templates.trial() as trial:
            try:
                trial.stands = all(same(own.value(env), value) for env, value in zip(environments, values))
            except (ArithmeticError, TypeError, ValueError):  # where another instance decided otherwise, there is none
                trial.stands = False
        return trial.stands

    def _fresh(self, hint: str, values: Values) -> str:
        name, count = hint, 1
        while self._taken(name, values):
            count += 1
            name = f"{hint}{count}"
        self.arguments[name] = values
        for env, value in zip(self.environments, values):
            env[name] = value
        return name

    def _taken(self, name: str, values: Values) -> bool:
        if name in self.arguments:
            built = isinstance(values[0], Node)
            return built or self.arguments[name] != values
        known = [env.get(name) for env in self.environments]
        return any(map(_is_value, known)) or name in self.template.first.locals

    def argument(self, name: str) -> Code:
        """A name in reach of the constructor: its argument, a local number, or a literal where it never varies."""
        if "[:" in name:
            return self.entry(name, self.argument_named)
        values = [settled(env[name]) for env in self.environments]
        if name not in self.forced and constant(self.everywhere(name)):
            return literal(plain(values[0]))
        if name.endswith("]"):
            return self.entry(name, self.argument_named)
        first = self.template.first
        if name in first.locals and name not in self.arguments and self.agree_on(name):
            here_alone = self.partial and not all(name in instance.locals for instance in self.everyone)
            own = first.expand(first.locals[name][1]) if here_alone else None
            if own is not None:
                return self.code(own, self.argument)
            self._reach(name)
        else:
            self.arguments[name] = values
        return Atom(self.target.variable(name))

    def argument_named(self, name: str) -> Code:
        """A list as a whole, as an argument."""
        self.arguments[name] = [env[name] for env in self.environments]
        return Atom(self.target.variable(name))

    def entry(self, name: str, spell: Callable[[str], Code]) -> Code:
        """``dims[2]``: an entry of a list that has a name; ``dims[:2]`` its first, all of them without brackets."""
        base, _, place = name[:-1].partition("[")
        if place.startswith(":"):
            stop = int(place[1:])
            whole = stop == len(self.environments[0][base])
            return spell(base) if whole else Subscript(spell(base), (Slice(None, literal(stop)),))
        return Subscript(spell(base), (literal(int(place)),))

    def _reach(self, name: str) -> None:
        """Have a local number worked out in the constructor, with all that it is worked out from."""
        if name in self.locals:
            return
        self.locals[name] = self.template.first.locals[name][1]
        self.reached.append(name)
        if len(self.reached) > 1:  # the call below that found the first one goes on with this one
            return
        while self.reached:
            self.code(self.locals[self.reached[0]], self.argument)
            self.reached.pop(0)

    def agree_on(self, name: str) -> bool:
        """Whether a local number is one expression in all instances."""
        found = [instance.locals.get(name) for instance in self.template.instances]
        return len({local[1] if local else None for local in found}) == 1

    def code(self, own: SymExpr, spell: Callable[[str], Code]) -> Code:
        """A trace as code."""
        if own.op == "name":
            return spell(own.parts[0])
        if own.op == "literal":
            return literal(own.parts[0])
        parts = [self.code(part, spell) for part in own.parts]
        if own.op in CONDITIONS:
            return truth(own.op, *parts)
        if own.op in ARITHMETIC:
            return arithmetic(own.op, *parts)
        if own.op == "int" and (self._of_sizes(own.parts[0]) or self._whole(own.parts[0])):
            return parts[0]
        function = f"math.{own.op}" if own.op in IN_MATH else own.op
        return call(function, *parts)

    def _of_sizes(self, own: SymExpr) -> bool:
        """Whether an expression is worked out from sizes of the input and whole numbers, by what keeps them whole."""
        if own.op == "name":
            return own.parts[0] in self.template.first.axes
        if own.op == "literal":
            return isinstance(own.parts[0], int)
        return own.op in ("+", "-", "*", "//", "%", "min", "max", "abs") and all(map(self._of_sizes, own.parts))

    def _whole(self, own: SymExpr) -> bool:
        """Whether a number is whole in all instances; sizes of inputs may have no name but their place."""
        known = zip(self.environments, self.template.instances)
        found = [own.value(sizes_of(instance) | env) for env, instance in known]
        return all(isinstance(value, int) and not open_in(value) for value in found)

    # layers

    def layer(self, nodes: list[Node], path: tuple[str, ...], shared: bool = False) -> Code:
        """One layer for each instance, as the expression that makes it.

        ``shared``: the expression stands in a loop, so no built module can be passed in.

        Raises:
            Differ: no one expression does.
        """
        nothing = [self.templates.is_identity(node) and node.one_call for node in nodes]
        if all(nothing):
            return self.target.identity()
        owners = {id(self.templates.of[node]): self.templates.of[node] for node in nodes if isinstance(node, Instance)}
        if any(nothing) and (len(owners) > 1 or not all(isinstance(node, Instance) for node in nodes)):
            raise Differ
        if all(isinstance(node, OpNode) for node in nodes):
            return self._op([node for node in nodes if isinstance(node, OpNode)])
        if all(isinstance(node, LayerList) for node in nodes):
            return self._layer_list([node for node in nodes if isinstance(node, LayerList)], path, shared)
        if not all(isinstance(node, Instance) for node in nodes):
            raise Differ
        if len(owners) > 1:
            raise Differ
        (owner,) = owners.values()
        return self.make(owner, [owner.instances.index(n) for n in nodes if isinstance(n, Instance)], path, shared)

    def make(
        self,
        owner: ClassTemplate,
        which: list[int],
        path: tuple[str, ...],
        shared: bool,
        fixed: dict[str, Code] | None = None,
    ) -> Code:
        """A call of a class's constructor; ``fixed`` gives some arguments as code."""
        args: list[Code] = []
        kwargs: dict[str, Code | None] = {}
        for name, values in owner.arguments.items():
            own = [values[i] for i in which]
            if fixed and name in fixed:
                code = fixed[name]
            elif isinstance(own[0], Node):
                code = self.built(own, (*path, name), name, shared)
            else:
                traces = [instance.traces.get(path, {}).get(name) for instance in self.template.instances]
                code = self.value(own, traces, name)
            if positional(owner, name) and not kwargs:
                args.append(code)
            else:
                kwargs[self.target.variable(name)] = code
        kwargs |= {name: Atom(name) for name in self.target.context}
        return call(owner.name, *args, **kwargs)

    def built(self, nodes: list[Node], path: tuple[str, ...], name: str, shared: bool) -> Code:
        """A layer by expression where one does, else as a constructor argument."""
        try:
            return self.layer(nodes, path, shared)
        except Differ:
            if shared:
                raise
            return Atom(self.target.variable(self._fresh(name, list(nodes))))

    def _op(self, nodes: list[OpNode]) -> Code:
        own = {self.templates.starts.get(node) for node in nodes}
        if len({self.templates.form(node.op) for node in nodes}) > 1 or len(own) > 1:
            raise Differ
        slots = OpSlots(self, [node.op for node in nodes], self.argument)
        made = self.target.layer(nodes[0].op, slots)
        (start,) = own
        if start is not None and isinstance(made, Call):
            rows = [start.numbers(node) for node in nodes]
            numbers = {name: self._number([row[name] for row in rows], name) for name in rows[0]}
            return Call(Atom(start.name), made.args, (*made.kwargs, *numbers.items()))
        if made is not None and nodes[0].weights:
            made = self.target.started(made, nodes[0].op, lambda weight: self._start(nodes, weight))
        if isinstance(made, Call) and isinstance(nodes[0].op, ExternOp):
            return Call(Atom(self.templates.imported[nodes[0].op.module, nodes[0].op.class_]), made.args, made.kwargs)
        return made or self.target.identity()

    def _start(self, nodes: list[OpNode], weight: str) -> Start:
        """How a weight of one layer for each instance starts."""
        inits = [own.init for node in nodes for own in node.weights if own.name == weight]
        if len({init.kind for init in inits}) > 1:
            raise Differ
        columns = zip(*(init.values for init in inits))
        return Start(inits[0].kind, tuple(self._number(list(column), f"{weight}_start") for column in columns))

    def _number(self, values: Values, hint: str) -> Code:
        return self.value(values, [getattr(value, "expr", None) for value in values], hint)

    def _layer_list(self, lists: list[LayerList], path: tuple[str, ...], shared: bool) -> Code:
        one_call = all(layers.one_call for layers in lists)
        lists = list(map(rounds, lists))
        if len({tuple(size for size, _ in layers.runs) for layers in lists}) > 1:
            lists = [rounds(layers, decide=True) for layers in lists]
        items: list[Code] = []
        at = 0
        for parts in zip(*(layers.parts for layers in lists), strict=True):
            items += self._run_of_layers(list(parts), path, at)
            at += len(parts[0].items)
        if len(items) > 1 and (over := loop_over(items)) is not None:
            items = [Star(over)]
        if one_call:
            return self.target.sequence(items)
        alone = items[0] if len(items) == 1 else None
        return self.target.layer_list(alone.value if isinstance(alone, Star) else display(items, "[]"))

    def _run_of_layers(self, lists: list[LayerList], path: tuple[str, ...], at: int) -> list[Code]:
        """The entries of lists of one run each, the first of which stands in place ``at``."""
        lengths = [len(layers.items) for layers in lists]
        before = dict(self.arguments), [dict(env) for env in self.environments], dict(self.locals)
        repeated = any(is_open(layers.times) for layers in lists)
        if max(lengths) > 1 or repeated:
            try:
                return [Star(self._loop(lists, path, at, lengths))]
            except Differ:
                self.arguments, environments, self.locals = before
                for environment, known in zip(self.environments, environments):
                    environment.clear()
                    environment.update(known)
        if repeated and len(lists) > 1:  # each by itself keeps its length, one class above
            raise Differ
        if repeated:
            lists = [rounds(layers, decide=True) for layers in lists]
            lengths = [len(layers.items) for layers in lists]
        if len(set(lengths)) > 1:
            raise Differ
        items: list[Code] = []
        place = 0
        while place < lengths[0]:
            times = min(_run(layers.items, place) for layers in lists)
            nodes = [layers.items[place] for layers in lists]
            own = (*path, str(at + place))
            if times > 2:
                try:
                    count = call("range", literal(times))
                    items.append(Star(Comprehension(self.layer(nodes, own, shared=True), ("_",), count)))
                    place += times
                    continue
                except Differ:
                    pass
            items.append(self.layer(nodes, own, shared=True))
            place += 1
        return items

    def _in_turn(self, lists: list[LayerList], path: tuple[str, ...], at: int) -> Comprehension:
        """``layer for _ in range(n) for layer in (one, other)``."""
        if len({len(layers.items) for layers in lists}) > 1:
            raise Differ
        items = [
            self.layer(list(nodes), (*path, str(at + place)), shared=True)
            for place, nodes in enumerate(zip(*(layers.items for layers in lists), strict=True))
        ]
        inner = Comprehension(Atom("layer"), ("layer",), display(items, "()"))
        return Comprehension(inner, ("_",), self._times(lists), joined=True)

    def _times(self, lists: list[LayerList]) -> Code:
        counts = [layers.times if is_open(layers.times) else len(layers.items) for layers in lists]
        return call("range", self.value(counts, [getattr(count, "expr", None) for count in counts], "depth"))

    def _loop(self, lists: list[LayerList], path: tuple[str, ...], at: int, lengths: list[int]) -> Comprehension:
        """``item for _ in range(n)`` where all are made alike, ``item for rate in rates`` where one number varies."""
        firsts = [layers.items[0] for layers in lists]
        start = (*path, str(at))
        open_rows = [self._rows(layers) for layers in lists]
        if any(open_rows):
            return self._loop_over(lists, open_rows, start)
        if all(is_open(layers.times) for layers in lists) and max(lengths) > 1:
            return self._in_turn(lists, path, at)
        if all(item is layers.items[0] for layers in lists for item in layers.items):
            return Comprehension(self.layer(firsts, start, shared=True), ("_",), self._times(lists))
        if any(is_open(layers.times) for layers in lists):
            raise Differ
        items = [item for layers in lists for item in layers.items]
        if not all(isinstance(item, Instance) for item in items):
            raise Differ
        owners = {id(self.templates.of[i]): self.templates.of[i] for i in items if isinstance(i, Instance)}
        if len(owners) > 1:
            raise Differ
        (owner,) = owners.values()
        index = {instance: i for i, instance in enumerate(owner.instances)}
        varying = []
        for name, values in owner.arguments.items():
            rows = [[values[index[item]] for item in layers.items if isinstance(item, Instance)] for layers in lists]
            if any(not same(value, row[0]) for row in rows for value in row):
                varying.append((name, rows))
        if len(varying) != 1 or isinstance(varying[0][1][0][0], Node):
            raise Differ
        ((name, rows),) = varying
        which = [index[item] for item in firsts if isinstance(item, Instance)]
        values = [tuple(row) for row in rows]
        row = row_of(values[0]) if len(values) == 1 and not open_in(values[0]) else None
        used = mentions(self.make(owner, which, start, True, {name: Atom("")}))
        if row is not None and "i" not in used:
            item, places = rule(row, literal)
            return Comprehension(self.make(owner, which, start, True, {name: item}), ("i",), places)
        target = self.target.variable(name)
        while target in used:
            target += "_"
        code = self.make(owner, which, start, True, {name: Atom(target)})
        return Comprehension(code, (target,), self.value(list(values), [None] * len(values), f"{name}s"))

    def _rows(self, layers: LayerList) -> dict[str, RampRow]:
        """The arguments of a block, repeated in a list whose length is open, that are others in each round."""
        item = layers.items[0]
        if not is_open(layers.times) or not isinstance(item, Instance):
            return {}
        owner = self.templates.of[item]
        at = owner.instances.index(item)
        rows = {name: repeated_row(values[at], layers.times) for name, values in owner.arguments.items()}
        return {name: row for name, row in rows.items() if row is not None}

    def _loop_over(
        self, lists: list[LayerList], rows: list[dict[str, RampRow]], path: tuple[str, ...]
    ) -> Comprehension:
        """``item for rate in rates`` where the rates are those of as many blocks as were left open."""
        items = [layers.items[0] for layers in lists]
        owners = {id(self.templates.of[item]): self.templates.of[item] for item in items if isinstance(item, Instance)}
        names_ = set().union(*rows)
        if len(owners) != 1 or len(names_) != 1 or not all(rows):
            raise Specialise(name for layers in lists for name in symbols(term_of(layers.times)))
        (owner,), (name,) = owners.values(), names_
        which = [owner.instances.index(item) for item in items if isinstance(item, Instance)]
        used = mentions(self.make(owner, which, path, True, {name: Atom("")}))
        target = self.target.variable(name)
        while target in used:
            target += "_"
        code = self.make(owner, which, path, True, {name: Atom(target)})
        return Comprehension(code, (target,), self.value([row[name] for row in rows], [None] * len(rows), f"{name}s"))


class OpSlots:
    """What an op is given to emit itself: its attributes over all instances, as code."""

    def __init__(self, lifting: ParameterLifting, ops: list[Any], name: Callable[[str], Code]) -> None:
        self.lifting = lifting
        self.ops = ops
        self.name = name

    def __call__(self, attribute: str) -> Code:
        values = [getattr(op, attribute) for op in self.ops]
        traces = [getattr(value, "expr", None) for value in values]
        return self.lifting.value(values, traces, attribute, self.name)

    def unless(self, attribute: str, default: Any) -> Code | None:
        if all(same(getattr(op, attribute), default) for op in self.ops):
            return None
        return self(attribute)

    def sometimes(self, attribute: str, value: Any) -> bool:
        values = [settled(getattr(op, attribute)) for op in self.ops]
        return any(map(open_in, values)) or len({own == value for own in values}) > 1


def positional(owner: ClassTemplate, name: str) -> bool:
    """Whether an argument is given by position: the sizes of the input's axes and the dim come first, unnamed."""
    return name in owner.first.axes or name == "dim"


def _run(items: tuple[Node, ...], at: int) -> int:
    """How many entries from a place on are the same node."""
    times = 1
    while at + times < len(items) and items[at + times] is items[at]:
        times += 1
    return times


def _literal(value: Any) -> Code:
    """A value as data; numbers evenly along a ramp as its rule."""
    row = row_of(value) if isinstance(value, tuple) else None
    return literal(plain(value)) if row is None else all_of(row, literal)


def _row(value: Any) -> RampRow | None:
    """Numbers on a ramp, some of them open."""
    return (
        value if isinstance(value, RampRow) else row_of(value) if isinstance(value, tuple) and open_in(value) else None
    )


def _is_plain(value: Any) -> bool:
    """Whether a value can be asked something when a module is made."""
    return value is None or isinstance(value, (int, float, str))


def _is_value(value: Any) -> bool:
    """Whether a name stands for numbers, flags or strings, and not for what layers are made from."""
    if isinstance(value, tuple):
        return bool(value) and all(map(_is_value, value))
    return isinstance(value, (int, float, str))
