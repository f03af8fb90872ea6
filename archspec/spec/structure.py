"""What a text guarantees of the spec that it resolves to, held against a spec that comes from elsewhere: JSON, Python.

pydantic sees to the types of fields. This sees to the rest: names are names, operators those that there are, nothing is
empty that cannot be, every place lies in its text, there are no more levels and nodes than texts may have, and what is
looked up is there. The stages behind rely on all of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from archspec.frozen import Frozen
from archspec.limits import now
from archspec.source import NOWHERE, Span
from archspec.spec.names import check_names, names_in, nodes_in
from archspec.spec.resolved import Resolved
from archspec.syntax import tree
from archspec.syntax.build import number_value

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
NUMBER = re.compile(r"(?=\.?[0-9])[0-9_]*\.?[0-9]*([eE][+-]?[0-9]+)?[KMGT]?")
RELATIONS = frozenset({"==", "!=", "<=", ">=", "<", ">", "~"})
BINARY = RELATIONS | {"or", "and", "in", "+", "-", "*", "/", "//", "%", "@", "**"}
NODES = 2
"""So many nodes there may be for each word of a spec's own files; what shipped files hold comes on top."""


def hold(spec: Resolved) -> None:
    """Hold a spec against what texts resolve to.

    Raises:
        ValueError: no text does; the words say why.
    """
    definitions = (spec.model, *spec.definitions.values())
    override = tree.Variant(spec.name, None, tree.Constant(None, NOWHERE), spec.inputs, spec.expectations, NOWHERE)
    values = tuple(given.value for given in spec.given)
    for node in _nodes((*definitions, override, *values, *spec.checkpoints)):
        for name in _names(node):
            _check(NAME.fullmatch(name), f"{name!r} is not a name")
        _check(_could_be_written(node), f"no text says {node!r:.200}")
        _check(_is_place(getattr(node, "span", NOWHERE), spec.sources), f"there is no place {node!r:.200}")
    _check(all(len(text) <= now().text for text in spec.sources.values()), "a text is longer than texts may be")
    _hold_scopes(spec)
    known = {name.id for name in names_in((*definitions, override))}
    for problem in check_names(tree.File(None, (), (*definitions, override)), known):
        raise ValueError(problem.message())


def _check(holds: object, words: str) -> None:
    if not holds:
        raise ValueError(words)


def _nodes(roots: tuple[Any, ...]) -> Iterator[Frozen]:
    """Every node, as long as there are no more of them, and no deeper, than texts may have."""
    most, deepest = NODES * now().words, now().nesting
    left = [(root, 0) for root in roots]
    while left:
        node, depth = left.pop()
        most -= 1
        _check(most >= 0 and depth <= deepest, "there are more nodes than a text may have, or more levels of them")
        yield node
        for value in vars(node).values():
            left += [
                (part, depth + 1) for part in (value if type(value) is tuple else (value,)) if isinstance(part, Frozen)
            ]


def _names(node: Frozen) -> Iterator[str]:
    """The identifiers that a node holds itself, whatever it names."""
    for field in ("id", "name", "selector", "layout", "metric", "targets"):
        value = getattr(node, field, ())
        yield from (name for name in (value if type(value) is tuple else (value,)) if isinstance(name, str))


def _could_be_written(node: Frozen) -> bool:
    """Whether there is a text for a node, those inside it left out."""
    match node:
        case tree.Number():
            return bool(NUMBER.fullmatch(node.text)) and repr(number_value(node.text)) == repr(node.value)
        case tree.String():
            return not {'"', "\n"} & set(node.value)
        case tree.Unary():
            return node.op in ("-", "not")
        case tree.Binary():
            return node.op in BINARY
        case tree.Expect():
            return node.relation in RELATIONS
        case tree.Comprehension() if node.joined and not isinstance(node.item, tree.Comprehension):
            return False
        case tree.Comprehension() | tree.For() | tree.Bind():
            return len(node.targets) > 0
        case tree.Index():
            return len(node.items) > 0
        case tree.Return():
            return len(node.values) > 0
        case tree.Axis(rest=True):
            return node.name is not None and node.size is None
        case tree.Axis():
            return node.size is not None and (node.name is not None or not isinstance(node.size, tree.Name))
        case tree.Module() | tree.Model() | tree.Extern():
            return len(node.inputs) > 0 and node.outputs != ()
        case tree.Variant():
            return node.inputs != ()
    return True


def _is_place(span: Span, sources: dict[str, str]) -> bool:
    return span == NOWHERE or 0 <= span.start <= span.end <= len(sources.get(span.source, ""))


def _hold_scopes(spec: Resolved) -> None:
    """What names stand for is there: a definition under its own name, or a variant, which is left out."""
    for file in (spec.file, spec.model_file, *(given.file for given in spec.given)):
        _check(file in spec.scopes, f"there is no file {file!r}")
    for names in spec.scopes.values():
        for name, key in names.items():
            home, _, own = key.rpartition(":")
            _check(NAME.fullmatch(name), f"{name!r} is not a name")
            _check(key in spec.definitions or spec.scopes.get(home, {}).get(own) == key, f"there is no {key!r}")
    for key, item in spec.definitions.items():
        home, _, own = key.rpartition(":")
        called = [target.id for target in item.targets] if isinstance(item, tree.Bind) else [item.name]
        _check(":" in key and home in spec.scopes and own in called, f"{key!r} is not what is defined there")
    for key, item in (*spec.definitions.items(), (f"{spec.model_file}:", spec.model)):
        if any(isinstance(node, (tree.Stage, tree.Stages)) for node in nodes_in(item)):
            _check("stage" in spec.scopes[key.rpartition(":")[0]], "stages are made of a module `stage`")
    for given in spec.given:
        known = [parameter.name for parameter in spec.model.parameters]
        _check(given.name in known, f"there is no parameter {given.name!r}")
