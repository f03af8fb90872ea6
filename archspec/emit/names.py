"""Names, annotations and docstrings of the target language."""

from __future__ import annotations

import keyword
import re
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

from archspec.diagnostics.printable import printable
from archspec.emit.values import RampRow
from archspec.graph.nodes import Instance, Node
from archspec.graph.reserved import unusable
from archspec.sym.algebra import lone_symbol
from archspec.sym.number import is_family

if TYPE_CHECKING:
    from archspec.emit.target import Target

BUILTINS = (
    "abs",
    "bool",
    "enumerate",
    "float",
    "int",
    "len",
    "list",
    "max",
    "min",
    "range",
    "reversed",
    "round",
    "sum",
    "tuple",
    "zip",
)
TAKEN = frozenset({"self", "require", "math", "layer", "shared", "super", *BUILTINS})
"""Names that a file's own code needs, whatever the target."""


def own_attributes(instance: Instance) -> set[str]:
    """What the layers, parameters, buffers and tables of a module are called."""
    return {*instance.layers, *(w.name for w in instance.state), *(t.name for t in instance.tables)}


def attributes(instance: Instance, reserved: Collection[str]) -> dict[str, str]:
    """The attribute of each layer: its name, or one off what is taken where it has no weights and so no keys."""
    taken = own_attributes(instance)
    return {
        name: free_attribute(name, taken, reserved) if unusable(name, reserved) else name for name in instance.layers
    }


def free_attribute(name: str, taken: set[str], reserved: Collection[str]) -> str:
    """A new attribute as like to a name as can be, off those that are ``taken`` and off what every module has."""
    made = name.lstrip("_") or "layer"
    while made in taken or unusable(made, reserved):
        made += "_"
    taken.add(made)
    return made


def own_names(instance: Instance) -> set[str]:
    """The stems of all names that the author uses in a module, as variables of its constructor may have them."""
    used = (instance.args, instance.axes, instance.facts, instance.layers)
    return {_stem(name) for names in used for name in names}


def _stem(name: str) -> str:
    return name.rstrip("0123456789_").rstrip("s")


def class_name(name: str, own: Collection[str], taken: Collection[str] = (), words: Collection[str] = ()) -> str:
    """``poolformer_m36`` as ``PoolformerM36``, ``b16_224`` as ``B16_224``, made different from the classes there are.

    ``own`` are names of the target, ``words`` the stems of variables that it must not be mistaken for.
    """
    made = ""
    for part in filter(None, name.split("_")):
        apart = "_" if made[-1:].isdigit() and part[0].isdigit() else ""
        made += apart + part[0].upper() + part[1:]
    made = made or "Module"
    if not made[0].isalpha() or made in {*own, "None", "True", "False"}:
        made = f"{made}Module" if made[0].isalpha() else f"Module{made}"
    while _stem(made) in words:
        made += "Module"
    wanted, count = made, 1
    while made in taken:
        count += 1
        made = f"{wanted}{count}"
    return made


def imported(name: str, own: Collection[str], taken: set[str], words: Collection[str]) -> str:
    """What the file calls a class from outside: its own name, unless that is something else there."""
    free = name not in {*own, *taken, *TAKEN, "Any"} and _stem(name) not in words
    return name if free else class_name(name, own, taken | {"Any"}, words)


def variable(name: str, own: Collection[str]) -> str:
    """A name as a variable of Python, off its keywords and the names that the file needs, ``own`` the target's.

    Different names are different variables: where ``int`` is ``int_``, ``int_`` is ``int__``. Two underscores in front
    would make a name private to its class, and one alone is where sizes go that nothing reads.
    """
    if re.match(r"v*(__|_$)", name):
        return f"v{name}"
    bare = name.rstrip("_")
    return f"{name}_" if keyword.iskeyword(bare) or bare in TAKEN or bare in own else name


def annotation(values: Sequence[Any], target: Target) -> str:
    """The type of a constructor argument, from the values it takes."""
    if any(isinstance(value, Node) for value in values):
        return target.module if any(value.one_call for value in values) else target.layer_lists
    kinds = {_kind(value) for value in values}
    if "float" in kinds:
        kinds.discard("int")
    return " | ".join(sorted(kinds, key=lambda kind: (kind == "None", kind)))


def _kind(value: Any) -> str:
    if value is None:
        return "None"
    if isinstance(value, RampRow):
        return "Sequence[float]"
    if is_family(value) and lone_symbol(value.term) in value.algebra.rates:
        return "float"
    if isinstance(value, tuple):
        inner = sorted({_kind(item) for item in value})
        return f"Sequence[{'float' if inner == ['float', 'int'] else ' | '.join(inner)}]"
    return next(
        name for name, kind in (("bool", bool), ("int", int), ("float", float), ("str", str)) if isinstance(value, kind)
    )


def sentence(name: str) -> str:
    """A plain docstring for a module that has none."""
    return f"{name.replace('_', ' ').strip().capitalize()}."


def docstring(text: str) -> list[str]:
    """The lines of a docstring, safe inside triple quotes, none too long, the first a sentence of its own."""
    import textwrap

    safe = printable(text).replace("\\", "\\\\").replace('"', "'")
    first, _, rest = safe.strip().partition("\n")
    lines: list[str] = []
    for paragraph in [first, "", *rest.strip("\n").split("\n")] if rest.strip() else [first]:
        lines += textwrap.wrap(paragraph.strip(), 76) or [""]
    while lines and not lines[-1]:
        lines.pop()
    lines = lines or ["Module."]
    if not rest.strip() and lines[-1][-1] not in ".:!?)'":
        lines[-1] += "."
    return lines
