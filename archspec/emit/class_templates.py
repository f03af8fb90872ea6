"""Instances to class templates: those of one module with one structure share a class, whatever their numbers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from archspec.emit.arrays import rule_of
from archspec.emit.forms import op_form
from archspec.emit.lent import Borrower, holders
from archspec.emit.target import LayerClass, Target
from archspec.graph.nodes import Binding, Instance, LayerList, Node, OpNode, Step
from archspec.graph.sizes import asked_at_run_time, fixed, held, open_places
from archspec.graph.walk import all_in, entries, innermost_first, stateful
from archspec.opdef.op import Op
from archspec.sym.algebra import Algebra
from archspec.sym.number import follows


@dataclass(eq=False)
class ClassTemplate:
    """A class to be: its instances, its name, and (once written) its constructor's arguments."""

    instances: list[Instance]
    name: str = ""
    arguments: dict[str, Any] = field(default_factory=dict)

    @property
    def first(self) -> Instance:
        """The instance that stands for the structure all of them share."""
        return self.instances[0]

    def nodes(self, index: int) -> list[Node]:
        """What is used at a place of the body that is a step, a node for each instance."""
        steps = [instance.body[index] for instance in self.instances]
        return [step.node for step in steps if isinstance(step, Step)]


@dataclass
class Trial:
    """Whether what was tried holds."""

    stands: bool = False


class ClassTemplates:
    """All templates of a graph, children before the parents that use them."""

    def adopt(self, template: ClassTemplate, other: ClassTemplate) -> None:
        """Let ``other`` take over the instances of a template that turned out to be the same class."""
        for instance in template.instances:
            self.of[instance] = other
        other.instances += template.instances
        for name in other.arguments:
            other.arguments[name] = other.arguments[name] + template.arguments[name]
        template.name = other.name

    def __init__(self, root: Instance, target: Target, algebra: Algebra | None = None) -> None:
        self.root = root
        self.target = target
        self.algebra = algebra
        self.starts: dict[OpNode, LayerClass] = {}
        self.tabled = target.tabled or target.module
        self.imported: dict[tuple[str, str], str] = {}
        """What the file calls the classes from outside, by their modules and own names."""
        self.drawing: dict[tuple[Node, bool], bool] = {}
        """What is known of nodes: whether one draws random numbers, alone or used again."""
        self.of: dict[Instance, ClassTemplate] = {}
        self.forms: dict[Op, tuple[object, ...]] = {}
        self.fixed = fixed(root)
        """The axes of the model's inputs that have to be of the very sizes it was made for."""
        self.settled = open_places(root) <= self.fixed
        """Whether the model takes inputs of one size alone, so that nothing inside has to ask for it."""
        order = innermost_first(root, lambda instance: [(child, 1) for child in instances_in(instance)])
        levels = _levels(order)
        table: dict[Any, ClassTemplate] = {}
        for instance in order:
            key = (instance.key, isinstance(instance, Borrower), levels[instance], self._structure(instance))
            template = table.setdefault(key, ClassTemplate([]))
            template.instances.append(instance)
            self.of[instance] = template
        self.ordered = self._sort(list(table.values()))
        self.identities = self._identities()

    @contextmanager
    def trial(self) -> Iterator[Trial]:
        """A trial of something; what it asked of open numbers is forgotten where it does not stand."""
        trial = Trial()
        conditions = self.algebra.conditions if self.algebra is not None else {}
        before = len(conditions)
        yield trial
        if not trial.stands:
            for condition in list(conditions)[before:]:
                del conditions[condition]

    def _sort(self, templates: list[ClassTemplate]) -> list[ClassTemplate]:
        done: dict[int, None] = {}
        ordered: list[ClassTemplate] = []
        active: set[int] = set()

        def visit(template: ClassTemplate) -> None:
            if id(template) in done or id(template) in active:
                return
            active.add(id(template))
            for instance in template.instances:
                for child in instances_in(instance):
                    visit(self.of[child])
            done[id(template)] = None
            ordered.append(template)

        for template in templates:
            visit(template)
        return ordered

    def _identities(self) -> set[int]:
        """The templates that do nothing at all, so that no class is needed."""
        found: set[int] = set()
        for template in self.ordered:
            asks = not self.settled and any(instance.decisions for instance in template.instances)
            if not asks and not any(map(stateful, template.instances)) and self._passes(template, found):
                found.add(id(template))
        return found

    def _passes(self, template: ClassTemplate, found: set[int]) -> bool:
        alias = dict(enumerate(range(len(template.first.inputs))))
        for index, item in enumerate(template.first.body):
            if isinstance(item, Binding):
                continue
            if not all(self._nothing(node, found) for node in template.nodes(index)):
                return False
            alias[item.outputs[0]] = alias[item.inputs[0]]
        return len(template.first.inputs) == 1 and [alias.get(i) for i in template.first.results] == [0]

    def _nothing(self, node: Node, found: set[int]) -> bool:
        return all(
            id(self.of[entry]) in found if isinstance(entry, Instance) else entry.op.is_identity()
            for entry in entries(node)
        )

    def is_identity(self, node: Node) -> bool:
        """Whether a node does nothing, in every use of its class."""
        return self._nothing(node, self.identities)

    def form(self, op: Op) -> tuple[object, ...]:
        """All of a use of an op that is not a number, each worked out once."""
        if op not in self.forms:
            self.forms[op] = op_form(self.target, op)
        return self.forms[op]

    def _structure(self, instance: Instance) -> Any:
        """All of an instance that is not a number: the same structure is the same source."""
        body: list[Any] = []
        for item in instance.body:
            if isinstance(item, Binding):
                body.append((item.names, item.tensors))
            elif item.layer is not None:
                body.append((item.layer, holders(item), self._applied(item.node), item.inputs, item.outputs))
            else:
                own = self.form(item.node.op) if isinstance(item.node, OpNode) else "module"
                body.append((own, item.inputs, item.outputs))
        state = tuple((w.name, len(w.shape), w.init.kind, w.trained) for w in instance.state)
        layers = tuple(
            (name, self._initialised(node), isinstance(node, LayerList) and node.survival < 1)
            for name, node in instance.layers.items()
        )
        rules = [(table, rule_of(table)) for table in instance.tables]
        tables = tuple((t.name, t.dtype, rule.structure if rule else t.contents) for t, rule in rules)
        by_rank = instance.decisions or held(instance) or _reads_sizes(instance)
        ranks = tuple(type.rank for type in instance.inputs) if by_rank else ()
        asked = () if self.settled else frozenset(d for d in instance.decisions if asked_at_run_time(instance, d))
        shape = instance.results, instance.returns, instance.input_names, ranks
        return (tuple(body), state, tables, layers, *shape, asked)

    def _applied(self, node: Node) -> Any:
        """How a layer is called and what it gives: the same for layers that can stand for each other in one line."""
        if isinstance(node, OpNode):
            return (node.op.variadic_outputs, None if self.target.is_called(node.op) else node.op.name())
        return (isinstance(node, Instance) and node.returns != "one", None)

    def _initialised(self, node: Node) -> Any:
        """What of a layer's initialisers has to be spelled out, with the kind of op where anything has."""
        if isinstance(node, OpNode):
            inits = tuple((w.name, w.init.kind) for w in node.weights if not w.init.own)
            return (self.form(node.op), inits) if inits else ()
        if isinstance(node, LayerList):
            parts = tuple(self._initialised(item) for item in node.items)
            return parts if any(parts) else ()
        return ()


def instances_in(instance: Instance) -> list[Instance]:
    """The instances used in a body, one entry for each distinct one, those in lists behind the others."""
    inside = sorted((node for node, _ in all_in(instance)), key=lambda node: isinstance(node, LayerList))
    found = [entry for node in inside for entry in entries(node)]
    return list(dict.fromkeys(entry for entry in found if isinstance(entry, Instance)))


def _levels(order: list[Instance]) -> dict[Instance, int]:
    """How deep each instance nests others of its own module."""
    inside: dict[Instance, dict[str, int]] = {}
    for instance in order:
        counts: dict[str, int] = {}
        for child in instances_in(instance):
            for key, level in inside[child].items():
                counts[key] = max(counts.get(key, 0), level)
        counts[instance.key] = counts.get(instance.key, 0) + 1
        inside[instance] = counts
    return {instance: inside[instance][instance.key] for instance in order}


def _reads_sizes(instance: Instance) -> bool:
    """Whether an op of its own is given a number that follows the input, which forward reads from some axis."""
    ops = [step.node.op for step in instance.steps if isinstance(step.node, OpNode)]
    return any(follows(value) for op in ops for value in vars(op).values())
