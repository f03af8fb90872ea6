"""Checks every model of some specs."""

from __future__ import annotations

from typing import Any

from archspec.cli.common import asked, report_error, report_warnings, say


def run(options: Any) -> int:
    """The command ``check``."""
    from archspec.diagnostics import ArchspecError

    status = 0
    for name in options.specs:
        try:
            spec, chosen, params = asked(name)
            loaded, models = _models(spec, chosen, params)
        except ArchspecError as error:
            status = report_error(error)
            continue
        seen: set[Any] = set()
        for model in models:
            status = _check(spec, model, params, loaded, seen, options.allow_extern) or status
    return status


def _models(spec: str, chosen: str | None, params: Any) -> tuple[Any, tuple[str | None, ...]]:
    """A spec's files, and which of its models to check; where there are none, its names are checked here."""
    from archspec.diagnostics.printable import on_one_line
    from archspec.pipeline import link
    from archspec.spec import files
    from archspec.spec.resolve import model_names

    loaded = files.load(spec)
    if chosen or params or files.is_shipped_name(spec):
        return loaded, (chosen,)
    models = model_names(loaded)
    if not models:
        link(loaded)
        say(f"ok  {on_one_line(loaded.main)}  (no model)")
    return loaded, models


def _check(spec: str, model: str | None, params: Any, loaded: Any, seen: set[Any], allow_extern: bool) -> int:
    """Check one model and say what is new of it: what models of one file have in common is said once."""
    from archspec.api import check
    from archspec.diagnostics import ArchspecError
    from archspec.diagnostics.printable import on_one_line
    from archspec.report.text import scaled

    try:
        report = check(spec, model=model, params=params, allow_extern=allow_extern)
    except ArchspecError as error:
        fresh = [item for item in error.diagnostics if item not in seen]
        seen.update(fresh)
        return report_error(type(error)(fresh, error.sources)) if fresh else 1
    report_warnings([item for item in report.warnings if item not in seen], loaded.sources)
    seen.update(report.warnings)
    figures = f"{scaled(report.params)} parameters, {scaled(report.fvcore)} fvcore"
    say(f"ok  {on_one_line(loaded.main)}  {report.model}  {figures}")
    return 0
