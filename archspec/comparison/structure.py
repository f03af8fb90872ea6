"""What several models do differently, in words, found from their graphs and parameters."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from archspec.comparison.describe import format_value
from archspec.graph.nodes import Instance, LayerList, Node, OpNode
from archspec.graph.values import Recipe
from archspec.graph.walk import all_in, distinct, does_nothing, walk

ABSENT = "-"


@dataclass(frozen=True)
class Difference:
    """One thing that is not the same in all models: what it is, and how each has it (``-``: not at all)."""

    what: str
    values: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.what}{' ' if ':' in self.what else ': '}{' -> '.join(self.values)}"


def differences(roots: Sequence[Instance]) -> tuple[Difference, ...]:
    """What the models do differently: sizes, stages, parameters that all have, layers by role, ops."""
    found = _ends(roots) + _stages(roots)
    known = {item.values for item in found}
    mixers = tuple(_mixers(root) for root in roots)
    given = [item for item in _parameters(roots, mixers) if item.values not in known]
    named = {item.what for item in given}
    roles = [item for item in _roles(roots, mixers) if item.what not in named]
    own = [
        _own("parts of its own", [set(_by_role(root)) for root in roots]),
        _own("ops of its own", [_ops(root) for root in roots]),
    ]
    return tuple(item for item in (*found, *given, *roles, *own) if len(set(item.values)) > 1)


def _each(what: str, roots: Sequence[Instance], value: Callable[[Instance], str]) -> Difference:
    return Difference(what, tuple(map(value, roots)))


def _ends(roots: Sequence[Instance]) -> list[Difference]:
    ends = [
        _each("input", roots, lambda root: ", ".join(map(str, root.inputs))),
        _each("output", roots, lambda root: ", ".join(map(str, root.outputs))),
    ]
    return [item for item in ends if len(set(item.values)) > 1]


def _stages(roots: Sequence[Instance]) -> list[Difference]:
    found = [_each("stages", roots, lambda root: str(len(root.stages)))]
    if all(root.stages for root in roots):
        found.append(_each("depths", roots, lambda root: format_value(tuple(stage.depth for stage in root.stages))))
        found.append(_each("dims", roots, lambda root: format_value(tuple(stage.dim for stage in root.stages))))
        every = [_mixers(root) for root in roots]
        for at in range(max(map(len, every))):
            values = tuple(own[at] if at < len(own) else ABSENT for own in every)
            found.append(Difference(f"stage {at + 1}: mixer", values))
    return [item for item in found if len(set(item.values)) > 1]


def _mixers(root: Instance) -> tuple[str, ...]:
    return tuple(stage.mixer or ABSENT for stage in root.stages)


def _parameters(roots: Sequence[Instance], mixers: Sequence[tuple[str, ...]]) -> list[Difference]:
    """Parameters that all models have; those that only repeat what the stages say are left out."""
    names = [name for name in roots[0].args if all(name in root.args for root in roots)]
    found = []
    for name in names:
        values = [root.args[name] for root in roots]
        repeats = all(
            isinstance(value, tuple) and tuple(r.name for r in value if isinstance(r, Recipe)) == own
            for value, own in zip(values, mixers)
        )
        if not (repeats and len(set(mixers)) > 1):
            found.append(Difference(name, tuple(map(format_value, values))))
    return [item for item in found if len(set(item.values)) > 1]


def _roles(roots: Sequence[Instance], mixers: Sequence[tuple[str, ...]]) -> list[Difference]:
    """Layers of one name that are of other kinds: ``norm: group_norm -> layer_norm``."""
    every = [_by_role(root) for root in roots]
    found = []
    for role in every[0]:
        kinds = [own.get(role, {}) for own in every]
        from_stages = all(set(own) <= set(mixed) for own, mixed in zip(kinds, mixers))
        if all(kinds) and not from_stages:
            found.append(Difference(role, tuple(", ".join(own) for own in kinds)))
    return [item for item in found if len(set(item.values)) > 1]


def _by_role(root: Instance) -> dict[str, dict[str, None]]:
    """The kinds of layers by the names they stand under, numbers taken off: ``norm1`` and ``norm2`` are ``norm``."""
    roles: dict[str, dict[str, None]] = {}
    for name, node in _layers(root):
        roles.setdefault(name.rstrip("0123456789").rstrip("_") or name, {})[node.name] = None
    return roles


def _layers(root: Instance) -> Iterator[tuple[str, Node]]:
    """Every layer below a node with its own name; entries of a list have the list's."""
    for path, node in walk(root):
        if path and not isinstance(node, LayerList) and not does_nothing(node):
            yield next(part for part in reversed(path) if not part.isdigit()), node


def _ops(root: Instance) -> set[str]:
    """The ops that a model is made of."""
    return {node.name for node in distinct(root, _doing) if isinstance(node, OpNode)}


def _doing(node: Node) -> list[tuple[Node, int]]:
    """All that is right inside a node and does something."""
    return [(inner, times) for inner, times in all_in(node) if not does_nothing(inner)]


def _own(what: str, sets: Sequence[set[str]]) -> Difference:
    """What some have and not all."""
    shared = set.intersection(*sets)
    return Difference(what, tuple(", ".join(sorted(own - shared)) or ABSENT for own in sets))
