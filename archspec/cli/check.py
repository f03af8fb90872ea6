"""Checks every model of some specs."""

from __future__ import annotations

from typing import Any

from archspec.cli.common import asked, report_error, report_warnings, say


def run(options: Any) -> int:
    """The command ``check``."""
    from archspec.api import check
    from archspec.diagnostics import ArchspecError
    from archspec.diagnostics.printable import on_one_line
    from archspec.report.text import scaled
    from archspec.spec import files
    from archspec.spec.resolve import model_names

    status = 0
    for name in options.specs:
        try:
            spec, chosen, params = asked(name)
            loaded = files.load(spec)
            one = chosen or params or files.is_shipped_name(spec)
            models: tuple[str | None, ...] = (chosen,) if one else model_names(loaded)
            if not models:
                from archspec.pipeline import link

                link(loaded)
                say(f"ok  {on_one_line(loaded.main)}  (no model)")
        except ArchspecError as error:
            status = report_error(error)
            continue
        seen: set[Any] = set()
        for model in models:
            try:
                report = check(spec, model=model, params=params, allow_extern=options.allow_extern)
            except ArchspecError as error:
                fresh = [item for item in error.diagnostics if item not in seen]
                seen.update(fresh)
                status = report_error(type(error)(fresh, error.sources)) if fresh else 1
                continue
            report_warnings([item for item in report.warnings if item not in seen], loaded.sources)
            seen.update(report.warnings)
            figures = f"{scaled(report.params)} parameters, {scaled(report.fvcore)} fvcore"
            say(f"ok  {on_one_line(loaded.main)}  {report.model}  {figures}")
    return status
