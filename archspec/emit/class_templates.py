"""Instances to class templates: those of one module with one structure share a class, whatever their numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from archspec.emit.arrays import rule_of
from archspec.emit.forms import op_form
from archspec.emit.lent import Borrower, Lent, holders
from archspec.emit.target import LayerClass, Target
from archspec.emit.variants import MOST, Apart, United, unite
from archspec.graph.nodes import Binding, Instance, LayerList, Node, OpNode, Step
from archspec.graph.sizes import asked_at_run_time, fixed, held, open_places
from archspec.graph.walk import all_in, does_nothing, entries, innermost_first, stateful
from archspec.opdef.op import Op
from archspec.sym.algebra import Algebra
from archspec.sym.number import follows


@dataclass(eq=False)
class ClassTemplate:
    """A class to be: its instances, its name, and (once written) its constructor's arguments."""

    instances: list[Instance]
    name: str = ""
    arguments: dict[str, Any] = field(default_factory=dict)
    united: United | None = None
    variant: list[int] = field(default_factory=list)
    """Where the instances are of several variants: which one each is of."""

    @property
    def first(self) -> Instance:
        """The instance that stands for the structure all of them share."""
        return self.instances[0] if self.united is None else self.united.body

    def nodes(self, index: int) -> list[Node]:
        """What is used at a place of the body that is a step, a node for each instance that has it."""
        places = [index] * len(self.instances)
        if self.united is not None:
            places = [self.united.places[index].get(v, -1) for v in self.variant]
        steps = [instance.body[place] for instance, place in zip(self.instances, places) if place >= 0]
        return [step.node for step in steps if isinstance(step, Step)]

    def having(self, index: int) -> list[int] | None:
        """The instances that have a step; None where all do."""
        if self.united is None or len(self.united.places[index]) == len(set(self.variant)):
            return None
        return [at for at, v in enumerate(self.variant) if v in self.united.places[index]]


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

    def __init__(
        self, root: Instance, target: Target, algebra: Algebra | None = None, apart: Container[str] = ()
    ) -> None:
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
        self.ordered = self._sort(self._united(table, apart))
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

    def _united(self, table: dict[Any, ClassTemplate], apart: Container[str]) -> list[ClassTemplate]:
        """The templates, those that are variants of one module in one as far as one class can say them."""
        made: list[list[ClassTemplate]] = []
        keys = {id(template): key for key, template in table.items()}
        counts = Counter(key for key, *_ in table)
        for template in table.values():
            key, borrows, level, _ = keys[id(template)]
            alone = borrows or key in apart or counts[key] > MOST
            for others in () if alone else made:
                if keys[id(others[0])][:3] != (key, False, level):
                    continue
                try:
                    self._unite([*others, template])
                except Apart:
                    continue
                others.append(template)
                break
            else:
                made.append([template])
        found = [others[0] if len(others) == 1 else self._unite(others) for others in made]
        self.of = {instance: template for template in found for instance in template.instances}
        return found

    def _unite(self, templates: list[ClassTemplate]) -> ClassTemplate:
        """The template of several variants.

        Raises:
            Apart: one class cannot say them.
        """
        firsts = [template.first for template in templates]
        facts: dict[str, Any] = {}
        for first in firsts:
            if not self.settled and (set(first.decisions), held(first)) != (set(firsts[0].decisions), held(firsts[0])):
                raise Apart
            own = {weight.name: (len(weight.shape), weight.init.kind, weight.trained) for weight in first.state}
            own |= {name: self._initialised(node) for name, node in first.layers.items()}
            if any(facts.setdefault(name, fact) != fact for name, fact in own.items()):
                raise Apart
        united = unite(firsts, [list(map(self._key, first.body)) for first in firsts])
        instances = [instance for template in templates for instance in template.instances]
        variant = [v for v, template in enumerate(templates) for _ in template.instances]
        return ClassTemplate(instances, united=united, variant=variant)

    def _key(self, item: Step | Binding) -> Any:
        """What of an item of a body has to be equal for items of two bodies to be one line."""
        if isinstance(item, Binding):
            return item.names
        if isinstance(item, Lent) or (isinstance(item.node, LayerList) and item.node.survival < 1):
            raise Apart
        count = len(item.inputs), len(item.outputs)
        if item.layer is not None:
            return item.layer, self._applied(item.node), count
        return self.form(item.node.op) if isinstance(item.node, OpNode) else "module", count

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
        if template.united is not None:
            return False
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
            self._idle(entry, found) if isinstance(entry, Instance) else entry.op.is_identity()
            for entry in entries(node)
        )

    def _idle(self, instance: Instance, found: set[int]) -> bool:
        """Whether a use of a module does nothing: its class never does, or its variant of the class does not."""
        template = self.of[instance]
        if template.united is None:
            return id(template) in found
        return (self.settled or not instance.decisions) and does_nothing(instance)

    def is_identity(self, node: Node) -> bool:
        """Whether a node does nothing, in every use of its class or of its variant of it."""
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
