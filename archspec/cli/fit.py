"""Finds variants on a budget."""

from __future__ import annotations

import sys
from typing import Any

from archspec.cli.common import coloured, say, searched
from archspec.cli.progress import Bar


def run(options: Any) -> int:
    """The command ``fit``."""
    from archspec.report.metrics import COUNTS
    from archspec.search.fit import fit
    from archspec.search.show import render_fit

    wanted = {metric.name: getattr(options, f"wanted_{metric.name}") for metric in COUNTS}
    budget = {name: value for name, value in wanted.items() if value is not None}
    given = searched(options)
    with Bar("variants", sys.stderr) as bar:
        result = fit(
            **given,
            budget=budget,
            free=options.free,
            top=options.top,
            trials=options.trials,
            progress=bar.show,
        )
    colour = coloured(sys.stdout)
    say(render_fit(result, options.format, colour), painted=colour)
    return 0
