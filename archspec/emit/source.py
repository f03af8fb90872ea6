"""The graph as one source file that needs nothing but its framework."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from archspec.diagnostics import SpecError
from archspec.emit import names
from archspec.emit.groups import Groups
from archspec.emit.layout import WIDTH
from archspec.emit.problems import SharedDiffers
from archspec.emit.writer import ClassText, write_class
from archspec.graph.extern import Extern
from archspec.graph.nodes import Chain, Instance, Node, OpNode, Step
from archspec.resources import resource
from archspec.source import Span

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


def write_source(root: Instance, facts: list[str], spans: dict[str, Span] | None = None, backend: str = "torch") -> str:
    """The source of a model: one class a module, children first, the model last.

    ``spans`` says where each definition stands, for diagnostics.

    Raises:
        SpecError: a layer's name is taken, or a shared layer would compute differently in its uses.
    """
    groups = Groups(root, spans)
    taken: set[str] = {names.class_name(root.name, set())}
    words = {word for group in groups.ordered for instance in group.instances for word in names.own_names(instance)}
    texts: list[ClassText] = []
    for group in groups.ordered:
        if id(group) in groups.identities and group.first is not root:
            continue
        is_root = group.first is root
        group.name = names.class_name(root.name, set()) if is_root else names.class_name(group.first.name, taken, words)
        taken.add(group.name)
        text = write_class(groups, group)
        same = next((other for other in texts if _same(other, text)), None)
        if same is not None and not is_root:
            taken.discard(group.name)
            groups.adopt(group, same.source)
            continue
        texts.append(text)
    _check_shared(groups)
    body = _template(backend).render(classes=[_laid_out(text) for text in texts], facts=facts, imports=[])
    return _with_imports(body, sorted(_externs(root)))


def _same(a: ClassText, b: ClassText) -> bool:
    """Whether two classes differ in nothing but their name and the shapes that their documentation shows."""
    return (a.doc, a.arguments, a.init, a.inputs, a.returns, a.forward, a.buffers) == (
        *(b.doc, b.arguments, b.init, b.inputs, b.returns, b.forward, b.buffers),
    )


def _check_shared(groups: Groups) -> None:
    """A layer used in several places is made once, so all its uses have to want the same one."""
    for group in groups.ordered:
        for instance in group.instances[:1]:
            for step in instance.body:
                if isinstance(step, Step) and step.layer is not None and isinstance(step.node, Instance):
                    first: Node = instance.layers[step.layer[0]]
                    for part in step.layer[1:]:
                        assert isinstance(first, Chain)
                        first = first.items[int(part)]
                    if first is not step.node and not _alike(groups, first, step.node):
                        raise SpecError.of(SharedDiffers(step.span, ".".join(step.layer)))


def _alike(groups: Groups, first: Node, other: Instance) -> bool:
    assert isinstance(first, Instance)
    a, b = groups.of[first], groups.of[other]
    if a.name != b.name or a.arguments.keys() != b.arguments.keys():
        return False
    i, j = a.instances.index(first), b.instances.index(other)
    return all(_equal(a.arguments[name][i], b.arguments[name][j]) for name in a.arguments)


def _equal(a: object, b: object) -> bool:
    return a is b or (not isinstance(a, (OpNode, Chain, Instance)) and a == b)


def _externs(node: Node) -> set[tuple[str, str]]:
    """The classes from outside that a model uses, with their modules."""
    if isinstance(node, OpNode):
        return {(node.op.module, node.op.class_)} if isinstance(node.op, Extern) else set()
    return set().union(*map(_externs, node.items if isinstance(node, Chain) else node.layers.values()))


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


def _with_imports(body: str, externs: list[tuple[str, str]]) -> str:
    """Only what is used is imported."""
    code = re.sub(r'"""(.|\n)*?"""', "", body)
    lines = []
    if "math." in code:
        lines += ["import math", ""]
    if re.search(r"\btorch\.", code):
        lines.append("import torch")
    if re.search(r"\bF\.", code):
        lines.append("import torch.nn.functional as F")
    lines.append("from torch import Tensor, nn")
    if externs:
        lines += ["", *(f"from {module} import {name}" for module, name in externs)]
    return body.replace("# imports\n", "\n".join(lines) + "\n", 1)
