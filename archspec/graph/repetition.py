"""Lists of layers of which it was left open how many entries they have: where the entries repeat, in runs.

``[block(stride = if j == 0 then 2 else 1) for j in range(n)]`` is one entry, and another ``n - 1`` times. The entries
are worked out for an index that is open itself; those whose decisions fall alike from some place on are one.
"""

from __future__ import annotations

from collections.abc import Callable
from math import inf
from typing import Any

from archspec.graph.naming import unbind, whole
from archspec.graph.ramps import Ramp
from archspec.graph.values import Bound, Recipe, RepeatedList, Surviving, is_recipe
from archspec.opdef.init import Initialiser
from archspec.opdef.types import TensorType
from archspec.sym.algebra import Algebra
from archspec.sym.bounds import Range
from archspec.sym.number import hint, is_family, is_open
from archspec.sym.open import Open, indexed, term_of
from archspec.sym.printer import symbols

WAYS = ((1, 0), (1, 1), (2, 0), (2, 1))
"""How many entries a round has, and how many stand in front of the first, as they are tried."""


def repeated(entry: Callable[[Any], Any], count: Any) -> RepeatedList | None:
    """``entry(0), entry(1) ...``, ``count`` of them, as runs; None where it has to be known how many there are."""
    for size, before in WAYS:
        if hint(count) < before + size:
            continue
        first = [entry(place) for place in range(before)]
        if not all(map(is_recipe, first)):
            return None
        found = _one_round(entry, count.algebra, size, before)
        if found is None and not is_recipe(entry(before)):
            return None
        if found is not None:
            return runs(tuple(first), found, count)
    return None


def runs(first: tuple[Any, ...], found: tuple[Any, ...], count: Any) -> RepeatedList:
    """Some entries, and rounds of others, of which there is one at least, up to ``count`` entries in all."""
    over = int((count - len(first)) % len(found))
    times = (count - len(first)) // len(found)
    least = 0 if first and is_family(count) else 1
    assert times >= least  # notes it
    return RepeatedList.of((first, 1), (found, times), (found[:over], 1))


def _one_round(entry: Callable[[Any], Any], algebra: Algebra, size: int, before: int) -> tuple[Any, ...] | None:
    """The entries of a round, where they are those of every round."""
    index = indexed(algebra)
    known = dict(algebra.conditions)
    made = tuple(entry(before + size * index + place) for place in range(size))
    (name,) = symbols(term_of(index))
    noted = [c for c in algebra.conditions if c not in known and name in symbols(c.left) | symbols(c.right)]
    for condition in noted:
        del algebra.conditions[condition]
    edges = {"symbol": (-inf, inf), "index": (0, inf)}
    bounds = Range({node: edges[node.op] for node in algebra.made.values() if node.op in edges})
    holds = not algebra.given_up and all(map(bounds.holds, noted))
    return made if holds and all(map(is_recipe, made)) and not any(_mentions(item, name) for item in made) else None


def _mentions(value: Any, name: str) -> bool:
    """Whether any number in a value is worked out from a symbol."""
    if isinstance(value, Open):
        return name in symbols(value.term)
    parts: tuple[Any, ...] = ()
    match value:
        case Recipe():
            parts = tuple(item for _, item in value.args)
        case Bound():
            parts = (value.value,)
        case Surviving():
            parts = (value.items, value.probability)
        case Ramp():
            parts = (value.start, value.stop)
        case Initialiser():
            parts = (value.values,)
        case tuple():
            parts = value
    return any(_mentions(part, name) for part in parts)


def parted(items: RepeatedList, types: list[tuple[TensorType, ...]]) -> Any:
    """A list in which each run gives the type that it takes: itself, or with a round of one that does not by itself.

    ``types`` stand in front of each entry, and behind the last one. Where no round gives what it takes, the list comes
    with all of its entries.
    """
    at, parts = 0, []
    for entries, times in items.parts():
        before, after = ([type.shape for type in types[place]] for place in (at, at + len(entries)))
        own = tuple(map(unbind, entries))
        if before == after or not (is_open(times) or times > 1):
            parts.append((own, times))
        elif parts and parts[-1] == (own, 1):
            return whole(unbind(items))
        else:
            parts += [(own, 1), (own, times - 1)] if times >= 2 else [(own, 1)]
        at += len(entries)
    return items if len(parts) == len(items.runs) else RepeatedList.of(*parts)


def along(
    entry: Callable[[Callable[[Ramp], Any]], Any], count: Any, offset: Any, total: Any, several: bool
) -> RepeatedList:
    """``count`` entries from place ``offset`` of the ramps in them on, which go over ``total``; ``several``: 2 or more.

    The first number of a ramp is its start, and so the first entry of all is another than those behind it, but in
    source, which has all of them.
    """

    def at_start(ramp: Ramp) -> Any:
        return ramp.at(0, total)

    if is_family(total) or is_open(offset) or offset > 0:
        return runs((), (entry(lambda ramp: ramp.over(offset, total, several)),), count)
    if count < 2:
        return runs((), (entry(at_start),), count)
    return runs((entry(at_start),), (entry(lambda ramp: ramp.over(1, total, True)),), count)
