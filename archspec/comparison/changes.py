"""The differences of two graphs, layer by layer: what was added, removed, replaced, changed, renamed, resized.

Assumes two graphs. Guarantees no change where both compile to the same, and one at least where they do not.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from archspec.comparison.align import pair_layers
from archspec.comparison.body import Detail, argument_details, body_details, op_details
from archspec.comparison.describe import describe_node, format_value
from archspec.comparison.structural_hash import StructuralHash
from archspec.graph.nodes import Instance, LayerList, Node, OpNode
from archspec.graph.walk import does_nothing
from archspec.opdef.types import TensorType
from archspec.spec.resolved import Resolved

ChangeKind = Literal["added", "removed", "replaced", "changed", "renamed", "resized"]
SIZES = ("input", "output")


@dataclass(frozen=True)
class Change:
    """One difference at one layer.

    ``path`` is the layer's in B (in A where it was ``removed``), empty for the model itself; ``old_path`` is A's.
    ``before`` and ``after`` are the layer in the words of the language, ``details`` what differs about it. ``resized``
    is a layer that differs only as the sizes around it do; layers inside one are not listed for that alone.
    """

    kind: ChangeKind
    path: str
    old_path: str
    before: str | None
    after: str | None
    details: tuple[Detail, ...] = ()


def changes_of(a: Instance, b: Instance, spec_a: Resolved, spec_b: Resolved) -> tuple[Change, ...]:
    """What has to be done to A to get B, in the order of B."""
    walk = _Walk(spec_a, spec_b)
    if walk.hashes.root(a) == walk.hashes.root(b):
        return ()
    walk.instances(a, b, "", "")
    return tuple(_pruned(walk.found)) or (walk.change("changed", a, b, "", ""),)


class _Walk:
    def __init__(self, spec_a: Resolved, spec_b: Resolved) -> None:
        self.specs = spec_a, spec_b
        self.hashes = StructuralHash()
        self.found: list[Change] = []

    def change(
        self, kind: ChangeKind, a: Node | None, b: Node | None, old: str, new: str, details: tuple[Detail, ...] = ()
    ) -> Change:
        before, after = (None if n is None else describe_node(n, spec) for n, spec in zip((a, b), self.specs))
        return Change(kind, new if b is not None else old, old if a is not None else new, before, after, details)

    def pair(self, a: Node, b: Node, old: str, new: str) -> None:
        """Note what differs between two nodes that stand for one another."""
        if self.hashes.of(a) == self.hashes.of(b):
            return
        if does_nothing(a) or does_nothing(b):
            differing = _own_details(a, b)
            self.found.append(self.change("changed" if differing else "replaced", a, b, old, new, tuple(differing)))
        elif not _of_one_kind(a, b):
            self._replaced(a, b, old, new)
        elif isinstance(a, LayerList) and isinstance(b, LayerList):
            self._layer_lists(a, b, old, new)
        elif isinstance(a, OpNode) and isinstance(b, OpNode):
            self._note(a, b, old, new, op_details(a, b))
        elif isinstance(a, Instance) and isinstance(b, Instance):
            self.instances(a, b, old, new)

    def _replaced(self, a: Node, b: Node, old: str, new: str) -> None:
        """One for another; what is inside is compared where both have like layers."""
        self.found.append(self.change("replaced", a, b, old, new, tuple(_sizes(a, b))))
        if isinstance(a, Instance) and isinstance(b, Instance) and self._alike(a, b):
            self._layers(a, b, old, new)

    def _alike(self, a: Instance, b: Instance) -> bool:
        """Whether modules of two names have the same layers by name and kind, some at least."""
        mine, theirs = ({n: c.name for n, c in node.layers.items() if not does_nothing(c)} for node in (a, b))
        small, large = sorted((mine, theirs), key=len)
        return bool(small) and small.items() <= large.items()

    def _note(self, a: Node, b: Node, old: str, new: str, details: list[Detail]) -> None:
        sizes = _sizes(a, b)
        if details:
            self.found.append(self.change("changed", a, b, old, new, (*details, *sizes)))
        else:
            self.found.append(self.change("resized", a, b, old, new, tuple(sizes)))

    def _layer_lists(self, a: LayerList, b: LayerList, old: str, new: str) -> None:
        facts = (("survival", a.survival, b.survival), ("applied whole", a.sequential, b.sequential))
        differing = tuple(Detail(name, format_value(x), format_value(y)) for name, x, y in facts if x != y)
        if differing:
            self.found.append(self.change("changed", a, b, old, new, differing))
        for at, (mine, theirs) in enumerate(zip(a.items, b.items)):
            self.pair(mine, theirs, f"{old}.{at}", f"{new}.{at}")
        both = min(len(a.items), len(b.items))
        for at, node in enumerate(a.items[both:], both):
            self._alone("removed", node, f"{old}.{at}", f"{new}.{at}")
        for at, node in enumerate(b.items[both:], both):
            self._alone("added", node, f"{old}.{at}", f"{new}.{at}")

    def _alone(self, kind: Literal["added", "removed"], node: Node, old: str, new: str) -> None:
        if isinstance(node, LayerList):
            for at, item in enumerate(node.items):
                self._alone(kind, item, f"{old}.{at}", f"{new}.{at}")
        elif not does_nothing(node):
            mine, theirs = (node, None) if kind == "removed" else (None, node)
            path = old if kind == "removed" else new
            self.found.append(self.change(kind, mine, theirs, path, path))

    def instances(self, a: Instance, b: Instance, old: str, new: str) -> None:
        """Note what differs between two uses of one module."""
        start = len(self.found)
        names = self._layers(a, b, old, new)
        inside = self.found[start:]
        details = body_details(a, b, names, *self.specs)
        differing = argument_details(a, b) if old or new else []
        if details or all(change.kind == "resized" for change in inside):
            details = [*differing, *(replace(item, inside=bool(differing)) for item in details)]
        sizes = _sizes(a, b)
        if details or sizes:
            own = self.change("changed" if details else "resized", a, b, old, new, (*details, *sizes))
            self.found.insert(start, own)

    def _layers(self, a: Instance, b: Instance, old: str, new: str) -> dict[str, str]:
        """Note what differs between the layers of two bodies; gives those of ``a`` by those of ``b``."""
        names: dict[str, str] = {}
        for mine, theirs in pair_layers(a.layers, b.layers, self.hashes):
            before, after = _under(old, mine or theirs or ""), _under(new, theirs or mine or "")
            if mine is None and theirs is not None:
                self._alone("added", b.layers[theirs], before, after)
            elif theirs is None and mine is not None:
                self._alone("removed", a.layers[mine], before, after)
            elif mine is not None and theirs is not None:
                names[theirs] = mine
                one, two = a.layers[mine], b.layers[theirs]
                if mine != theirs:
                    self.found.append(self.change("renamed", one, two, before, after))
                self.pair(one, two, before, after)
        return names


def _of_one_kind(a: Node, b: Node) -> bool:
    """Whether two nodes are uses of one op or of one module, or lists."""
    return type(a) is type(b) and a.name == b.name


def _own_details(a: Node, b: Node) -> list[Detail]:
    """What two nodes of one kind were told differently."""
    if isinstance(a, Instance) and isinstance(b, Instance) and _of_one_kind(a, b):
        return argument_details(a, b)
    return op_details(a, b) if isinstance(a, OpNode) and isinstance(b, OpNode) and _of_one_kind(a, b) else []


def _under(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _sizes(a: Node, b: Node) -> list[Detail]:
    """Inputs and outputs of other sizes."""
    ends = zip(SIZES, (a.inputs, a.outputs), (b.inputs, b.outputs))
    return [Detail(end, _types(x), _types(y)) for end, x, y in ends if _types(x) != _types(y)]


def _types(types: tuple[TensorType, ...]) -> str:
    return ", ".join(map(str, types))


def _pruned(found: list[Change]) -> list[Change]:
    """Sizes said once, at the outermost layer that has them: what is inside follows."""
    kept: list[Change] = []
    covering: set[str] = set()
    for change in found:
        parts = change.path.split(".")
        covered = any(".".join(parts[:at]) in covering for at in range(1, len(parts)))
        if covered and change.kind == "resized":
            continue
        if change.kind in ("resized", "changed", "replaced") and change.path:
            covering.add(change.path)
        if covered:
            change = replace(change, details=tuple(item for item in change.details if item.name not in SIZES))
        kept.append(change)
    return kept
