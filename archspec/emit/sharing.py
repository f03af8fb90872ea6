"""Layers that compute differently in their uses, told apart before their model is written.

One layer is one module of the target, and a module computes in one way. Where a layer is shared between uses that need
two (a decision inside it follows the size of its input, say), each way becomes a layer of its own: with what has no
weights that is all; with weights, the further ones have none of their own and are given the first, whose weights they
use. Takes the classes as they were written without that, and gives the graph to write instead.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from typing import Any

from archspec.emit import names
from archspec.emit.class_templates import ClassTemplates
from archspec.emit.lent import LENDER, Borrower, Lent
from archspec.emit.values import rounds, same
from archspec.graph.layers import layer_at
from archspec.graph.nodes import Binding, Instance, LayerList, Node, OpNode, Step
from archspec.graph.walk import stateful, tables_of


@dataclass
class _Draft:
    """The layers and tensors of a body that is being rewritten."""

    instance: Instance
    layers: dict[str, Node]
    types: list[Any]
    body: list[Step | Binding] = field(default_factory=list)
    made: list[tuple[tuple[str, ...], Node, str]] = field(default_factory=list)

    @classmethod
    def of(cls, instance: Instance) -> _Draft:
        return cls(instance, dict(instance.layers), list(instance.types))

    def add(self, path: tuple[str, ...], node: Node) -> str:
        """A further layer beside the one at a path."""
        taken = names.own_attributes(self.instance) | self.layers.keys()
        base = "_".join(path)
        count = 2
        while f"{base}_{count}" in taken:
            count += 1
        self.layers[f"{base}_{count}"] = node
        return f"{base}_{count}"

    def tensor(self, node: Node) -> int:
        self.types.append(node.outputs[0])
        return len(self.types) - 1

    def finished(self) -> Instance:
        return replace(self.instance, layers=self.layers, types=self.types, body=self.body)


def split_shared(templates: ClassTemplates) -> Instance | None:
    """The model with a layer for each way in which a shared one computes; None where all compute in one."""
    return _Sharing(templates).run()


class _Sharing:
    def __init__(self, templates: ClassTemplates) -> None:
        self.templates = templates
        self.edited: dict[Instance, Instance] = {}
        self.mapped: dict[Node, Any] = {}

    def run(self) -> Instance | None:
        for template in self.templates.ordered:
            for instance in template.instances:
                self._edit(instance)
        return self._map(self.templates.root) if self.edited else None

    def _edit(self, instance: Instance) -> None:
        draft = _Draft.of(instance)
        for item in instance.body:
            if isinstance(item, Step) and item.layer is not None:
                draft.body += self._apart(draft, item, self._first(instance, item))
            else:
                draft.body.append(item)
        if draft.body != instance.body:
            self.edited[instance] = draft.finished()

    def _first(self, instance: Instance, step: Step) -> Node:
        """The node that the layer of a step is made from."""
        assert step.layer is not None
        if isinstance(step, Lent) and step.origin is not None:
            return step.origin
        return layer_at(instance, step.layer)

    def _apart(self, draft: _Draft, step: Step, first: Node) -> list[Step]:
        """The steps for a step, so that each uses a layer that computes what the step says."""
        node, path = step.node, step.layer
        assert path is not None
        if isinstance(node, LayerList) and not node.whole:
            return self._entries(draft, step, first)
        if self.alike(first, node):
            return [step]
        lent = step if isinstance(step, Lent) else Lent(**vars(step))
        if not _lends(node):
            name = self._own(draft, path, node) or draft.add(path, node)
            draft.made.append((path, node, name))
            return [replace(lent, layer=(name,), owner="self", origin=None)]
        if isinstance(node, LayerList) and node.survival == 1:
            return self._entries(draft, step, first)
        assert isinstance(node, Instance), "the graph lets ops be shared that are made alike, and no surviving lists"
        assert isinstance(first, Instance)
        name = self._own(draft, path, node) or draft.add(path, self._borrower(node, first))
        draft.made.append((path, node, name))
        lender = (lent.owner, path)
        return [replace(lent, node=draft.layers[name], layer=(name,), owner="self", origin=None, lender=lender)]

    def _own(self, draft: _Draft, path: tuple[str, ...], node: Node) -> str | None:
        """The layer that was added for a use like this one."""
        return next((name for own, other, name in draft.made if own == path and self.alike(other, node)), None)

    def _entries(self, draft: _Draft, step: Step, first: Node) -> list[Step]:
        """A list applied as a whole, entry by entry."""
        assert isinstance(step.node, LayerList)
        assert isinstance(first, LayerList)
        assert step.layer is not None
        lent = step if isinstance(step, Lent) else Lent(**vars(step))
        made: list[Step] = []
        tensors = step.inputs
        items, origins = (rounds(layers, decide=True).items for layers in (step.node, first))
        for place, (item, origin) in enumerate(zip(items, origins)):
            outputs = step.outputs if place == len(items) - 1 else (draft.tensor(item),)
            entry = replace(lent, node=item, layer=(*step.layer, str(place)), inputs=tensors, outputs=outputs)
            entry = replace(entry, origin=origin if lent.owner != "self" else None)
            if isinstance(item, OpNode) and not item.op.stateful:
                made.append(Step(item, None, tensors, outputs, step.span))
            else:
                made += self._apart(draft, entry, origin)
            tensors = outputs
        return made

    def _borrower(self, instance: Instance, lender: Instance) -> Borrower:
        """A module that computes as ``instance`` does, with the weights of ``lender``."""
        own = {name: node for name, node in instance.layers.items() if not _lends(node)}
        kept = {f.name: getattr(instance, f.name) for f in fields(instance)}
        known = {table.name: table for table in lender.tables}
        tables = [t for t in instance.tables if t.name not in known or t.contents != known[t.name].contents]
        empty = {"state": [], "tables": tables, "layers": own, "body": []}
        made = Borrower(**{**kept, "name": f"{instance.name}_shared", **empty})
        draft = _Draft.of(made)
        given = {weight.name for weight in instance.state} | {t.name for t in instance.tables if t not in tables}
        lent = {f"self.{name}": f"{LENDER}.{name}" for name in given}
        for item in instance.body:
            if isinstance(item, Binding):
                draft.body.append(replace(item, names=tuple(lent.get(name, name) for name in item.names)))
            elif item.layer is None or (item.layer[0] in own and not isinstance(item, Lent)):
                draft.body.append(item)
            elif item.layer[0] in own:
                assert isinstance(item, Lent)
                path = item.lender[1] if item.lender else None
                draft.body.append(replace(item, lender=(LENDER, path) if path is not None else None))
            else:
                origin = layer_at(lender, item.layer)
                use = item if isinstance(item, Lent) else Lent(**vars(item))
                draft.body += self._apart(draft, replace(use, owner=LENDER, origin=origin), origin)
        return replace(made, layers=draft.layers, types=draft.types, body=draft.body)

    # the same layer

    def alike(self, a: Node, b: Node) -> bool:
        """Whether the layer made from one node computes what the other says."""
        if a is b:
            return True
        if isinstance(a, OpNode) and isinstance(b, OpNode):
            return self.templates.target.made(a.op) == self.templates.target.made(b.op)
        if isinstance(a, LayerList) and isinstance(b, LayerList):
            alike = (len(a.items), a.sequential, a.survival) == (len(b.items), b.sequential, b.survival)
            return alike and same(a.runs, b.runs) and all(map(self.alike, a.items, b.items))
        if isinstance(a, Instance) and isinstance(b, Instance):
            return self._same_class(a, b)
        return self.templates.is_identity(a) and self.templates.is_identity(b)

    def _same_class(self, a: Instance, b: Instance) -> bool:
        one, other = self.templates.of[a], self.templates.of[b]
        identities = [id(template) in self.templates.identities for template in (one, other)]
        if any(identities):
            return all(identities)
        if one.name != other.name or one.arguments.keys() != other.arguments.keys():
            return False
        i, j = one.instances.index(a), other.instances.index(b)
        return all(self._equal(one.arguments[name][i], other.arguments[name][j]) for name in one.arguments)

    def _equal(self, a: Any, b: Any) -> bool:
        nodes = [isinstance(value, Node) for value in (a, b)]
        return self.alike(a, b) if all(nodes) else not any(nodes) and same(a, b)

    # the graph with what was rewritten

    def _map(self, node: Any) -> Any:
        """A node with everything below it as it was rewritten."""
        if isinstance(node, OpNode):
            return node
        if node not in self.mapped and isinstance(node, LayerList):
            self.mapped[node] = replace(node, items=tuple(map(self._map, node.items)))
        if node not in self.mapped:
            made = self.edited.get(node, node)
            layers = {name: self._map(child) for name, child in made.layers.items()}
            self.mapped[node] = replace(made, layers=layers, body=[self._mapped_item(item) for item in made.body])
        return self.mapped[node]

    def _mapped_item(self, item: Step | Binding) -> Step | Binding:
        if isinstance(item, Binding):
            return item
        made = replace(item, node=self._map(item.node))
        return replace(made, origin=self._map(made.origin)) if isinstance(made, Lent) and made.origin else made


def _lends(node: Node) -> bool:
    """Whether a layer has something that its further uses take from the first: weights, or tables."""
    drawn = isinstance(node, LayerList) and node.survival < 1
    return stateful(node) or (not drawn and any(tables_of(node)))
