"""archspec: a declarative architecture compiler.

A spec (an .arch file) says what a network is; archspec checks it, counts it, writes it as source and builds it.
"""

from __future__ import annotations

TYPE_CHECKING = False  # typing is not imported for it: an interrupt before the command begins would be a traceback
if TYPE_CHECKING:
    from typing import Any

    from archspec.api import check, compile_spec, generate_source, load_checkpoint, load_spec, stats
    from archspec.comparison.compare import compare
    from archspec.comparison.diff import diff
    from archspec.diagnostics import ArchspecError, Diagnostic, SpecError
    from archspec.search.fit import fit
    from archspec.search.sweep import sweep
    from archspec.verification import verify

__all__ = [
    "ArchspecError",
    "Diagnostic",
    "SpecError",
    "check",
    "compare",
    "compile_spec",
    "diff",
    "fit",
    "generate_source",
    "load_checkpoint",
    "load_spec",
    "stats",
    "sweep",
    "verify",
]
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    if name in ("ArchspecError", "Diagnostic", "SpecError"):
        from archspec import diagnostics

        return getattr(diagnostics, name)
    room = {"compare": "comparison", "diff": "comparison", "fit": "search", "sweep": "search"}.get(name)
    if room is not None:
        from importlib import import_module

        return getattr(import_module(f"archspec.{room}.{name}"), name)
    if name == "verify":
        from archspec.verification import verify

        return verify
    if name in __all__:
        from archspec import api

        return getattr(api, name)
    raise AttributeError(f"module 'archspec' has no attribute {name!r}")
