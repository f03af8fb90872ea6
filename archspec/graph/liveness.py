"""Liveness of the tensors of a body: which of them are one, who is the last to read each, which need a variable of
their own until then, and which are needed by no result.

Assumes the items of a body in order. Whatever goes by how long a tensor is held asks here: the steps that are left out
of a body, the source that is written of it, the simulation of its memory, and the trace of which tools count.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import TypeAlias

from archspec.graph.nodes import Binding, Instance, LayerList, Node, OpNode, Step
from archspec.graph.walk import distinct, multiplicities, uses_in

BodyItems: TypeAlias = Sequence[Step | Binding]
Places: TypeAlias = "frozenset[int]"
"""Some of the inputs, or of the results, of a step or node."""
PartialUse: TypeAlias = "tuple[Node, Places]"
"""A use of a node of which some results are needed."""


class Liveness:
    """The tensors of a body while its steps are gone through from the first to the last.

    Args:
        items: the body.
        results: the tensors that it gives.
        nothing: whether the step at a place does nothing, so that its output is another name of its input.
    """

    def __init__(self, items: BodyItems, results: Sequence[int], nothing: Callable[[int, Step], bool]) -> None:
        self.items = items
        steps = [(at, item) for at, item in enumerate(items) if isinstance(item, Step)]
        self._alias = {step.outputs[0]: step.inputs[0] for at, step in steps if nothing(at, step)}
        self.reads = Counter(map(self.root, results))
        """How often each tensor is still to be read, as a result too."""
        for _, step in steps:
            if not self.is_alias(step):
                self.reads.update(map(self.root, step.inputs))

    def is_alias(self, step: Step) -> bool:
        """Whether a step does nothing."""
        return step.outputs[0] in self._alias

    def root(self, tensor: int) -> int:
        """The tensor that a tensor is another name of; itself where it is none."""
        while tensor in self._alias:
            tensor = self._alias[tensor]
        return tensor

    def read(self, step: Step) -> list[int]:
        """Go past a step that reads its inputs: gives the tensors of which it is the last reader."""
        ended = []
        for root in map(self.root, step.inputs):
            self.reads[root] -= 1
            if self.reads[root] == 0:
                ended.append(root)
        return ended

    def is_named(self, at: int) -> bool:
        """Whether the author gives names to just what the step at a place makes."""
        step, following = self.items[at], self.items[at + 1 : at + 2]
        names = following[0].tensors if following and isinstance(following[0], Binding) else ()
        return isinstance(step, Step) and names == step.outputs

    def named_before(self, step: Step) -> list[int]:
        """The inputs that have a variable when a step is done, as its expression mentions them more than once."""
        places = step.node.op.reads_twice() if isinstance(step.node, OpNode) else ()
        return [self.root(step.inputs[at]) for at in places]

    def named_behind(self, at: int, step: Step) -> tuple[int, ...]:
        """The outputs that go into a variable without a name of the author's: those that are read several times."""
        if self.is_named(at):
            return ()
        return tuple(tensor for tensor in step.outputs if self.reads[tensor] > 1)


def every_input(step: Step, wanted: Places) -> Places:
    """All inputs of a step, which it reads whatever is wanted of it."""
    return frozenset(range(len(step.inputs)))


def needed_steps(
    items: BodyItems, wanted: Iterable[int], reads: Callable[[Step, Places], Places] = every_input
) -> tuple[list[tuple[Step, Places]], set[int]]:
    """The steps that some tensors need, the last first, with the outputs that are needed of each, and all tensors that
    are needed. ``reads`` says which inputs a step reads for some of its outputs."""
    needed = set(wanted)
    steps = []
    for step in [item for item in reversed(items) if isinstance(item, Step)]:
        places = frozenset(at for at, tensor in enumerate(step.outputs) if tensor in needed)
        if places:
            steps.append((step, places))
            needed.update(step.inputs[at] for at in reads(step, places))
    return steps, needed


class Needs:
    """What of nodes is needed for some of their results, through all modules, each use with equal needs once."""

    def __init__(self) -> None:
        self._known: dict[PartialUse, tuple[list[tuple[PartialUse, int]], Places]] = {}

    def inside(self, use: PartialUse) -> list[tuple[PartialUse, int]]:
        """The uses right inside a use that it needs, and how often each."""
        return self._of(use)[0]

    def reads(self, node: Node, wanted: Places) -> Places:
        """The inputs that a node needs for some of its results."""
        return self._of((node, wanted))[1]

    def _of(self, use: PartialUse) -> tuple[list[tuple[PartialUse, int]], Places]:
        if use not in self._known:
            node, wanted = use
            if isinstance(node, OpNode):
                self._known[use] = [], frozenset(range(len(node.inputs)))
            else:
                self._known[use] = self._list(node, wanted) if isinstance(node, LayerList) else self._body(node, wanted)
        return self._known[use]

    def _body(self, instance: Instance, wanted: Places) -> tuple[list[tuple[PartialUse, int]], Places]:
        results = [instance.results[place] for place in wanted]
        steps, needed = needed_steps(instance.body, results, lambda step, places: self.reads(step.node, places))
        inputs = frozenset(at for at in range(len(instance.inputs)) if at in needed)
        return [((step.node, places), 1) for step, places in steps], inputs

    def _list(self, layers: LayerList, wanted: Places) -> tuple[list[tuple[PartialUse, int]], Places]:
        found: list[tuple[PartialUse, int]] = []
        for part in reversed(layers.parts):
            last, wanted = self._round(part, wanted)
            before, wanted = self._round(part, wanted)
            found += [*((use, 1) for use in last), *((use, part.times - 1) for use in before)]
        return found, wanted

    def _round(self, layers: LayerList, wanted: Places) -> tuple[list[PartialUse], Places]:
        found: list[PartialUse] = []
        for item in reversed(layers.items):
            if wanted:
                found.append((item, wanted))
                wanted = self.reads(item, wanted)
        return found, wanted


def needed_uses(root: Instance) -> dict[OpNode, int]:
    """How often each distinct op is done for the results of a model, in the order of first use."""
    whole: PartialUse = (root, frozenset(range(len(root.results))))
    found: dict[Node, int] = {}
    for (node, _), times in multiplicities(whole, Needs().inside).items():
        found[node] = found.get(node, 0) + times
    return {node: found[node] for node in distinct(root, uses_in) if isinstance(node, OpNode) and node in found}


def may_drop(root: Instance) -> bool:
    """Whether a use of any module may need less than all of it: it gives several results, or does not read an input."""
    return any(isinstance(node, Instance) and _is_partial(node) for node in distinct(root, uses_in))


def _is_partial(instance: Instance) -> bool:
    read = {tensor for step in instance.steps for tensor in step.inputs}.union(instance.results)
    return len(instance.results) > 1 or not read.issuperset(range(len(instance.inputs)))
