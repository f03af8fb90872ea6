"""Which part of one model stands where which part of another stands: by name, else by what it holds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from archspec.comparison.structural_hash import StructuralHash
from archspec.graph.nodes import Node, OpNode
from archspec.graph.walk import does_nothing, own_weights, walk
from archspec.opdef.op import Weight

T = TypeVar("T")
LayerPair = tuple[str | None, str | None]
HeldWeight = tuple[Weight, str]
"""A parameter or buffer, with the op that holds it (empty for a module's own)."""


def held_by(node: Node) -> Iterator[tuple[str, HeldWeight]]:
    """Every parameter and buffer with its key and its holder, in the order of a state dict."""
    for path, inner in walk(node):
        for weight in own_weights(inner):
            yield ".".join((*path, weight.name)), (weight, inner.name if isinstance(inner, OpNode) else "")


def signature(held: Mapping[str, HeldWeight] | Sequence[tuple[str, HeldWeight]]) -> tuple[Any, ...]:
    """What must be equal for the tensors of one part to go into another: keys below it, shapes, kinds and holders."""
    items = held.items() if isinstance(held, Mapping) else held
    return tuple(sorted((key, tuple(map(int, w.shape)), w.dtype, w.trained, holder) for key, (w, holder) in items))


def pair_layers(a: Mapping[str, Node], b: Mapping[str, Node], hashes: StructuralHash) -> list[LayerPair]:
    """The layers of two bodies side by side, in their order; renamed ones where nothing else could be meant.

    A layer that does nothing is one only beside a layer of its name that does something.
    """
    alone_a = {name: node for name, node in a.items() if name not in b and not does_nothing(node)}
    alone_b = {name: node for name, node in b.items() if name not in a and not does_nothing(node)}
    renamed: dict[str, str] = {}
    signs: tuple[Callable[[Node], Any], ...] = (
        hashes.of,
        lambda node: signature(list(held_by(node))),
        lambda node: signature([(key.rsplit(".", 1)[-1], held) for key, held in held_by(node)]),
    )
    for sign in signs:
        found = unique_pairs(alone_a, alone_b, sign)
        renamed |= found
        alone_a = {name: node for name, node in alone_a.items() if name not in found}
        alone_b = {name: node for name, node in alone_b.items() if name not in found.values()}
    places = {name: name for name in a if name in b} | renamed
    mine = {theirs: ours for ours, theirs in places.items()}
    pairs: list[LayerPair] = [(mine.get(name), name) for name in b if name in mine or name in alone_b]
    at = 0
    for name in a:
        if name in places:
            at = pairs.index((name, places[name])) + 1
        elif name in alone_a:
            pairs.insert(at, (name, None))
            at += 1
    return pairs


def unique_pairs(a: Mapping[str, T], b: Mapping[str, T], sign: Callable[[T], Any]) -> dict[str, str]:
    """Names of ``a`` to names of ``b`` for what has the same sign, once on each side; an empty sign is none."""
    ours, theirs = _by_sign(a, sign), _by_sign(b, sign)
    return {
        names[0]: theirs[key][0]
        for key, names in ours.items()
        if key and len(names) == 1 and len(theirs.get(key, ())) == 1
    }


def _by_sign(items: Mapping[str, T], sign: Callable[[T], Any]) -> dict[Any, list[str]]:
    table: dict[Any, list[str]] = {}
    for name, item in items.items():
        table.setdefault(sign(item), []).append(name)
    return table


def by_name_or_place(lists: Sequence[Sequence[str]]) -> list[tuple[str, tuple[int | None, ...]]]:
    """Rows over several lists of names, with the place of each row in each list.

    Lists that share a name are aligned by name, in the order of first mention; others by place.
    """
    shared = set(lists[0]).intersection(*lists[1:]) if lists else set()
    if shared or len(lists) == 1:
        names = list(dict.fromkeys(name for row in lists for name in row))
        return [(name, tuple(row.index(name) if name in row else None for row in lists)) for name in names]
    longest = max(map(len, lists), default=0)
    return [(str(at + 1), tuple(at if at < len(row) else None for row in lists)) for at in range(longest)]
