"""Holds models side by side."""

from __future__ import annotations

import sys
from typing import Any

from archspec.cli.common import coloured, say
from archspec.cli.model_references import labels, resolve_all


def run(options: Any) -> int:
    """The command ``compare``."""
    from archspec.comparison.compare import compare
    from archspec.comparison.compare_text import render_comparison

    references = [options.first, *options.others]
    specs = resolve_all(references, options)
    if not specs:
        return 1
    found = compare(*specs, labels=labels(references, specs), allow_extern=options.allow_extern)
    colour = coloured(sys.stdout)
    say(render_comparison(found, options.format, colour), painted=colour)
    return 0
