"""Every name in every body means something, whether or not its branch is ever taken."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set
from typing import Any

from archspec.diagnostics import Problem
from archspec.frozen import Frozen
from archspec.source import Span
from archspec.spec import files, problems
from archspec.syntax import tree

_ONLY_IN_MODELS = (tree.Stage, tree.Stages, tree.Expect)
_BINDING = {
    *(tree.Parameter, tree.Input, tree.Axis, tree.State, tree.Const, tree.Stage, tree.Stages, tree.Init, tree.Extern),
    *(tree.Bind, tree.For, tree.Comprehension, tree.Expect),
}
"""Kinds of nodes that bind names, have fields or belong to models alone: all that is looked at here but for names."""


def check_names(file: tree.File, outside: Set[str]) -> Iterator[Problem]:
    """The problems of one file, given the names that its imports and the language provide, one after the other."""
    for item in file.definitions:
        nodes = [node for node in nodes_in(item) if type(node) in _BINDING]
        own = _bound(nodes)
        for name in names_in(item):
            if name.id not in own and name.id not in outside:
                known = tuple(outside | own)
                yield problems.UnknownName(name.span, name.id, known, files.find_in_std(name.id))
        yield from _kinds(nodes)
        yield from _twice(item)
        yield from _given_twice(nodes)
        yield from _axes_rebound(item, nodes)
        if isinstance(item, tree.Model):
            for outer in item.body:
                if isinstance(outer, (tree.If, tree.For)):
                    for inner in nodes_in(outer):
                        if isinstance(inner, (tree.Expect, tree.Checkpoint)):
                            where = "the body of a model, not inside `if` or `for`"
                            yield problems.Misplaced(inner.span, inner.kind, where)
        if isinstance(item, tree.Module):
            for statement in nodes:
                if isinstance(statement, _ONLY_IN_MODELS):
                    yield problems.Misplaced(statement.span, statement.kind, "a model")


def _kinds(nodes: Iterable[Frozen]) -> Iterator[Problem]:
    """Kinds of numbers that there are not."""
    for node in nodes:
        if isinstance(node, (tree.Input, tree.Const)) and node.dtype not in (None, "int", "float"):
            yield problems.UnknownKind(node.span, str(node.dtype))


def axes_in(item: Any) -> dict[str, tree.Axis]:
    """The axes that the signature of a definition names."""
    shapes = [part.shape for part in getattr(item, "inputs", None) or () if part.shape is not None]
    return {axis.name: axis for shape in shapes for axis in shape.axes if axis.name is not None}


def _axes_rebound(item: Any, nodes: Iterable[Frozen]) -> Iterator[Problem]:
    """Names of axes that the body gives to something else."""
    axes = axes_in(item)
    apart = tuple(part for part in getattr(item, "body", ()) if isinstance(part, tree.Checkpoint))
    left_out = {id(node) for node in nodes_in(apart)}
    for name, span in _targets(node for node in nodes if id(node) not in left_out):
        if name in axes:
            yield problems.AxisName(span, name, axes[name].span)


def targets_in(statements: Any) -> Iterator[tuple[str, Span]]:
    """Every name that statements bind, and where; those that a comprehension keeps to itself left out."""
    yield from _targets(nodes_in(statements))


def _targets(nodes: Iterable[Frozen]) -> Iterator[tuple[str, Span]]:
    for node in nodes:
        match node:
            case tree.Bind():
                yield from ((target.id, target.span) for target in node.targets)
            case tree.For():
                place = Span(node.span.source, node.span.start, node.iterable.span.end)
                yield from ((name, place) for name in node.targets)
            case tree.State() | tree.Const() | tree.Stage():
                yield node.name, node.span
            case tree.Stages():
                yield "stages", node.span


def _given_twice(nodes: Iterable[Frozen]) -> Iterator[Problem]:
    """Fields in one pair of braces, and names taking one value apart, that are the same."""
    for node in nodes:
        names: list[tuple[str, Span]] = []
        match node:
            case tree.Stage() | tree.Stages() | tree.Init():
                names = [(field.name, field.span) for field in node.fields]
            case tree.Extern():
                names = [(field.name, field.span) for field in node.costs]
            case tree.Bind():
                names = [(target.id, target.span) for target in node.targets]
            case tree.For() | tree.Comprehension():
                names = [(target, node.iterable.span) for target in node.targets]
        first: dict[str, Span] = {}
        for name, span in names:
            if name in first and name != "_":
                yield problems.GivenTwice(span, name, first[name])
            first.setdefault(name, span)


def _twice(item: Any) -> Iterator[Problem]:
    """Parameters and inputs that share a name, and inputs called like an axis."""
    axes = axes_in(item)
    seen: dict[str, Any] = {}
    for part in getattr(item, "inputs", None) or ():
        if part.name in axes:
            yield problems.DefinedTwice(part.span, part.name, axes[part.name].span)
    for part in (*getattr(item, "parameters", ()), *(getattr(item, "inputs", None) or ())):
        if part.name in seen:
            yield problems.DefinedTwice(part.span, part.name, seen[part.name].span)
        seen.setdefault(part.name, part)


def names_in(node: Any) -> Iterator[tree.Name]:
    """Every use of a name inside a node, targets of bindings and names that shapes bind left out."""
    left = [node]
    while left:
        part = left.pop()
        if isinstance(part, tree.Name):
            yield part
        elif isinstance(part, tree.Bind):
            left.append(part.value)
        elif not isinstance(part, tree.Axis) or part.name is None or not isinstance(part.size, tree.Name):
            left += reversed(_inside(part))


def loop_names(node: Any) -> set[str]:
    """The loop variables of the comprehensions inside a node."""
    return {name for part in nodes_in(node) if isinstance(part, tree.Comprehension) for name in part.targets}


def bound_names(item: Any) -> set[str]:
    """Every name that a definition binds anywhere: parameters, inputs, axes, targets, loops, state, stages."""
    return _bound(nodes_in(item))


def _bound(nodes: Iterable[Frozen]) -> set[str]:
    names: set[str] = set()
    for node in nodes:
        match node:
            case tree.Parameter() | tree.Input() | tree.State() | tree.Const() | tree.Stage():
                names.add(node.name)
            case tree.Stages():
                names.add("stages")
            case tree.Axis(name=str() as name):
                names.add(name)
            case tree.Bind():
                names.update(target.id for target in node.targets)
            case tree.For() | tree.Comprehension():
                names.update(node.targets)
    return names


def nodes_in(node: Any) -> Iterator[Frozen]:
    """A node, or each of several, and every node inside, in the order of the text."""
    left = [node]
    while left:
        part = left.pop()
        if isinstance(part, Frozen):
            yield part
        left += reversed(_inside(part))


def _inside(part: Any) -> list[Any]:
    """What is right inside a node or a tuple; a place is a tuple of its own kind and holds no nodes."""
    held = vars(part).values() if isinstance(part, Frozen) else part
    return [item for item in held if isinstance(item, Frozen) or type(item) is tuple]
