"""Names, annotations and docstrings of the target language."""

from __future__ import annotations

import keyword
from collections.abc import Sequence
from typing import Any

from archspec.graph.nodes import Chain, Instance, OpNode

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
    "round",
    "sum",
    "tuple",
    "zip",
)
TAKEN = frozenset({"self", "torch", "nn", "F", "Tensor", "math", "layer", "super", *BUILTINS})
"""Names that a file's own code needs."""
MODULE_NAMES = frozenset(
    (
        *(
            "add_module",
            "apply",
            "bfloat16",
            "buffers",
            "call_super_init",
            "children",
            "compile",
            "cpu",
            "cuda",
            "double",
        ),
        *("dump_patches", "eval", "extra_repr", "float", "forward", "get_buffer", "get_extra_state", "get_parameter"),
        *("get_submodule", "half", "ipu", "load_state_dict", "modules", "mtia", "named_buffers", "named_children"),
        *("named_modules", "named_parameters", "parameters", "register_backward_hook", "register_buffer"),
        *("register_forward_hook", "register_forward_pre_hook", "register_full_backward_hook"),
        *("register_full_backward_pre_hook", "register_load_state_dict_post_hook", "register_load_state_dict_pre_hook"),
        *("register_module", "register_parameter", "register_state_dict_post_hook", "register_state_dict_pre_hook"),
        *("requires_grad_", "set_extra_state", "set_submodule", "share_memory", "state_dict", "to", "to_empty"),
        *("train", "training", "type", "xpu", "zero_grad"),
    )
)
"""What every nn.Module has already, so that no layer or parameter can be called so."""


def attribute_taken(name: str) -> bool:
    """Whether a name cannot be a layer's or a parameter's: a keyword, or something that every module has."""
    return keyword.iskeyword(name) or name in MODULE_NAMES or name.startswith("_")


def class_name(name: str, taken: set[str]) -> str:
    """``poolformer_m36`` as ``PoolformerM36``, made different from the classes there already are."""
    made = "".join(part[:1].upper() + part[1:] for part in name.split("_") if part) or "Module"
    if not made[0].isalpha() or made in {"Tensor", "F", "None", "True", "False"}:
        made = f"{made}Module" if made[0].isalpha() else f"Module{made}"
    wanted, count = made, 1
    while made in taken:
        count += 1
        made = f"{wanted}{count}"
    return made


def variable(name: str) -> str:
    """A name as a variable of Python, off its keywords and the names the file needs."""
    return f"{name}_" if keyword.iskeyword(name) or name in TAKEN else name


def annotation(values: Sequence[Any]) -> str:
    """The type of a constructor argument, from the values it takes."""
    if any(isinstance(value, (OpNode, Chain, Instance)) for value in values):
        return "nn.Module"
    kinds = {_kind(value) for value in values}
    if kinds == {"int", "float"}:
        return "float"
    return " | ".join(sorted(kinds, key=lambda kind: (kind == "None", kind)))


def _kind(value: Any) -> str:
    if value is None:
        return "None"
    if isinstance(value, tuple):
        inner = sorted({_kind(item) for item in value})
        return f"tuple[{'float' if inner == ['float', 'int'] else ' | '.join(inner)}, ...]"
    return next(
        name for name, kind in (("bool", bool), ("int", int), ("float", float), ("str", str)) if isinstance(value, kind)
    )


def sentence(name: str) -> str:
    """A plain docstring for a module that has none."""
    return f"{name.replace('_', ' ').strip().capitalize()}."


def docstring(text: str) -> list[str]:
    """The lines of a docstring, safe inside triple quotes, none too long, the first a sentence of its own."""
    import textwrap

    safe = "".join(c if c.isprintable() or c == "\n" else " " for c in text).replace("\\", "\\\\").replace('"', "'")
    first, _, rest = safe.strip().partition("\n")
    lines: list[str] = []
    for paragraph in [first, "", *rest.strip("\n").split("\n")] if rest.strip() else [first]:
        lines += textwrap.wrap(paragraph.strip(), 76) or [""]
    while lines and not lines[-1]:
        lines.pop()
    lines = lines or ["Module."]
    if not rest.strip() and lines[-1][-1] not in ".!?)'":
        lines[-1] += "."
    return lines
