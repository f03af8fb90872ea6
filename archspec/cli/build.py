"""Writes a model as source."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from archspec.cli.common import resolved


def run(options: Any) -> int:
    """The command ``build``."""
    from archspec.cli.files import write_whole
    from archspec.pipeline import build_graph, source_of
    from archspec.report.count import Tally, parameters
    from archspec.report.text import scaled

    spec = resolved(options)
    root = build_graph(spec, options.allow_extern)
    source = source_of(spec, root)
    target = Path(options.output or ".")
    if options.output is None or os.path.isdir(options.output):
        target = target / f"{spec.name}.py"
    write_whole(target, source.encode())
    lines, size = source.count("\n"), len(source.encode()) / 1000
    print(f"wrote {target} ({lines} lines, {size:.1f} kB)")
    print(f"{spec.name}: {parameters(root):,} parameters, {scaled(Tally().work(root).macs)} multiply-accumulates")
    return 0
