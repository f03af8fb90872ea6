"""One class template to the text of one class: its constructor's lines and its forward's lines."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import Any

from archspec.emit import names
from archspec.emit.arrays import ArrayCode, rule_of
from archspec.emit.class_templates import ClassTemplate, ClassTemplates
from archspec.emit.class_text import BODY, ClassText
from archspec.emit.code import Atom, Code, display, flat, literal
from archspec.emit.family import closed, family_guards
from archspec.emit.flow import ForwardWriter
from archspec.emit.guards import guards
from archspec.emit.layout import STEP, statement
from archspec.emit.lent import LENDER, Borrower
from archspec.emit.lifting import OpSlots, ParameterLifting, positional
from archspec.emit.tables import Tables
from archspec.emit.target import CodeLine, Start
from archspec.emit.truths import opposite
from archspec.emit.values import constant
from archspec.emit.variants import Choice, condition_of
from archspec.graph.decisions import following, origin
from archspec.graph.model_inputs import usual_names
from archspec.graph.nodes import Binding, Node, OpNode, Step, Table
from archspec.graph.sizes import Place, depends, place_of, read_at, sizes_of
from archspec.opdef.op import Weight
from archspec.sym.expr import SymExpr
from archspec.sym.number import follows, plain
from archspec.sym.open import settled


def write_class(templates: ClassTemplates, template: ClassTemplate) -> ClassText:
    """Write a class; ``template.arguments`` is filled with what its constructor takes."""
    return ClassWriter(templates, template).write()


class ClassWriter:
    def __init__(self, templates: ClassTemplates, template: ClassTemplate) -> None:
        self.templates = templates
        self.template = template
        self.first = template.first
        self.target = templates.target
        self.lifting = ParameterLifting(templates, template)
        self.init: list[str] = []
        self.reset: list[str] = []
        self.tables = Tables(self.first.rules, self.target, lambda: self.arrays.used)
        self.arrays = ArrayCode(self._said, self.target, lambda: set(self.tables.lines))
        self.filled: list[CodeLine] = []
        self.kept: dict[str, str] = {}
        self.runtime: dict[Place, str] = {}
        self.baked: frozenset[Place] = frozenset()
        self.blocks: dict[int, tuple[list[str], int]] = {}
        """The last block of the constructor and of the starts: its condition, and where it ends."""
        self.attributes = names.attributes(self.first, self.target.reserved)
        self.taken = names.own_attributes(self.first) | set(self.attributes.values())

    def write(self) -> ClassText:
        for weight in self.first.state:
            self._state(weight.name)
        for index, table in enumerate(self.first.tables):
            self._table(table, [instance.tables[index] for instance in self.template.instances])
        skipped = {name for name in self.first.layers if self._identity(name)}
        for name in self.first.layers:
            if name not in skipped:
                self._layer(name)
        body = ForwardWriter(self, self.templates, self.template, skipped)
        body.name_sizes()
        asked = guards(self)
        forward = body.write()
        for name, attribute in self.kept.items():
            self.init.append(f"{BODY}self.{attribute} = {flat(self.lifting.argument(name))}")
        if self.target.refills and (self.reset or self.filled):
            self.init.append(f"{BODY}self.reset_parameters()")
        self.template.arguments = self._ordered()
        asked_first: list[str] = []
        if self.templates.algebra is not None and self.first is self.templates.root:
            asked_first = family_guards(self.template, self.templates.algebra, self.target)
        locals_ = self._locals()
        return ClassText(
            name=self.template.name,
            doc=names.docstring(self.first.doc or names.sentence(self.first.name)),
            arguments=[self._argument(name, values) for name, values in self.template.arguments.items()],
            init=asked_first + locals_ + self.init,
            inputs=self._inputs(),
            returns=self._returns(),
            forward_doc=self._forward_doc(),
            forward=self._shapes() + asked + forward,
            source=self.template,
            reset=self.reset,
            tables=self._filled(),
            buffers=[w.name for w in self.first.state if not w.trained] + [t.name for t in self.first.tables],
        )

    def _argument(self, name: str, values: list[Any]) -> str:
        """An argument of the constructor with its type; that of a model has a default."""
        default = f" = {flat(literal(closed(values[0])))}" if self.first is self.templates.root else ""
        return f"{self.target.variable(name)}: {names.annotation(values, self.target)}{default}"

    def _inputs(self) -> list[str]:
        """The arguments of forward with their types."""
        own = [f"{self.target.variable(name)}: {self.target.tensor}" for name in self.first.input_names]
        return [*own, f"{LENDER}: Any"] if isinstance(self.first, Borrower) else own

    def _filled(self) -> list[str]:
        """The statements that fill the tables."""
        lines = [line for name, code in self.tables.lines.items() for line in statement(f"{name} = ", code, BODY)]
        return lines + [line for prefix, code in self.filled for line in statement(prefix, code, BODY)]

    def _identity(self, name: str) -> bool:
        nodes = [instance.layers[name] for instance in self.template.instances if name in instance.layers]
        return all(map(self.templates.is_identity, nodes))

    def _layer(self, name: str) -> None:
        """A layer, where there is one."""
        flags = [name in instance.layers for instance in self.template.instances]
        with self._where(flags, lambda step: step.layer is not None and step.layer[0] == name) as indent:
            nodes = [instance.layers[name] for instance in self.template.instances]
            code = self.lifting.built(nodes, (name,), name, shared=False)
            self.init += statement(f"self.{self.attributes[name]} = ", code, indent)

    @contextmanager
    def _where(self, flags: list[bool], used: Callable[[Step], bool]) -> Iterator[str]:
        """What is written inside of this is for some of the instances, and for a step of theirs; gives its indent."""
        if all(flags):
            yield BODY
            return
        starts = len(self.init), len(self.reset)
        with self.lifting.among([at for at, flag in enumerate(flags) if flag]):
            yield BODY + STEP
        for lines, start, spell in zip((self.init, self.reset), starts, (self.lifting.argument, self._held)):
            if len(lines) > start:
                condition, holds = self.condition(flags, spell, self._place(used))
                head = statement("if ", condition if holds else opposite(condition), BODY, ":")
                if self.blocks.get(id(lines)) != (head, start):
                    lines[start:start] = head
                self.blocks[id(lines)] = (head, len(lines))

    def condition(self, flags: Sequence[bool], spell: Callable[[str], Code], at: int) -> tuple[Code, bool]:
        """A condition that tells instances apart, and whether it holds for those with a flag.

        Of several that do, it is the last in the spec before the place ``at``: what is decided there stands behind it.
        """
        near = sorted(self.first.choices, key=lambda choice: (choice.span.start > at, abs(choice.span.start - at)))
        own = [self.first.expand(choice) for choice in map(condition_of, near) if choice is not None]
        return self.lifting.condition(flags, [choice for choice in own if choice is not None], spell)

    def chosen(self, choice: Choice) -> tuple[Code, bool]:
        """The condition of a choice, as forward knows it, and whether it is that of the first side."""
        flags = dict(choice.flags)
        place = self._place(lambda step: choice.inputs[0] in step.outputs or choice.inputs[1] in step.outputs)
        return self.condition([flags[v] for v in self.template.variant if v in flags], self.spell, place)

    def _place(self, wanted: Callable[[Step], bool]) -> int:
        """Where in the spec the first step of a kind stands that some instances lack."""
        for index, item in enumerate(self.first.body):
            if isinstance(item, (Binding, Choice)) or self.template.having(index) is None:
                continue
            if wanted(item):
                return item.span.start
        return 0

    def _ordered(self) -> dict[str, Any]:
        """Constructor arguments: axes of the input, the dim, the module's own parameters, the rest, built modules."""
        first = [] if self.first is self.templates.root else [*self.first.axes, "dim"]
        own = [*first, *self.first.args]

        def rank(item: tuple[str, Any]) -> tuple[bool, bool, int]:
            name, values = item
            built = isinstance(values[0], Node)
            return (
                built,
                bool(first) and not positional(self.template, name),
                own.index(name) if name in own else len(own),
            )

        return dict(sorted(self.lifting.arguments.items(), key=rank))

    def _locals(self) -> list[str]:
        lines = []
        for name in self.first.locals:
            if name in self.lifting.locals:
                code = self.lifting.code(self.lifting.locals[name], self.lifting.argument)
                lines += statement(f"{self.target.variable(name)} = ", code, BODY)
        for name, code in self.lifting.ramps.items():
            lines += statement(f"{name} = ", code, BODY)
        return lines

    # state

    def _state(self, name: str) -> None:
        """A parameter or buffer, where there is one, and the call that fills it."""
        known, own = self._weights, self._tensors[f"self.{name}"]
        with self._where([name in weights for weights in known], lambda step: bool(own & set(step.inputs))) as indent:
            self._weight([weights[name] for weights in known if name in weights], indent)

    @cached_property
    def _weights(self) -> list[dict[str, Weight]]:
        """The parameters and buffers of each instance by name."""
        return [{weight.name: weight for weight in instance.state} for instance in self.template.instances]

    @cached_property
    def _tensors(self) -> dict[str, set[int]]:
        """The tensors of the body by the names that they are given."""
        found: dict[str, set[int]] = defaultdict(set)
        for item in self.first.body:
            if isinstance(item, Binding) and len(item.names) == 1:
                found[item.names[0]].add(item.tensors[0])
        return found

    def _weight(self, all_: list[Weight], indent: str) -> None:
        weight = all_[0]
        shape = [self._value([w.shape[i] for w in all_], f"{weight.name}_{i}") for i in range(len(weight.shape))]
        spell = self._held if self.target.refills else None
        columns = zip(*(w.init.values for w in all_))
        values = [self._value(list(column), f"{weight.name}_start", spell) for column in columns]
        start = Start(weight.init.kind, tuple(values))
        prefix, made = (self.target.parameter if weight.trained else self.target.buffer)(weight.name, shape, start)
        self.init += statement(prefix, made, indent)
        if self.target.refills:
            self.reset += statement("", self.target.refill(Atom(f"self.{weight.name}"), start), indent)

    def _table(self, table: Table, all_: list[Table]) -> None:
        """A constant that is not saved: its rule where it has one, its numbers where they are few."""
        shape = [self._value([t.shape[i] for t in all_], f"{table.name}_{i}") for i in range(len(table.shape))]
        prefix, made = self.target.table(table.name, shape, table.dtype)
        self.init += statement(prefix, made, BODY)
        arrays = [rule for rule in map(rule_of, all_) if rule is not None]
        code, form = self.arrays.code(arrays) if arrays else (self.tables.code(table), "lists")
        self.filled += [(f"{name} = ", line) for name, line in self.arrays.lines]
        self.arrays.lines.clear()
        self.filled.append(self.target.fill_table(table.name, code, form))

    def _said(self, values: Sequence[Any]) -> Code:
        """A number of a table's rule, in reach of the methods."""
        return self._value(list(values), "number", self._of_table)

    def _of_table(self, name: str) -> Code:
        """A name in reach of the statements that fill tables: the author's own are variables there."""
        values = [settled(env[name]) for env in self.lifting.environments]
        if name not in self.first.locals or name in self.lifting.arguments:
            return self._held(name)
        if not self.lifting.reachable(name) or not self.lifting.agree_on(name):
            self.lifting.arguments[name] = values
            return self._held(name)
        if name not in self.lifting.forced and constant(values):
            return literal(plain(values[0]))
        own = self.first.locals[name][1]
        return self.arrays.local(name, lambda: self.lifting.code(own, self._of_table))

    def _value(self, values: list[Any], hint: str, name: Callable[[str], Code] | None = None) -> Code:
        return self.lifting.value(values, [getattr(v, "expr", None) for v in values], hint, name)

    def _held(self, name: str) -> Code:
        """A name in reach of the methods: an attribute kept by the constructor, or a literal where it never varies."""
        if "[:" in name:
            return self.lifting.entry(name, self._held)
        values = self.lifting.everywhere(name)
        if name not in self.lifting.forced and constant(values):
            return literal(plain(values[0]))
        if name.endswith("]"):
            return self.lifting.entry(name, self._held)
        if name in self.first.locals and name not in self.lifting.arguments:
            own = self.first.expand(self.first.locals[name][1])
            if own is not None:
                return self.lifting.code(own, self._held)
        return Atom(f"self.{self.keep(name)}")

    # forward

    def slots(self, index: int) -> OpSlots:
        """The slots of the op at a place of the body, for use in forward."""
        ops = [node.op for node in self.template.nodes(index) if isinstance(node, OpNode)]
        return _ForwardSlots(self, ops)

    def spell(self, name: str) -> Code:
        """A name in reach of forward: a size of the input at run time, or an attribute kept by the constructor."""
        place = place_of(self.first, name)
        if place is not None and (name in self.first.axes or name not in self.lifting.environments[0]):
            return Atom(self.read(place))
        if "[:" in name:
            return self.lifting.entry(name, self.spell)
        values = self.lifting.everywhere(name)
        varies = name in self.lifting.forced or name in self.first.axes
        if not varies and constant(values):
            return literal(plain(values[0]))
        if name.endswith("]"):
            return self.lifting.entry(name, self.spell)
        if name in self.first.locals and name not in self.lifting.arguments and self.lifting.agree_on(name):
            own = self.first.expand(self.first.locals[name][1])
            if own is not None:
                return self.lifting.code(own, self.spell)
        return Atom(f"self.{self.keep(name)}")

    def keep(self, name: str) -> str:
        """The attribute that keeps a constructor argument for forward, off the layers and what every module has."""
        if name not in self.kept:
            self.kept[name] = names.free_attribute(self.target.variable(name), self.taken, self.target.reserved)
        return self.kept[name]

    def read(self, place: Place) -> str:
        """The variable of forward that holds a size of an input: the author's name, or the usual one."""
        if place not in self.runtime:
            at, axis = place
            own = (self.first.input_axes[at] or (None,) * (axis + 1))[axis]
            if own in self.first.axes and place_of(self.first, own) == place:
                self.runtime[place] = self.target.variable(own)
            else:
                usual = usual_names(self.first.inputs[at].rank)[axis]
                taken = {*self.first.axes, *self.first.input_names, *self.runtime.values()}
                while usual in taken:
                    usual += "_"
                self.runtime[place] = usual
        return self.runtime[place]

    def _shapes(self) -> list[str]:
        """``_, _, h, w = x.shape`` for the sizes that forward reads."""
        lines = []
        for at, type in enumerate(self.first.inputs):
            own = [self.runtime.get((at, axis), "_") for axis in range(type.rank)]
            if len({instance.inputs[at].rank for instance in self.template.instances}) > 1:
                of = self.target.variable(self.first.input_names[at])
                places = [(axis, name) for axis, name in enumerate(own) if name != "_"]
                lines += [f"{BODY}{name} = {of}.shape[{axis + type.batched}]" for axis, name in places]
            elif any(name != "_" for name in own):
                targets = ", ".join([*(["_"] if type.batched else []), *own])
                comma = "," if len(own) + type.batched == 1 else ""
                lines.append(f"{BODY}{targets}{comma} = {self.target.variable(self.first.input_names[at])}.shape")
        return lines

    def _returns(self) -> str:
        if self.first.returns == "list":
            return f"list[{self.target.tensor}]"
        if self.first.returns == "tuple":
            return f"tuple[{', '.join([self.target.tensor] * len(self.first.results))}]"
        return self.target.tensor

    def _forward_doc(self) -> str:
        instances = self.template.instances
        left, right = [i.inputs for i in instances], [i.outputs for i in instances]
        return f"{self._format_shapes(left)} -> {self._format_shapes(right)}"

    def _format_shapes(self, rows: list[tuple[Any, ...]]) -> str:
        """Shapes with the batch in front: names where the author named axes, numbers where they never vary."""
        shapes = []
        for at in range(len(rows[0])):
            first = rows[0][at]
            sizes = ["b"] if first.batched else []
            if len({row[at].rank for row in rows}) > 1:
                shapes.append("[b, ...]")
                continue
            for axis, size in enumerate(first.shape):
                own = getattr(size, "expr", None)
                if constant([row[at].shape[axis] for row in rows]):
                    sizes.append(str(int(settled(size))))
                elif own is not None and own.names() and own.size <= 3 and not any("." in n for n in own.names()):
                    sizes.append(flat(self.lifting.code(own, Atom)))
                else:
                    sizes.append("_")
            shapes.append(f"[{', '.join(sizes)}]")
        return ", ".join(shapes)


class _ForwardSlots(OpSlots):
    """Slots where sizes of the input are read at run time, so that one module serves every size it can."""

    def __init__(self, writer: ClassWriter, ops: list[Any]) -> None:
        super().__init__(writer.lifting, ops, writer.spell)
        self.writer = writer

    def __call__(self, attribute: str) -> Code:
        values = [getattr(op, attribute) for op in self.ops]
        own = getattr(values[0], "expr", None)
        if attribute in self.ops[0].mutable_args and own is not None and own.op == "name":
            (name,) = own.parts
            if name in self.writer.first.args and self.lifting.agrees(own, values):
                if self.writer.template.first is not self.writer.templates.root:
                    self.lifting.forced.add(name)
                return Atom(f"self.{self.writer.keep(name)}")
        if isinstance(values[0], tuple) and all(isinstance(v, tuple) and len(v) == len(values[0]) for v in values):
            return display([self._one([v[i] for v in values], attribute) for i in range(len(values[0]))])
        return self._one(values, attribute)

    def _one(self, values: list[Any], attribute: str) -> Code:
        first = self.writer.first
        own = first.expand(getattr(values[0], "expr", None))
        if own is not None and read_at(first, own) and self._holds(own, values):
            return self.lifting.code(own, self.name)
        for instance, value in zip(self.writer.template.instances, values):
            if follows(value):
                self.writer.baked |= depends(instance, map(origin, following(value)))
        return self.lifting.value(values, [getattr(v, "expr", None) for v in values], attribute, self.name)

    def _holds(self, own: SymExpr, values: list[Any]) -> bool:
        """Whether an expression over the sizes of the inputs gives every instance its value."""
        known = zip(self.lifting.environments, self.writer.template.instances)
        return self.lifting.agrees(own, values, [sizes_of(instance) | env for env, instance in known])

    def unless(self, attribute: str, default: Any) -> Code | None:
        values = tuple(getattr(op, attribute) for op in self.ops)
        return self(attribute) if follows(values) else super().unless(attribute, default)
