"""Runs a command and reports what went wrong."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module

from archspec.cli.arguments import parser
from archspec.cli.common import report_error


def main(argv: Sequence[str] | None = None) -> int:
    """Run ``archspec`` with these arguments and give back its exit status.

    Each command is the function ``run`` of the module of its name in ``archspec/cli``.
    """
    from archspec.diagnostics import ArchspecError

    options = parser().parse_args(argv)
    try:
        status: int = import_module(f"archspec.cli.{options.command}").run(options)
        return status
    except ArchspecError as error:
        return report_error(error)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        return 130
