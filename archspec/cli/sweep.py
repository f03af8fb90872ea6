"""Sweeps a space of variants."""

from __future__ import annotations

import sys
from typing import Any

from archspec.cli.common import coloured, given
from archspec.cli.progress import Bar


def run(options: Any) -> int:
    """The command ``sweep``."""
    from archspec.explore.executors import executor_of
    from archspec.explore.show import render_sweep
    from archspec.explore.sweep import sweep

    with executor_of(options.executor) as executor, Bar("variants", sys.stderr) as bar:
        result = sweep(
            given(options.spec),
            dict(options.vary),
            model=options.model,
            params=dict(options.params),
            input_shape=options.input_shape,
            where=" and ".join(f"({text})" for text in options.where),
            sample=options.sample,
            seed=options.seed,
            goals=options.pareto,
            out=options.output,
            executor=executor,
            batch=options.batch,
            dtype=options.dtype,
            allow_extern=options.allow_extern,
            progress=bar.show,
        )
    print(render_sweep(result, options.format, options.top, coloured(sys.stdout)))
    if options.plot is not None:
        write_plot(result, options.plot, options.format)
    return 0


def write_plot(result: Any, path: str, format: str) -> None:
    """Draw the variants and their front to an SVG file."""
    from pathlib import Path

    from archspec.cli.files import write_whole
    from archspec.explore.plot import plot

    write_whole(Path(path), plot(result).encode())
    print(f"wrote {path}", file=sys.stdout if format == "table" else sys.stderr)
