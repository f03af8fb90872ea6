"""The models there are, with their size."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from archspec.cli.common import asked, coloured, say
from archspec.pipeline import report_of, resolve_spec
from archspec.report.table import COUNT, SHAPE, DataColumn, DataTable
from archspec.report.text import shape
from archspec.spec import files
from archspec.spec.resolve import model_names
from archspec.spec.resolved import Resolved


def listing(
    spec: str | None,
    format: str,
    colour: bool = False,
    model: str | None = None,
    params: Mapping[str, str] | None = None,
) -> str:
    """The shipped models, those of one spec, or one of them, as a table, JSON, CSV or Markdown."""
    sources = [spec] if spec is not None else [str(path) for path in files.shipped_files()]
    rows = [_row(resolved) for source in sources for resolved in _specs(source, model, params)]
    models, specs, inputs, trained, counts, docs, fixed = zip(*rows) if rows else [()] * 7
    table = DataTable(
        (
            DataColumn("model", models, key="name"),
            DataColumn("spec", specs),
            DataColumn("input", inputs, SHAPE),
            DataColumn("params", trained, COUNT),
            DataColumn("fvcore", counts, COUNT),
            DataColumn("what it is", docs, key="doc"),
        )
    )
    if format == "json":
        return json.dumps({"models": table.records()}, indent=2)
    if format == "csv":
        return table.csv()
    sizes = [shape(sizes) + (" fixed" if held else "") for sizes, held in zip(inputs, fixed)]
    return table.without("spec").put("input", sizes).write(format, colour)


def _specs(source: str, model: str | None, params: Mapping[str, str] | None) -> Iterator[Resolved]:
    """The models of a spec, or the one that is asked for."""
    names: tuple[str | None, ...] = (model,) if model or params else model_names(files.load(source))
    return (resolve_spec(source, name, params) for name in names)


def _row(resolved: Resolved) -> tuple[Any, ...]:
    report, doc = report_of(resolved), (resolved.doc or "").split("\n")[0]
    return resolved.name, resolved.file, report.input, report.params, report.fvcore, doc, report.fixed


def run(options: Any) -> int:
    """The command ``list``."""
    spec, model, params = asked(options.spec) if options.spec else (None, None, {})
    colour = coloured(sys.stdout)
    say(listing(spec, options.format, colour, model, params), painted=colour)
    return 0
