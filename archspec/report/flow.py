"""The dataflow of a module for people: its layers in order, small steps between them drawn together, repeats folded."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, field, replace

from archspec.graph.liveness import Liveness
from archspec.graph.nodes import Binding, Instance, LayerList, LayerPath, Node, StageFact, Step
from archspec.graph.walk import does_nothing
from archspec.opdef.types import TensorType
from archspec.report.count import Tally

MOST = 160
"""Items of a flow; what comes after them is left out, and said to be."""

_LONG = 160


@dataclass(frozen=True)
class Item:
    """A layer, a run of equal layers, or small steps in a row.

    ``path`` is that of the first layer and empty where there is none; ``type`` is what gives the output.
    """

    name: str
    note: str
    path: str
    layer: bool
    times: int
    type: TensorType
    params: int = 0
    macs: int = 0


@dataclass
class Flow:
    """Items in the order of computation, and which item's output goes into which.

    ``places`` are the first and the last item that a step of the body is drawn as, by its index; what does nothing or
    reads parameters alone has none. Whatever a step reads of another item is an edge.
    """

    items: list[Item] = field(default_factory=list)
    edges: list[tuple[int, int]] = field(default_factory=list)
    left_out: int = 0
    places: dict[int, tuple[int, int]] = field(default_factory=dict)

    def into(self, item: int) -> list[int]:
        """The items whose outputs an item takes."""
        return [start for start, end in self.edges if end == item]


def flow_of(root: Instance, tally: Tally, prefix: str = "") -> Flow:
    """The flow of a module's body; ``prefix`` is its path with a dot, for the items' paths."""
    return _Builder(root, tally, prefix).run()


class _Builder:
    def __init__(self, root: Instance, tally: Tally, prefix: str) -> None:
        self.root, self.tally, self.prefix = root, tally, prefix
        self.flow = Flow()
        self.maker: dict[int, int] = {}
        self.named: dict[int, str] = {}
        self.nodes: list[Node | None] = []
        self.stages = {prefix + ".".join(fact.path): fact for fact in root.stages}
        self.live = Liveness(root.body, root.results, lambda _, step: does_nothing(step.node))
        self.open: list[int] = []
        """How often the outputs of each item are read."""

    def run(self) -> Flow:
        for index, name in enumerate(self.root.input_names):
            self.maker[index] = self.add(Item(name, "input", "", False, 1, self.root.types[index]), [])
        for index, step in enumerate(self.root.body):
            if isinstance(step, Binding):
                self.named.update({t: n[5:] for n, t in zip(step.names, step.tensors) if n.startswith("self.")})
            elif len(self.flow.items) >= MOST:
                self.flow.left_out += 1
            else:
                self.step(index, step)
        if self.root.results and not self.flow.left_out:
            self.outputs()
        return self.flow

    def outputs(self) -> None:
        """Add what the module gives as the last item."""
        results = self.root.results
        ends = sorted({self.maker[t] for t in results if t in self.maker})
        name = "output" if len(results) == 1 else f"{len(results)} outputs"
        self.add(Item(name, "", "", False, 1, self.root.types[results[-1]]), ends)

    def add(self, item: Item, into: Sequence[int], node: Node | None = None) -> int:
        self.flow.items.append(item)
        self.nodes.append(node)
        self.open.append(0)
        self.flow.edges += [(start, len(self.flow.items) - 1) for start in dict.fromkeys(into)]
        return len(self.flow.items) - 1

    def step(self, index: int, step: Step) -> None:
        """Add what a step does; what does nothing gives its input on, what only reads a parameter is that parameter."""
        data = [t for t in step.inputs if t in self.maker]
        if self.live.is_alias(step) and data:
            self.maker.update(dict.fromkeys(step.outputs, self.maker[data[0]]))
            return
        names = [self.named[t] for t in step.inputs if t in self.named]
        if not data and names and (step.layer is None or self.live.is_alias(step)):
            self.named.update(dict.fromkeys(step.outputs, ", ".join(dict.fromkeys(names))))
            return
        into = [self.maker[t] for t in data]
        items = [self.small(step, names, into)] if step.layer is None else self.layers(step.layer, step.node, into)
        self.flow.places[index] = items[0], items[-1]
        self.open[items[-1]] = sum(self.live.reads[t] for t in step.outputs)
        self.maker.update(dict.fromkeys(step.outputs, items[-1]))

    def goes_on(self, into: Sequence[int]) -> bool:
        """Whether the item before is all that is read, and nothing else reads it."""
        return list(into) == [len(self.flow.items) - 1] and self.open[-1] == 1

    def small(self, step: Step, names: Sequence[str], into: Sequence[int]) -> int:
        """A step without a layer; it joins the one before where it only goes on from it."""
        own = " ".join([step.node.name, *dict.fromkeys(names)])
        macs = self.tally.work(step.node).macs
        before = len(self.flow.items) - 1
        if self.goes_on(into) and before >= len(self.root.inputs) and not self.flow.items[before].layer:
            item = self.flow.items[before]
            macs += item.macs
            long = len(item.name) > _LONG
            own = f"{item.name.removesuffix(' · …')} · …" if long else f"{item.name} · {own}"
            self.flow.items[before] = replace(item, name=own, macs=macs, type=step.node.outputs[0])
            return before
        return self.add(Item(own, "", "", False, 1, step.node.outputs[0], 0, macs), into)

    def layers(self, place: LayerPath, node: Node, into: Sequence[int]) -> list[int]:
        """The items of a layer, or of a list of them."""
        items: list[int] = []
        for path, nodes in runs(self.prefix + ".".join(place), node, self.stages):
            items.append(self.layer(path, nodes, items[-1:] or into))
            self.open[items[-1]] = 1
        return items

    def layer(self, path: str, nodes: Sequence[Node], into: Sequence[int]) -> int:
        """Equal layers in a row; the next of a list that is applied one by one joins those before."""
        params = sum(map(self.tally.parameters, nodes))
        macs = sum(self.tally.work(node).macs for node in nodes)
        fact = self.stages.get(path)
        note = _stage_note(nodes[0], fact) if fact else nodes[0].name
        item = Item(_span(path, len(nodes)), note, path, True, len(nodes), nodes[-1].outputs[0], params, macs)
        joins = self.goes_on(into) and self.nodes[-1] is nodes[0] and len(nodes) == 1 and fact is None
        before = self.flow.items[into[0]] if joins else item
        if joins and _place(before.path, before.times) == path:
            times = before.times + 1
            name, params, macs = _span(before.path, times), before.params + params, before.macs + macs
            self.flow.items[-1] = replace(before, name=name, times=times, params=params, macs=macs)
            return into[0]
        return self.add(item, into, nodes[0])


def runs(path: str, node: Node, stages: Container[str]) -> Iterator[tuple[str, list[Node]]]:
    """A layer, or the layers of a list, with neighbours of one kind together under the path of the first."""
    if not isinstance(node, LayerList):
        yield path, [node]
        return
    groups: list[tuple[str, list[Node]]] = []
    for index, item in enumerate(node.items):
        own = f"{path}.{index}"
        start, group = groups[-1] if groups else ("", [item])
        if own == _place(start, len(group)) and own not in stages and _alike(group[-1], item):
            group.append(item)
        elif not does_nothing(item):
            groups.append((own, [item]))
    for start, group in groups:
        yield from runs(start, group[0], stages) if len(group) == 1 else [(start, group)]


def _alike(one: Node, other: Node) -> bool:
    lists = isinstance(one, LayerList) or isinstance(other, LayerList)
    return not lists and not does_nothing(other) and one.name == other.name and one.outputs == other.outputs


def _place(path: str, steps: int) -> str:
    """The path so many places on in a list; of what is in no list, none."""
    base, _, index = path.rpartition(".")
    return f"{base}.{int(index) + steps}" if index.isdecimal() else ""


def _span(path: str, times: int) -> str:
    """The path of so many layers of a list: ``blocks.0-5``."""
    return path if times == 1 else f"{path}-{_place(path, times - 1).rpartition('.')[2]}"


def _stage_note(node: Node, fact: StageFact) -> str:
    blocks = node.layers.get("blocks") if isinstance(node, Instance) else None
    first = blocks.items[0].name if isinstance(blocks, LayerList) else "block"
    facts = [f"{first} ×{fact.depth}", *([fact.mixer] if fact.mixer and fact.mixer != first else [])]
    return " · ".join([*facts, *([f"dim {fact.dim}"] if fact.dim is not None else [])])
