"""Writes a spec to start from."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def run(options: Any) -> int:
    """The command ``new``."""
    from archspec.checkpoints.load import fail
    from archspec.checkpoints.problems import NotWritable
    from archspec.cli.files import write_whole
    from archspec.pipeline import check
    from archspec.resources import resource
    from archspec.source import NOWHERE

    target = Path(options.output or f"{options.name}.arch")
    if target.exists():
        raise fail(NotWritable(NOWHERE, str(target), "it exists already"))
    text = resource("templates", "spec", "new.arch").read_text(encoding="utf-8").replace("NAME", options.name)
    check(text, model=options.name)
    write_whole(target, text.encode())
    print(f"wrote {target}\nnext: archspec check {target}; archspec stats {target}; archspec build {target}")
    return 0
