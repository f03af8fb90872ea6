"""A failing spec made small: parts left out or put in place of what holds them, as long as it fails in the same way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from time import monotonic
from typing import Any

from archspec.diagnostics import SpecError
from archspec.source import Source
from archspec.syntax import tree
from archspec.syntax.parser import parse

EXPRESSIONS = (
    tree.Number, tree.String, tree.Constant, tree.Name, tree.List, tree.Comprehension, tree.Unary, tree.Binary,
    tree.Conditional, tree.Call, tree.Index,
)  # fmt: skip
Edit = tuple[int, int, str]


def shrink(text: str, fails: Callable[[str], bool], seconds: float = 60.0) -> str:
    """The smallest text found in which ``fails`` holds, as it does for ``text``."""
    until, start = monotonic() + seconds, 0
    while monotonic() < until:
        for tried, (first, last, put) in enumerate(edits(text)[start:]):
            smaller = tidy(text[:first] + put + text[last:])
            if len(smaller) < len(text) and fails(smaller):
                text, start = smaller, start + tried
                break
            if monotonic() > until:
                return text
        else:
            if not start:
                return text
            start = 0
    return text


def tidy(text: str) -> str:
    """No empty lines, no spaces at the ends of lines."""
    return "\n".join(line.rstrip() for line in text.splitlines() if line.strip()) + "\n"


def edits(text: str) -> list[Edit]:
    """Ways to make a text smaller, those that take most away first."""
    try:
        file = parse(Source("<text>", text))
    except SpecError:
        return []
    found: set[Edit] = set()
    for node in walk(file):
        found.update(_edits(node, text))
    found.update(_brackets(text))
    return sorted((e for e in found if len(e[2]) < e[1] - e[0]), key=lambda e: e[0] - e[1] + len(e[2]))


def walk(node: Any) -> Iterator[Any]:
    """Every node of a tree."""
    if isinstance(node, tuple):
        for item in node:
            yield from walk(item)
    elif hasattr(node, "span"):
        yield node
        for name in type(node).__annotations__:
            yield from walk(getattr(node, name))
    elif isinstance(node, tree.File):
        for name in type(node).__annotations__:
            yield from walk(getattr(node, name))


def _edits(node: Any, text: str) -> Iterator[Edit]:
    start, end = node.span.start, node.span.end
    if isinstance(node, EXPRESSIONS):
        if not isinstance(node, (tree.Number, tree.Name, tree.Constant)):
            for word in ("1", "2", "0.5", "[]", '""', "true", "none"):
                yield start, end, word
        for child in _children(node):
            own = text[child.span.start : child.span.end]
            yield start, end, own
            yield start, end, f"({own})"
        if isinstance(node, (tree.List, tree.Call, tree.Index)):
            items = node.arguments if isinstance(node, tree.Call) else node.items
            yield from _without(items, text)
        if isinstance(node, tree.Comprehension) and node.condition is not None:
            yield node.iterable.span.end, node.condition.span.end, ""
        return
    if isinstance(node, (tree.Module, tree.Model, tree.Bind, tree.If, tree.For, tree.Require, tree.State, tree.Const,
                         tree.Init, tree.Stage, tree.Stages, tree.Variant)):  # fmt: skip
        yield start, end, ""
    if isinstance(node, (tree.If, tree.For)):
        for part in (node.then, node.otherwise) if isinstance(node, tree.If) else (node.body,):
            if part:
                yield start, end, text[part[0].span.start : part[-1].span.end]
    if isinstance(node, (tree.Module, tree.Model)):
        yield from _without(node.parameters, text)
        yield from _without(node.inputs, text)
        if (arrow := text.find("->", start, end)) >= 0 and node.outputs:
            yield arrow, node.outputs[-1].span.end, ""
    if isinstance(node, (tree.Init, tree.Stages, tree.Stage)):
        yield from _without(node.fields, text)
    if isinstance(node, tree.Shape):
        yield from _without(node.axes, text)
    if isinstance(node, tree.Return):
        yield from _without(node.values, text)


def _children(node: Any) -> Iterator[Any]:
    """The expressions right inside an expression."""
    for name in type(node).__annotations__:
        value = getattr(node, name)
        for item in value if isinstance(value, tuple) else (value,):
            if isinstance(item, tree.Argument):
                item = item.value
            if isinstance(item, EXPRESSIONS):
                yield item


def _without(items: tuple[Any, ...], text: str) -> Iterator[Edit]:
    """A list of things with a comma between them, without one of them; the only one with its brackets."""
    for at, item in enumerate(items):
        if at + 1 < len(items):
            yield item.span.start, items[at + 1].span.start, ""
        elif at:
            yield items[at - 1].span.end, item.span.end, ""
        else:
            before, after = text[: item.span.start].rstrip(), text[item.span.end :]
            if before.endswith("(") and after.lstrip().startswith(")"):
                yield len(before) - 1, item.span.end + after.index(")") + 1, ""


def _brackets(text: str) -> Iterator[Edit]:
    """A pair of brackets fewer."""
    opened: list[int] = []
    for at, character in enumerate(text):
        if character == "(":
            opened.append(at)
        elif character == ")" and opened:
            first = opened.pop()
            yield first, at + 1, f" {text[first + 1 : at]}"
            yield first, at + 1, text[first + 1 : at]
