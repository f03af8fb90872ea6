"""Sweeps a space of variants."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from archspec.cli.common import coloured, say, searched
from archspec.cli.progress import Bar


def run(options: Any) -> int:
    """The command ``sweep``."""
    from archspec.search.executors import executor_of
    from archspec.search.show import render_sweep
    from archspec.search.sweep import MOST, sweep

    if options.plot is not None:
        check_plot(options.plot, options.force)
    if options.output is not None:
        from archspec.cli.files import check_output

        check_output(options.output, "", options.force)
    given = searched(options)
    with _resumable(options.output), executor_of(options.executor) as executor, Bar("variants", sys.stderr) as bar:
        result = sweep(
            **given,
            vary=dict(options.vary),
            sample=options.sample,
            seed=options.seed,
            most=None if options.yes else MOST,
            goals=options.pareto,
            out=options.output,
            executor=executor,
            keep=False,
            progress=bar.show,
        )
    colour = coloured(sys.stdout)
    say(render_sweep(result, options.format, options.top, colour), painted=colour)
    if options.plot is not None:
        write_plot(result, options.plot, options.format)
    return 0


@contextmanager
def _resumable(path: str | None) -> Iterator[None]:
    """Say, where a sweep to a file is stopped, that it can go on."""
    try:
        yield
    except KeyboardInterrupt:
        if path is not None:
            from archspec.diagnostics.printable import on_one_line

            say(f"stopped: the same command goes on from {on_one_line(path)}.parts", sys.stderr)
        raise


def check_plot(path: str, force: bool) -> None:
    """Check before a long sweep that its plot can be written.

    Raises:
        OutputError: it is no .svg file, there is no folder for it, or it holds what would be lost.
    """
    from pathlib import Path

    from archspec.cli.files import check_output
    from archspec.output import not_writable

    if Path(path).suffix != ".svg":
        raise not_writable(path, "a plot is a .svg file")
    if not check_output(path, "", force).parent.is_dir():
        raise not_writable(path, "no such file or directory")


def write_plot(result: Any, path: str, format: str) -> None:
    """Draw the variants and their front to an SVG file."""
    from pathlib import Path

    from archspec.diagnostics.printable import on_one_line
    from archspec.output import write_whole
    from archspec.search.plot import plot

    write_whole(Path(path), plot(result).encode("utf-8", "replace"))
    say(f"wrote {on_one_line(path)}", sys.stdout if format == "table" else sys.stderr)
