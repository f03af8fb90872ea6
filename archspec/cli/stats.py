"""Reports what a model costs."""

from __future__ import annotations

import sys
from typing import Any

from archspec.cli.common import coloured, columns, drawn, report_error, report_warnings, resolved, say


def run(options: Any) -> int:
    """The command ``stats``."""
    from archspec.diagnostics import SpecError
    from archspec.pipeline import report_of

    others = [name for name in ("conventions", "verify", "html") if getattr(options, name)]
    if options.symbolic is not None and others:
        options.refuse(f"argument --symbolic: not allowed with argument --{others[0]}")
    spec = resolved(options)
    report = report_of(spec, options.allow_extern, options.batch, options.dtype)
    if options.html is not None:
        from archspec.cli.files import check_output

        check_output(options.html, f"{report.model}.html", options.force)
    report_warnings(report.warnings, spec.texts())
    if options.symbolic is not None:
        _say_formulas(spec, options)
        return 0
    _say_report(report, options)
    if options.html is not None:
        _write_page(report, options)
    status = report_error(SpecError(report.unmet, spec.texts())) if report.unmet else 0
    if options.verify:
        status = _verify(spec, report, options) or status
    return status


def _say_formulas(spec: Any, options: Any) -> None:
    from archspec.report.formula_text import render_formulas
    from archspec.report.symbolic import formulas

    made = formulas(spec, options.symbolic, options.batch, options.dtype, options.allow_extern)
    text = render_formulas(made, options.format)
    say(text if "utf" in (getattr(sys.stdout, "encoding", None) or "").lower() else text.replace("·", "*"))


def _say_report(report: Any, options: Any) -> None:
    if options.conventions:
        from archspec.report.reconcile import render_conventions

        colour = coloured(sys.stdout)
        say(render_conventions(report, options.format, colour), painted=colour)
    else:
        from archspec.report.render import render_report

        colour = drawn(sys.stdout)
        say(render_report(report, options.format, options.depth, colour, columns()), painted=colour)


def _verify(spec: Any, report: Any, options: Any) -> int:
    """Hold the report against the compiled module, and that against reference execution."""
    from archspec.diagnostics import SpecError
    from archspec.verification import verify_report

    verdict = verify_report(spec, report, options.allow_extern)
    say("\n".join(verdict.lines()), sys.stdout if options.format == "table" else sys.stderr)
    if verdict.found:
        report_error(SpecError(verdict.found, spec.texts()))
    return 0 if verdict.equal else 1


def _write_page(report: Any, options: Any) -> None:
    """Write the report as a page; says so where that is no JSON."""
    from archspec.cli.files import written
    from archspec.report.html import page
    from archspec.report.render import DEPTH

    content = page(report, DEPTH if options.depth is None else options.depth).encode("utf-8", "replace")
    target, _ = written(options.html, f"{report.model}.html", content, options.force)
    message = f"wrote {target} ({len(content) / 1000:.1f} kB)"
    say(message, sys.stdout if options.format == "table" else sys.stderr)
