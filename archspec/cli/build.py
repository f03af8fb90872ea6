"""Writes a model as source."""

from __future__ import annotations

from typing import Any

from archspec.cli.common import report_warnings, resolved, say


def run(options: Any) -> int:
    """The command ``build``."""
    from archspec.cli.files import written
    from archspec.pipeline import build_graph, source_of
    from archspec.report.count import Tally
    from archspec.report.text import scaled

    spec = resolved(options)
    root = build_graph(spec, options.allow_extern)
    report_warnings(root.warnings, spec.texts())
    source = source_of(spec, root)
    target, stream = written(options.output, f"{spec.name}.py", source.encode(), options.force)
    lines, size = source.count("\n"), len(source.encode()) / 1000
    say(f"wrote {target} ({lines} lines, {size:.1f} kB)", stream)
    tally = Tally()
    figures = f"{tally.parameters(root):,} parameters, {scaled(tally.work(root).macs)} multiply-accumulates"
    say(f"{spec.name}: {figures}", stream)
    return 0
