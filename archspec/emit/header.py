"""The docstring of a generated file: what it is, where it came from, what it costs."""

from __future__ import annotations

from archspec.checksum import OPEN
from archspec.emit.names import docstring
from archspec.graph.nodes import Instance
from archspec.opdef.args import show
from archspec.report.count import Tally
from archspec.report.text import scaled
from archspec.source import Source
from archspec.spec.resolved import CALLER, Given, Resolved
from archspec.syntax.parser import parse


def facts(spec: Resolved, root: Instance) -> list[str]:
    """The lines of the docstring."""
    lines = docstring(spec.doc or f"{spec.name}.")
    paper = parse(Source(spec.model_file, spec.sources.get(spec.model_file, ""))).doc
    if paper:
        lines += ["", *docstring(paper)]
    name = spec.file.rsplit("/", 1)[-1]
    tally = Tally()
    sizes = "x".join(str(int(n)) for n in root.inputs[0].shape)
    given = [f"{g.name} = {_text(spec, g)}" for g in spec.given if g.file == CALLER]
    lines += ["", *docstring(f"Written by archspec from {name} (model {spec.name})" + (", with:" if given else "."))]
    lines += [f"    {line}" for text in given for line in docstring(text + ".")]
    lines.append(
        f"Input {sizes}; {tally.parameters(root):,} parameters; {scaled(tally.work(root).macs)} multiply-accumulates."
    )
    lines.append(f"{OPEN} of the text as it was written.")
    return lines


def _text(spec: Resolved, given: Given) -> str:
    span = given.value.span
    text = spec.sources.get(span.source, "")[span.start : span.end].replace("\\", "").replace('"', "'")
    return text or show(None)
