"""Reports what a model costs."""

from __future__ import annotations

import sys
from typing import Any

from archspec.cli.common import coloured, report_error, resolved


def run(options: Any) -> int:
    """The command ``stats``."""
    from archspec.diagnostics import SpecError
    from archspec.pipeline import report_of
    from archspec.report.reconcile import render_conventions
    from archspec.report.render import render_report

    spec = resolved(options)
    report = report_of(spec, options.allow_extern, options.batch, options.dtype)
    colour = coloured(sys.stdout)
    if options.conventions:
        print(render_conventions(report, options.format, colour))
    else:
        print(render_report(report, options.format, options.depth, colour))
    status = report_error(SpecError(report.unmet, spec.texts())) if report.unmet else 0
    if options.verify:
        from archspec.verify import verify

        verdict = verify(spec, report, options.allow_extern)
        print("\n".join(verdict.lines()), file=sys.stdout if options.format == "table" else sys.stderr)
        status = status or (0 if verdict.equal else 1)
    return status
