"""The graph as one source file that needs nothing but its framework."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from archspec.emit import names
from archspec.emit.groups import Groups
from archspec.emit.layout import WIDTH
from archspec.emit.writer import ClassText, write_class
from archspec.graph.nodes import Instance
from archspec.resources import resource

if TYPE_CHECKING:
    from jinja2 import Template


@lru_cache(maxsize=4)
def _template(backend: str) -> Template:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    folder = resource("templates", backend)
    loader = FileSystemLoader(str(folder))
    environment = Environment(
        loader=loader, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True
    )
    return environment.get_template("module.py.j2")


def write_source(root: Instance, facts: list[str], backend: str = "torch") -> str:
    """The source of a model: one class a module, children first, the model last."""
    groups = Groups(root)
    taken: set[str] = {names.class_name(root.name, set())}
    texts: list[ClassText] = []
    for group in groups.ordered:
        if id(group) in groups.identities and group.first is not root:
            continue
        is_root = group.first is root
        group.name = names.class_name(root.name, set()) if is_root else names.class_name(group.first.name, taken)
        taken.add(group.name)
        texts.append(write_class(groups, group))
    body = _template(backend).render(classes=[_laid_out(text) for text in texts], facts=facts, imports=[])
    return _with_imports(body)


def _laid_out(text: ClassText) -> dict[str, object]:
    """The pieces of a class as the template takes them."""
    signature = _signature("__init__", ["self", *text.arguments], "None")
    forward = _signature("forward", ["self", *(f"{name}: Tensor" for name in text.inputs)], text.returns)
    shapes = f'        """{text.forward_doc}"""'
    doc = shapes if len(shapes) <= WIDTH else '        """Applies the module."""'
    return {
        "name": text.name,
        "doc": text.doc,
        "signature": signature,
        "init": text.init,
        "forward_signature": forward,
        "forward_doc": doc,
        "forward": text.forward,
        "buffers": text.buffers,
        "has_init": bool(text.init or text.arguments),
    }


def _signature(name: str, arguments: list[str], returns: str) -> list[str]:
    line = f"    def {name}({', '.join(arguments)}) -> {returns}:"
    if len(line) <= WIDTH:
        return [line]
    inner = " " * 8 + ", ".join(arguments)
    if len(inner) <= WIDTH:
        return [f"    def {name}(", inner, f"    ) -> {returns}:"]
    return [f"    def {name}(", *(f"        {argument}," for argument in arguments), f"    ) -> {returns}:"]


def _with_imports(body: str) -> str:
    """Only what is used is imported."""
    code = body.split('"""', 2)[-1]
    lines = []
    if "math." in code:
        lines += ["import math", ""]
    if re.search(r"\btorch\.", code):
        lines.append("import torch")
    if re.search(r"\bF\.", code):
        lines.append("import torch.nn.functional as F")
    lines.append("from torch import Tensor, nn")
    return body.replace("# imports\n", "\n".join(lines) + "\n", 1)
