"""Says what differs between two models."""

from __future__ import annotations

import sys
from typing import Any

from archspec.cli.common import coloured, say
from archspec.cli.model_references import labels, resolve_all


def run(options: Any) -> int:
    """The command ``diff``."""
    from dataclasses import replace

    from archspec.comparison.diff import diff
    from archspec.comparison.diff_text import render_diff

    references = [options.a, options.b]
    specs = resolve_all(references, options)
    if not specs:
        return 1
    found = diff(*specs, allow_extern=options.allow_extern)
    a, b = labels(references, specs)
    colour = coloured(sys.stdout)
    say(render_diff(replace(found, a=a, b=b), options.format, colour), painted=colour)
    return 1 if options.exit_code and not found.equal else 0
