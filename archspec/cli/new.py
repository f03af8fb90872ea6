"""Writes a spec to start from."""

from __future__ import annotations

from typing import Any

from archspec.cli.common import say


def run(options: Any) -> int:
    """The command ``new``."""
    from archspec.api import check
    from archspec.cli.files import written
    from archspec.resources import resource

    text = resource("templates", "spec", "new.arch").read_text(encoding="utf-8").replace("NAME", options.name)
    check(text, model=options.name)
    target, stream = written(options.output, f"{options.name}.arch", text.encode(), options.force)
    say(f"wrote {target}", stream)
    if options.output != "-":
        say(f"next: archspec check {target}; archspec stats {target}; archspec build {target}", stream)
    return 0
