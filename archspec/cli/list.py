"""The models there are, with their size."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from typing import Any

from archspec.cli.common import asked, coloured, say
from archspec.pipeline import report_of, resolve_spec
from archspec.report.text import scaled, shape, table
from archspec.spec import files
from archspec.spec.resolve import model_names


def listing(
    spec: str | None,
    format: str,
    colour: bool = False,
    model: str | None = None,
    params: Mapping[str, str] | None = None,
) -> str:
    """The shipped models, those of one spec, or one of them, as a table or JSON."""
    sources = [spec] if spec is not None else [str(path) for path in files.shipped_files()]
    rows: list[dict[str, Any]] = []
    fixed: set[str] = set()
    for source in sources:
        names: tuple[str | None, ...] = (model,) if model or params else model_names(files.load(source))
        for resolved in (resolve_spec(source, name, params) for name in names):
            report = report_of(resolved)
            if report.fixed:
                fixed.add(resolved.name)
            rows.append(
                {
                    "name": resolved.name,
                    "spec": resolved.file,
                    "input": report.input,
                    "params": report.params,
                    "fvcore": report.fvcore,
                    "doc": (resolved.doc or "").split("\n")[0],
                }
            )
    if format == "json":
        return json.dumps({"models": rows}, indent=2)
    cells = [
        [
            r["name"],
            shape(r["input"]) + (" fixed" if r["name"] in fixed else ""),
            scaled(r["params"]),
            scaled(r["fvcore"]),
            r["doc"],
        ]
        for r in rows
    ]
    return "\n".join(table(["model", "input", "params", "fvcore", "what it is"], cells, frozenset({2, 3}), colour))


def run(options: Any) -> int:
    """The command ``list``."""
    spec, model, params = asked(options.spec) if options.spec else (None, None, {})
    colour = coloured(sys.stdout)
    say(listing(spec, options.format, colour, model, params), painted=colour)
    return 0
