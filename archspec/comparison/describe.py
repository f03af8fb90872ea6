"""Nodes and values as the language writes them: ``attention(head_dim = 32)``."""

from __future__ import annotations

from typing import Any

from archspec.graph.nodes import Instance, LayerList, Node, OpNode
from archspec.graph.values import Recipe
from archspec.opdef.args import REQUIRED, show
from archspec.opdef.op import arguments
from archspec.spec.resolved import Resolved
from archspec.syntax import tree

UNKNOWN = object()


def describe_node(node: Node, spec: Resolved) -> str:
    """A node with the arguments that say something; what is off by default and left so is left out."""
    if isinstance(node, LayerList):
        return f"a list of {len(node.items)}"
    if isinstance(node, OpNode):
        defaults = {name: item.default for name, item in arguments(type(node.op)).items()}
        values = {**node.op.values, **node.op.extras}
        given = {name: value for name, value in values.items() if defaults.get(name, REQUIRED) != value}
    else:
        given = _given(node, spec)
    inside = ", ".join(f"{name} = {show(value)}" for name, value in given.items())
    return f"{node.name}({inside})" if inside else node.name


def _given(node: Instance, spec: Resolved) -> dict[str, Any]:
    found = spec.definitions.get(node.key)
    parameters = () if found is None or isinstance(found, tree.Bind) else found.parameters
    defaults = {parameter.name: parameter.default for parameter in parameters}
    return {name: value for name in defaults if _says(value := node.args.get(name), defaults[name])}


def _says(value: Any, default: tree.Expr | None) -> bool:
    if isinstance(value, Recipe):
        named = default.function if isinstance(default, tree.Call) else default
        return not (isinstance(named, tree.Name) and named.id == value.name)
    if not plain(value):
        return False
    literal = default.value if isinstance(default, (tree.Number, tree.String, tree.Constant)) else UNKNOWN
    return bool(value) or value != literal or isinstance(value, bool) != isinstance(literal, bool)


def plain(value: Any) -> bool:
    """Whether a value is a number, a string, a truth, nothing, or a list of those."""
    if isinstance(value, tuple):
        return all(map(plain, value))
    return value is None or isinstance(value, (bool, int, float, str))


def format_value(value: Any) -> str:
    """A compile-time value as the language writes it."""
    if isinstance(value, Recipe):
        inside = ", ".join(f"{name} = {format_value(item)}" for name, item in value.args)
        return f"{value.name}({inside})" if inside else value.name
    if isinstance(value, tuple):
        if len(value) > 1 and isinstance(value[0], Recipe) and len(set(value)) == 1:
            return f"[{format_value(value[0])}] * {len(value)}"
        return f"[{', '.join(map(format_value, value))}]"
    return show(value)
