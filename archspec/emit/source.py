"""The graph as one source file that needs nothing but its framework."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from archspec.emit import names
from archspec.emit.class_templates import ClassTemplates
from archspec.emit.class_text import ClassText, Method
from archspec.emit.family import REFUSE
from archspec.emit.sharing import split_shared
from archspec.emit.target import Target
from archspec.emit.variants import Apart
from archspec.emit.writer import write_class
from archspec.graph.extern import externs_in
from archspec.graph.nodes import Instance, OpNode
from archspec.graph.walk import entries
from archspec.sym.algebra import Algebra

if TYPE_CHECKING:
    from jinja2 import Template


class TornApart(Exception):
    """The variants of a module are no one class."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


@lru_cache(maxsize=4)
def _template(outline: Path) -> Template:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    loader = FileSystemLoader(str(outline.parent))
    environment = Environment(
        loader=loader, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True
    )
    return environment.get_template(outline.name)


def write_source(root: Instance, facts: list[str], target: Target, algebra: Algebra | None = None) -> str:
    """The source of a model: one class a module, children first, the model last.

    ``algebra``: where the parameters were left open that the model's constructor takes; what is decided on them while
    the source is written is decided for all of it.
    """
    templates, texts = _settled_classes(root, target, algebra)
    while (apart := split_shared(templates)) is not None:
        templates, texts = _settled_classes(apart, target, algebra)
    own = dict.fromkeys(templates.starts.values())
    classes = [_pieces(layer.name, layer.base, [layer.doc()], layer.buffers(), layer.methods()) for layer in own]
    classes += [_laid_out(text, templates) for text in texts]
    requires = any(f"{REFUSE}(" in line for line in texts[-1].init)
    body = _template(target.outline()).render(classes=classes, facts=facts, tabled=templates.tabled, requires=requires)
    return _with_imports(body, templates.imported, target)


def _settled_classes(root: Instance, target: Target, algebra: Algebra | None) -> tuple[ClassTemplates, list[ClassText]]:
    """The classes, written again for as long as writing them decides the value of a parameter."""
    while algebra is not None:
        algebra.decided = algebra.pinned()
        made = _classes(root, target, algebra)
        if algebra.pinned() == algebra.decided:
            return made
    return _classes(root, target)


def _classes(root: Instance, target: Target, algebra: Algebra | None = None) -> tuple[ClassTemplates, list[ClassText]]:
    """The classes of a graph, and who uses which; variants that turn out to be no one class are several."""
    apart: set[str] = set()
    while True:
        templates = ClassTemplates(root, target, algebra, apart)
        with templates.trial() as trial:
            try:
                made = _written(root, target, templates)
                trial.stands = True
                return templates, made
            except TornApart as torn:
                apart.add(torn.key)


def _written(root: Instance, target: Target, templates: ClassTemplates) -> list[ClassText]:
    """The classes of a graph.

    Raises:
        TornApart: the variants of a module are no one class.
    """
    taken: set[str] = {target.class_name(root.name)}
    instances = [instance for template in templates.ordered for instance in template.instances]
    words = {word for instance in instances for word in names.own_names(instance)}
    for module, class_ in sorted({(op.module, op.class_) for _, op in externs_in(root)}):
        templates.imported[module, class_] = names.imported(class_, target.names, taken, words)
        taken.add(templates.imported[module, class_])
    for start in target.layer_classes(_op_layers(instances)):
        first = all(other.base != start.base for other in templates.starts.values())
        start.name = target.class_name(start.label(first), taken, words)
        taken.add(start.name)
        templates.starts |= dict.fromkeys(start.nodes, start)
    if target.tabled is not None:
        templates.tabled = target.class_name(target.tabled, taken, words)
        taken.add(templates.tabled)
    texts: list[ClassText] = []
    known: dict[tuple[object, ...], ClassText] = {}
    for template in templates.ordered:
        if id(template) in templates.identities and template.first is not root:
            continue
        is_root = template.first is root
        template.name = (
            target.class_name(root.name) if is_root else target.class_name(template.first.name, taken, words)
        )
        taken.add(template.name)
        try:
            text = write_class(templates, template)
        except Apart:
            raise TornApart(template.first.key) from None
        same = known.setdefault(text.content(), text)
        if same is not text and not is_root:
            taken.discard(template.name)
            templates.adopt(template, same.source)
            continue
        texts.append(text)
    return texts


def _laid_out(text: ClassText, templates: ClassTemplates) -> dict[str, object]:
    """The pieces of a class as the template takes them."""
    base = templates.tabled if text.tables else templates.target.module
    return _pieces(text.name, base, text.doc, text.buffers, templates.target.methods(text))


def _pieces(name: str, base: str, doc: list[str], buffers: list[str], methods: list[Method]) -> dict[str, object]:
    laid_out = [method.laid_out() for method in methods]
    return {"name": name, "base": base, "doc": doc, "buffers": buffers, "methods": laid_out}


def _op_layers(instances: list[Instance]) -> list[OpNode]:
    """The layers of ops that classes hold, each once, in order."""
    found = [entry for instance in instances for layer in instance.layers.values() for entry in entries(layer)]
    return list(dict.fromkeys(entry for entry in found if isinstance(entry, OpNode)))


def _with_imports(body: str, externs: dict[tuple[str, str], str], target: Target) -> str:
    """Only what is used is imported; classes from outside by the names that the file has for them."""
    code = re.sub(r'"""(.|\n)*?"""', "", body)
    lines = []
    if "math." in code:
        lines.append("import math")
    if re.search(r"\bAny\b", code):
        lines.append("from typing import Any")
    if re.search(r"\bSequence\b", code):
        lines.insert(0, "from collections.abc import Sequence")
        lines.sort(key=lambda line: (line.startswith("from"), line))
    if lines:
        lines.append("")
    lines += target.imports(code)
    if externs:
        named = [(module, name, f" as {own}" if own != name else "") for (module, name), own in externs.items()]
        lines += ["", *(f"from {module} import {name}{own}" for module, name, own in named)]
    return body.replace("# imports\n", "\n".join(lines) + "\n", 1)
