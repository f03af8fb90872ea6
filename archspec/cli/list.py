"""The models there are, with their size."""

from __future__ import annotations

import json
import sys
from typing import Any

from archspec.cli.common import coloured, given
from archspec.pipeline import report_of, resolve_spec
from archspec.report.text import scaled, shape, table
from archspec.spec import files
from archspec.spec.resolve import model_names


def listing(spec: str | None, format: str, colour: bool = False) -> str:
    """The shipped models, or those of one spec, as a table or JSON."""
    sources = [spec] if spec is not None else [str(path) for path in files.shipped_files()]
    rows: list[dict[str, Any]] = []
    fixed: set[str] = set()
    for source in sources:
        for name in model_names(files.load(source)):
            resolved = resolve_spec(source, name)
            report = report_of(resolved)
            if report.fixed:
                fixed.add(name)
            rows.append(
                {
                    "name": name,
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
    print(listing(given(options.spec) if options.spec else None, options.format, coloured(sys.stdout)))
    return 0
