"""Values with and without names: recipes become layers-to-be of a name, and lose it where they cross into a module."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from archspec.graph.ramps import Ramp
from archspec.graph.values import Bound, Recipe, RepeatedList, Surviving, Value, is_recipe
from archspec.opdef.init import Initialiser
from archspec.sym.number import plain

_HOLDING = {tuple, RepeatedList, Recipe, Bound, Surviving, Ramp, Initialiser}
"""Kinds of values that hold others."""


def whole(value: Value) -> Value:
    """A list with all of its entries; a length that was left open is the case at hand's from here on."""
    if isinstance(value, Bound) and isinstance(value.value, RepeatedList):
        every = bind(whole(unbind(value.value)), value.path)
        value.value = every.value if isinstance(every, Bound) else every
    if isinstance(value, RepeatedList):
        return tuple(entry for entries, times in value.parts() for entry in entries * int(times))
    return value


def joined(left: Value, right: Value) -> RepeatedList | None:
    """Two lists of recipes, one after the other, where the length of either was left open; None where none was."""
    sides = [side.value if isinstance(side, Bound) and type(side.value) is tuple else side for side in (left, right)]
    if not any(isinstance(side, RepeatedList) for side in sides):
        return None
    parts: list[tuple[tuple[Value, ...], int]] = []
    for side in sides:
        if not isinstance(side, tuple):
            return None
        parts += side.parts() if isinstance(side, RepeatedList) else [(side, 1)]
    return RepeatedList.of(*parts)


def entries_of(value: Value) -> tuple[Value, ...] | None:
    """The entries of a list, as layers-to-be where it has a name; None where the value is no list."""
    value = whole(value)
    if isinstance(value, Bound):
        value = value.value
    return value if isinstance(value, tuple) else None


def bind(value: Value, path: tuple[str, ...]) -> Value:
    """``value`` under a name: recipes become layers-to-be of that name, entries of lists of that name and place."""
    if isinstance(value, Bound):
        value = unbind(value)
    if isinstance(value, Recipe):
        return Bound(value, path)
    if isinstance(value, Surviving):
        return Bound(_entries(value.items, path), path, value.probability)
    if isinstance(value, tuple) and is_recipe(value):
        return Bound(_entries(value, path), path)
    return value


def _entries(items: tuple[Value, ...], path: tuple[str, ...]) -> tuple[Value, ...]:
    """The entries of a list of recipes under its name and their places."""
    return _each(items, [bind(item, (*path, str(i))) for i, item in enumerate(items)])


def _each(value: tuple[Value, ...], entries: Iterable[Value]) -> tuple[Value, ...]:
    """A list with other entries, its length left open where that of ``value`` is."""
    return value.like(entries) if isinstance(value, RepeatedList) else tuple(entries)


def unbind(value: Value) -> Value:
    """``value`` without names: the recipes themselves."""
    if isinstance(value, Bound):
        return _surviving(unbind(value.value), value.survival)
    if isinstance(value, tuple):
        return _each(value, map(unbind, value))
    return value


def _unnamed(value: Value) -> Value:
    """``value`` without its own name; those of its entries stay."""
    while isinstance(value, Bound):
        value = _surviving(value.value, value.survival)
    return value


def _surviving(value: Value, probability: float) -> Value:
    """What is under a name, with the probability that the name has for it."""
    return Surviving(value, probability) if isinstance(value, tuple) and probability < 1 else value


def detached(value: Value) -> Value:
    """``value`` as it crosses into another module: without names and traces."""
    if type(value) not in _HOLDING:
        bare: Value = plain(value)
        return bare
    value = _unnamed(value)
    if isinstance(value, Recipe):
        return Recipe(value.target, tuple((n, detached(v)) for n, v in value.args), value.span)
    if isinstance(value, Surviving):
        return Surviving(_each(value.items, map(detached, value.items)), value.probability)
    if isinstance(value, Ramp):
        return Ramp(plain(value.start), plain(value.stop))
    if isinstance(value, Initialiser):
        return Initialiser(value.kind, plain(value.values), value.own)
    return _each(value, map(detached, value)) if isinstance(value, tuple) else value


def map_ramps(value: Value, number: Callable[[Ramp], Value]) -> Value:
    """``value`` with every ramp inside it, however deep in recipes, replaced by a number of it."""
    value = _unnamed(value)
    if isinstance(value, Ramp):
        return number(value)
    if isinstance(value, Recipe):
        return Recipe(value.target, tuple((n, map_ramps(v, number)) for n, v in value.args), value.span)
    if isinstance(value, Surviving):
        return Surviving(_each(value.items, [map_ramps(item, number) for item in value.items]), value.probability)
    if isinstance(value, tuple):
        return _each(value, [map_ramps(item, number) for item in value])
    return value


def ramps_of(value: Value) -> list[Ramp]:
    """The ramps in a value."""
    found: list[Ramp] = []

    def note(ramp: Ramp) -> float:
        found.append(ramp)
        return 0.0

    map_ramps(value, note)
    return found
